"""Moving a booking at the desk: only gaps that are free, a time that went, and the way back (SPEC D7)."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, history_of
from holdfast.catalog.commands import change_service
from holdfast.core.worker import drain
from holdfast.customers.rules import Contact
from tests.cast import OPERATOR, Shop

HTMX = {"HX-Request": "true"}
ERIN = Contact("Erin", "erin@example.org")


def url(shop: Shop, booking: BookingFacts, name: str = "move") -> str:
    return reverse(f"desk:{name}", args=[shop.slug, booking.reference])


def gaps(page: str) -> list[str]:
    """The times on offer as the buttons send them."""
    return re.findall(r'name="to" value="([^"]+)"', page)


def place_of(booking: BookingFacts) -> tuple[datetime, str]:
    row = Booking.objects.get(id=booking.id)
    return row.starts_at, str(row.resource_id)


def test_every_offered_gap_is_free_and_every_free_gap_is_offered(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    shop.book("14:00", days=0, resource=shop.theo, contact=ERIN)
    offered = gaps(staff.get(url(shop, dana_at_noon), headers=HTMX).content.decode())
    theo = [
        instant[11:16] for who, instant in (gap.split(" ") for gap in offered) if who == str(shop.theo.id)
    ]
    # Its own half hour counts as free, but staying is no move; the half hour before 14:00 still fits.
    expected = [f"{h:02}:{m:02}" for h in range(10, 17) for m in (0, 15, 30, 45)]
    taken = {"10:00", "10:15", "10:30", "12:00", "13:45", "14:00", "14:15", "16:45"}
    assert theo == [time for time in expected if time not in taken]


def test_staff_may_move_to_the_next_quarter_of_an_hour(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    offered = gaps(staff.get(url(shop, dana_at_noon), headers=HTMX).content.decode())
    assert f"{shop.theo.id} 2026-11-20T10:45:00+00:00" in offered


def test_a_move_takes_the_new_time_tells_and_can_be_taken_back(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    to = f"{shop.amara.id} 2026-11-20T15:00:00+00:00"
    answer = staff.post(url(shop, dana_at_noon), {"to": to, "sequence": "0"}, headers=HTMX)
    assert "Moved Dana Guest to Fri 20 Nov, 15:00 with Amara Osei." in answer.content.decode()
    assert place_of(dana_at_noon) == (shop.at("15:00", 0), str(shop.amara.id))
    back = staff.post(url(shop, dana_at_noon, "move_back"), headers=HTMX)
    assert "Dana Guest is back as before." in back.content.decode()
    assert place_of(dana_at_noon) == (shop.at("12:00", 0), str(shop.theo.id))


def test_without_script_a_move_leads_to_the_day_it_went_to(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    to = f"{shop.theo.id} 2026-11-21T09:00:00+00:00"
    answer = staff.post(url(shop, dana_at_noon), {"to": to, "sequence": "0", "date": "2026-11-21"})
    assert answer.status_code == 302
    page = staff.get(answer["Location"]).content.decode()
    assert "Saturday 21 November" in page
    assert "Moved Dana Guest to Sat 21 Nov, 09:00 with Theo Marsh." in page
    assert url(shop, dana_at_noon, "move_back") in page


def test_a_gap_that_went_is_refused_with_fresh_ones(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    to = f"{shop.theo.id} 2026-11-20T15:00:00+00:00"
    shop.book("15:00", days=0, resource=shop.theo, contact=ERIN)
    answer = staff.post(url(shop, dana_at_noon), {"to": to, "sequence": "0"}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Someone took this time a moment ago." in page
    assert gaps(page)
    assert to not in gaps(page)
    assert place_of(dana_at_noon)[0] == shop.at("12:00", 0)


@pytest.fixture
def told(dana_at_noon: BookingFacts) -> BookingFacts:
    """Dana's booking, of which Dana has the confirmation."""
    drain()
    mail.outbox.clear()
    return dana_at_noon


def test_a_move_and_its_undo_send_nothing(
    shop: Shop, staff: Client, told: BookingFacts, friday: time_machine.Traveller
) -> None:
    staff.post(url(shop, told), {"to": f"{shop.amara.id} 2026-11-20T15:00:00+00:00", "sequence": "0"})
    friday.shift(5)
    drain()
    staff.post(url(shop, told, "move_back"))
    friday.shift(300)
    drain()
    assert place_of(told) == (shop.at("12:00", 0), str(shop.theo.id))
    assert [sent.subject for sent in mail.outbox] == []


def test_two_moves_in_a_row_are_told_as_one_from_where_it_was_first(
    shop: Shop, staff: Client, told: BookingFacts, friday: time_machine.Traveller
) -> None:
    staff.post(url(shop, told), {"to": f"{shop.amara.id} 2026-11-20T15:00:00+00:00", "sequence": "0"})
    friday.shift(5)
    drain()
    staff.post(url(shop, told), {"to": f"{shop.amara.id} 2026-11-20T16:00:00+00:00", "sequence": "1"})
    friday.shift(300)
    drain()
    assert [sent.subject.partition(":")[0] for sent in mail.outbox] == ["Moved"]
    assert "12:00" in mail.outbox[0].body
    assert "16:00" in mail.outbox[0].body
    assert "15:00" not in mail.outbox[0].body


def test_a_move_that_was_told_is_told_again_when_it_is_taken_back(
    shop: Shop, staff: Client, told: BookingFacts, friday: time_machine.Traveller
) -> None:
    staff.post(url(shop, told), {"to": f"{shop.amara.id} 2026-11-20T15:00:00+00:00", "sequence": "0"})
    friday.shift(20)
    drain()
    staff.post(url(shop, told, "move_back"))
    friday.shift(20)
    drain()
    assert [sent.subject.partition(":")[0] for sent in mail.outbox] == ["Moved", "Moved"]


def test_moving_back_to_a_time_that_went_is_refused(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    to = f"{shop.theo.id} 2026-11-20T15:00:00+00:00"
    staff.post(url(shop, dana_at_noon), {"to": to, "sequence": "0"})
    shop.book("12:00", days=0, resource=shop.theo, contact=ERIN)
    answer = staff.post(url(shop, dana_at_noon, "move_back"), headers=HTMX)
    assert answer.status_code == 409
    assert place_of(dana_at_noon)[0] == shop.at("15:00", 0)


def test_only_a_move_can_be_moved_back(shop: Shop, staff: Client, dana_at_noon: BookingFacts) -> None:
    assert staff.post(url(shop, dana_at_noon, "move_back"), headers=HTMX).status_code == 409


def test_a_late_booking_moved_on_can_go_back_to_the_time_that_passed(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller
) -> None:
    friday.move_to("2026-11-20T12:20:00Z")
    staff.post(url(shop, dana_at_noon), {"to": f"{shop.theo.id} 2026-11-20T13:00:00+00:00", "sequence": "0"})
    staff.post(url(shop, dana_at_noon, "move_back"))
    assert place_of(dana_at_noon)[0] == shop.at("12:00", 0)


def test_a_colleague_who_moved_it_first_is_told(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    staff.post(url(shop, dana_at_noon), {"to": f"{shop.theo.id} 2026-11-20T15:00:00+00:00", "sequence": "0"})
    stale = staff.post(
        url(shop, dana_at_noon),
        {"to": f"{shop.theo.id} 2026-11-20T16:00:00+00:00", "sequence": "0"},
        headers=HTMX,
    )
    assert stale.status_code == 409
    assert "Bob Barber, 0 s ago: moved to fri 20 nov, 15:00" in stale.content.decode()
    assert place_of(dana_at_noon)[0] == shop.at("15:00", 0)


def test_a_rule_is_broken_only_with_a_reason_that_is_kept(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    typed = {
        "other_date": "2026-11-20",
        "other_time": "18:07",
        "other_resource": str(shop.amara.id),
        "sequence": "0",
    }
    refused = staff.post(url(shop, dana_at_noon), typed, headers=HTMX)
    assert refused.status_code == 422
    assert "Closed at this time." in refused.content.decode()
    staff.post(url(shop, dana_at_noon), typed | {"override_reason": "Stays late for a wedding"}, headers=HTMX)
    assert place_of(dana_at_noon) == (shop.at("18:07", 0), str(shop.amara.id))
    change = history_of(business_id=shop.business_id, booking_id=dana_at_noon.id)[-1]
    assert change.details["reason"] == "Stays late for a wedding"
    assert "Stays late for a wedding" in staff.get(url(shop, dana_at_noon, "booking")).content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"to": "nonsense"},
        {"to": "x y"},
        {"to": "{theo} 2026-11-20T15:00:00"},
        {"to": "{theo} 2026-02-30T15:00:00+00:00"},
        {"other_date": "2026-02-30", "other_time": "10:00"},
        {"other_date": "2026-11-20", "other_time": "25:00"},
        {"to": "{theo} 2026-11-20T15:00:30+00:00"},
        {"to": "{theo} 2026-11-20T09:00:00+00:00"},
    ],
)
def test_nonsense_moves_nothing_and_says_what_to_do(
    sent: dict[str, str], shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    filled = {name: value.replace("{theo}", str(shop.theo.id)) for name, value in sent.items()}
    answer = staff.post(url(shop, dana_at_noon), filled, headers=HTMX)
    assert answer.status_code == 422
    assert "to fix" in answer.content.decode()
    assert place_of(dana_at_noon)[0] == shop.at("12:00", 0)


def test_a_person_who_does_not_give_the_service_cannot_get_it(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    change_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"resources": [shop.theo.id]},
    )
    to = f"{shop.amara.id} 2026-11-20T15:00:00+00:00"
    assert staff.post(url(shop, dana_at_noon), {"to": to}, headers=HTMX).status_code == 404
    assert str(shop.amara.id) not in staff.get(url(shop, dana_at_noon), headers=HTMX).content.decode()


def test_a_booking_of_a_retired_service_can_still_be_moved(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"is_active": False}
    )
    to = f"{shop.theo.id} 2026-11-20T15:00:00+00:00"
    assert to in gaps(staff.get(url(shop, dana_at_noon)).content.decode())
    staff.post(url(shop, dana_at_noon), {"to": to, "sequence": "0"})
    assert place_of(dana_at_noon)[0] == shop.at("15:00", 0)


def test_a_finished_booking_is_not_moved(shop: Shop, staff: Client, dana_at_noon: BookingFacts) -> None:
    staff.post(reverse("desk:step", args=[shop.slug, dana_at_noon.reference, "cancel"]), {"sequence": "0"})
    assert staff.get(url(shop, dana_at_noon), headers=HTMX).status_code == 409
    assert staff.post(url(shop, dana_at_noon), {"to": "x"}, headers=HTMX).status_code == 409

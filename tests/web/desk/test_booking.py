"""What is done with one booking at the desk: the steps, their undo, and what a colleague did meanwhile (SPEC L1, D12)."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from holdfast.bookings.commands import check_in, hold_time
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, history_of
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST, Role
from tests.cast import Shop

HTMX = {"HX-Request": "true"}


def url(shop: Shop, booking: BookingFacts, name: str, *more: str) -> str:
    return reverse(f"desk:{name}", args=[shop.slug, booking.reference, *more])


def press(
    client: Client, shop: Shop, booking: BookingFacts, step: str, sequence: int | None = None, **headers: str
):  # type: ignore[no-untyped-def]
    sent = booking.sequence if sequence is None else sequence
    return client.post(url(shop, booking, "step", step), {"sequence": str(sent)}, headers=headers)


def state_of(booking: BookingFacts) -> str:
    return Booking.objects.get(id=booking.id).state


STEPS = [
    ("check-in", "2026-11-20T11:50:00Z", "checked_in", "Dana Guest is checked in."),
    ("no-show", "2026-11-20T12:20:00Z", "no_show", "Dana Guest marked as a no-show."),
    ("cancel", "2026-11-20T10:30:00Z", "cancelled", "Dana Guest is cancelled."),
]


@pytest.mark.parametrize(("step", "at", "state", "words"), STEPS)
def test_a_step_is_done_at_once_and_can_be_taken_back(
    step: str, at: str, state: str, words: str,
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller,
) -> None:  # fmt: skip
    friday.move_to(at)
    done = press(staff, shop, dana_at_noon, step, **HTMX)
    assert done.status_code == 200
    assert words in done.content.decode()
    assert state_of(dana_at_noon) == state
    undone = staff.post(url(shop, dana_at_noon, "undo"), headers=HTMX)
    assert "Dana Guest is back as before." in undone.content.decode()
    assert state_of(dana_at_noon) == "confirmed"
    assert Claim.objects.filter(booking_id=dana_at_noon.id).count() == 1
    assert [change.action for change in history_of(business_id=shop.business_id, booking_id=dana_at_noon.id)][-2:] == [
        step.replace("-", "_"), "undo",
    ]  # fmt: skip


@pytest.mark.parametrize(("step", "at", "state", "words"), STEPS)
def test_without_script_a_step_leads_back_to_the_day_with_the_undo(
    step: str, at: str, state: str, words: str,
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller,
) -> None:  # fmt: skip
    friday.move_to(at)
    answer = press(staff, shop, dana_at_noon, step)
    assert answer.status_code == 302
    page = staff.get(answer["Location"]).content.decode()
    assert words in page
    assert url(shop, dana_at_noon, "undo") in page


def test_a_visit_runs_from_check_in_to_done(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller
) -> None:
    friday.move_to("2026-11-20T12:00:00Z")
    card = press(staff, shop, dana_at_noon, "check-in", **HTMX).content.decode()
    assert "Complete" in card
    assert "Here now" in card
    card = press(staff, shop, dana_at_noon, "complete", sequence=1, **HTMX).content.decode()
    assert state_of(dana_at_noon) == "completed"
    assert "Dana Guest is done." in card
    staff.post(url(shop, dana_at_noon, "undo"), headers=HTMX)
    assert state_of(dana_at_noon) == "checked_in"


def test_undo_ends_after_ten_seconds(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller
) -> None:
    press(staff, shop, dana_at_noon, "cancel")
    friday.shift(11)
    late = staff.post(url(shop, dana_at_noon, "undo"), headers=HTMX)
    assert late.status_code == 409
    assert "The time to undo has passed." in late.content.decode()
    assert state_of(dana_at_noon) == "cancelled"


def test_nobody_is_told_of_a_cancellation_while_it_can_be_undone(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    press(staff, shop, dana_at_noon, "cancel")
    told = OutboxEvent.objects.get(subject_id=dana_at_noon.id, kind__contains="BookingCancelled")
    assert (told.due_at - clock.now()).total_seconds() == 10
    staff.post(url(shop, dana_at_noon, "undo"))
    assert not OutboxEvent.objects.filter(
        subject_id=dana_at_noon.id, kind__contains="BookingCancelled"
    ).exists()


def test_a_colleague_who_was_faster_is_named_with_the_fresh_card(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller, mona
) -> None:  # type: ignore[no-untyped-def]
    friday.move_to("2026-11-20T12:00:00Z")
    check_in(
        actor=shop.actor(Role.MANAGER),
        business_id=shop.business_id,
        booking_id=dana_at_noon.id,
        now=clock.now(),
    )
    friday.shift(20)
    answer = press(staff, shop, dana_at_noon, "no-show", **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Mona Rowe, 20 s ago: checked in." in page
    assert "Complete" in page
    assert state_of(dana_at_noon) == "checked_in"


def test_without_script_the_conflict_is_a_whole_page(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    answer = press(staff, shop, dana_at_noon, "cancel", sequence=7)
    assert answer.status_code == 409
    assert "<html" in answer.content.decode()
    assert state_of(dana_at_noon) == "confirmed"


@pytest.mark.parametrize(
    ("step", "days", "button"),
    [("no-show", 0, 'data-act="x" disabled'), ("check-in", 3, 'data-act="c" disabled')],
)
def test_what_is_too_early_is_refused_and_not_offered(
    step: str, days: int, button: str, shop: Shop, staff: Client
) -> None:
    booking = shop.book("12:00", days=days)
    card = staff.get(url(shop, booking, "booking"), headers=HTMX).content.decode()
    assert button in card
    answer = press(staff, shop, booking, step, **HTMX)
    assert answer.status_code == 409
    assert "It is too early for that." in answer.content.decode()
    assert state_of(booking) == "confirmed"


def test_an_impossible_step_is_refused_with_the_card_as_it_is(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    answer = press(staff, shop, dana_at_noon, "complete", **HTMX)
    assert answer.status_code == 409
    assert state_of(dana_at_noon) == "confirmed"


@pytest.mark.parametrize("sequence", ["", "-1", "x", "99999999999999999999", "1.0"])
def test_a_strange_version_never_breaks_the_page(
    sequence: str, shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    answer = staff.post(url(shop, dana_at_noon, "step", "cancel"), {"sequence": sequence})
    assert answer.status_code in (302, 409)


def test_steps_need_post_and_the_token(shop: Shop, staff: Client, dana_at_noon: BookingFacts, bob) -> None:  # type: ignore[no-untyped-def]
    assert staff.get(url(shop, dana_at_noon, "step", "cancel")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    assert strict.post(url(shop, dana_at_noon, "step", "cancel"), {"sequence": "0"}).status_code == 403
    assert state_of(dana_at_noon) == "confirmed"


def test_a_card_is_a_fragment_for_htmx_and_a_page_without(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    whole = staff.get(url(shop, dana_at_noon, "booking")).content.decode()
    part = staff.get(url(shop, dana_at_noon, "booking"), headers=HTMX).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    for page in (whole, part):
        assert "Dana Guest" in page
        assert "dana@example.org" in page
        assert "07700 900418" in page


def test_a_reference_is_found_as_people_type_it(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    typed = dana_at_noon.shown_reference.lower()
    assert staff.get(reverse("desk:booking", args=[shop.slug, typed])).status_code == 200


@pytest.mark.parametrize("reference", ["NOTHING", "0", "..", "%2e%2e", "A" * 300])
def test_an_unknown_reference_is_not_found(reference: str, shop: Shop, staff: Client) -> None:
    assert staff.get(f"/desk/{shop.slug}/b/{reference}").status_code == 404


def test_the_page_tells_the_whole_history_and_the_messages(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    press(staff, shop, dana_at_noon, "cancel")
    staff.post(url(shop, dana_at_noon, "undo"))
    page = staff.get(url(shop, dana_at_noon, "booking")).content.decode()
    assert page.index("Taken back") < page.index("Cancelled") < page.index("<b>Booked</b>")
    assert "Bob Barber" in page
    assert "None yet." in page


def test_notes_are_kept_shown_on_the_board_and_in_the_history(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    sent = {"notes": "Prefers\r\nscissors", "sequence": "0", "from": "page"}
    answer = staff.post(url(shop, dana_at_noon, "notes"), sent)
    page = staff.get(answer["Location"]).content.decode()
    assert "Prefers\nscissors" in page
    assert "Notes saved." in page
    assert "Notes changed" in page
    assert "Has notes" in staff.get(reverse("desk:day", args=[shop.slug])).content.decode()


def test_notes_that_are_too_long_are_refused_and_kept_in_the_form(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    answer = staff.post(url(shop, dana_at_noon, "notes"), {"notes": "x" * 1001, "sequence": "0"})
    assert answer.status_code == 422
    assert "Use at most 1000 characters." in answer.content.decode()


def test_the_day_with_an_open_card_works_without_script(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    page = staff.get(
        reverse("desk:day", args=[shop.slug]) + f"?open={dana_at_noon.reference}"
    ).content.decode()
    assert f'data-opened="{dana_at_noon.reference}"' in page
    nothing = staff.get(reverse("desk:day", args=[shop.slug]) + "?open=NOTHING")
    assert nothing.status_code == 200
    assert "There is no such booking." in nothing.content.decode()


def test_a_hold_opens_without_anything_to_press(shop: Shop, staff: Client) -> None:
    wish = shop.wish("14:00", days=0, resource=shop.theo)
    held = hold_time(actor=GUEST, timetable=shop.timetable, wish=wish, now=clock.now())
    card = staff.get(url(shop, held, "booking"), headers=HTMX).content.decode()
    assert "Online customer" in card
    assert "Held online" in card
    assert "data-act=" not in card
    assert press(staff, shop, held, "cancel", **HTMX).status_code == 409

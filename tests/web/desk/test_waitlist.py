"""The waitlist at the desk: the board and why somebody stands where they stand, and each thing that can be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from holdfast.bookings.commands import check_in
from holdfast.bookings.models import Booking
from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.customers.commands import change_tier
from holdfast.lib.actors import Role
from holdfast.waitlist.commands import call_entry, leave_waitlist
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries import EntryFacts, history_of_entry, reason_given
from tests.cast import DANA, GUEST, OPERATOR, Shop
from tests.waitlist.line import offers, person, wait

BASE = "/desk/fenwick/waitlist"


def walk_in(shop: Shop, name: str = "Ada", minutes: int = 0, **more: Any) -> EntryFacts:
    """Somebody who stands there, since some minutes."""
    then = clock.now() - timedelta(minutes=minutes)
    return wait(shop, person(name), days=0, actor=shop.actor(), walk_in=True, now=then, **more)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def act(client: Client, entry: EntryFacts, name: str, **fields: str) -> Any:
    return client.post(f"{BASE}/{entry.id}/{name}", fields, follow=True)


def state_of(entry: EntryFacts) -> str:
    return str(Entry.objects.get(id=entry.id).state)


def places(page: str) -> list[str]:
    """What the buttons of free places on a page send."""
    return [part.split('"')[0] for part in page.split('name="place" value="')[1:]]


# ---- The board --------------------------------------------------------------------------------------------------------


def test_an_empty_list_says_what_it_is_for(shop: Shop, staff: Client) -> None:
    page = text_of(staff.get(BASE))
    assert "Nobody waits" in page
    assert "Add a walk-in" in page


def test_everybody_stands_by_score_with_each_part_in_words(shop: Shop, staff: Client) -> None:
    now = clock.now()
    first = wait(shop, person("Ada"), days=3, until_days=5, from_time="15:00", now=now - timedelta(days=3))
    second = wait(shop, person("Ben"), now=now - timedelta(hours=2))
    change_tier(actor=OPERATOR, business_id=shop.business_id, customer_id=first.customer_id, tier=1)
    Entry.objects.filter(id=first.id).update(passed_over=2)
    visit = shop.book("10:45", 0, contact=person("Ada"), actor=shop.actor())
    check_in(actor=shop.actor(), business_id=shop.business_id, booking_id=visit.id, now=now)
    page = text_of(staff.get(BASE))
    assert page.index("Ada Waiting") < page.index("Ben Waiting")
    for words in (
        "waited 3 days", "tier: regular", "kept 1 of 1 visit", "passed over twice", "ageing: 100 more with every 14 days",
        "Mon 23 Nov to Wed 25 Nov, from 15:00", "Classic cut", "Offer a place", "no visits yet", "waited 2 hours",
        "5 offers a day to one person at most",
    ):  # fmt: skip
        assert words in page, words
    assert "moved up by staff" not in page
    act(staff, second, "move", before="first", reason="Promised on the phone")
    assert "moved up by staff" in text_of(staff.get(BASE))


def test_the_list_can_be_narrowed_to_a_service(shop: Shop, staff: Client) -> None:
    from holdfast.catalog.commands import create_service

    fade = create_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={
            "name": "Skin fade",
            "duration_minutes": 45,
            "interval_minutes": 15,
            "resources": [shop.theo.id],
        },
    )
    wait(shop, person("Ada"))
    wait(shop, person("Ben"), services=(fade.id,))
    page = text_of(staff.get(BASE, {"service": str(fade.id)}))
    assert ("Ben Waiting" in page, "Ada Waiting" in page) == (True, False)
    assert "<b>2</b> wait" in page
    assert "Nobody waits for this service" not in page


def test_the_board_answers_nothing_until_something_changed(shop: Shop, staff: Client) -> None:
    wait(shop, person("Ada"))
    version = staff.get(BASE).context["version"]
    assert staff.get(f"{BASE}/board", {"seen": version}).status_code == 204
    wait(shop, person("Ben"))
    fresh = staff.get(f"{BASE}/board", {"seen": version})
    assert "Ben Waiting" in text_of(fresh)
    assert "<html" not in text_of(fresh)


def test_a_list_of_fifty_takes_as_many_statements_as_one_of_two(
    shop: Shop, staff: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(50):
        wait(shop, person(f"P{number}"), now=clock.now() - timedelta(minutes=number))
    staff.get(BASE)
    # session, account, version, membership; who waits, their tiers, their visits, the offers out
    with django_assert_max_num_queries(10):
        assert text_of(staff.get(BASE)).count('id="entry-') == 50


def test_who_waits_on_the_spot_turns_amber_when_four_fifths_of_the_quoted_wait_are_over(
    shop: Shop, staff: Client
) -> None:
    walk_in(shop, "Ada", 15, quoted=(15, 20))
    page = text_of(staff.get(BASE))
    assert "15 of 20 min" in page
    assert "waited-long" not in page
    walk_in(shop, "Ben", 16, quoted=(15, 20))
    assert "waited-long" in text_of(staff.get(BASE))


def test_with_the_waitlist_off_the_entry_is_gone_and_the_page_stays(shop: Shop, staff: Client) -> None:
    assert f'href="{BASE}"' in text_of(staff.get("/desk/fenwick/bookings"))
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted={"waitlist": False})
    assert f'href="{BASE}"' not in text_of(staff.get("/desk/fenwick/bookings"))
    assert "The waitlist is switched off" in text_of(staff.get(BASE))


# ---- What can be done -------------------------------------------------------------------------------------------------


def test_a_place_is_offered_by_hand_held_and_withdrawn(shop: Shop, staff: Client) -> None:
    entry = wait(shop, person("Ada"), from_time="15:00", to_time="15:30")
    page = text_of(staff.get(f"{BASE}/{entry.id}"))
    values = places(page)
    assert len(values) == 3, "15:00, 15:15 and 15:30, and nothing that they do not wait for"
    with_theo = places(text_of(staff.get(f"{BASE}/{entry.id}", {"with": str(shop.theo.id)})))
    answer = act(staff, entry, "offer", place=with_theo[1])
    assert "Offered. Ada Waiting is told, and the place is held." in text_of(answer)
    (offer,) = offers(shop)
    assert (offer.starts_at, offer.resource_ids, offer.by_hand) == (
        shop.at("15:15"),
        (shop.theo.id,),
        "Bob Barber",
    )
    page = text_of(staff.get(BASE))
    assert "is held for them until 10:40" in page
    second = act(staff, entry, "offer", place=with_theo[0])
    assert second.status_code == 409
    assert "They have an offer that waits for an answer." in text_of(second)
    answer = act(staff, entry, "withdraw", offer=str(offer.id))
    assert "The offer to Ada Waiting is withdrawn." in text_of(answer)
    assert Offer.objects.get().state == "withdrawn"
    assert act(staff, entry, "withdraw", offer=str(offer.id)).status_code == 409
    assert act(staff, entry, "withdraw", offer="nonsense").status_code == 404


def test_an_offer_shows_on_the_days_board_as_held_for_somebody(shop: Shop, staff: Client) -> None:
    entry = wait(shop, person("Ada"), days=0, from_time="15:00")
    act(staff, entry, "offer", place=places(text_of(staff.get(f"{BASE}/{entry.id}")))[0])
    page = text_of(staff.get("/desk/fenwick/"))
    assert "Held for AW" in page
    assert "until 10:40" in page
    assert "Offered" in page
    assert "Held online" not in page


def test_somebody_is_called_and_seated_at_once(shop: Shop, staff: Client) -> None:
    shop.book("10:30", 0, resource=shop.theo, now=clock.now() - timedelta(hours=2))
    entry = walk_in(shop, "Ada", 12, quoted=(10, 20))
    answer = act(staff, entry, "call")
    assert "Ada Waiting is called." in text_of(answer)
    assert "Called 10:30" in text_of(answer)
    (value, *_later) = places(text_of(staff.get(f"{BASE}/{entry.id}")).split('id="offer"')[0])
    assert str(shop.amara.id) in value, "Theo has somebody now"
    answer = act(staff, entry, "seat", place=value)
    assert "Ada Waiting has a place and is checked in." in text_of(answer)
    booking = Booking.objects.get(id=Entry.objects.get(id=entry.id).booking_id)
    assert (booking.state, booking.resource_id, booking.starts_at) == (
        "checked_in",
        shop.amara.id,
        shop.at("10:30", 0),
    )
    assert act(staff, entry, "call").status_code == 409


def test_who_did_not_come_is_off_the_list(shop: Shop, staff: Client) -> None:
    shop.book("12:00", 0)
    entry = walk_in(shop)
    call_entry(actor=shop.actor(), business_id=shop.business_id, entry_id=entry.id, now=clock.now())
    answer = act(staff, entry, "no-show", **{"from": "day"})
    assert answer.redirect_chain[0][0].startswith("/desk/fenwick/?did=no-show")
    assert "Ada Waiting did not come" in text_of(answer)
    assert state_of(entry) == "no_show"


def test_taking_off_and_moving_need_a_reason_that_colleagues_can_read(shop: Shop, staff: Client) -> None:
    now = clock.now()
    first = wait(shop, person("Ada"), now=now - timedelta(days=2))
    last = wait(shop, person("Ben"), now=now)
    for name, fields in (("move", {"before": "first"}), ("remove", {})):
        refused = act(staff, last, name, **fields)
        assert refused.status_code == 422
        assert "Fill this in." in text_of(refused)
    assert act(staff, last, "move", before="nobody", reason="x").status_code == 422
    assert "another place in line" in text_of(
        act(staff, last, "move", before=str(first.id), reason="Waits in the rain")
    )
    page = text_of(staff.get(BASE))
    assert page.index("Ben Waiting") < page.index("Ada Waiting")
    assert "Waits in the rain" in text_of(staff.get(f"{BASE}/{last.id}"))
    assert "Ada Waiting is off the list." in text_of(act(staff, first, "remove", off_reason="Moved away"))
    assert state_of(first) == "removed"
    changes = history_of_entry(business_id=shop.business_id, entry_id=first.id)
    assert (changes[-1].actor, reason_given(entry_id=first.id, change=changes[-1])) == (
        "Bob Barber",
        "Moved away",
    )


def test_a_stale_button_is_refused_with_the_entry_as_it_stands(shop: Shop, staff: Client) -> None:
    entry = wait(shop)
    leave_waitlist(
        actor=GUEST.waiting_as(entry.id), business_id=shop.business_id, entry_id=entry.id, now=clock.now()
    )
    answer = act(staff, entry, "call")
    assert answer.status_code == 409
    assert "they are not on the list" in text_of(answer)
    for wrong in (
        "",
        "x",
        f"{shop.cut.id} 2026-11-23T10:00:00 any",
        f"{uuid4()} 2026-11-23T10:00:00+00:00 any",
    ):
        assert act(staff, entry, "offer", place=wrong).status_code == 422


@pytest.mark.parametrize("name", ["call", "seat", "offer", "withdraw", "move", "remove", "no-show"])
def test_nobody_of_another_business_touches_the_line(
    name: str, shop: Shop, other_shop: Shop, stranger: Client, staff: Client
) -> None:
    entry = wait(shop)
    for base in (BASE, f"/desk/{other_shop.slug}/waitlist"):
        assert (
            stranger.post(f"{base}/{entry.id}/{name}", {"reason": "x", "off_reason": "x"}).status_code == 404
        )
        assert stranger.get(f"{base}/{entry.id}").status_code == 404
    assert staff.get(f"{BASE}/{entry.id}/{name}").status_code == 405
    assert state_of(entry) == "waiting"


# ---- Adding somebody --------------------------------------------------------------------------------------------------


def form(staff: Client, **typed: Any) -> dict[str, Any]:
    context = staff.get(f"{BASE}/new").context
    return {"idempotency_key": context["idempotency_key"], **typed}


def test_a_walk_in_is_added_once_with_the_wait_that_was_quoted(shop: Shop, staff: Client) -> None:
    sent = form(staff, name="Ada", services=[str(shop.cut.id)], here="1", quoted_low="15", quoted_high="25")
    answer = staff.post(f"{BASE}/new", sent, follow=True)
    assert "Ada is on the list." in text_of(answer)
    staff.post(f"{BASE}/new", sent)
    entry = Entry.objects.get()
    assert (entry.walk_in, entry.quoted_low, entry.quoted_high, entry.via) == (True, 15, 25, "page")
    assert "0 of 25 min" in text_of(staff.get(BASE))
    assert "0 of 25 min" in text_of(staff.get("/desk/fenwick/"))


def test_somebody_who_calls_is_added_with_what_they_wish(shop: Shop, staff: Client) -> None:
    sent = form(
        staff, name="Ada", email="ada@example.org", services=[str(shop.cut.id)], resources=[str(shop.theo.id)],
        first="2026-11-23", last="2026-11-27", from_time="15:00", weekdays=["0", "2"], first_2="2026-12-01",
    )  # fmt: skip
    assert staff.post(f"{BASE}/new", sent).status_code == 302
    page = text_of(staff.get(BASE))
    assert "Mon 23 Nov to Fri 27 Nov, from 15:00, Mon, Wed" in page
    assert "with Theo Marsh" in page
    again = staff.post(
        f"{BASE}/new", form(staff, **{key: value for key, value in sent.items() if key != "idempotency_key"})
    )
    assert again.status_code == 409
    assert "waits for the very same already" in text_of(again)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Fill this in."),
        ({"services": []}, "Fill this in."),
        ({"last": "2026-11-20"}, "The end has to be after the start."),
        ({"first": "2026-11-01", "last": "2026-11-02"}, "This time has passed."),
        ({"first": ""}, "Fill this in."),
        ({"weekdays": []}, "Fill this in."),
        ({"last": "2026-11-24", "weekdays": ["4"]}, "None of these days of the week"),
        ({"from_time": "17:00", "to_time": "09:00"}, "The end has to be after the start."),
        ({"here": "1", "quoted_low": "30", "quoted_high": "10"}, "not below the least"),
        ({"here": "1", "quoted_high": "soon"}, "Write a whole number."),
        ({"email": "nonsense"}, "Write an address"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    wrong: dict[str, Any], words: str, shop: Shop, staff: Client
) -> None:
    sent: dict[str, Any] = {
        "name": "Ada", "phone": "07700 900418", "services": [str(shop.cut.id)], "first": "2026-11-23", "last": "2026-11-27",
        "weekdays": list("0123456"),
    }  # fmt: skip
    answer = staff.post(f"{BASE}/new", form(staff, **sent | wrong))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert 'value="07700 900418"' in text_of(answer)
    assert not Entry.objects.exists()


def test_staff_put_people_on_the_list_and_managers_set_it_up(
    shop: Shop, staff: Client, manager: Client
) -> None:
    assert staff.get(f"{BASE}/new").status_code == 200
    assert staff.post("/desk/fenwick/settings/waitlist", {"weight_tier": "0"}).status_code == 404
    assert manager.get("/desk/fenwick/settings/waitlist").status_code == 200
    assert DANA.name not in text_of(staff.get(BASE))
    assert Role.MANAGER in shop.accounts

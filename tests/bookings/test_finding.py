"""Finding bookings again: by reference, link, address, phone, words of a name; lists page by page (SPEC D4, D13)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from holdfast.bookings.commands import cancel_booking, hold_time
from holdfast.bookings.queries import (
    BookingFacts,
    BookingFilter,
    booking_by_id,
    booking_by_link,
    booking_by_reference,
    day_of_bookings,
    every_booking,
    find_booking,
    hold_token,
    list_bookings,
    manage_token,
    manage_url,
)
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Invalid, Missing
from tests.cast import Shop

ZOE = Contact("Zoë van Dyk", "Zoe@Example.org", "+44 (0)7700 900123")
OMAR = Contact("Omar Khan", "omar@example.org", "0113 496 0182")


@pytest.fixture
def diary(shop: Shop) -> list[BookingFacts]:
    """Five bookings in order of time: Zoe's, Omar's, Zoe's with Amara, one yesterday's in between made first."""
    return [
        shop.book("09:00", resource=shop.theo, contact=ZOE),
        shop.book("09:00", resource=shop.amara, contact=OMAR),
        shop.book("11:00", resource=shop.amara, contact=ZOE),
        shop.book("09:00", 4, resource=shop.theo, contact=OMAR),
        shop.book("16:30", 5, resource=shop.theo, contact=OMAR),
    ]


def listed(shop: Shop, **wanted: object) -> list[BookingFacts]:
    narrowed = BookingFilter(**wanted)  # type: ignore[arg-type]
    return list_bookings(business_id=shop.business_id, now=clock.now(), wanted=narrowed).items


def test_a_reference_is_found_however_it_is_typed_but_not_with_a_wrong_letter(
    shop: Shop, diary: list[BookingFacts]
) -> None:
    wanted = diary[2]
    for typed in (
        wanted.reference,
        wanted.shown_reference.lower(),
        f" {wanted.shown_reference.replace('-', ' ')} ",
    ):
        assert booking_by_reference(business_id=shop.business_id, reference=typed) == wanted
    other_letter = "A" if wanted.reference[0] != "A" else "B"
    for wrong in (other_letter + wanted.reference[1:], wanted.reference[:-1], "", "O0I1-O0I1!"):
        with pytest.raises(Missing):
            booking_by_reference(business_id=shop.business_id, reference=wrong)


def test_a_lookup_needs_the_reference_and_its_address(shop: Shop, diary: list[BookingFacts]) -> None:
    reference = diary[0].reference
    found = find_booking(business_id=shop.business_id, reference=reference, email=" zoe@example.org")
    assert found == diary[0]
    for email in ("omar@example.org", "", " "):
        with pytest.raises(Missing):
            find_booking(business_id=shop.business_id, reference=reference, email=email)


def test_a_walk_in_without_an_address_is_not_found_by_an_empty_one(shop: Shop) -> None:
    made = shop.book(contact=Contact("Walk-in"), actor=shop.actor())
    with pytest.raises(Missing):
        find_booking(business_id=shop.business_id, reference=made.reference, email="")


def test_the_manage_link_leads_to_its_booking_and_a_holds_token_does_not(diary: list[BookingFacts]) -> None:
    assert booking_by_link(token=manage_token(booking_id=diary[1].id)) == diary[1]
    assert manage_url(booking_id=diary[1].id).endswith(f"/m/{manage_token(booking_id=diary[1].id)}")
    for token in (hold_token(booking_id=diary[1].id), manage_token(booking_id=uuid4()), "", "x" * 43, "ä"):
        with pytest.raises(Missing):
            booking_by_link(token=token)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zoe@example.org", [0, 2]),
        (" ZOE@EXAMPLE.ORG ", [0, 2]),
        ("07700 900123", [0, 2]),
        ("+447700900123", [0, 2]),
        ("01134960182", [1, 3, 4]),
        ("zoe", [0, 2]),
        ("ZOË", [0, 2]),
        ("dyk zoe", [0, 2]),
        ("khan", [1, 3, 4]),
        ("zo", []),
        ("zoe khan", []),
        ("nobody@example.org", []),
        ("12345678", []),
        ("!!!", []),
    ],
)
def test_bookings_are_found_by_address_phone_or_words_of_the_name(
    shop: Shop, diary: list[BookingFacts], text: str, found: list[int]
) -> None:
    assert listed(shop, text=text) == [diary[index] for index in found]


def test_a_list_is_narrowed_by_reference_state_resource_dates_and_person(
    shop: Shop, diary: list[BookingFacts]
) -> None:
    cancelled = cancel_booking(
        actor=shop.actor(), timetable=shop.timetable, booking_id=diary[3].id, now=clock.now()
    )
    assert listed(shop, text=diary[4].shown_reference) == [diary[4]]
    assert listed(shop, states=["cancelled"]) == [cancelled]
    assert listed(shop, resource_id=shop.amara.id) == diary[1:3]
    assert listed(shop, from_on=diary[3].local_on) == [cancelled, diary[4]]
    assert listed(shop, to_on=diary[0].local_on) == diary[:3]
    assert listed(shop, customer_id=diary[0].customer_id) == [diary[0], diary[2]]
    assert listed(shop, account_id=uuid4()) == []
    assert listed(shop) == [*diary[:3], cancelled, diary[4]]
    assert list(every_booking(business_id=shop.business_id, now=clock.now())) == listed(shop)


def test_upcoming_and_past_divide_at_the_end_of_a_booking_and_holds_are_not_listed(
    shop: Shop, diary: list[BookingFacts]
) -> None:
    hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("13:00"), now=clock.now())

    def at(now_of: BookingFacts, when: str) -> list[BookingFacts]:
        wanted = BookingFilter(when=when)
        return list_bookings(business_id=shop.business_id, now=now_of.ends_at, wanted=wanted).items

    minute = timedelta(minutes=1)
    assert at(diary[2], "upcoming") == diary[3:]
    assert set(at(diary[2], "past")) == set(diary[:3])
    assert at(diary[2], "past")[0] == diary[2]
    during = list_bookings(
        business_id=shop.business_id, now=diary[2].ends_at - minute, wanted=BookingFilter(when="upcoming")
    )
    assert during.items == diary[2:]
    with pytest.raises(Invalid):
        listed(shop, when="sometime")


@pytest.mark.parametrize("when", ["", "upcoming", "past"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_join_to_the_whole_list_without_gaps_or_repeats(
    shop: Shop, diary: list[BookingFacts], when: str, limit: int
) -> None:
    now = diary[-1].ends_at if when == "past" else clock.now()
    found: list[BookingFacts] = []
    cursor: str | None = ""
    while cursor is not None:
        page = list_bookings(
            business_id=shop.business_id,
            now=now,
            wanted=BookingFilter(when=when),
            cursor=cursor,
            limit=limit,
        )
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next_cursor
    # Two bookings begin at nine: their ids decide, so order among them is that of booking.
    assert found == (diary[::-1] if when == "past" else diary)


@pytest.mark.parametrize("cursor", ["x", "!!!!", "A" * 20, "A" * 10_000, "ä"])
def test_a_cursor_that_is_none_is_refused_by_field(shop: Shop, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        list_bookings(business_id=shop.business_id, now=clock.now(), cursor=cursor)
    assert refused.value.fields == {"cursor": [("invalid_cursor", {})]}


@pytest.mark.parametrize("limit", [0, -1, 101, 10**9])
def test_pages_are_bounded(shop: Shop, limit: int) -> None:
    with pytest.raises(Invalid) as refused:
        list_bookings(business_id=shop.business_id, now=clock.now(), limit=limit)
    assert refused.value.fields == {"limit": [("out_of_bounds", {"least": 1, "most": 100})]}


def test_the_days_plan_shows_live_holds_and_what_was_kept_but_not_what_is_off(
    shop: Shop, diary: list[BookingFacts]
) -> None:
    now, day = clock.now(), diary[0].local_on
    held = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("13:00"), now=now)
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=diary[1].id, now=now, undo=True)
    shown = day_of_bookings(business_id=shop.business_id, on=day, now=now)
    assert [booking.id for booking in shown] == [diary[0].id, diary[2].id, held.id]
    later = day_of_bookings(business_id=shop.business_id, on=day, now=now + timedelta(minutes=10))
    assert [booking.id for booking in later] == [diary[0].id, diary[2].id]


def test_a_holds_state_follows_the_clock(shop: Shop) -> None:
    now = clock.now()
    held = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("13:00"), now=now)
    assert held.releases_at is not None
    assert held.state_at(held.releases_at - timedelta(seconds=1)) == "held"
    assert held.state_at(held.releases_at) == "expired"
    stored = booking_by_id(business_id=shop.business_id, booking_id=held.id)
    assert stored.state_at(held.releases_at) == "expired"

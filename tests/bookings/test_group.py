"""Several people at once, each with a resource of their own: all of them or nobody (SPEC D10)."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bookings.commands import Details, GroupMember, book_group, cancel_together, hold_time
from holdfast.bookings.errors import LimitReached, TimeTaken
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules.together import match_distinct
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import create_service
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Invalid, Missing
from tests.cast import DANA, OPERATOR, Shop

IDS = [UUID(int=number) for number in range(1, 6)]


def book_family(shop: Shop, *members: GroupMember, **more: object) -> list[BookingFacts]:
    wanted = {
        "actor": GUEST,
        "timetable": shop.timetable,
        "members": members,
        "starts_at": shop.at("10:00"),
        "details": Details(DANA),
        "now": clock.now(),
    } | more
    return book_group(**wanted)  # type: ignore[arg-type]


@given(st.lists(st.lists(st.sampled_from(IDS), unique=True, max_size=5), min_size=1, max_size=5))
def test_an_assignment_is_found_whenever_there_is_one(options: list[list[UUID]]) -> None:
    found = match_distinct(options)
    possible = any(
        all(chosen[member] in options[member] for member in range(len(options)))
        for chosen in permutations(IDS, len(options))
    )
    assert (found is not None) == possible
    if found is not None:
        assert len(set(found)) == len(options)
        assert all(chosen in able for chosen, able in zip(found, options, strict=True))


@pytest.mark.django_db
def test_a_family_gets_a_barber_each_at_once(shop: Shop) -> None:
    cut = shop.cut.id
    booked = book_family(shop, GroupMember(cut, name="Ann"), GroupMember(cut, name="Ben"))
    assert {booking.resource_id for booking in booked} == {shop.theo.id, shop.amara.id}
    assert len({booking.group_id for booking in booked}) == 1
    assert [booking.contact.name for booking in booked] == ["Ann", "Ben"]
    assert {booking.contact.email for booking in booked} == {DANA.email}
    assert len({booking.customer_id for booking in booked}) == 1


@pytest.mark.django_db
def test_who_takes_anybody_leaves_the_wanted_one_to_others(shop: Shop) -> None:
    cut = shop.cut.id
    for wanted in (shop.theo.id, shop.amara.id):
        booked = book_family(
            shop,
            GroupMember(cut),
            GroupMember(cut, wanted),
            starts_at=shop.at("10:00", 3 if wanted == shop.theo.id else 4),
        )
        assert booked[1].resource_id == wanted
        assert booked[0].any_resource


@pytest.mark.django_db
def test_one_taken_barber_books_nobody(shop: Shop) -> None:
    shop.book("10:00", resource=shop.theo)
    with pytest.raises(TimeTaken):
        book_family(shop, GroupMember(shop.cut.id), GroupMember(shop.cut.id))
    assert Booking.objects.count() == Claim.objects.count() == 1


@pytest.mark.django_db
def test_the_same_barber_cannot_serve_two_at_once(shop: Shop) -> None:
    with pytest.raises(TimeTaken):
        book_family(shop, GroupMember(shop.cut.id, shop.theo.id), GroupMember(shop.cut.id, shop.theo.id))
    assert not Booking.objects.exists()


@pytest.mark.django_db
def test_a_hold_that_ran_out_is_in_nobodys_way(shop: Shop) -> None:
    now = clock.now()
    hold = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish(resource=shop.theo), now=now)
    assert hold.releases_at is not None
    booked = book_family(shop, GroupMember(shop.cut.id), GroupMember(shop.cut.id), now=hold.releases_at)
    assert len(booked) == 2
    assert Booking.objects.get(id=hold.id).state == "expired"


@pytest.mark.django_db
def test_members_may_want_different_services(shop: Shop) -> None:
    long = create_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"name": "Restyle", "duration_minutes": 60, "resources": [shop.amara.id]},
    )
    booked = book_family(shop, GroupMember(shop.cut.id), GroupMember(long.id))
    assert [booking.resource_id for booking in booked] == [shop.theo.id, shop.amara.id]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 11])
def test_a_group_has_two_to_ten_members(shop: Shop, count: int) -> None:
    with pytest.raises(Invalid) as refusal:
        book_family(shop, *[GroupMember(shop.cut.id)] * count)
    assert refusal.value.fields["members"][0][0] == "group_size"


@pytest.mark.django_db
def test_closed_hours_are_said_as_such(shop: Shop) -> None:
    with pytest.raises(Invalid) as refusal:
        book_family(shop, *[GroupMember(shop.cut.id)] * 2, starts_at=shop.at("22:00"))
    assert "starts_at" in refusal.value.fields


@pytest.mark.django_db
def test_limits_count_everybody_in_the_group(shop: Shop) -> None:
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"bookings_per_customer_per_day": 1}
    )
    with pytest.raises(LimitReached):
        book_family(shop, *[GroupMember(shop.cut.id)] * 2)
    assert not Booking.objects.exists()


@pytest.mark.django_db
def test_all_of_a_group_are_cancelled_by_one_of_its_links(shop: Shop) -> None:
    booked = book_family(shop, *[GroupMember(shop.cut.id)] * 2)
    off = cancel_together(
        actor=GUEST.holding(booked[1].id),
        timetable=shop.timetable,
        booking_id=booked[1].id,
        which="all",
        now=clock.now(),
    )
    assert {one.id for one in off} == {one.id for one in booked}
    assert not Claim.objects.exists()


@pytest.mark.django_db
def test_a_service_of_the_business_next_door_is_not_there(shop: Shop, other_shop: Shop) -> None:
    with pytest.raises(Missing):
        book_family(shop, GroupMember(shop.cut.id), GroupMember(other_shop.cut.id))

"""Holding a time while its details are filled in, and turning the hold into a booking (SPEC E1, E2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from holdfast.bookings.commands import (
    Details,
    confirm_hold,
    extend_hold,
    hold_time,
    release_hold,
    tidy_dead_bookings,
)
from holdfast.bookings.errors import CustomerBlocked, HoldAtLimit, HoldEnded, LimitReached, TimeTaken
from holdfast.bookings.jobs import tidy
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id, hold_token, holder, manage_token
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import change_service
from holdfast.core import clock
from holdfast.customers.commands import block_customer
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor
from holdfast.lib.refusals import Invalid, Missing
from tests.bookings.evidence import events, history, rows
from tests.cast import DANA, OPERATOR, Shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def hold(shop: Shop, now: datetime) -> BookingFacts:
    """Theo at ten, held for ten minutes."""
    return hold_time(
        actor=GUEST, timetable=shop.timetable, wish=shop.wish("10:00", resource=shop.theo), now=now
    )


def its_holder(hold: BookingFacts) -> Actor:
    return holder(actor=GUEST, booking_id=hold.id, token=hold_token(booking_id=hold.id), purpose="hold")


def confirm(shop: Shop, hold: BookingFacts, now: datetime, details: Details | None = None) -> BookingFacts:
    return confirm_hold(
        actor=its_holder(hold),
        timetable=shop.timetable,
        hold_id=hold.id,
        details=details or Details(DANA),
        now=now,
    )


def test_a_hold_takes_the_time_for_its_minutes_and_tells_nobody(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    assert (hold.state, hold.releases_at, hold.contact.name) == ("held", now + 10 * MINUTE, "")
    assert history(hold.id) == ["hold"]
    assert events(hold.id) == {}
    with pytest.raises(TimeTaken):
        shop.book("10:00", resource=shop.theo, now=now + 10 * MINUTE - timedelta(microseconds=1))


def test_at_its_last_instant_a_hold_is_over_without_anybody_tidying(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    made = shop.book("10:00", resource=shop.theo, now=now + 10 * MINUTE)
    assert made.state == "confirmed"
    ended = booking_by_id(business_id=shop.business_id, booking_id=hold.id)
    assert (ended.state, ended.releases_at) == ("expired", None)
    assert history(hold.id) == ["hold", "expire"]
    assert Claim.objects.count() == 1


def test_confirming_keeps_the_time_and_terms_even_when_the_offer_changed(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    change_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"duration_minutes": 60, "price_minor": 9900},
    )
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"cancellation_notice_minutes": 5}
    )
    made = confirm(shop, hold, now + 9 * MINUTE, Details(DANA, "Thanks"))
    assert (made.state, made.releases_at, made.id, made.reference) == (
        "confirmed",
        None,
        hold.id,
        hold.reference,
    )
    assert (made.starts_at, made.ends_at) == (hold.starts_at, hold.ends_at)
    assert (made.price_minor, made.policy) == (2600, hold.policy)
    assert (made.contact, made.notes, made.sequence) == (DANA, "Thanks", 1)
    assert history(made.id) == ["hold", "book"]
    assert set(events(made.id)) == {"BookingConfirmed"}
    assert Claim.objects.get().booking_id == made.id


@pytest.mark.parametrize("tidied", [True, False])
def test_a_hold_that_ran_out_cannot_be_confirmed(
    shop: Shop, hold: BookingFacts, now: datetime, tidied: bool
) -> None:
    if tidied:
        assert tidy_dead_bookings(now=now + 10 * MINUTE) == 1
    before = rows()
    with pytest.raises(HoldEnded) as refused:
        confirm(shop, hold, now + 10 * MINUTE)
    assert refused.value.facts == {"state": "expired"}
    assert rows() == before
    assert before["customers"] == 0


def test_a_hold_whose_time_was_retaken_cannot_be_confirmed(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    shop.book("10:00", resource=shop.theo, now=now + 11 * MINUTE)
    with pytest.raises(HoldEnded):
        confirm(shop, hold, now + 9 * MINUTE)


def test_confirming_twice_is_refused_with_the_state(shop: Shop, hold: BookingFacts, now: datetime) -> None:
    confirm(shop, hold, now)
    with pytest.raises(HoldEnded) as refused:
        confirm(shop, hold, now)
    assert refused.value.facts == {"state": "confirmed"}


def test_limits_blocks_and_wrong_details_leave_the_hold_as_it_was(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    known = shop.book("15:00").customer_id
    assert known is not None
    before = rows()
    with pytest.raises(Invalid):
        confirm(shop, hold, now, Details(Contact("", "nobody")))
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"bookings_per_customer_per_day": 1}
    )
    with pytest.raises(LimitReached):
        confirm(shop, hold, now)
    block_customer(actor=shop.actor(), business_id=shop.business_id, customer_id=known, now=now)
    with pytest.raises(CustomerBlocked):
        confirm(shop, hold, now)
    assert rows() == before
    assert confirm(shop, hold, now, Details(Contact("Erin", "erin@example.org"))).state == "confirmed"


def test_a_hold_is_extended_by_its_owner_up_to_thirty_minutes_in_all(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    def extended(after: int) -> datetime | None:
        found = extend_hold(
            actor=its_holder(hold), timetable=shop.timetable, hold_id=hold.id, now=now + after * MINUTE
        )
        return found.releases_at

    assert extended(5) == now + 15 * MINUTE
    assert extended(14) == now + 24 * MINUTE
    assert extended(23) == now + 30 * MINUTE
    with pytest.raises(HoldAtLimit) as refused:
        extended(29)
    assert refused.value.facts == {"expires_at": (now + 30 * MINUTE).isoformat()}
    with pytest.raises(HoldEnded):
        extended(30)


def test_a_released_hold_gives_its_time_back_at_once_and_releasing_again_is_no_mistake(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    for _ in range(2):
        release_hold(actor=its_holder(hold), timetable=shop.timetable, hold_id=hold.id, now=now)
    assert booking_by_id(business_id=shop.business_id, booking_id=hold.id).state == "expired"
    assert history(hold.id) == ["hold", "release"]
    assert Claim.objects.count() == 0
    assert shop.book("10:00", resource=shop.theo, now=now).state == "confirmed"


def test_releasing_a_booking_does_not_cancel_it(shop: Shop, hold: BookingFacts, now: datetime) -> None:
    confirm(shop, hold, now)
    release_hold(actor=its_holder(hold), timetable=shop.timetable, hold_id=hold.id, now=now)
    assert booking_by_id(business_id=shop.business_id, booking_id=hold.id).state == "confirmed"
    assert Claim.objects.count() == 1


def test_only_the_holder_does_anything_with_a_hold_not_even_staff(
    shop: Shop, hold: BookingFacts, now: datetime
) -> None:
    other = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("12:00"), now=now)
    for actor in (GUEST, shop.actor(), OPERATOR, its_holder(other)):
        with pytest.raises(Missing):
            confirm_hold(
                actor=actor, timetable=shop.timetable, hold_id=hold.id, details=Details(DANA), now=now
            )
        with pytest.raises(Missing):
            extend_hold(actor=actor, timetable=shop.timetable, hold_id=hold.id, now=now)
        with pytest.raises(Missing):
            release_hold(actor=actor, timetable=shop.timetable, hold_id=hold.id, now=now)
    with pytest.raises(Missing):
        holder(actor=GUEST, booking_id=hold.id, token=manage_token(booking_id=hold.id), purpose="hold")
    with pytest.raises(Missing):
        holder(actor=GUEST, booking_id=uuid4(), token=hold_token(booking_id=hold.id), purpose="hold")


def test_tidying_ends_what_the_clock_has_ended_and_nothing_else(shop: Shop, now: datetime) -> None:
    old = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("10:00"), now=now - 11 * MINUTE)
    alive = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("11:00"), now=now)
    booked = shop.book("12:00", now=now)
    assert tidy_dead_bookings(now=now) == 1
    assert tidy_dead_bookings(now=now) == 0
    states = dict(Booking.objects.values_list("id", "state"))
    assert states == {old.id: "expired", alive.id: "held", booked.id: "confirmed"}
    assert set(Claim.objects.values_list("booking_id", flat=True)) == {alive.id, booked.id}


def test_tidying_goes_in_pieces_oldest_first_and_the_worker_does_it_all(shop: Shop, now: datetime) -> None:
    for number in range(4):
        wish = shop.wish(f"{10 + number}:00")
        hold_time(actor=GUEST, timetable=shop.timetable, wish=wish, now=now - (20 + number) * MINUTE)
    assert tidy_dead_bookings(now=now, limit=3) == 3
    assert Booking.objects.get(state="held").local_start.endswith("T10:00")
    tidy()
    assert set(Booking.objects.values_list("state", flat=True)) == {"expired"}
    assert Claim.objects.count() == 0

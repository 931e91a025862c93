"""A change of what a business offers, and the bookings it would strand (SPEC C7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from holdfast.availability import commands
from holdfast.availability.commands import Care, Decision
from holdfast.availability.errors import NoOtherTime, WouldStrand
from holdfast.bookings.commands import cancel_booking, move_booking
from holdfast.bookings.models import Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id, history_of
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid
from holdfast.schedule.commands import ExceptionWish
from holdfast.schedule.models import DatedException, WeeklyHours
from tests.cast import Shop

pytestmark = pytest.mark.django_db

MORNINGS = [{"weekday": day, "opens": "09:00", "closes": "12:00"} for day in range(7)]


def care(decisions: dict[str, Decision] | None = None, others: Decision | None = None) -> Care:
    return Care(clock.now(), decisions or {}, others)


def on(shop: Shop, days: int = 3) -> date:
    return shop.at("10:00", days).astimezone(shop.timetable.tz).date()


def close(shop: Shop, how: Care, days: int = 3) -> DatedException:
    return commands.add_exception(
        actor=shop.actor(Role.MANAGER),
        business_id=shop.business_id,
        wish=ExceptionWish("closed", starts_on=on(shop, days)),
        care=how,
    )


def again(shop: Shop, booking: BookingFacts) -> BookingFacts:
    return booking_by_id(business_id=shop.business_id, booking_id=booking.id)


def shorten(shop: Shop, how: Care) -> Any:
    return commands.replace_hours(
        actor=shop.actor(Role.MANAGER), business_id=shop.business_id, windows=MORNINGS, care=how
    )


def test_a_change_that_strands_nobody_is_made_at_once(shop: Shop) -> None:
    shop.book("10:00")
    shorten(shop, care())
    assert WeeklyHours.objects.filter(business_id=shop.business_id, closes=12 * 60).count() == 7


def test_a_change_that_strands_somebody_is_refused_with_whom_why_and_what_else(shop: Shop) -> None:
    shop.book("10:00")
    stranded = shop.book("14:00", resource=shop.theo)
    before = list(WeeklyHours.objects.filter(business_id=shop.business_id).values_list("weekday", "closes"))
    with pytest.raises(WouldStrand) as refusal:
        shorten(shop, care())
    (only,) = refusal.value.consequences
    assert only.stranded.booking.id == stranded.id
    assert only.stranded.why == "open"
    assert only.nearest, "the nearest free times come with it"
    assert refusal.value.facts == {"bookings": [stranded.shown_reference]}
    after = list(WeeklyHours.objects.filter(business_id=shop.business_id).values_list("weekday", "closes"))
    assert after == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s, c: close(s, c), "open"),
        (
            lambda s, c: commands.add_exception(
                actor=s.actor(Role.MANAGER),
                business_id=s.business_id,
                wish=ExceptionWish("absence", s.theo.id, starts_at=s.at("14:15"), ends_at=s.at("15:00")),
                care=c,
            ),
            "not_absent",
        ),
        (
            lambda s, c: commands.change_resource(
                actor=s.actor(Role.MANAGER),
                business_id=s.business_id,
                resource_id=s.theo.id,
                wanted={"is_active": False},
                care=c,
            ),
            "resource_retired",
        ),
        (
            lambda s, c: commands.change_service(
                actor=s.actor(Role.MANAGER),
                business_id=s.business_id,
                service_id=s.cut.id,
                wanted={"resources": [s.amara.id]},
                care=c,
            ),
            "not_given",
        ),
        (
            lambda s, c: commands.change_service(
                actor=s.actor(Role.MANAGER),
                business_id=s.business_id,
                service_id=s.cut.id,
                wanted={"is_active": False},
                care=c,
            ),
            "service_retired",
        ),
    ],
)
def test_every_kind_of_change_says_by_which_rule_it_strands(shop: Shop, change: Any, why: str) -> None:
    booking = shop.book("14:00", resource=shop.theo)
    with pytest.raises(WouldStrand) as refusal:
        change(shop, care())
    assert [(c.stranded.booking.id, c.stranded.why) for c in refusal.value.consequences] == [
        (booking.id, why)
    ]
    change(shop, care(others=Decision("keep")))
    assert again(shop, booking).state == "confirmed"
    assert history_of(business_id=shop.business_id, booking_id=booking.id)[-1].details == {
        "overridden": [why]
    }


def test_what_was_stranded_before_is_not_asked_about_again(shop: Shop) -> None:
    shop.book("14:00")
    shorten(shop, care(others=Decision("keep")))
    shorten(shop, care())


def test_past_and_cancelled_bookings_strand_nowhere(shop: Shop) -> None:
    over = shop.book("14:00")
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=over.id, now=clock.now())
    shop.book("14:00", days=1, now=clock.now())
    late = clock.now() + timedelta(days=30)
    commands.replace_hours(
        actor=shop.actor(Role.MANAGER),
        business_id=shop.business_id,
        windows=MORNINGS,
        care=Care(late, {}),
    )


def test_each_booking_gets_what_was_decided_for_it(shop: Shop) -> None:
    kept, moved, asked, gone = (shop.book(f"{hour}:00", resource=shop.theo) for hour in (13, 14, 15, 16))
    shorten(
        shop,
        care(
            {
                kept.shown_reference: Decision("keep"),
                moved.reference: Decision("move", shop.at("09:00"), shop.amara.id),
                asked.shown_reference.lower(): Decision("propose"),
            },
            others=Decision("cancel"),
        ),
    )
    assert again(shop, kept).starts_at == kept.starts_at
    assert (again(shop, moved).starts_at, again(shop, moved).resource_id) == (shop.at("09:00"), shop.amara.id)
    assert again(shop, gone).state == "cancelled"
    assert again(shop, asked).starts_at == asked.starts_at
    proposed = again(shop, asked).proposed
    assert proposed
    assert all(starts_at.astimezone(shop.timetable.tz).hour < 12 for starts_at, _ in proposed)
    kinds = set(OutboxEvent.objects.values_list("kind", flat=True))
    assert {"TimesProposed", "BookingMoved", "BookingCancelled"} <= kinds


def test_several_moved_to_the_nearest_time_get_one_each(shop: Shop) -> None:
    booked = [shop.book(f"{hour}:00", resource=shop.theo) for hour in (13, 14, 15, 16)]
    shorten(shop, care(others=Decision("move")))
    places = {(again(shop, b).starts_at, again(shop, b).resource_id) for b in booked}
    assert len(places) == 4
    assert Claim.objects.filter(business_id=shop.business_id).count() == 4


def test_a_decision_that_cannot_be_carried_out_undoes_the_whole(shop: Shop) -> None:
    in_the_way = shop.book("09:00", resource=shop.amara)
    booking = shop.book("14:00", resource=shop.theo)
    with pytest.raises(Exception, match="time_taken") as refusal:
        shorten(shop, care({booking.reference: Decision("move", in_the_way.starts_at, shop.amara.id)}))
    assert refusal.value.facts["booking"] == booking.shown_reference
    assert again(shop, booking).starts_at == booking.starts_at
    assert not WeeklyHours.objects.filter(business_id=shop.business_id, closes=12 * 60).exists()


def test_moving_where_nothing_is_free_is_refused(shop: Shop) -> None:
    shop.book("14:00", resource=shop.theo)
    with pytest.raises(NoOtherTime):
        commands.change_service(
            actor=shop.actor(Role.MANAGER),
            business_id=shop.business_id,
            service_id=shop.cut.id,
            wanted={"is_active": False},
            care=care(others=Decision("move")),
        )


def test_a_reference_that_is_none_is_a_mistake(shop: Shop) -> None:
    with pytest.raises(Invalid):
        shorten(shop, care({"NONSENSE": Decision("keep")}))


def test_staff_may_not_change_hours_whatever_they_decide(shop: Shop) -> None:
    with pytest.raises(Forbidden):
        commands.replace_hours(
            actor=shop.actor(Role.STAFF),
            business_id=shop.business_id,
            windows=MORNINGS,
            care=care(others=Decision("keep")),
        )


def test_asking_what_a_change_would_strand_changes_nothing(shop: Shop) -> None:
    booking = shop.book("14:00")
    found = commands.impact_of(change=lambda how: shorten(shop, how), now=clock.now())
    assert [each.stranded.booking.id for each in found] == [booking.id]
    assert commands.impact_of(change=lambda how: close(shop, how, days=9), now=clock.now()) == []
    assert not WeeklyHours.objects.filter(business_id=shop.business_id, closes=12 * 60).exists()
    assert not DatedException.objects.filter(business_id=shop.business_id).exists()


def test_who_is_asked_to_choose_another_time_may_do_so_after_the_notice(shop: Shop) -> None:
    booking = shop.book("14:00", days=1)
    close(shop, care(), days=0)  # or, early in the morning, today's evening is nearest, and over by then
    close(shop, care(others=Decision("propose")), days=1)
    asked = again(shop, booking)
    assert asked.proposed
    starts_at, resource_id = asked.proposed[0]
    moved = move_booking(
        actor=GUEST.holding(booking.id),
        timetable=shop.timetable,
        booking_id=booking.id,
        starts_at=starts_at,
        resource_id=resource_id,
        now=booking.starts_at - timedelta(hours=2),
    )
    assert moved.starts_at == starts_at
    assert moved.proposed is None

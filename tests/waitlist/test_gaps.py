"""Every way in which something comes free leads to an offer, and every reason not to make one is said (SPEC F3, F6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from holdfast.availability.commands import Care, apply_hour_template, change_resource
from holdfast.bookings.commands import (
    cancel_booking,
    check_in,
    complete,
    hold_time,
    mark_no_show,
    move_booking,
    tidy_dead_bookings,
)
from holdfast.bookings.models import Claim
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import create_service
from holdfast.core import clock
from holdfast.customers.commands import block_customer
from holdfast.schedule.commands import change_slot
from holdfast.waitlist.commands import accept_offer, match_gap, sweep_business
from holdfast.waitlist.jobs import sweep
from holdfast.waitlist.models import Entry, Gap, Offer
from holdfast.waitlist.queries import EntryFacts, Region, gap_reports, matching
from tests.cast import DANA, GUEST, OPERATOR, Shop
from tests.club import TABLES, make_club
from tests.counter import make_counter
from tests.waitlist.line import fill, offers, person, wait, work

pytestmark = pytest.mark.django_db


def settle(shop: Shop, **wanted: object) -> None:
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)


def cancel(shop: Shop, booking: object, **more: object) -> None:
    cancel_booking(
        actor=shop.actor(), timetable=shop.timetable, booking_id=booking.id, now=clock.now(), **more
    )  # type: ignore[attr-defined]


def test_a_move_frees_the_time_it_leaves(shop: Shop) -> None:
    booked = fill(shop, but=("amara 16:30",))
    wait(shop, person("Ada"), to_time="12:00")
    work()
    move_booking(
        actor=shop.actor(), timetable=shop.timetable, booking_id=booked["theo 10:00"].id,
        starts_at=shop.at("16:30"), resource_id=shop.amara.id, now=clock.now(),
    )  # fmt: skip
    work()
    assert [one.starts_at for one in offers(shop)] == [shop.at("10:00")]
    assert Gap.objects.get(outcome="offered").cause == "moved"


def test_a_hold_that_ran_out_is_offered_to_who_waits(shop: Shop) -> None:
    fill(shop, but=("theo 10:00",))
    hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("10:00"), now=clock.now())
    wait(shop)
    work()
    assert offers(shop) == []
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        tidy_dead_bookings(now=clock.now())
        work()
        assert [one.starts_at for one in offers(shop)] == [shop.at("10:00")]
        assert Gap.objects.get(outcome="offered").cause == "lapsed"


@pytest.mark.parametrize("how", ["no_show", "completed"])
def test_the_rest_of_a_visit_that_is_over_is_free(shop: Shop, how: str) -> None:
    with time_machine.travel(shop.at("08:00")) as clocks:
        booked = fill(shop, days=0)
        long = booked["theo 10:00"]
        Claim.objects.filter(booking=booked["theo 10:30"].id).delete()
        Claim.objects.filter(booking=booked["theo 11:00"].id).delete()
        Claim.objects.filter(booking=long.id).update(ends_at=long.starts_at + timedelta(minutes=90))
        settle(shop, waitlist_cutoff_minutes=0)
        entry = wait(shop, person("Ada"), days=0)
        clocks.move_to(long.starts_at + timedelta(minutes=5))
        place = {"actor": shop.actor(), "business_id": shop.business_id, "booking_id": long.id}
        if how == "no_show":
            mark_no_show(**place, now=clock.now())
        else:
            check_in(**place, now=clock.now())
            complete(**place, now=clock.now())
        clocks.shift(11)
        work()
        (offer,) = offers(shop)
        # 10:06 to 11:30 is free: of the starts in it 11:00 leaves no piece that nobody fits in.
        assert (offer.entry_id, offer.starts_at) == (entry.id, long.starts_at + timedelta(minutes=60))
        claim = Claim.objects.get(booking=long.id)
        assert claim.ends_at == long.starts_at + timedelta(minutes=6)


def test_more_places_in_a_slot_are_offered_and_the_count_holds() -> None:
    counter = make_counter()
    slot = counter.slot(capacity=1)
    counter.book(slot, contact=person("Full"))
    entry = wait(counter, services=(counter.portrait.id,), party_size=2)  # type: ignore[arg-type]
    work()
    assert offers(counter) == []  # type: ignore[arg-type]
    change_slot(actor=counter.actor(), timetable=counter.timetable, slot_id=slot.id, wanted={"capacity": 3})
    work()
    (offer,) = offers(counter)  # type: ignore[arg-type]
    made = accept_offer(
        actor=GUEST.waiting_as(entry.id), timetable=counter.timetable, offer_id=offer.id, now=clock.now()
    )
    assert (made.slot_id, made.party_size, made.state) == (slot.id, 2, "confirmed")


def test_longer_hours_are_offered(shop: Shop) -> None:
    fill(shop)
    wait(shop, from_time="17:00")
    work()
    assert offers(shop) == []
    care = Care(clock.now(), {})
    apply_hour_template(actor=OPERATOR, business_id=shop.business_id, template="24_7", care=care)
    work()
    (offer,) = offers(shop)
    assert offer.starts_at >= shop.at("17:00")
    assert Gap.objects.get(outcome="offered").cause == "offering"


def test_a_barber_who_is_back_is_offered(shop: Shop) -> None:
    place = {"actor": OPERATOR, "business_id": shop.business_id, "resource_id": shop.amara.id}
    change_resource(**place, wanted={"is_active": False}, care=Care(clock.now(), {}))
    for half in range(16):
        hhmm = f"{9 + half // 2:02}:{half % 2 * 30:02}"
        shop.book(hhmm, resource=shop.theo, contact=person(f"Full{half}"), actor=shop.actor())
    entry = wait(shop)
    work()
    assert offers(shop) == []
    change_resource(**place, wanted={"is_active": True}, care=Care(clock.now(), {}))
    work()
    assert [(one.entry_id, one.resource_ids) for one in offers(shop)] == [(entry.id, (shop.amara.id,))]


def test_a_party_that_waits_for_a_night_is_offered_the_table_that_came_free() -> None:
    club = make_club()
    booked = {
        name: club.party(TABLES[name][0], table=name, actor=club.actor(), contact=person(name))
        for name in club.ids
    }
    large = wait(club, person("Large"), party_size=6, to_time="22:00", now=clock.now() - timedelta(hours=1))
    small = wait(club, person("Small"), party_size=2, to_time="22:00")
    work()
    cancel(club, booked["B2"])
    work()
    offered = {one.entry_id: (one.starts_at, club.named(list(one.resource_ids))) for one in offers(club)}
    assert offered[large.id][1] == ["B2"]
    assert small.id not in offered


def test_a_night_wished_for_includes_the_hours_after_midnight() -> None:
    club = make_club(tables={"T1": (1, 2, "Bar"), "T2": (1, 2, "Bar")})
    booked = {
        (name, hhmm): club.party(2, hhmm, table=name, actor=club.actor(), contact=person(f"{name}{hhmm[:2]}"))
        for name in club.ids
        for hhmm in ("22:00", "23:30", "01:00", "02:30")
    }
    wait(club, person("Late"), party_size=2, from_time="23:00")
    work()
    assert offers(club) == []
    cancel(club, booked["T1", "01:00"])
    work()
    assert [one.starts_at for one in offers(club)] == [club.night("01:00")]


def test_an_earlier_time_moves_the_booking_and_passes_on_what_it_leaves(shop: Shop) -> None:
    booked = fill(shop, but=("theo 15:00",))
    own = shop.book("15:00", resource=shop.theo)
    entry = wait(shop, earlier_than=own.id, actor=GUEST.holding(own.id))
    after = wait(shop, person("Ben"), from_time="14:00")
    work()
    cancel(shop, booked["theo 10:00"])
    work()
    (offer,) = offers(shop)
    assert (offer.entry_id, offer.starts_at) == (entry.id, shop.at("10:00"))
    moved = accept_offer(
        actor=GUEST.waiting_as(entry.id), timetable=shop.timetable, offer_id=offer.id, now=clock.now()
    )
    assert (moved.id, moved.reference, moved.starts_at) == (own.id, own.reference, shop.at("10:00"))
    work()
    later = offers(shop)[1]
    assert (later.entry_id, later.starts_at) == (after.id, shop.at("15:00"))


def test_nobody_is_asked_too_near_to_the_start(shop: Shop) -> None:
    with time_machine.travel(shop.at("08:00")) as clocks:
        booked = fill(shop, days=0)
        wait(shop, days=0)
        work()
        clocks.move_to(shop.at("10:00", 0) - timedelta(minutes=16))
        cancel(shop, booked["theo 10:00"])
        work()
        assert offers(shop) == []
        settle(shop, waitlist_cutoff_minutes=10)
        work()
        (offer,) = offers(shop)
        assert offer.expires_at - offer.made_at == timedelta(minutes=2)


def test_in_quiet_hours_nobody_is_asked_and_afterwards_they_are(shop: Shop) -> None:
    booked = fill(shop)
    settle(shop, quiet_hours=["21:00", "08:00"])
    entry = wait(shop)
    with time_machine.travel(shop.at("22:00", 1)) as clocks:
        work()
        cancel(shop, booked["theo 10:00"])
        work()
        gap = Gap.objects.get(cause="cancelled")
        assert (gap.outcome, offers(shop)) == ("quiet", [])
        clocks.move_to(shop.at("08:00", 1) + timedelta(minutes=1))
        work()
        assert [one.entry_id for one in offers(shop)] == [entry.id]


def test_a_person_gets_no_more_offers_a_day_than_the_business_allows(shop: Shop) -> None:
    booked = fill(shop)
    settle(shop, waitlist_messages_per_day=1)
    first, second = (wait(shop, to_time="12:00"), wait(shop, from_time="13:00"))
    cancel(shop, booked["theo 10:00"])
    work()
    cancel(shop, booked["theo 14:00"])
    work()
    assert [one.entry_id for one in offers(shop)] == [first.id]
    report = gap_reports(
        actor=shop.actor(), business_id=shop.business_id, since=clock.now() - timedelta(hours=1)
    )
    afternoon = next(one for one in report if one.starts_at == shop.at("14:00") and one.cause == "cancelled")
    assert (afternoon.outcome, afternoon.details["limit"], second.state) == ("nobody", 1, "waiting")


def test_a_business_sends_no_more_offers_a_minute_than_it_allows(shop: Shop) -> None:
    booked = fill(shop)
    settle(shop, waitlist_messages_per_minute=1)
    for name in ("Ada", "Ben"):
        wait(shop, person(name))
    for key in ("theo 10:00", "theo 11:00"):
        cancel(shop, booked[key])
    work()
    assert len(offers(shop)) == 1
    assert Gap.objects.filter(outcome="paced").exists()
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        work()
        assert len(offers(shop)) == 2


def test_the_sweep_finds_what_no_event_told_of(shop: Shop) -> None:
    booked = fill(shop)
    entry = wait(shop)
    work()
    Claim.objects.filter(booking=booked["theo 10:00"].id).delete()
    work()
    assert offers(shop) == []
    sweep()
    work()
    assert [(one.entry_id, one.starts_at) for one in offers(shop)] == [(entry.id, shop.at("10:00"))]
    assert sweep_business(business_id=shop.business_id, now=clock.now()) is None


def test_looking_again_offers_nothing_twice(shop: Shop) -> None:
    booked = fill(shop)
    wait(shop)
    cancel(shop, booked["theo 10:00"])
    work()
    gap = Gap.objects.get(cause="cancelled")
    assert match_gap(gap_id=gap.id, now=clock.now()) == []
    assert len(offers(shop)) == 1


def test_who_passed_on_a_start_is_still_asked_for_the_others_and_who_waits_alike_for_all(shop: Shop) -> None:
    fill(shop, but=("theo 10:00", "theo 11:00"))
    ada, ben = (wait(shop, person(name)) for name in ("Ada", "Ben"))
    settle(shop, waitlist_messages_per_day=2)
    region = Region(shop.at("09:00"), shop.at("17:00"))

    def passed(entry: EntryFacts, hhmm: str) -> None:
        Offer.objects.create(
            business_id=shop.business_id, entry_id=entry.id, customer_id=entry.customer_id, service_id=shop.cut.id,
            state="declined", starts_at=shop.at(hhmm), ends_at=shop.at(hhmm), expires_at=clock.now(), made_at=clock.now(),
        )  # fmt: skip

    def look() -> tuple[set[tuple[object, object]], int, int]:
        found = matching(timetable=shop.timetable, region=region, now=clock.now())
        asked = {(one.entry_id, one.starts_at) for plan in found.plans for one in plan}
        return asked, found.reasons["had_it"], found.reasons["limit"]

    ten, eleven = shop.at("10:00"), shop.at("11:00")
    assert look() == ({(ada.id, ten), (ben.id, ten), (ada.id, eleven), (ben.id, eleven)}, 0, 0)
    passed(ada, "10:00")
    assert look() == ({(ben.id, ten), (ada.id, eleven), (ben.id, eleven)}, 0, 0)
    settle(shop, waitlist_messages_per_day=5)
    passed(ada, "11:00")
    assert look() == ({(ben.id, ten), (ben.id, eleven)}, 1, 0)
    settle(shop, waitlist_messages_per_day=2)
    assert look() == ({(ben.id, ten), (ben.id, eleven)}, 0, 1)


def test_who_is_blocked_or_booked_by_themselves_is_asked_nothing(shop: Shop) -> None:
    booked = fill(shop)
    blocked, settled = wait(shop, person("Ada")), wait(shop, DANA)
    block_customer(
        actor=shop.actor(), business_id=shop.business_id, customer_id=blocked.customer_id, now=clock.now()
    )
    cancel(shop, booked["theo 11:00"], undo=True)
    with time_machine.travel(clock.now() + timedelta(seconds=30)):
        shop.book("11:00", resource=shop.theo)
        work()
        assert Entry.objects.get(id=settled.id).state == "booked"
        cancel(shop, booked["theo 10:00"])
        work()
        assert offers(shop) == []


def test_the_waitlist_can_be_switched_off(shop: Shop) -> None:
    booked = fill(shop)
    wait(shop)
    settle(shop, waitlist=False)
    cancel(shop, booked["theo 10:00"])
    work()
    assert offers(shop) == []
    assert set(Gap.objects.filter(cause="cancelled").values_list("outcome", flat=True)) == {"off"}


def test_a_gap_of_an_hour_goes_to_two_who_fill_it(shop: Shop) -> None:
    booked = fill(shop)
    early, late = wait(shop, person("Ada"), to_time="10:00"), wait(shop, person("Ben"), from_time="10:15")
    cancel(shop, booked["theo 10:00"], undo=False)
    cancel(shop, booked["theo 10:30"], undo=False)
    work()
    made = {one.entry_id: one.starts_at for one in offers(shop)}
    assert made == {early.id: shop.at("10:00"), late.id: shop.at("10:30")}


def test_two_who_fill_a_gap_are_asked_before_somebody_with_a_higher_score_who_wastes_some_of_it(
    shop: Shop,
) -> None:
    long = {"name": "Colour", "duration_minutes": 45, "interval_minutes": 15, "resources": [shop.theo.id]}
    colour = create_service(actor=OPERATOR, business_id=shop.business_id, wanted=long)
    booked = fill(shop)
    early, late = wait(shop, person("Ada"), to_time="10:00"), wait(shop, person("Ben"), from_time="10:15")
    higher = wait(shop, person("Cleo"), services=(colour.id,))
    Entry.objects.filter(id=higher.id).update(boost=0.05)
    cancel(shop, booked["theo 10:00"], undo=False)
    cancel(shop, booked["theo 10:30"], undo=False)
    work()
    assert {one.entry_id for one in offers(shop)} == {early.id, late.id}


def test_whoever_was_passed_over_for_somebody_who_came_later_has_it_counted(shop: Shop) -> None:
    booked = fill(shop)
    settle(shop, weight_waiting=0, waitlist_ageing_minutes=525_600)
    first = wait(shop, person("Ada"), now=clock.now() - timedelta(hours=2))
    second = wait(shop, person("Ben"), now=clock.now() - timedelta(hours=1))
    Entry.objects.filter(id=second.id).update(boost=1.0)
    cancel(shop, booked["theo 10:00"])
    work()
    assert [one.entry_id for one in offers(shop)] == [second.id]
    counted = dict(Entry.objects.values_list("id", "passed_over"))
    assert counted == {first.id: 1, second.id: 0}


def test_who_joins_is_offered_what_is_free_already_however_far_ahead(shop: Shop) -> None:
    entry = wait(shop, days=80, until_days=81)
    work()
    (offer,) = offers(shop)
    assert (offer.entry_id, offer.starts_at.date()) == (entry.id, shop.at("09:00", 80).date())
    assert Gap.objects.get(outcome="offered").cause == "joined"

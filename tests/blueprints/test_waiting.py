"""The waitlists of the demo: who waits for what, who has an offer, what became of others (SPEC F)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from holdfast.availability.queries import open_times
from holdfast.blueprints.commands import create_from_blueprint
from holdfast.blueprints.commands.demo import DemoBusiness, barbershop, venue, waitlist
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.bookings.models import Booking
from holdfast.businesses.commands import change_business_settings
from holdfast.businesses.models import Business
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.customers.models import Customer
from holdfast.notifications.models import Message
from holdfast.schedule.queries import load_timetable
from holdfast.waitlist.commands import sweep_business
from holdfast.waitlist.models import Entry, Gap, Offer
from holdfast.waitlist.queries import ranked_entries
from holdfast.waitlist.rules import Standing, Weights, score
from tests.cast import OPERATOR
from tests.races.evidence import assert_sound
from tests.waitlist.line import work

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
WEDNESDAY = "2026-11-18T11:00:00Z"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """A morning at which everybody is open; of the diary a few days are enough."""
    for module in (barbershop, venue):
        monkeypatch.setattr(module, "PAST_DAYS", 4)
        monkeypatch.setattr(module, "FUTURE_DAYS", 7)
    with time_machine.travel(WEDNESDAY, tick=False) as traveller:
        yield traveller


def told(demo: DemoBusiness) -> Business:
    business = demo.create(OPERATOR)
    assert demo.go_on(OPERATOR, business, clock.now()) > 0
    return business


def states(business: Business) -> dict[str, int]:
    return dict(Counter(Entry.objects.filter(business=business).values_list("state", flat=True)))


def nothing_is_free(business: Business, mode: str, days: int, party_size: int = 1) -> bool:
    timetable = load_timetable(business_id=business.id)
    on = clock.now().date() + timedelta(days=days)
    return not any(
        day.times
        for service in timetable.services.values()
        if service.mode == mode
        for day in open_times(
            timetable=timetable,
            service_id=service.id,
            first=on,
            last=on,
            now=clock.now(),
            party_size=party_size,
        )
    )


def again(demo: DemoBusiness, business: Business) -> None:
    """The demo told once more adds nothing."""
    before = (Entry.objects.count(), Offer.objects.count(), Booking.objects.count())
    assert demo.go_on(OPERATOR, business, clock.now()) == 0
    assert (Entry.objects.count(), Offer.objects.count(), Booking.objects.count()) == before


def test_the_barbershop_has_a_full_saturday_and_people_who_wait_for_it() -> None:
    shop = told(barbershop.DEMO)
    assert states(shop) == {"waiting": 11, "booked": 1, "left": 1, "expired": 1}
    assert nothing_is_free(shop, "appointment", 3)
    assert Counter(Offer.objects.values_list("state", flat=True)) == {
        "pending": 2,
        "expired": 1,
        "accepted": 1,
    }
    assert Entry.objects.filter(state="waiting", earlier_than__isnull=False).count() == 2
    assert list(Gap.objects.values_list("cause", "outcome")) == [("cancelled", "offered")] * 2
    assert sorted(Customer.objects.filter(tier__gt=0).values_list("tier", flat=True)) == [1, 1, 2, 2, 3]
    assert Entry.objects.filter(state="waiting", customer__tier__gt=0).count() >= 2
    ranked = ranked_entries(timetable=load_timetable(business_id=shop.id), now=clock.now())
    assert len({one.score.total for one in ranked}) > 5
    assert_sound()
    again(barbershop.DEMO, shop)


def test_nobody_is_told_about_the_barbershops_story_but_the_offers_of_this_moment_go() -> None:
    shop = told(barbershop.DEMO)
    pending = set(Offer.objects.filter(state="pending").values_list("id", flat=True))
    gaps = set(Gap.objects.values_list("id", flat=True))
    known = {*pending, *gaps, shop.id}
    events = OutboxEvent.objects.filter(subject_id__isnull=False).exclude(subject_id__in=known)
    assert list(events.values_list("kind", flat=True)) == []
    work()
    assert list(Message.objects.values_list("kind", flat=True)) == ["offer", "offer"]


def test_what_is_not_answered_in_the_demo_goes_to_the_next(wednesday: time_machine.Traveller) -> None:
    shop = told(barbershop.DEMO)
    first = set(Offer.objects.filter(state="pending").values_list("entry_id", "starts_at"))
    wednesday.shift(timedelta(minutes=11))
    work()
    second = set(Offer.objects.filter(state="pending").values_list("entry_id", "starts_at"))
    assert {starts_at for _, starts_at in second} == {starts_at for _, starts_at in first}
    assert not second & first
    assert states(shop)["waiting"] == 11


def test_the_club_has_a_full_night_and_parties_who_wait_for_it() -> None:
    club = told(venue.DEMO)
    assert states(club) == {"waiting": 4}
    for party in sorted({entry.party_size for entry in Entry.objects.all()}):
        assert nothing_is_free(club, "table", 3, party), party
    assert sweep_business(business_id=club.id, now=clock.now()) is None
    assert_sound()
    again(venue.DEMO, club)


def test_the_clinic_has_a_line_while_it_is_open(wednesday: time_machine.Traveller) -> None:
    clinic = told(waitlist.DEMO)
    assert states(clinic) == {"waiting": 5, "called": 1, "left": 1, "no_show": 1}
    line = Entry.objects.filter(state__in=["waiting", "called"])
    assert all(entry.walk_in and entry.quoted_low < entry.quoted_high for entry in line)
    assert sweep_business(business_id=clinic.id, now=clock.now()) is None
    assert_sound()
    again(waitlist.DEMO, clinic)
    assert not OutboxEvent.objects.filter(subject_id__in=line.values("id")).exists()


@pytest.mark.parametrize("at", ["2026-11-18T03:00:00Z", "2026-11-18T16:40:00Z"])
def test_nobody_stands_in_line_at_night(at: str, wednesday: time_machine.Traveller) -> None:
    wednesday.move_to(at)
    clinic = told(waitlist.DEMO)
    assert states(clinic) == {}


@pytest.mark.parametrize("demo", [barbershop.DEMO, venue.DEMO, waitlist.DEMO], ids=lambda one: one.slug)
def test_whoever_switched_the_waitlist_of_a_demo_off_has_none(demo: DemoBusiness) -> None:
    business = demo.create(OPERATOR)
    change_business_settings(actor=OPERATOR, business_id=business.id, wanted={"waitlist": False})
    demo.go_on(OPERATOR, business, clock.now())
    assert states(business) == {}


def weights_of(kind: str) -> Weights:
    made = create_from_blueprint(
        actor=OPERATOR, blueprint=kind, slug=f"a-{kind}", name="New", timezone="Europe/London", currency="GBP"
    )
    return Weights.of(load_timetable(business_id=made.id).business.settings)


def test_the_kinds_of_business_weigh_what_matters_to_them() -> None:
    dear, patient = Standing(waited=60, tier=3), Standing(waited=300)
    by_kind: dict[str, Any] = {
        kind: weights_of(kind) for kind in ("barbershop", "venue", "waitlist", "counter")
    }
    asked_first = {
        kind: "dear" if score(dear, weights).total > score(patient, weights).total else "patient"
        for kind, weights in by_kind.items()
    }
    assert asked_first == {"barbershop": "dear", "venue": "dear", "waitlist": "patient", "counter": "patient"}
    shares = {kind: weights.fit / weights.total for kind, weights in by_kind.items()}
    assert max(shares, key=lambda kind: shares[kind]) == "venue"
    assert not BLUEPRINTS["artist"].settings["waitlist"]

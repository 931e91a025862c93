"""Ranked options on an artist's date: who has which, who may be challenged, what the clock decides (S1)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from holdfast.bookings.commands import (
    accept_offer,
    accept_request,
    challenge_option,
    decline_offer,
    decline_request,
    give_option,
    tidy_dead_bookings,
    withdraw_option,
    withdraw_request,
)
from holdfast.bookings.errors import (
    IllegalStep,
    NoOption,
    NoOptionLeft,
    OptionChallengedAlready,
    OptionHeld,
    TimeTaken,
)
from holdfast.bookings.models import Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id, history_of
from holdfast.bookings.queries.requests import options_on
from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.core.models import OutboxEvent
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.bookings.artist import ERIN, FRAN, Studio, make_studio
from tests.cast import DANA, OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


@pytest.fixture
def three(studio: Studio) -> list[BookingFacts]:
    """Dana, Erin and Fran have the first, second and third option on one date."""
    asked = [studio.ask(contact=contact) for contact in (DANA, ERIN, FRAN)]
    return [step(studio, give_option, booking) for booking in asked]


def step(
    studio: Studio, act: object, booking: BookingFacts, now: datetime | None = None, **more: object
) -> BookingFacts:
    found: BookingFacts = act(  # type: ignore[operator]
        actor=more.pop("actor", studio.actor()),
        timetable=studio.timetable,
        booking_id=booking.id,
        now=now or clock.now(),
        **more,
    )
    return found


def standing(studio: Studio, now: datetime | None = None) -> list[int | None]:
    """The ranks of all requests in the order in which they were made."""
    found = options_on(
        business_id=studio.business_id, resource_id=studio.artist_id, on=studio.on(), now=now or clock.now()
    )
    return list(found.values())


def rank(studio: Studio, booking: BookingFacts, now: datetime | None = None) -> int | None:
    fresh = booking_by_id(business_id=studio.business_id, booking_id=booking.id)
    option = studio.read(fresh, now).option
    return option.rank if option else None


def changes(booking: BookingFacts) -> list[tuple[str, int]]:
    """Who was told of which rank since."""
    rows = OutboxEvent.objects.filter(kind="OptionChanged", subject_id=booking.id).order_by("id")
    return [json.loads(row.payload)["rank"] for row in rows]


def test_options_are_ranked_in_the_order_in_which_they_are_given(
    studio: Studio, three: list[BookingFacts]
) -> None:
    assert [rank(studio, booking) for booking in three] == [1, 2, 3]
    assert all(booking.releases_at == booking.starts_at for booking in three)
    assert Claim.objects.count() == 0
    fourth = studio.ask()
    with pytest.raises(NoOptionLeft):
        step(studio, give_option, fourth)
    assert step(studio, give_option, three[0]).sequence == three[0].sequence


def test_an_option_taken_back_moves_the_others_up(studio: Studio, three: list[BookingFacts]) -> None:
    now = clock.now()
    waiting = step(studio, withdraw_option, three[0], now)
    assert waiting.releases_at == now + timedelta(hours=72)
    assert [rank(studio, booking) for booking in three] == [None, 1, 2]
    assert [changes(booking) for booking in three] == [[1, 0], [2, 1], [3, 2]]
    with pytest.raises(NoOption):
        step(studio, withdraw_option, three[0])
    step(studio, give_option, three[0])
    assert [rank(studio, booking) for booking in three] == [3, 1, 2]


@pytest.mark.parametrize("leave", [decline_request, withdraw_request])
def test_whoever_leaves_makes_room(studio: Studio, three: list[BookingFacts], leave: object) -> None:
    step(studio, leave, three[1])
    assert [rank(studio, booking) for booking in three] == [1, None, 2]
    assert changes(three[2]) == [3, 2]


def test_nobody_is_accepted_past_the_first_option(studio: Studio, three: list[BookingFacts]) -> None:
    plain = studio.ask()
    for booking in (three[1], three[2], plain):
        with pytest.raises(OptionHeld):
            step(studio, accept_request, booking)
    accepted = step(studio, accept_request, three[0])
    assert accepted.state == "confirmed"
    assert [rank(studio, booking) for booking in three] == [None, None, None]
    assert changes(three[1]) == [2, 0]
    others = [booking_by_id(business_id=studio.business_id, booking_id=b.id) for b in three[1:]]
    assert all(o.state == "requested" and o.releases_at < o.starts_at for o in others)  # type: ignore[operator]
    with pytest.raises(TimeTaken):
        step(studio, give_option, plain)


def test_the_holder_of_the_first_option_confirms_when_challenged(
    studio: Studio, three: list[BookingFacts]
) -> None:
    now = clock.now()
    asked = step(studio, challenge_option, three[2], now)
    assert (asked.id, asked.releases_at) == (three[0].id, now + timedelta(hours=48))
    request = studio.read(asked)
    assert request.is_challenged
    assert request.option is not None
    assert request.option.confirm_by == now + timedelta(hours=48)
    confirmed = step(studio, accept_offer, three[0], actor=GUEST.holding(three[0].id))
    assert (confirmed.state, confirmed.price_minor) == ("confirmed", 80_000)
    assert Claim.objects.count() == 1
    actions = [c.action for c in history_of(business_id=studio.business_id, booking_id=three[0].id)]
    assert actions == ["request", "option", "challenge", "accept"]


def test_a_challenge_lasts_as_long_as_the_business_or_the_challenge_says(
    studio: Studio, three: list[BookingFacts]
) -> None:
    now = clock.now()
    assert step(studio, challenge_option, three[1], now, hours=5).releases_at == now + timedelta(hours=5)
    with pytest.raises(OptionChallengedAlready) as refusal:
        step(studio, challenge_option, three[2], now)
    assert refusal.value.facts["until"] == (now + timedelta(hours=5)).isoformat()
    later = now + timedelta(hours=5)
    change_business_settings(actor=OPERATOR, business_id=studio.business_id, wanted={"challenge_hours": 10})
    assert step(studio, challenge_option, three[2], later).releases_at == later + timedelta(hours=10)
    for hours in (0, 337):
        with pytest.raises(Invalid):
            step(studio, challenge_option, three[2], later, hours=hours)


def test_who_does_not_confirm_in_time_loses_the_option_with_every_worker_dead(
    studio: Studio, three: list[BookingFacts]
) -> None:
    now = clock.now()
    step(studio, challenge_option, three[1], now)
    late = now + timedelta(hours=48)
    assert standing(studio, late - timedelta(seconds=1)) == [1, 2, 3]
    assert [rank(studio, booking, late) for booking in three] == [None, 1, 2]
    with pytest.raises(IllegalStep) as refusal:
        step(studio, accept_offer, three[0], late, actor=GUEST.holding(three[0].id))
    assert refusal.value.facts["state"] == "expired"
    # The next write about the date ends it and tells those behind, before any sweeper has run.
    step(studio, challenge_option, three[2], late)
    assert booking_by_id(business_id=studio.business_id, booking_id=three[0].id).state == "expired"
    assert [changes(booking) for booking in three[1:]] == [[2, 1], [3, 2]]
    lost = json.loads(OutboxEvent.objects.get(kind="RequestExpired").payload)
    assert lost == {"booking_id": str(three[0].id), "challenged": True}


def test_the_sweeper_tells_of_a_lost_option_once(studio: Studio, three: list[BookingFacts]) -> None:
    now = clock.now()
    step(studio, challenge_option, three[1], now)
    assert tidy_dead_bookings(now=now + timedelta(hours=48)) == 1
    assert tidy_dead_bookings(now=now + timedelta(hours=48)) == 0
    assert [changes(booking) for booking in three[1:]] == [[2, 1], [3, 2]]


def test_letting_a_challenged_option_go_ends_the_request(studio: Studio, three: list[BookingFacts]) -> None:
    step(studio, challenge_option, three[1])
    gone = step(studio, decline_offer, three[0], actor=GUEST.holding(three[0].id))
    assert gone.state == "declined"
    assert [rank(studio, booking) for booking in three[1:]] == [1, 2]


def test_a_challenge_ends_with_whoever_made_it(studio: Studio, three: list[BookingFacts]) -> None:
    step(studio, challenge_option, three[1])
    step(studio, withdraw_request, three[1], actor=GUEST.holding(three[1].id))
    spared = booking_by_id(business_id=studio.business_id, booking_id=three[0].id)
    assert spared.releases_at == spared.starts_at
    assert not studio.read(spared).is_challenged
    assert [rank(studio, booking) for booking in (three[0], three[2])] == [1, 2]


def test_the_first_option_and_no_option_at_all_challenge_nobody(
    studio: Studio, three: list[BookingFacts]
) -> None:
    for booking in (three[0], studio.ask()):
        with pytest.raises(NoOption):
            step(studio, challenge_option, booking)


def test_options_are_staffs_to_give(studio: Studio) -> None:
    booking = studio.ask()
    for act in (give_option, withdraw_option, challenge_option):
        with pytest.raises((Missing, Forbidden)):
            step(studio, act, booking, actor=GUEST.holding(booking.id))

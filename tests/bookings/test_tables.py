"""Tables for parties: which are given, how long, how many at once, by hand, moved and swapped (SPEC B3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from holdfast.bookings.commands import (
    cancel_booking,
    hold_time,
    move_booking,
    release_hold,
    swap_tables,
    undo_change,
)
from holdfast.bookings.errors import ChangedMeanwhile, IllegalStep, PacingReached, TimeTaken
from holdfast.bookings.models import Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id, history_of, holder, manage_token
from holdfast.catalog.commands import change_resource, delete_combination
from holdfast.core import clock
from holdfast.lib.actors import GUEST, Actor
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.bookings.evidence import NOTHING, events, rows
from tests.cast import OPERATOR, Shop
from tests.club import Club

pytestmark = pytest.mark.django_db


def tables(club: Club, booking: BookingFacts) -> list[str]:
    return club.named(booking.resource_ids)


def claimed(club: Club, booking: BookingFacts) -> list[str]:
    taken = Claim.objects.filter(booking_id=booking.id).values_list("resource_id", flat=True)
    return sorted(club.named(list(taken)))


def codes(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {name: found[0][0] for name, found in refused.value.fields.items()}


def move(club: Club, booking: BookingFacts, hhmm: str = "22:00", **changes: Any) -> BookingFacts:
    arguments: dict[str, Any] = {"actor": club.actor(), "now": clock.now(), "starts_at": club.night(hhmm)}
    return move_booking(timetable=club.timetable, booking_id=booking.id, **arguments | changes)


def swap(
    club: Club, one: BookingFacts, other: BookingFacts, **changes: Any
) -> tuple[BookingFacts, BookingFacts]:
    arguments: dict[str, Any] = {"actor": club.actor(), "now": clock.now()}
    return swap_tables(timetable=club.timetable, booking_id=one.id, other_id=other.id, **arguments | changes)


# Which tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("party", "given"),
    [
        (1, ["T1"]),
        (2, ["T1"]),
        (3, ["T3"]),
        (4, ["T3"]),
        (5, ["B1"]),
        (7, ["B2"]),
        (9, ["B2", "B3"]),
        (14, ["B2", "B3"]),
    ],
)
def test_a_party_gets_the_tables_that_waste_least(club: Club, party: int, given: list[str]) -> None:
    booking = club.party(party)
    assert tables(club, booking) == given
    assert claimed(club, booking) == sorted(given)
    assert booking.party_size == party
    assert booking.any_resource


def test_tables_fill_up_until_the_night_is_taken(club: Club) -> None:
    seated = [tables(club, club.party(4)) for _ in range(6)]
    assert seated == [["T3"], ["T4"], ["B1"], ["B2"], ["B3"], ["T1", "T2"]]
    with pytest.raises(TimeTaken):
        club.party(4)


def test_of_tables_that_stand_together_both_are_taken_or_none(club: Club) -> None:
    club.party(4, table="B2")
    with pytest.raises(TimeTaken):
        club.party(10)
    assert claimed(club, club.party(4, table="B3")) == ["B3"]


@pytest.mark.parametrize(("party", "code"), [(15, "out_of_bounds"), (200, "out_of_bounds")])
def test_a_party_that_no_tables_seat_is_told_the_bounds(club: Club, party: int, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        club.party(party)
    assert refused.value.fields == {"party_size": [(code, {"least": 1, "most": 14})]}
    assert rows() == NOTHING


def test_a_party_between_the_sizes_of_all_tables_is_told_so(club: Club) -> None:
    for name in ("T1", "T2", "T3", "T4", "B1"):
        change_resource(
            actor=OPERATOR,
            business_id=club.business_id,
            resource_id=club.ids[name],
            wanted={"is_active": False},
        )
    change_resource(
        actor=OPERATOR, business_id=club.business_id, resource_id=club.ids["B1"], wanted={"is_active": True, "seats_max": 3}
    )  # fmt: skip
    change_resource(
        actor=OPERATOR, business_id=club.business_id, resource_id=club.ids["B2"], wanted={"seats_min": 6}
    )
    change_resource(
        actor=OPERATOR, business_id=club.business_id, resource_id=club.ids["B3"], wanted={"seats_min": 6}
    )
    with pytest.raises(Invalid) as refused:
        club.party(4)
    assert codes(refused) == {"party_size": "no_table"}


def test_a_table_asked_for_is_given_if_it_fits(club: Club) -> None:
    assert tables(club, club.party(4, table="B1")) == ["B1"]
    with pytest.raises(TimeTaken):
        club.party(4, table="B1")
    with pytest.raises(Invalid) as refused:
        club.party(2, table="B2")
    assert refused.value.fields == {"party_size": [("out_of_bounds", {"least": 4, "most": 8})]}


def test_a_table_of_another_business_is_missing(club: Club, shop: Shop) -> None:
    wish = club.sitting(2)
    with pytest.raises(Missing):
        hold_time(
            actor=GUEST,
            timetable=club.timetable,
            wish=type(wish)(wish.service_id, wish.starts_at, shop.theo.id, 2),
            now=clock.now(),
        )


def test_a_business_may_join_fewer_tables_than_the_installation_allows(club: Club) -> None:
    club.settle(maximum_tables=1)
    with pytest.raises(Invalid) as refused:
        club.party(9)
    assert refused.value.fields == {"party_size": [("out_of_bounds", {"least": 1, "most": 8})]}


def test_the_installation_limits_what_a_business_may_join(club: Club, settings: Any) -> None:
    with pytest.raises(Invalid) as refused:
        club.settle(maximum_tables=3)
    assert refused.value.fields == {"maximum_tables": [("out_of_bounds", {"least": 1, "most": 2})]}
    settings.BOOKING_MAX_TABLES = 1
    with pytest.raises(Invalid) as refused:
        club.party(9)
    assert codes(refused) == {"party_size": "out_of_bounds"}


def test_a_hold_takes_all_its_tables_and_gives_all_back(club: Club) -> None:
    now = clock.now()
    hold = hold_time(actor=GUEST, timetable=club.timetable, wish=club.sitting(10), now=now)
    assert claimed(club, hold) == ["B2", "B3"]
    release_hold(actor=GUEST.holding(hold.id), timetable=club.timetable, hold_id=hold.id, now=now)
    assert claimed(club, hold) == []
    assert tables(club, club.party(10)) == ["B2", "B3"]


def test_a_hold_that_ran_out_makes_room_by_the_clock_alone(club: Club) -> None:
    now = clock.now()
    hold = hold_time(actor=GUEST, timetable=club.timetable, wish=club.sitting(10), now=now)
    assert hold.releases_at is not None
    with pytest.raises(TimeTaken):
        club.party(10)
    late = hold.releases_at + timedelta(seconds=1)
    assert tables(club, club.party(4, table="B2", now=late)) == ["B2"]
    assert booking_by_id(business_id=club.business_id, booking_id=hold.id).state == "expired"
    assert claimed(club, hold) == []


def test_a_night_across_midnight_is_one_evening(club: Club) -> None:
    early, late = club.party(2, "22:00"), club.party(2, "01:00")
    assert early.local_on == late.local_on
    assert late.local_start[:10] > str(late.local_on)
    with pytest.raises(Invalid) as refused:
        club.party(8, "02:00")
    assert codes(refused) == {"starts_at": "outside_hours"}


# How long, how many at once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("party", "minutes"), [(1, 90), (2, 90), (3, 120), (4, 120), (5, 180), (10, 180)])
def test_how_long_a_party_stays_follows_its_size(club: Club, party: int, minutes: int) -> None:
    booking = club.party(party)
    assert booking.ends_at - booking.starts_at == timedelta(minutes=minutes)


def test_the_length_that_was_agreed_stays_when_the_booking_moves(club: Club) -> None:
    booking = club.party(2)
    club.change(turn_minutes=[], duration_minutes=240)
    moved = move(club, booking, "23:00")
    assert moved.ends_at - moved.starts_at == timedelta(minutes=90)


def test_as_many_guests_start_within_an_interval_as_the_house_takes(club: Club) -> None:
    club.change(pacing_covers=8)
    club.party(4)
    hold_time(actor=GUEST, timetable=club.timetable, wish=club.sitting(4), now=clock.now())
    with pytest.raises(PacingReached) as refused:
        club.party(1)
    assert refused.value.facts == {"pacing_covers": 8, "interval_minutes": 30}
    assert tables(club, club.party(4, "22:30")) == ["B1"]
    with pytest.raises(PacingReached):
        club.party(9, "23:00")


def test_a_booking_that_is_off_paces_nobody_once_it_cannot_come_back(club: Club) -> None:
    club.change(pacing_covers=4)
    booking = club.party(4)
    now = clock.now()
    cancel_booking(actor=club.actor(), timetable=club.timetable, booking_id=booking.id, now=now, undo=True)
    with pytest.raises(PacingReached):
        club.party(4, now=now)
    assert club.party(4, now=now + timedelta(seconds=11)).state == "confirmed"


def test_undoing_a_cancellation_cannot_exceed_the_pace(club: Club) -> None:
    club.change(pacing_covers=4)
    booking, now = club.party(4), clock.now()
    cancel_booking(actor=club.actor(), timetable=club.timetable, booking_id=booking.id, now=now, undo=True)
    restored = undo_change(actor=club.actor(), timetable=club.timetable, booking_id=booking.id, now=now)
    assert restored.state == "confirmed"
    with pytest.raises(PacingReached):
        club.party(1)


def test_staff_exceed_the_pace_knowingly_and_the_reason_is_kept(club: Club) -> None:
    club.change(pacing_covers=4)
    club.party(4)
    with pytest.raises(PacingReached):
        club.party(2, actor=club.actor())
    booking = club.party(2, actor=club.actor(), reason="Friends of the house")
    details = history_of(business_id=club.business_id, booking_id=booking.id)[0].details
    assert (details["overridden"], details["reason"]) == (["pacing"], "Friends of the house")


def test_a_booking_that_moves_within_its_interval_does_not_pace_itself(club: Club) -> None:
    club.change(pacing_covers=4)
    booking = club.party(4)
    assert tables(club, move(club, booking, "22:00", resource_id=club.ids["T4"])) == ["T4"]


# By hand ----------------------------------------------------------------------------------------------------------


def test_staff_put_a_party_at_any_free_tables(club: Club) -> None:
    booking = club.party(5, chosen=("T4", "T1"), actor=club.actor())
    assert tables(club, booking) == ["T1", "T4"]
    assert claimed(club, booking) == ["T1", "T4"]
    with pytest.raises(TimeTaken):
        club.party(4, chosen=("T3", "T4"), actor=club.actor())


def test_seats_are_overridden_with_a_reason_only(club: Club) -> None:
    with pytest.raises(Invalid) as refused:
        club.party(2, chosen=("B2",), actor=club.actor())
    assert refused.value.fields == {"party_size": [("out_of_bounds", {"least": 4, "most": 8})]}
    booking = club.party(2, chosen=("B2",), actor=club.actor(), reason="They paid for a booth")
    assert tables(club, booking) == ["B2"]
    details = history_of(business_id=club.business_id, booking_id=booking.id)[0].details
    assert details["overridden"] == ["seats"]


@pytest.mark.parametrize(
    ("chosen", "code"),
    [(("T1", "T1"), "repeated"), (("T1", "T2", "T3"), "too_many")],
)
def test_tables_by_hand_are_checked(club: Club, chosen: tuple[str, ...], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        club.party(2, chosen=chosen, actor=club.actor())
    assert codes(refused) == {"tables": code}


def test_guests_may_only_pick_what_the_house_would_give(club: Club) -> None:
    assert tables(club, club.party(10, chosen=("B3", "B2"))) == ["B2", "B3"]
    with pytest.raises(Invalid) as refused:
        club.party(5, chosen=("T4", "T1"))
    assert codes(refused) == {"tables": "not_together"}


# Moved and swapped ------------------------------------------------------------------------------------------------


def test_a_party_that_moves_keeps_its_tables_where_it_can(club: Club) -> None:
    booking = club.party(4, table="B3")
    assert tables(club, move(club, booking, "23:00")) == ["B3"]
    club.party(8, "01:00", table="B3")
    moved = move(club, booking, "01:00", any_resource=True)
    assert tables(club, moved) == ["T3"]
    assert claimed(club, moved) == ["T3"]


def test_a_party_moves_to_tables_by_hand_and_back(club: Club) -> None:
    booking = club.party(10)
    moved = move(club, booking, chosen=(club.ids["B1"], club.ids["B2"]))
    assert claimed(club, moved) == ["B1", "B2"]
    assert events(booking.id)["BookingMoved"][0]["old_resource_id"] == str(club.ids["B2"])
    assert claimed(club, move(club, booking, chosen=(club.ids["B2"], club.ids["B3"]))) == ["B2", "B3"]


def test_a_retired_table_is_kept_by_the_party_that_has_it(club: Club) -> None:
    booking = club.party(4, table="B1")
    change_resource(
        actor=OPERATOR, business_id=club.business_id, resource_id=club.ids["B1"], wanted={"is_active": False}
    )
    assert tables(club, move(club, booking, "23:00")) == ["B1"]
    with pytest.raises(Missing):
        club.party(4, "01:00", table="B1")


def test_a_combination_that_is_no_more_is_kept_by_the_party_that_has_it(club: Club) -> None:
    booking = club.party(10)
    combination = club.timetable.floor.combinations[0]
    delete_combination(actor=OPERATOR, business_id=club.business_id, combination_id=combination.id)
    assert tables(club, move(club, booking, "23:00")) == ["B2", "B3"]


def test_a_customer_moves_to_another_night_and_the_tables_follow(club: Club) -> None:
    booking = club.party(4)
    holding = holder(actor=GUEST, booking_id=booking.id, token=manage_token(booking_id=booking.id))
    moved = move(club, booking, actor=holding, starts_at=club.night("23:30", 5))
    assert (tables(club, moved), moved.sequence) == (["T3"], 1)


def test_two_parties_change_tables(club: Club) -> None:
    large, small = club.party(10), club.party(4)
    swapped = swap(club, large, small, override_reason="They know")
    assert [tables(club, booking) for booking in swapped] == [["T3"], ["B2", "B3"]]
    assert [claimed(club, booking) for booking in swapped] == [["T3"], ["B2", "B3"]]
    assert [booking.sequence for booking in swapped] == [1, 1]
    assert [history_of(business_id=club.business_id, booking_id=b.id)[-1].action for b in swapped] == [
        "move"
    ] * 2


def test_a_swap_of_tables_too_small_needs_a_reason(club: Club) -> None:
    large, small = club.party(10), club.party(4)
    with pytest.raises(Invalid) as refused:
        swap(club, large, small)
    assert codes(refused) == {"party_size": "out_of_bounds"}
    assert claimed(club, large) == ["B2", "B3"]


def test_a_swap_meets_whoever_has_the_table_then(club: Club) -> None:
    early = club.party(4, "22:00", table="T3")  # until midnight
    late = club.party(8, "22:30", table="B2")  # until half past one
    club.party(2, "00:30", table="T3")
    with pytest.raises(TimeTaken):
        swap(club, late, early, override_reason="Squeeze in")
    assert (claimed(club, early), claimed(club, late)) == (["T3"], ["B2"])


def test_a_swap_is_between_two_live_bookings_of_tables(club: Club) -> None:
    one, other = club.party(4), club.party(4)
    with pytest.raises(Invalid) as refused:
        swap(club, one, one)
    assert codes(refused) == {"other": "repeated"}
    with pytest.raises(ChangedMeanwhile):
        swap(club, one, other, sequence=7)
    with pytest.raises(Forbidden):
        swap(club, one, other, actor=Actor(business_id=club.business_id))
    cancel_booking(actor=club.actor(), timetable=club.timetable, booking_id=other.id, now=clock.now())
    with pytest.raises(IllegalStep):
        swap(club, one, other)


def test_a_party_that_asks_for_any_tables_leaves_those_that_are_retired(club: Club) -> None:
    booking = club.party(4, table="B1")
    change_resource(
        actor=OPERATOR, business_id=club.business_id, resource_id=club.ids["B1"], wanted={"is_active": False}
    )
    assert tables(club, move(club, booking, "23:00", any_resource=True)) == ["T3"]

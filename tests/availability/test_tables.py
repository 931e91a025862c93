"""When a party can sit down and where: what is listed is what is given, evening by evening (SPEC B3, C4–C6)."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from holdfast.availability.queries import (
    OpenDay,
    alternatives,
    explain,
    next_open_day,
    open_counts,
    open_times,
)
from holdfast.bookings.commands import hold_time, release_hold
from holdfast.bookings.commands.placing import Wish
from holdfast.bookings.errors import TimeTaken
from holdfast.catalog.commands import change_resource
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Invalid, Missing, Refusal
from holdfast.schedule.commands import ExceptionWish, add_exception, replace_hours
from tests.cast import OPERATOR, Shop
from tests.club import Club

pytestmark = pytest.mark.django_db


def evening(club: Club, days: int = 3) -> date:
    return (clock.now().astimezone(club.timetable.tz) + timedelta(days=days)).date()


def asked(club: Club, party: int = 4, days: int = 3, **more: Any) -> dict[str, Any]:
    on = evening(club, days)
    return {
        "timetable": club.timetable,
        "service_id": club.cut.id,
        "first": on,
        "last": on,
        "now": clock.now(),
        "party_size": party,
    } | more


def night(club: Club, party: int = 4, days: int = 3, **more: Any) -> OpenDay:
    return open_times(**asked(club, party, days, **more))[0]


def listed(club: Club, day: OpenDay) -> dict[str, list[str]]:
    return {time.local_time: club.named(time.resource_ids) for time in day.times}


def test_an_evening_across_midnight_is_listed_under_its_date(club: Club) -> None:
    times = listed(club, night(club))
    assert list(times) == ["22:00", "22:30", "23:00", "23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]
    assert set(map(tuple, times.values())) == {("T3",)}


def test_how_long_a_party_stays_decides_its_last_start(club: Club) -> None:
    assert list(listed(club, night(club, 2)))[-1] == "02:30"
    assert list(listed(club, night(club, 6)))[-1] == "01:00"


def test_the_tables_of_a_time_are_those_that_would_be_given(club: Club) -> None:
    club.party(4, "00:00")
    times = listed(club, night(club))
    assert (times["22:00"], times["22:30"], times["01:30"], times["02:00"]) == (
        ["T3"],
        ["T4"],
        ["T4"],
        ["T3"],
    )
    assert listed(club, night(club, 10))["22:00"] == ["B2", "B3"]


def test_what_is_listed_is_given_and_what_is_not_is_refused(club: Club) -> None:
    """Against the finder itself: forty random parties, after each every start of the evening is tried."""
    choose = random.Random(7)
    club.change(pacing_covers=16)
    starts = [
        "22:00",
        "22:30",
        "23:00",
        "23:30",
        "00:00",
        "00:30",
        "01:00",
        "01:30",
        "02:00",
        "02:30",
        "03:00",
    ]
    for turn in range(40):
        party, now = choose.randint(1, 15), clock.now()
        try:
            times = listed(club, night(club, party))
        except Invalid:
            assert party == 15
            continue
        counts = open_counts(**asked(club, party))
        assert counts[0].free == len(times)
        for start in starts if turn % 8 == 0 else choose.sample(starts, 1):
            try:
                hold = hold_time(
                    actor=GUEST, timetable=club.timetable, wish=club.sitting(party, start), now=now
                )
            except Refusal:
                assert start not in times
                continue
            assert club.named(hold.resource_ids) == times[start]
            release_hold(actor=GUEST.holding(hold.id), timetable=club.timetable, hold_id=hold.id, now=now)
        if times:
            club.party(party, choose.choice(list(times)))


def test_one_table_is_asked_for_by_itself(club: Club) -> None:
    club.party(4, "22:00", table="B1")
    assert next(iter(listed(club, night(club, 4, resource_id=club.ids["B1"])))) == "00:00"
    with pytest.raises(Invalid):
        night(club, 7, resource_id=club.ids["B1"])


def test_a_party_too_large_for_the_floor_is_told_so(club: Club) -> None:
    with pytest.raises(Invalid) as refused:
        night(club, 15)
    assert refused.value.fields == {"party_size": [("out_of_bounds", {"least": 1, "most": 14})]}


def test_pacing_takes_the_times_of_its_interval(club: Club) -> None:
    club.change(pacing_covers=6)
    club.party(4, "23:00")
    assert "23:00" not in listed(club, night(club, 3))
    assert "23:00" in listed(club, night(club, 2))
    assert "23:30" in listed(club, night(club, 3))
    assert listed(club, night(club, 7)) == {}
    assert open_counts(**asked(club, 7))[0].free == 0


def test_a_table_with_hours_of_its_own_follows_them_alone_and_together(club: Club) -> None:
    windows = [{"weekday": weekday, "opens": "23:00", "closes": "04:00"} for weekday in range(7)]
    replace_hours(actor=OPERATOR, business_id=club.business_id, windows=windows, resource_id=club.ids["B3"])
    times = listed(club, night(club, 10))
    assert next(iter(times)) == "23:00"
    assert night(club, 4).open


def test_an_absence_takes_a_table_out_of_its_combinations(club: Club) -> None:
    on = evening(club)
    wish = ExceptionWish(
        kind="absence", resource_id=club.ids["B2"], starts_on=on, ends_on=on, note="Broken leg"
    )
    add_exception(actor=OPERATOR, business_id=club.business_id, wish=wish)
    assert list(listed(club, night(club, 10))) == ["00:00", "00:30", "01:00"]
    with pytest.raises(TimeTaken):
        club.party(10)


def test_a_booking_that_moves_is_out_of_its_own_way(club: Club) -> None:
    booking = club.party(10)
    day = night(club, 10, moving_booking_id=booking.id)
    assert listed(club, day)["22:00"] == ["B2", "B3"]
    assert listed(club, night(club, 10)).get("22:00") is None


def test_the_next_open_evening_is_for_the_party_that_asks(club: Club) -> None:
    club.party(10, "22:00")
    club.party(10, "01:00")
    on = evening(club)
    known: dict[str, Any] = {"timetable": club.timetable, "service_id": club.cut.id, "now": clock.now()}
    before = on - timedelta(days=1)
    assert next_open_day(**known, after=before, party_size=10) == on + timedelta(days=1)
    assert next_open_day(**known, after=before, party_size=2) == on


def test_alternatives_to_a_full_start_seat_the_same_party(club: Club) -> None:
    club.party(10, "22:00")
    found = alternatives(timetable=club.timetable, wish=club.sitting(10), now=clock.now())
    assert found
    assert {
        (one.kind, tuple(club.named((one.resource_id, *one.also)))) for one in found if one.resource_id
    } == {
        ("later", ("B2", "B3")),
        ("other_day", ("B2", "B3")),
    }
    assert all(one.starts_at != club.night() for one in found)


def test_alternatives_to_a_taken_table_name_other_tables_and_other_times(club: Club) -> None:
    club.party(4, table="B1")
    found = alternatives(timetable=club.timetable, wish=club.sitting(4, table="B1"), now=clock.now())
    kinds = {one.kind: one for one in reversed(found)}
    assert club.named([kinds["other_resource"].resource_id]) == ["T3"]  # type: ignore[list-item]
    assert kinds["other_resource"].starts_at == club.night()
    assert club.named([kinds["later"].resource_id]) == ["B1"]  # type: ignore[list-item]


def test_alternatives_after_midnight_are_of_the_same_evening(club: Club) -> None:
    for _ in range(3):
        club.party(5, "01:00")
    found = alternatives(timetable=club.timetable, wish=club.sitting(5, "01:00"), now=clock.now())
    assert {(one.kind, one.local_on) for one in found if one.kind == "earlier"} == {
        ("earlier", evening(club))
    }
    assert all(one.local_on != evening(club) for one in found if one.kind == "other_day")


def test_an_explanation_puts_first_what_would_be_given(club: Club) -> None:
    club.party(4, table="T3")
    found = explain(timetable=club.timetable, actor=GUEST, wish=club.sitting(4), now=clock.now())
    by_tables = {"+".join(club.named((one.resource_id, *one.also))): one for one in found if one.resource_id}
    assert list(by_tables)[:5] == ["T3", "T4", "B1", "B2", "B3"]
    assert next(name for name, one in by_tables.items() if one.bookable) == "T4"
    failing = {
        name: [check.rule for check in one.checks if not check.passed] for name, one in by_tables.items()
    }
    assert (failing["T3"], failing["T1"], failing["T1+T2"]) == (["unclaimed"], ["seats"], [])
    rules = [check.rule for check in by_tables["T3"].checks]
    assert rules[-3:] == ["seats", "unclaimed", "pacing"]


def test_staff_learn_who_is_in_the_way_and_guests_do_not(club: Club) -> None:
    booking = club.party(10)
    club.change(pacing_covers=12)
    for actor, known in ((GUEST, False), (club.actor(), True)):
        found = explain(timetable=club.timetable, actor=actor, wish=club.sitting(10), now=clock.now())
        checks = {check.rule: check for check in found[0].checks}
        assert not checks["unclaimed"].passed
        assert ("bookings" in checks["unclaimed"].facts) is known
        assert not checks["pacing"].passed
        assert checks["pacing"].facts.get("guests") == (10 if known else None)
        if known:
            assert [row["reference"] for row in checks["unclaimed"].facts["bookings"]] == [
                booking.shown_reference
            ]


def test_explaining_a_table_elsewhere_is_refused(club: Club, shop: Shop) -> None:
    wish = Wish(club.cut.id, club.night(), shop.theo.id, 2)
    with pytest.raises(Missing):
        explain(timetable=club.timetable, actor=GUEST, wish=wish, now=clock.now())


def test_a_month_of_tables_takes_two_statements(club: Club, django_assert_max_num_queries: Any) -> None:
    club.change(pacing_covers=20)
    timetable = club.timetable
    question = asked(club) | {"timetable": timetable, "last": evening(club, 33)}
    with django_assert_max_num_queries(2) as counted:
        days = open_times(**question)
    assert isinstance(counted, CaptureQueriesContext)
    assert len(days) == 31
    assert sum(len(day.times) for day in days) == 31 * 9


def test_retired_tables_are_not_offered(club: Club) -> None:
    for name in ("T3", "T4"):
        change_resource(
            actor=OPERATOR,
            business_id=club.business_id,
            resource_id=club.ids[name],
            wanted={"is_active": False},
        )
    assert set(map(tuple, listed(club, night(club)).values())) == {("B1",)}


def test_alternatives_for_a_party_at_several_tables_may_name_its_first(club: Club) -> None:
    club.party(10)
    found = alternatives(timetable=club.timetable, wish=club.sitting(10, table="B2"), now=clock.now())
    assert found
    assert {tuple(club.named((one.resource_id, *one.also))) for one in found if one.resource_id} == {
        ("B2", "B3")
    }

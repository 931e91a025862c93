"""The board as a picture in minutes: pure, so tables and properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

import holdfast.web
from holdfast.businesses.queries import BusinessFacts
from holdfast.businesses.rules import Settings
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.lib.timeline import minute_of
from holdfast.lib.walltime import zone
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import DatedException, Hours, WeeklyWindow
from holdfast.web.desk.board import LONGEST_HOURS, draw, face_of
from holdfast.web.desk.picture import Place, Visit

THEO, AMARA, CUT = UUID(int=1), UUID(int=2), UUID(int=9)
FRIDAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


def resource(id: UUID, name: str, position: int = 0, *, is_active: bool = True) -> ResourceFacts:
    return ResourceFacts(id, name, "staff", "", 1, 1, position, is_active, None)


def timetable(
    *,
    tz: str = "Europe/London",
    exceptions: tuple[DatedException, ...] = (),
    weekly: tuple[WeeklyWindow, ...] | None = None,
) -> Timetable:
    """Two people, open 9 to 17 every day; a cut takes half an hour."""
    week = tuple(WeeklyWindow(day, 540, 1020) for day in range(7)) if weekly is None else weekly
    facts = BusinessFacts(
        uuid4(), 1, "shop", "Shop", "barbershop", tz, "GBP", "en", "", "", "", "", False, Settings(), 1
    )
    cut = ServiceFacts(
        CUT, "Cut", "", "appointment", 30, 15, 0, 0, 2600, 0, False, "anyone", 0, True, (THEO, AMARA)
    )
    people = {THEO: resource(THEO, "Theo"), AMARA: resource(AMARA, "Amara", 1)}
    hours = Hours(tz, week, exceptions=exceptions)
    return Timetable(facts, {CUT: cut}, people, hours, zone(tz), {CUT: people})


def visit(
    start: str,
    minutes: int = 30,
    *,
    state: str = "confirmed",
    who: UUID = THEO,
    on: date = FRIDAY,
    **more: object,
) -> Visit:
    hour, minute = map(int, start.split(":"))
    starts_at = datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)
    return Visit(
        "REF", state, (who,), CUT, starts_at, starts_at + timedelta(minutes=minutes), 0, "Dana", **more
    )  # type: ignore[arg-type]


LATER = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("given", "face"),
    [
        (visit("10:45"), "booked"),
        (visit("10:30"), "booked"),
        (visit("10:21"), "booked"),
        (visit("10:20"), "late"),
        (visit("09:00"), "late"),
        (visit("10:30", on=date(2026, 11, 19)), "unmarked"),
        (visit("10:45", state="checked_in"), "arrived"),
        (visit("10:15", state="checked_in"), "here"),
        (visit("09:00", state="completed"), "done"),
        (visit("09:00", state="no_show"), "no_show"),
        (visit("12:00", state="held", releases_at=LATER), "held"),
        (visit("12:00", state="held", releases_at=NOW), ""),
        (visit("12:00", state="awaiting_payment", releases_at=LATER), "paying"),
        (visit("12:00", state="awaiting_payment", releases_at=NOW), ""),
        (visit("12:00", state="cancelled"), ""),
        (visit("12:00", state="expired"), ""),
        (visit("12:00", state="declined"), ""),
        (visit("12:00", state="requested"), ""),
    ],
)
def test_a_booking_has_one_face_decided_by_its_state_and_the_clock(given: Visit, face: str) -> None:
    assert face_of(given, NOW, late_after_minutes=10) == face


@pytest.mark.parametrize(
    ("place", "classes"),
    [
        (Place(0, 30), "placed at-h0 at-m0 for-h0 for-m30"),
        (Place(61, 90), "placed at-h1 at-m1 for-h1 for-m30"),
        (Place(25 * 60 + 59, 0), "placed at-h25 at-m59 for-h0 for-m0"),
    ],
)
def test_a_place_becomes_classes_and_never_a_style_attribute(place: Place, classes: str) -> None:
    assert place.classes == classes


def test_every_class_a_place_can_have_is_in_the_style_sheet() -> None:
    css = (Path(holdfast.web.__file__).parent / "static/holdfast/desk/steps.css").read_text()
    for name, most in (("at-h", LONGEST_HOURS), ("for-h", LONGEST_HOURS), ("at-m", 59), ("for-m", 59)):
        for number in range(most + 1):
            assert f".{name}{number}{{--{name}:{number}}}" in css
    for hours in range(1, LONGEST_HOURS + 1):
        assert f".lasts-{hours}{{--hours:{hours}}}" in css


def test_the_board_spans_the_opening_hours_in_whole_hours() -> None:
    board = draw(timetable(), FRIDAY, [], NOW)
    assert [hour.strftime("%H:%M") for hour in board.hours] == [f"{hour:02}:00" for hour in range(9, 17)]
    assert board.now == Place(90, 0)


def test_a_booking_outside_the_hours_widens_the_board() -> None:
    board = draw(timetable(), FRIDAY, [visit("07:40"), visit("17:30", 45)], NOW)
    assert board.hours[0].hour == 7
    assert board.hours[-1].hour == 18
    assert [card.place for card in board.cards] == [Place(40, 30), Place(630, 45)]


def test_hours_of_a_zone_that_is_half_an_hour_off_begin_on_the_hour_of_its_own_clocks() -> None:
    board = draw(timetable(tz="Asia/Kolkata"), FRIDAY, [], NOW)
    assert {hour.minute for hour in board.hours} == {0}
    assert board.hours[0].hour == 9


def test_the_night_the_clocks_go_back_is_an_hour_longer_and_shows_the_hour_twice() -> None:
    night = (WeeklyWindow(5, 22 * 60, 4 * 60),)
    board = draw(timetable(weekly=night), date(2026, 10, 24), [], NOW)
    assert [hour.strftime("%H") for hour in board.hours] == ["22", "23", "00", "01", "01", "02", "03"]


def test_an_evening_across_midnight_is_one_board() -> None:
    night = (WeeklyWindow(4, 22 * 60, 4 * 60),)
    late = visit("01:30", on=date(2026, 11, 21))
    board = draw(timetable(weekly=night), FRIDAY, [late], NOW)
    assert board.cards[0].place == Place(210, 30)
    assert board.now is None


def test_time_off_is_hatched_and_an_absence_is_a_block_with_its_note() -> None:
    lunch = DatedException(
        "absence",
        THEO,
        starts_minute=minute_of(visit("13:00").starts_at),
        ends_minute=minute_of(visit("13:30").starts_at),
        note="Lunch",
    )
    late_start = DatedException("hours", AMARA, FRIDAY, FRIDAY, ((660, 1020),))
    theo, amara = draw(timetable(exceptions=(lunch, late_start)), FRIDAY, [], NOW).lanes
    assert [(block.place, block.note) for block in theo.blocks] == [(Place(240, 30), "Lunch")]
    assert theo.off == ()
    assert amara.off == (Place(0, 120),)
    assert amara.blocks == ()


def test_a_retired_person_keeps_a_lane_only_on_days_with_bookings() -> None:
    shop = timetable()
    retired = replace(shop, resources={**shop.resources, AMARA: resource(AMARA, "Amara", is_active=False)})
    assert [lane.name for lane in draw(retired, FRIDAY, [], NOW).lanes] == ["Theo"]
    assert len(draw(retired, FRIDAY, [visit("12:00", who=AMARA)], NOW).lanes) == 2


def test_counts_and_share_say_how_the_day_stands() -> None:
    visits = [
        visit("09:00", state="completed"),
        visit("10:00"),
        visit("12:00"),
        visit("13:00", state="held", releases_at=LATER),
        visit("14:00", who=AMARA, minutes=240),
    ]
    board = draw(timetable(), FRIDAY, visits, NOW)
    assert (board.counts.booked, board.counts.to_come, board.counts.late) == (4, 2, 1)
    assert [lane.share for lane in board.lanes] == [25, 38]
    assert board.counts.share == 32


def test_the_next_gap_is_the_first_that_the_shortest_service_fits_into() -> None:
    busy = [visit("10:30"), visit("11:20", 340), visit("09:00", 480, who=AMARA)]
    board = draw(timetable(), FRIDAY, busy, NOW)
    assert board.next_gap is None  # twenty minutes are free, a cut takes thirty
    board = draw(timetable(), FRIDAY, busy[:1], NOW)
    assert board.next_gap is not None
    assert (board.next_gap.resource, board.next_gap.starts.strftime("%H:%M")) == ("Amara", "10:30")


def test_a_past_day_has_no_gaps_and_no_line_of_the_present() -> None:
    board = draw(timetable(), date(2026, 11, 19), [], NOW)
    assert board.next_gap is None
    assert board.now is None


def test_a_closed_day_without_bookings_has_no_hours() -> None:
    board = draw(timetable(weekly=()), FRIDAY, [], NOW)
    assert not board.is_open
    assert board.hours == ()
    assert all(lane.share is None for lane in board.lanes)


def test_the_version_changes_with_what_is_shown_and_not_with_the_minute() -> None:
    shop = timetable()
    before = draw(shop, FRIDAY, [visit("12:00")], NOW + timedelta(minutes=1)).version
    assert draw(shop, FRIDAY, [visit("12:00")], NOW + timedelta(minutes=4)).version == before
    a_minute_later = NOW + timedelta(minutes=1)
    assert draw(shop, FRIDAY, [replace(visit("12:00"), sequence=1)], a_minute_later).version != before
    assert draw(shop, FRIDAY, [visit("12:15")], a_minute_later).version != before


@given(
    st.lists(
        st.tuples(
            st.integers(0, 23 * 60),
            st.integers(5, 300),
            st.sampled_from([THEO, AMARA]),
            st.sampled_from(["confirmed", "checked_in", "completed", "no_show"]),
        ),
        max_size=12,
    ),
    st.integers(0, 24 * 60 - 1),
)
def test_everything_lies_on_the_board_and_gaps_overlap_nothing(
    spans: list[tuple[int, int, UUID, str]], now_minute: int
) -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    visits = [
        Visit(
            f"R{n}",
            state,
            (who,),
            CUT,
            midnight + timedelta(minutes=start),
            midnight + timedelta(minutes=start + lasts),
            0,
        )
        for n, (start, lasts, who, state) in enumerate(spans)
    ]
    now = midnight + timedelta(minutes=now_minute)
    board = draw(timetable(), FRIDAY, visits, now)
    length = len(board.hours) * 60
    for lane in board.lanes:
        for place in [card.place for card in lane.cards] + list(lane.off):
            assert 0 <= place.start <= place.start + place.minutes <= length
        for gap in lane.gaps:
            starts = minute_of(gap.starts.astimezone(UTC))
            assert starts >= minute_of(now)
            for card in lane.cards:
                taken = (minute_of(card.visit.starts_at), minute_of(card.visit.ends_at))
                assert starts >= taken[1] or starts + gap.minutes <= taken[0]
    assert len(board.cards) == len(visits)


def test_a_party_at_two_tables_is_in_both_lanes_and_on_the_list_once() -> None:
    party = replace(visit("12:00"), resource_ids=(THEO, AMARA))
    board = draw(timetable(), FRIDAY, [party], NOW)
    assert [len(lane.cards) for lane in board.lanes] == [1, 1]
    assert [card.visit for card in board.cards] == [party]
    assert board.counts.booked == 1

"""Bitmaps of minutes are proven against sets of minutes, the slowest thing that cannot be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.timeline import (
    Span,
    cut,
    first_position,
    fits,
    grid,
    instant_of,
    iso_of,
    joined_spans,
    mask,
    minute_after,
    minute_before,
    minute_of,
    overlapping,
    patterns,
    positions,
    spans_of,
    union,
)

minutes = st.integers(-300, 300)
spans = st.lists(st.tuples(minutes, minutes), max_size=12)
bitmaps = st.one_of(
    st.integers(0, 2**200), st.sets(st.integers(0, 3000)).map(lambda s: sum(1 << i for i in s))
)


def bits_set(bits: int) -> set[int]:
    return {i for i in range(bits.bit_length()) if bits >> i & 1}


def minutes_in(pairs: Sequence[tuple[int, int]]) -> set[int]:
    return {minute for start, end in pairs for minute in range(start, end)}


def test_the_first_minute_is_the_start_of_1970_in_utc() -> None:
    assert minute_of(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert minute_of(datetime(1970, 1, 2, 1, 30, tzinfo=timezone(timedelta(hours=1)))) == 1440 + 30
    assert minute_of(datetime(1969, 12, 31, 23, 59, tzinfo=UTC)) == -1


@given(st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_minute_and_its_instant_are_the_same_thing(at: datetime) -> None:
    assert instant_of(minute_of(at)) == at
    assert minute_before(at) == minute_after(at) == minute_of(at)
    assert datetime.fromisoformat(iso_of(minute_of(at))) == at


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 1, 1),
        datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    ],
)
def test_a_naive_instant_or_one_with_seconds_is_no_minute(instant: datetime) -> None:
    with pytest.raises(ValueError, match="an instant"):
        minute_of(instant)


@pytest.mark.parametrize("seconds", [0.000001, 1, 59.999999])
def test_seconds_are_cut_off_for_the_minute_before_and_rounded_up_for_the_one_after(seconds: float) -> None:
    for base in (-5, 0, 29_000_000):
        at = instant_of(base) + timedelta(seconds=seconds)
        assert (minute_before(at), minute_after(at)) == (base, base + 1)


def test_instants_are_written_with_a_z() -> None:
    assert iso_of(minute_of(datetime(2026, 3, 29, 1, 5, tzinfo=UTC))) == "2026-03-29T01:05:00Z"


@given(minutes, minutes)
def test_a_mask_has_the_bits_of_its_range(start: int, end: int) -> None:
    assert bits_set(mask(start, end)) == {i for i in range(start, end) if i >= 0}


@given(spans, minutes, st.integers(0, 400))
def test_a_union_has_the_minutes_of_its_spans_within_its_range(
    pairs: list[tuple[int, int]], origin: int, length: int
) -> None:
    expected = {m - origin for m in minutes_in(pairs) if origin <= m < origin + length}
    assert bits_set(union(pairs, origin, length)) == expected


@given(spans)
def test_joined_spans_have_the_same_minutes_and_never_meet(pairs: list[tuple[int, int]]) -> None:
    joined = joined_spans(pairs)
    assert minutes_in(joined) == minutes_in(pairs)
    assert all(one.end < other.start for one, other in pairwise(joined))


@given(bitmaps, minutes)
def test_the_runs_of_a_bitmap_are_its_joined_spans(bits: int, origin: int) -> None:
    runs = spans_of(bits, origin)
    assert minutes_in(runs) == {origin + i for i in bits_set(bits)}
    assert runs == joined_spans(runs)


@given(bitmaps, st.integers(1, 70))
def test_a_length_fits_where_that_many_bits_follow(bits: int, length: int) -> None:
    have = bits_set(bits)
    assert bits_set(fits(bits, length)) == {i for i in have if all(i + k in have for k in range(length))}


@pytest.mark.parametrize("length", range(1, 70))
def test_a_run_has_room_for_a_length_as_often_as_it_is_longer(length: int) -> None:
    for run in range(70):
        assert fits(mask(5, 5 + run), length) == mask(5, 5 + run - length + 1)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 90))
def test_a_grid_has_every_step_from_its_start_below_its_end(start: int, end: int, step: int) -> None:
    assert bits_set(grid(start, end, step)) == set(range(start, end, step))


@given(bitmaps)
def test_positions_are_the_numbers_of_the_set_bits_in_order(bits: int) -> None:
    assert positions(bits) == sorted(bits_set(bits))
    assert first_position(bits) == min(bits_set(bits), default=-1)


@given(bitmaps, st.integers(0, 400), st.integers(0, 400))
def test_a_cut_bitmap_begins_at_its_start(bits: int, start: int, length: int) -> None:
    assert bits_set(cut(bits, start, start + length)) == {
        i - start for i in bits_set(bits) if 0 <= i - start < length
    }


@given(st.lists(st.sets(st.integers(0, 40)), min_size=1, max_size=9), st.integers(1, 40), st.integers(1, 12))
def test_patterns_say_which_bitmaps_have_each_step(on_steps: list[set[int]], steps: int, step: int) -> None:
    chosen = [{s for s in each if s < steps} for each in on_steps]
    found = list(
        patterns([sum(1 << s * step for s in each) for each in chosen], (steps - 1) * step + 1, step)
    )
    digits = ["".join(group[::-1] for group in pattern) for pattern in found]
    assert digits == ["".join("1" if s in each else "0" for each in chosen) for s in range(steps)]


@given(spans, minutes, st.integers(1, 100))
def test_overlapping_spans_share_a_minute(pairs: list[tuple[int, int]], start: int, length: int) -> None:
    real = [Span(*pair) for pair in pairs if pair[0] < pair[1]]
    found = overlapping(real, start, start + length)
    assert found == [span for span in real if minutes_in([span]) & set(range(start, start + length))]


@pytest.mark.parametrize("call", [lambda: fits(1, 0), lambda: grid(0, 5, 0)])
def test_nothing_is_shorter_than_a_minute(call: object) -> None:
    with pytest.raises(ValueError, match="at least one minute"):
        call()  # type: ignore[operator]

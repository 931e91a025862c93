"""Time as whole minutes: spans, and sets of minutes as the bits of one integer.

A *minute* is an ``int``: whole minutes since 1970-01-01T00:00Z. A *span* is a half-open pair ``(start, end)`` of
minutes. A *bitmap* is an ``int`` whose bit ``i`` stands for the minute ``origin + i``; the origin travels beside it.

Two weeks are 20,160 bits, two and a half kilobytes: union, cut, and "where do d minutes fit" are then a handful of
machine-speed operations on whole weeks instead of loops over intervals (DESIGN §2). No zones here: see ``walltime``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, count
from operator import add
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY_MINUTES = 1440


class Span(NamedTuple):
    """Half-open: ``start`` belongs to it, ``end`` does not."""

    start: int
    end: int


def minute_of(instant: datetime) -> int:
    """The minute of an aware instant; ``ValueError`` if it is naive or not on a whole minute."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs an offset from UTC")
    minutes, rest = divmod(instant - EPOCH, MINUTE)
    if rest:
        raise ValueError("an instant must be on a whole minute")
    return minutes


def minute_before(instant: datetime) -> int:
    """The minute in which an aware instant lies: seconds are cut off."""
    return (instant - EPOCH) // MINUTE


def minute_after(instant: datetime) -> int:
    """The first whole minute that is not before an aware instant: seconds are rounded up."""
    return -((EPOCH - instant) // MINUTE)


def instant_of(minute: int) -> datetime:
    """The UTC instant of a minute."""
    return EPOCH + timedelta(minutes=minute)


def iso_of(minute: int) -> str:
    """The minute as the API writes instants: ``2026-11-20T09:00:00Z``."""
    return instant_of(minute).replace(tzinfo=None).isoformat() + "Z"


def mask(start: int, end: int) -> int:
    """The bits ``start`` to ``end`` (not included); none if ``end <= start``. Bits below zero do not exist."""
    start = max(start, 0)
    return _ones(end - start) << start if end > start else 0


@lru_cache(maxsize=1024)
def _ones(length: int) -> int:
    return (1 << length) - 1


def union(spans: Iterable[tuple[int, int]], origin: int, length: int) -> int:
    """The minutes that lie in any of the spans, cut to ``[origin, origin + length)``; spans may overlap, in any order.

    Disjoint spans are the difference of two sparse numbers, ``Σ 2^end − Σ 2^start``. Setting single bits in two byte
    arrays and subtracting once costs a fraction of shifting and OR-ing a weeks-long integer for every span.
    """
    starts = bytearray((length >> 3) + 1)
    ends = bytearray((length >> 3) + 1)
    limit = origin + length
    since = until = origin  # the run of minutes being joined; empty at first
    for start, end in sorted(spans):
        if start <= until:
            if end > until:
                until = end
        elif start >= limit:
            break
        elif end > start:
            bit = since - origin
            starts[bit >> 3] |= 1 << (bit & 7)
            bit = until - origin
            ends[bit >> 3] |= 1 << (bit & 7)
            since, until = start, end
    bit = since - origin
    starts[bit >> 3] |= 1 << (bit & 7)
    bit = min(until, limit) - origin
    ends[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(starts, "little")


def joined_spans(spans: Iterable[tuple[int, int]]) -> list[Span]:
    """The same minutes as the fewest spans, in order: overlapping and touching ones become one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if joined and start <= joined[-1].end:
            if end > joined[-1].end:
                joined[-1] = Span(joined[-1].start, end)
        else:
            joined.append(Span(start, end))
    return joined


def spans_of(bits: int, origin: int) -> list[Span]:
    """The runs of set bits as spans, in order."""
    edges = [origin + edge for edge in positions(bits ^ (bits << 1))]
    return list(map(Span, edges[::2], edges[1::2]))


def fits(free: int, minutes: int) -> int:
    """The bits at which ``minutes`` consecutive set bits begin, by about log2(minutes) shifts."""
    if minutes < 1:
        raise ValueError("a length is at least one minute")
    reach = 1
    while reach * 2 <= minutes:
        free &= free >> reach
        reach *= 2
    return free & (free >> (minutes - reach)) if reach < minutes else free


def grid(start: int, end: int, step: int) -> int:
    """The bits ``start``, ``start + step``, … below ``end``."""
    if step < 1:
        raise ValueError("a step is at least one minute")
    return _comb((end - start + step - 1) // step, step) << start if end > start else 0


@lru_cache(maxsize=1024)
def _comb(teeth: int, step: int) -> int:
    """``teeth`` bits, ``step`` apart, from bit 0: doubled instead of set one by one."""
    bits, have = 1, 1
    while have < teeth:
        more = min(have, teeth - have)
        bits |= (bits & mask(0, more * step)) << (have * step)
        have += more
    return bits


def positions(bits: int) -> list[int]:
    """The numbers of the set bits, in order, in time that grows with the number of digits and not with its square."""
    gaps = bin(bits)[:1:-1].split("1")
    gaps.pop()
    return list(map(add, accumulate(map(len, gaps)), count()))


def first_position(bits: int) -> int:
    """The number of the lowest set bit; -1 if there is none."""
    return (bits & -bits).bit_length() - 1


def cut(bits: int, start: int, end: int) -> int:
    """The bits ``start`` to ``end`` (not included) as a bitmap of their own, ``start`` becoming bit 0."""
    return (bits >> start) & _ones(end - start)


def patterns(bitmaps: Sequence[int], length: int, step: int) -> Iterator[tuple[str, ...]]:
    """For the bits ``0``, ``step``, … below ``length`` in order: in which bitmaps each is set. Other bits are not set.

    The bitmaps are laid into each other, a bit apart, as many at a time as fit between two steps: one number, whose
    digits are read ``step`` at a time. So a pattern is the digits of the bitmaps, the last one first, in groups of
    ``step`` bitmaps: ``("011",)`` is set in the first two of three.
    """
    steps = -(-length // step)
    groups = []
    for first in range(0, len(bitmaps), step):
        group = bitmaps[first : first + step]
        packed, width = 0, len(group)
        for place, bits in enumerate(group):
            packed |= bits << place
        digits = f"{packed:0{steps * step}b}"
        groups.append([digits[end - width : end] for end in range(steps * step, 0, -step)])
    return zip(*groups, strict=True)


def overlapping(spans: Sequence[tuple[int, int]], start: int, end: int) -> list[Span]:
    """Those of the spans that share a minute with ``[start, end)``, in the order given."""
    return [Span(*span) for span in spans if span[0] < end and span[1] > start]

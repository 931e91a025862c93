"""Wall time and back: what a clock in a zone shows, in minutes (see ``timeline``).

The zone data comes from the ``tzdata`` package alone and never from the machine, so that every installation of one
release agrees about every instant (DESIGN §2). A wall time that does not exist is read with the offset before the
change, so it moves forward; a wall time that occurs twice means its first pass (PEP 495, fold 0).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from holdfast.lib.timeline import DAY_MINUTES, EPOCH

_EPOCH_ORDINAL = EPOCH.date().toordinal()
_CLOCK = tuple(f"{minute // 60:02}:{minute % 60:02}" for minute in range(DAY_MINUTES))


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of all zones there are. ``Factory`` is a placeholder and not a place."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split()) - {"Factory"}


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; ``ValueError`` if there is none."""
    if name not in zone_names():
        raise ValueError(f"unknown time zone: {name!r}")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@lru_cache(maxsize=16384)
def minute_at(day: date, minute_of_day: int, tz: ZoneInfo) -> int:
    """The minute at which clocks in ``tz`` show ``minute_of_day`` on ``day``.

    ``minute_of_day`` from 1440 on runs into the next day, by the calendar: 1500 is 01:00 of the next day.
    """
    days, minutes = divmod(minute_of_day, DAY_MINUTES)
    ordinal = day.toordinal() + days
    wall = datetime.fromordinal(ordinal).replace(hour=minutes // 60, minute=minutes % 60)
    return (ordinal - _EPOCH_ORDINAL) * DAY_MINUTES + minutes - _offset_of(wall, tz)


def local(minute: int, tz: ZoneInfo) -> datetime:
    """The aware local time of a minute."""
    return (EPOCH + timedelta(minutes=minute)).astimezone(tz)


def local_date(minute: int, tz: ZoneInfo) -> date:
    """The date that calendars in ``tz`` show at that minute."""
    return local(minute, tz).date()


def hhmm(minute: int, tz: ZoneInfo) -> str:
    """What a 24-hour clock in ``tz`` shows at that minute, ``09:30``: quick enough for every time of two weeks."""
    offset = _steady_offset(minute // 60, tz)
    if offset is None:
        offset = offset_at(minute, tz)
    return _CLOCK[(minute + offset) % DAY_MINUTES]


def offset_at(minute: int, tz: ZoneInfo) -> int:
    """How many minutes clocks in ``tz`` are ahead of UTC at that minute."""
    return _offset_of(local(minute, tz), tz)


def pass_of(minute: int, tz: ZoneInfo) -> int:
    """0 if the wall time of that minute occurs once, else 1 or 2: ``01:30 (first)``, ``01:30 (second)``."""
    wall = local(minute, tz)
    other = wall.replace(fold=1 - wall.fold)
    return wall.fold + 1 if wall.utcoffset() != other.utcoffset() else 0


def is_repeated(minute: int, tz: ZoneInfo) -> bool:
    """Whether the wall time of that minute occurs twice, so that it needs more than its digits to be understood."""
    return pass_of(minute, tz) != 0


@lru_cache(maxsize=16384)
def exists(day: date, tz: ZoneInfo) -> bool:
    """Whether that date occurs in ``tz``: Samoa went to bed on 29 December 2011 and woke up on the 31st."""
    return minute_at(day, DAY_MINUTES, tz) > minute_at(day, 0, tz)


@lru_cache(maxsize=65536)
def _steady_offset(hour: int, tz: ZoneInfo) -> int | None:
    """The offset throughout one hour since 1970, or None if it changes within."""
    first, last = offset_at(hour * 60, tz), offset_at(hour * 60 + 59, tz)
    return first if first == last else None


def _offset_of(wall: datetime, tz: ZoneInfo) -> int:
    offset = tz.utcoffset(wall)
    assert offset is not None  # zones always answer a datetime
    return (offset.days * 86400 + offset.seconds) // 60

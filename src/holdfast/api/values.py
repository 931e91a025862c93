"""How instants, dates and ids are written on the wire, and nothing sloppier (DESIGN §4).

A mistake raises pydantic's custom error whose type is the ``code`` the client sees.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from holdfast.lib.instants import show_instant, show_instant_if_any
from holdfast.lib.refusals import Missing

__all__ = [
    "Day",
    "Instant",
    "QueryInstant",
    "known_id",
    "read_date",
    "read_instant",
    "read_query_instant",
    "show_instant",
    "show_instant_if_any",
]

# Arithmetic on days and zones stays far from the ends of the calendar.
EARLIEST_YEAR, LATEST_YEAR = 1970, 2199

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|z|[+-]\d{2}:\d{2})?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_LOST_PLUS = re.compile(r"(.*T.*) (\d{2}:\d{2})", re.ASCII)


def read_instant(value: Any) -> datetime:
    """An instant in UTC from ISO 8601 text with an offset; what has none is no instant but a wall time."""
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "an instant is text")
    match = _INSTANT.fullmatch(value)
    if match is None:
        raise PydanticCustomError("invalid_instant", "not an ISO 8601 instant")
    day, clock, offset = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}{_spelt(offset)}")
    except ValueError as error:
        raise PydanticCustomError("invalid_instant", "no such date, time or offset") from error
    if not EARLIEST_YEAR < local.year < LATEST_YEAR:
        raise PydanticCustomError(
            "out_of_bounds", "out of bounds", {"least": EARLIEST_YEAR + 1, "most": LATEST_YEAR - 1}
        )
    if offset is None:
        raise PydanticCustomError("offset_required", "an instant needs an offset")
    return local.astimezone(UTC)


def read_query_instant(value: Any) -> datetime:
    """The same in an address, where an unescaped ``+`` arrives as a space."""
    lost = _LOST_PLUS.fullmatch(value) if isinstance(value, str) else None
    return read_instant(f"{lost[1]}+{lost[2]}" if lost else value)


def read_date(value: Any) -> date:
    """A calendar date, ``2026-11-20``."""
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "a date is text")
    if not _DATE.fullmatch(value):
        raise PydanticCustomError("invalid_date", "not an ISO 8601 date")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("invalid_date", "no such date") from error
    if not EARLIEST_YEAR < day.year < LATEST_YEAR:
        raise PydanticCustomError(
            "out_of_bounds", "out of bounds", {"least": EARLIEST_YEAR + 1, "most": LATEST_YEAR - 1}
        )
    return day


def known_id(text: str, what: str) -> UUID:
    """The id behind an opaque string. Refusals: :class:`Missing`, because what is no id names nothing."""
    if not _ID.fullmatch(text):
        raise Missing(what=what)
    return UUID(text)


def _spelt(offset: str | None) -> str:
    return "+00:00" if offset in ("Z", "z") else offset or ""


_INSTANT_SCHEMA = {"type": "string", "format": "date-time", "examples": ["2026-11-20T10:00:00Z"]}
_DATE_SCHEMA = {"type": "string", "format": "date", "examples": ["2026-11-20"]}

Instant = Annotated[datetime, BeforeValidator(read_instant), WithJsonSchema(_INSTANT_SCHEMA)]
QueryInstant = Annotated[datetime, BeforeValidator(read_query_instant), WithJsonSchema(_INSTANT_SCHEMA)]
Day = Annotated[date, BeforeValidator(read_date), WithJsonSchema(_DATE_SCHEMA)]

"""Times and money as they stand in a mail: in the business's zone, named, in the reader's language. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_day_names,
    get_timezone_location,
    get_timezone_name,
)
from babel.numbers import format_currency

from holdfast.lib import walltime
from holdfast.lib.money import Money

# English without a region reads as British, as on the pages.
_REGIONS = {"en": "en_GB"}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The babel locale of a language code; English for one it does not know."""
    try:
        return Locale.parse(_REGIONS.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def wall(at: datetime, timezone: str) -> datetime:
    """The instant as clocks in the zone show it."""
    return at.astimezone(walltime.zone(timezone))


def clock(at: datetime, language: str) -> str:
    """``10:30`` of a wall time."""
    return format_time(at.replace(tzinfo=None), "short", locale=locale_of(language))


def day(at: datetime, language: str) -> str:
    """``Sat 21 Nov``."""
    return format_skeleton("MMMEd", at.replace(tzinfo=None), locale=locale_of(language))


def day_in_full(at: datetime, language: str) -> str:
    """``Saturday 21 November 2026``."""
    locale = locale_of(language)
    if locale.language == "en" and locale.territory == "GB":
        month_day = format_skeleton("MMMMd", at.replace(tzinfo=None), locale=locale)
        return f"{weekday(at, language)} {month_day} {at.year}"
    return format_date(at.date(), "full", locale=locale)


def weekday(at: datetime, language: str) -> str:
    """``Saturday``."""
    return str(get_day_names("wide", "stand-alone", locale_of(language))[at.weekday()])


def place_of_zone(timezone: str, language: str) -> str:
    """``London`` for ``Europe/London``: how people call the clock they mean."""
    return get_timezone_location(walltime.zone(timezone), locale=locale_of(language), return_city=True)


def name_of_offset(at: datetime, language: str) -> str:
    """``GMT``, ``CET``, ``+0900``: which of the zone's two clocks is meant, also in a repeated hour."""
    return get_timezone_name(at, "short", locale=locale_of(language))


def money(amount: Money, language: str) -> str:
    """``£32.00``."""
    value = Decimal(amount.minor).scaleb(-amount.exponent)
    return format_currency(value, amount.currency, locale=locale_of(language))

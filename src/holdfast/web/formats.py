"""Dates, times and money as people of the active language write them (babel). Pure apart from that language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    get_day_names,
    get_month_names,
    get_timezone_location,
)
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils.translation import get_language, gettext, ngettext

from holdfast.lib.money import exponent_of

# English without a region reads as British: "Sat 22 Nov, 10:30". Others follow CLDR's own default region.
_REGIONS = {"en": "en_GB"}


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    name = _REGIONS.get(language, language.replace("-", "_"))
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def locale() -> Locale:
    """The babel locale of the active Django language."""
    return _locale(get_language() or "en")


def local(at: datetime, zone: str) -> datetime:
    """An instant as wall time in the named zone."""
    return at.astimezone(ZoneInfo(zone))


def money(minor: int, currency: str, *, brief: bool = False) -> str:
    """``£32.00``; ``brief`` drops the minor digits when they are all zero: ``£32``."""
    digits = exponent_of(currency)
    amount = Decimal(minor).scaleb(-digits)
    if brief and minor % 10**digits == 0:
        return format_currency(
            amount, currency, locale=locale(), currency_digits=False, format=_whole_pattern()
        )
    return format_currency(amount, currency, locale=locale())


@lru_cache(maxsize=64)
def _whole_pattern_of(name: str) -> str:
    pattern = str(Locale.parse(name).currency_formats["standard"].pattern)
    return pattern.replace(".00", "")


def _whole_pattern() -> str:
    return _whole_pattern_of(str(locale()))


def clock(at: datetime) -> str:
    """``10:30`` (or ``10:30 AM``) of a wall time."""
    return format_time(at.replace(tzinfo=None), "short", locale=locale())


def day(on: date) -> str:
    """``Sat 22 Nov``: never a bare 11/12."""
    return format_skeleton("MMMEd", _noon(on), locale=locale())


def day_in_full(on: date) -> str:
    """``Saturday 22 November``."""
    return f"{weekday(on)} {month_day(on)}" if _day_first() else format_date(on, "full", locale=locale())


def full_date(on: date) -> str:
    """``20 November 2026``."""
    return format_date(on, "long", locale=locale())


def month_day(on: date) -> str:
    """``22 November``."""
    return format_skeleton("MMMMd", _noon(on), locale=locale())


def short_month_day(on: date) -> str:
    """``22 Nov``."""
    return format_skeleton("MMMd", _noon(on), locale=locale())


def day_and_clock(at: datetime) -> str:
    """``Sat 22 Nov, 10:30`` of a wall time."""
    return gettext("%(day)s, %(time)s") % {"day": day(at.date()), "time": clock(at)}


def weekday(on: date) -> str:
    """``Saturday``."""
    return str(get_day_names("wide", "stand-alone", locale())[on.weekday()])


def short_weekday(on: date) -> str:
    """``Sat``."""
    return str(get_day_names("abbreviated", "stand-alone", locale())[on.weekday()])


def narrow_weekday(on: date) -> str:
    """``S``."""
    return str(get_day_names("narrow", "stand-alone", locale())[on.weekday()])


def short_month(on: date) -> str:
    """``Nov``."""
    return str(get_month_names("abbreviated", "stand-alone", locale())[on.month])


def month_name(on: date) -> str:
    """``November``."""
    return str(get_month_names("wide", "stand-alone", locale())[on.month])


def months_between(first: date, last: date) -> str:
    """``November 2026`` or ``Nov to Dec 2026``: the heading of a grid of weeks."""
    if (first.year, first.month) == (last.year, last.month):
        return format_skeleton("yMMMM", _noon(first), locale=locale())
    ends = format_skeleton("yMMM", _noon(last), locale=locale())
    starts = (
        short_month(first)
        if first.year == last.year
        else format_skeleton("yMMM", _noon(first), locale=locale())
    )
    return gettext("%(first)s to %(last)s") % {"first": starts, "last": ends}


def first_weekday() -> int:
    """0 = Monday: the day weeks begin with in the active locale."""
    return int(locale().first_week_day)


def duration(minutes: int) -> str:
    """``45 minutes``, ``1 hour``, ``1 hour 15 minutes``."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours})
    if rest or not hours:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", rest) % {"count": rest})
    return " ".join(parts)


def short_duration(minutes: int) -> str:
    """``45 min``, ``1 h``, ``1 h 15 min``."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(gettext("%(count)s h") % {"count": hours})
    if rest or not hours:
        parts.append(gettext("%(count)s min") % {"count": rest})
    return " ".join(parts)


def notice(minutes: int) -> str:
    """A notice period in its largest whole unit: ``24 hours``, ``2 days``, ``90 minutes``."""
    if minutes >= 2880 and minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    return duration(minutes)


def zone_city(zone: str) -> str:
    """``London`` of ``Europe/London``."""
    return str(get_timezone_location(zone, locale=locale(), return_city=True))


def monogram(name: str) -> str:
    """Up to two letters that stand for a name: ``Fenwick & Rowe`` → ``FR``."""
    words = [word for word in name.split() if word[:1].isalnum()]
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
    return "".join(letters).upper() or "•"


def number(value: int) -> str:
    """``12,345``."""
    return format_decimal(value, locale=locale())


def percent(share: float) -> str:
    """``42%`` of 0.42."""
    return format_percent(share, locale=locale())


def _noon(on: date) -> datetime:
    """Patterns take datetimes; noon keeps the date whatever happens."""
    return datetime(on.year, on.month, on.day, 12)


def _day_first() -> bool:
    return locale().language == "en" and locale().territory != "US"

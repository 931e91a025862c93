"""Filters for dates, times, money and names; each is a function of :mod:`holdfast.web.formats`."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from holdfast.web import formats
from holdfast.web.accent import Accent, accent_of

register = template.Library()

register.filter("day", formats.day)
register.filter("day_in_full", formats.day_in_full)
register.filter("month_day", formats.month_day)
register.filter("short_month_day", formats.short_month_day)
register.filter("short_month", formats.short_month)
register.filter("weekday", formats.weekday)
register.filter("short_weekday", formats.short_weekday)
register.filter("narrow_weekday", formats.narrow_weekday)
register.filter("clock", formats.clock)
register.filter("day_and_clock", formats.day_and_clock)
register.filter("duration", formats.duration)
register.filter("short_duration", formats.short_duration)
register.filter("notice", formats.notice)
register.filter("monogram", formats.monogram)


@register.filter
def money(minor: int, currency: str) -> str:
    """``{{ 3200|money:"GBP" }}`` is £32.00."""
    return formats.money(minor, currency)


@register.filter
def money_brief(minor: int, currency: str) -> str:
    """``{{ 3200|money_brief:"GBP" }}`` is £32."""
    return formats.money(minor, currency, brief=True)


@register.filter
def local(at: datetime, zone: str) -> datetime:
    """``{{ booking.starts_at|local:business.timezone|clock }}``."""
    return formats.local(at, zone)


@register.filter
def iso_date(on: date) -> str:
    """``2026-11-22``, for links and ``datetime`` attributes, in no locale's numbers."""
    return on.isoformat()


@register.filter
def accent(colour: str) -> Accent:
    """``{{ settings.accent|accent }}`` has ``hue`` and ``chroma``."""
    return accent_of(colour or "")

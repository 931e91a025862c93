"""Writes to opening hours. Every change raises the business's version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from holdfast.businesses.commands import offer_changed
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.models import Resource
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.timeline import minute_of
from holdfast.schedule.models import DatedException as ExceptionRow
from holdfast.schedule.models import WeeklyHours
from holdfast.schedule.rules import (
    HOUR_TEMPLATES,
    DatedException,
    WeeklyWindow,
    check_exception,
    dated_windows,
    format_hhmm,
    weekly_windows,
)

_LONGEST_ABSENCE_DAYS = 3 * 366
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


@dataclass(frozen=True, slots=True)
class ExceptionWish:
    """An exception as entered: dates or (absences only) instants, windows as ``{"opens": "09:00", "closes": "13:00"}``."""

    kind: str
    resource_id: UUID | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    windows: Sequence[dict[str, Any]] = ()
    note: str = ""


@command
def replace_hours(
    *, actor: Actor, business_id: UUID, windows: Sequence[dict[str, Any]], resource_id: UUID | None = None
) -> tuple[WeeklyWindow, ...]:
    """Replace the weekly hours of the business, or a resource's own (none: it follows the business) (SPEC C1).

    ``windows`` are ``{"weekday": 0, "opens": "09:00", "closes": "17:00"}``; ``closes <= opens`` runs into the next day.
    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming ``windows[i].opens`` and the like.
    """
    authorise(actor, Action.CHANGE_HOURS, business_id)
    _check_resource(business_id, resource_id)
    week = weekly_windows(windows)
    offer_changed(business_id=business_id)
    WeeklyHours.objects.filter(business_id=business_id, resource=resource_id).delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(
            business_id=business_id,
            resource_id=resource_id,
            weekday=window.weekday,
            opens=window.opens,
            closes=window.closes,
        )
        for window in week
    )
    return week


@command
def apply_hour_template(
    *, actor: Actor, business_id: UUID, template: str, resource_id: UUID | None = None
) -> tuple[WeeklyWindow, ...]:
    """Replace weekly hours by a named template such as ``weekday_9to5``. Refusals as for :func:`replace_hours`."""
    if template not in HOUR_TEMPLATES:
        raise Invalid.field("template", "unknown_choice", choices=sorted(HOUR_TEMPLATES))
    windows = [
        {"weekday": w.weekday, "opens": format_hhmm(w.opens), "closes": format_hhmm(w.closes)}
        for w in HOUR_TEMPLATES[template]
    ]
    return replace_hours(actor=actor, business_id=business_id, windows=windows, resource_id=resource_id)


@command
def add_exception(*, actor: Actor, business_id: UUID, wish: ExceptionWish) -> ExceptionRow:
    """Add a dated exception (SPEC C2). ``ends_on`` defaults to ``starts_on``.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`.
    """
    authorise(actor, Action.CHANGE_HOURS, business_id)
    row = ExceptionRow(business_id=business_id)
    _fill(row, wish)
    row.save(force_insert=True)
    offer_changed(business_id=business_id)
    return row


@command
def change_exception(
    *, actor: Actor, business_id: UUID, exception_id: UUID, wish: ExceptionWish
) -> ExceptionRow:
    """Replace what an exception says. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`."""
    authorise(actor, Action.CHANGE_HOURS, business_id)
    rows = ExceptionRow.objects.select_for_update().filter(business_id=business_id, id=exception_id)
    row = rows.first()
    if row is None:
        raise Missing(what="exception")
    _fill(row, wish)
    row.save()
    offer_changed(business_id=business_id)
    return row


@command
def remove_exception(*, actor: Actor, business_id: UUID, exception_id: UUID) -> None:
    """Remove an exception. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_HOURS, business_id)
    if not ExceptionRow.objects.filter(business_id=business_id, id=exception_id).delete()[0]:
        raise Missing(what="exception")
    offer_changed(business_id=business_id)


def _fill(row: ExceptionRow, wish: ExceptionWish) -> None:
    mistakes: text.Mistakes = {}
    note = text.line(wish.note, field="note", mistakes=mistakes, limit=120, required=False)
    text.refuse(mistakes)
    _check_resource(row.business_id, wish.resource_id)
    _check_years(wish)
    windows = dated_windows(wish.windows)
    ends_on = wish.ends_on or wish.starts_on
    check_exception(
        DatedException(
            kind=wish.kind,  # type: ignore[arg-type]  # what it may be is what is checked
            resource_id=wish.resource_id,
            starts_on=wish.starts_on,
            ends_on=ends_on,
            windows=windows,
            starts_minute=_minute("starts_at", wish.starts_at),
            ends_minute=_minute("ends_at", wish.ends_at),
        )
    )
    if wish.starts_on and ends_on and (ends_on - wish.starts_on).days > _LONGEST_ABSENCE_DAYS:
        raise Invalid.field("ends_on", "too_far", limit=_LONGEST_ABSENCE_DAYS)
    row.kind, row.resource_id, row.note = wish.kind, wish.resource_id, note
    row.starts_on, row.ends_on = wish.starts_on, ends_on
    row.starts_at, row.ends_at = wish.starts_at, wish.ends_at
    row.windows = [list(window) for window in windows]


def _check_years(wish: ExceptionWish) -> None:
    """Dates within the calendar's ends by a margin: beyond it there is no next midnight to compute with."""
    for field in ("starts_on", "ends_on", "starts_at", "ends_at"):
        value = getattr(wish, field)
        if value is not None and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise Invalid.field(field, "out_of_range", minimum=_FIRST_YEAR, maximum=_LAST_YEAR)


def _minute(field: str, instant: datetime | None) -> int | None:
    if instant is None:
        return None
    try:
        return minute_of(instant)
    except ValueError as error:
        raise Invalid.field(field, "whole_minutes") from error


def _check_resource(business_id: UUID, resource_id: UUID | None) -> None:
    if resource_id and not Resource.objects.filter(business_id=business_id, id=resource_id).exists():
        raise Missing(what="resource")

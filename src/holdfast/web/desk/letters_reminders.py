"""When customers of single services are reminded, where that is not as the business says (SPEC H1)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from holdfast.businesses.rules import Action
from holdfast.notifications.commands.visits import set_service_reminders
from holdfast.notifications.queries.templates import service_reminders
from holdfast.notifications.rules.coming import clean_reminders
from holdfast.web.desk.access import Desk
from holdfast.web.desk.fields import Errors, Field


def reminder_fields(desk: Desk, errors: Errors) -> list[Field]:
    """One field a service: hours before the start, as they are kept or as they were typed."""
    kept = service_reminders(business_id=desk.business.id)
    typed: Any = desk.request.POST if errors else {}
    usual = ", ".join(_hours(minutes) for minutes in desk.business.settings.reminder_minutes) or "0"
    return [
        Field(
            name := f"reminders-{service.id}",
            service.name,
            typed.get(name, _shown(kept.get(service.id))),
            hint=_("Empty: as the business, %(hours)s. 0 for none.") % {"hours": usual},
            unit=_("hours before"),
            limit=60,
            errors=errors.get(name, ()),
            is_fixed=not desk.may(Action.CHANGE_SETTINGS),
        )
        for service in desk.timetable.services.values()
        if service.is_active
    ]


def write_reminders(desk: Desk) -> dict[str, list[str]]:
    """Keep what was typed; what is wrong by field, and then nothing is kept."""
    wanted: dict[Any, tuple[int, ...] | None] = {}
    errors: dict[str, list[str]] = {}
    for field in reminder_fields(desk, {}):
        id = field.name.removeprefix("reminders-")
        try:
            wanted[id] = _minutes(desk.request.POST.get(field.name, ""))
        except ValueError:
            errors[field.name] = [
                _("Write at most five numbers of hours, from 0.25 to 720, with commas: 24, 2.")
            ]
    if not errors:
        kept = {str(id): minutes for id, minutes in service_reminders(business_id=desk.business.id).items()}
        for service in desk.timetable.services.values():
            minutes = wanted.get(str(service.id))
            if str(service.id) in wanted and minutes != kept.get(str(service.id)):
                set_service_reminders(
                    actor=desk.actor,
                    business_id=desk.business.id,
                    service_id=service.id,
                    minutes=minutes,
                )
    return errors


def _minutes(text: str) -> tuple[int, ...] | None:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        return None
    if parts == ["0"]:
        return ()
    try:
        found = clean_reminders([round(float(part) * 60) for part in parts])
    except OverflowError as error:
        raise ValueError from error
    if found is None:
        raise ValueError
    return found


def _shown(minutes: tuple[int, ...] | None) -> str:
    return "" if minutes is None else ", ".join(_hours(one) for one in minutes) or "0"


def _hours(minutes: int) -> str:
    return f"{minutes / 60:g}"

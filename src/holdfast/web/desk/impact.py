"""The question before a change that would strand bookings: what becomes of each (SPEC C7).

The form of the change comes back inside the question, hidden, with a choice for every booking; sending it again makes
the change and does what was chosen. Works without JavaScript.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from holdfast.availability.commands import WAYS, Care, Consequence, Decision
from holdfast.availability.errors import WouldStrand
from holdfast.availability.queries import Alternative
from holdfast.web import formats
from holdfast.web.desk.access import Desk
from holdfast.web.desk.fields import Choice, identity

PREFIX = "becomes-"
OTHERS = "others-become"
_WHY: Mapping[str, Any] = {
    "open": gettext_lazy("You would be closed then."),
    "fits_hours": gettext_lazy("It would not end within opening hours."),
    "not_absent": gettext_lazy("%(who)s would be away."),
    "resource_retired": gettext_lazy("%(who)s would no longer be on offer."),
    "not_given": gettext_lazy("%(who)s would no longer give this service."),
    "too_small": gettext_lazy("%(who)s would be too small for the party."),
    "service_retired": gettext_lazy("The service would no longer be on offer."),
}


_WAYS: Mapping[str, Any] = {
    "propose": gettext_lazy("Let the customer choose another time"),
    "keep": gettext_lazy("Keep it as it is, although it no longer fits"),
    "cancel": gettext_lazy("Cancel it and tell the customer"),
}


def care_of(desk: Desk) -> Care:
    """What was chosen on the page of this question; nothing the first time."""
    chosen = {
        name.removeprefix(PREFIX): decision
        for name, value in desk.request.POST.items()
        if name.startswith(PREFIX) and (decision := _read(str(value))) is not None
    }
    return Care(desk.now, chosen, _read(desk.request.POST.get(OTHERS, "")))


def question(desk: Desk, refusal: WouldStrand) -> HttpResponse:
    """The page that asks; 409, because nothing was changed yet."""
    found = len(refusal.consequences)
    repeated = [
        (name, value)
        for name, values in desk.request.POST.lists()
        if not name.startswith(PREFIX) and name not in ("csrfmiddlewaretoken", OTHERS)
        for value in values
    ]
    context = {
        "section": "settings",
        "title": ngettext(
            "%(count)s booking would lose its time", "%(count)s bookings would lose their time", found
        )
        % {"count": found},
        "rows": [_row(desk, each) for each in refusal.consequences],
        "others": {
            "field": OTHERS,
            "choices": _choices(
                [("move", _("Move each to the nearest free time")), *_WAYS.items()],
                desk.request.POST.get(OTHERS, ""),
            ),
        },
        "repeated": repeated,
        "back": desk.request.get_full_path(),
    }
    return desk.render("desk/impact.html", context, status=409)


def _row(desk: Desk, consequence: Consequence) -> dict[str, Any]:
    booking = consequence.stranded.booking
    resource = desk.timetable.taken_by(booking.resource_ids)
    service = desk.timetable.services[booking.service_id]
    chosen = desk.request.POST.get(f"{PREFIX}{booking.reference}", "")
    choices = [(_value(other), _move_words(desk, other)) for other in consequence.nearest]
    return {
        "name": booking.contact.name or _("Online customer"),
        "field": f"{PREFIX}{booking.reference}",
        "when": formats.day_and_clock(formats.local(booking.starts_at, desk.business.timezone)),
        "what": " · ".join(filter(None, [service.name, resource.name if resource else ""])),
        "why": str(_WHY[consequence.stranded.why]) % {"who": resource.name if resource else ""},
        "url": reverse("desk:booking", args=[desk.business.slug, booking.reference]),
        "choices": _choices([*choices, *_WAYS.items()], chosen),
    }


def _choices(options: Sequence[tuple[str, Any]], chosen: str) -> list[Choice]:
    return [Choice(value, str(label), value == chosen) for value, label in options]


def _move_words(desk: Desk, other: Alternative) -> str:
    resource = desk.timetable.taken_by(_places(other))
    when = formats.day_and_clock(formats.local(other.starts_at, desk.business.timezone))
    if resource is None:
        return _("Move it to %(when)s") % {"when": when}
    return _("Move it to %(when)s, %(resource)s") % {"when": when, "resource": resource.name}


def _places(other: Alternative) -> tuple[UUID, ...]:
    return () if other.resource_id is None else (other.resource_id, *other.also)


def _value(other: Alternative) -> str:
    """Tables that are joined are found anew when the move is made."""
    if other.also:
        return f"move/{other.starts_at.isoformat()}/"
    return f"move/{other.starts_at.isoformat()}/{other.resource_id or ''}"


def _read(value: str) -> Decision | None:
    """A choice of the form; what is none is asked about again."""
    way, _slash, rest = value.partition("/")
    known = next((each for each in WAYS if each == way), None)
    if known is None:
        return None
    if known != "move" or not rest:
        return Decision(known)
    instant, _slash, resource = rest.partition("/")
    try:
        starts_at = datetime.fromisoformat(instant)
    except ValueError:
        return None
    return Decision("move", starts_at, identity(resource)) if starts_at.tzinfo else None

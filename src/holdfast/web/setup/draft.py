"""What somebody has answered so far. It stays in the session, on the server, until the business is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from django.http import HttpRequest

from holdfast.blueprints.rules import BLUEPRINTS, Blueprint
from holdfast.schedule.rules import HOUR_TEMPLATES, format_hhmm

_KEY = "set_up"
OWN_HOURS = "own"
Row = dict[str, str]


@dataclass(slots=True)
class Draft:
    """Every answer as it was typed, right or wrong.

    ``hours`` names a template or is ``own``; ``days`` has ``opens`` and ``closes`` of Monday to Sunday. A row of
    ``resources`` has ``name`` and ``seats``, one of ``services`` ``name``, ``minutes`` and ``price``; their ``like`` is
    the place in the blueprint they began as.
    """

    kind: str = ""
    name: str = ""
    slug: str = ""
    timezone: str = ""
    currency: str = ""
    hours: str = ""
    capacity: str = ""
    days: list[Row] = field(default_factory=list)
    resources: list[Row] = field(default_factory=list)
    services: list[Row] = field(default_factory=list)
    is_described: bool = False

    @property
    def blueprint(self) -> Blueprint:
        return BLUEPRINTS[self.kind]

    def become(self, kind: str) -> None:
        """Take the defaults of a kind, keeping name, address, zone and currency; the same kind again changes nothing."""
        if kind == self.kind:
            return
        self.kind = kind
        chosen = self.blueprint
        self.hours = chosen.hours
        self.days = week_of(chosen.hours)
        self.capacity = str(chosen.capacity)
        self.resources = [
            {"name": giver.name, "seats": str(giver.seats_max), "like": str(index)}
            for index, giver in enumerate(chosen.givers)
        ]
        self.services = [
            {
                "name": offered.name,
                "minutes": str(offered.minutes),
                "price": str(offered.price),
                "like": str(index),
            }
            for index, offered in enumerate(chosen.services)
        ]


def week_of(template: str) -> list[Row]:
    """A template as seven rows for editing; a day has its first window."""
    days: list[Row] = [{"opens": "", "closes": ""} for _ in range(7)]
    for window in HOUR_TEMPLATES[template]:
        closes = "00:00" if window.closes == 1440 else format_hhmm(window.closes)
        days[window.weekday] = {"opens": format_hhmm(window.opens), "closes": closes}
    return days


def read_draft(request: HttpRequest) -> Draft:
    """The draft of this session, or a new one."""
    stored: dict[str, Any] = request.session.get(_KEY) or {}
    known = {one.name for one in fields(Draft)}
    draft = Draft(**{name: value for name, value in stored.items() if name in known})
    return draft if draft.kind in BLUEPRINTS else Draft()


def keep_draft(request: HttpRequest, draft: Draft) -> None:
    """Remember the draft for the next step, or for another day."""
    request.session[_KEY] = asdict(draft)


def drop_draft(request: HttpRequest) -> None:
    """Forget it: the business stands."""
    request.session.pop(_KEY, None)

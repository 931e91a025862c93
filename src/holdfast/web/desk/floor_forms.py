"""What only tables add to the desk's forms: areas, turn times, pacing, tables by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from holdfast.catalog.queries import ServiceFacts
from holdfast.web.desk.access import Desk
from holdfast.web.desk.fields import Choice, Errors, Field, Mistakes, whole_number

NO_TURNS = {"turn_minutes": "", "pacing_covers": "0"}


def table_values(item: ServiceFacts) -> dict[str, str]:
    """Turn times and pace of a service as they stand in its form; nothing for other modes."""
    if item.mode != "table":
        return {}
    steps = [f"{most}: {minutes}" for most, minutes in item.turn_minutes]
    return {"turn_minutes": ", ".join(steps), "pacing_covers": str(item.pacing_covers)}


def wanted_table(values: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of a service by table as typed; nothing for other modes."""
    if "turn_minutes" not in values:
        return {}
    return {
        "mode": "table",
        "turn_minutes": typed_turns(values["turn_minutes"], mistakes),
        "pacing_covers": whole_number(values["pacing_covers"] or "0", "pacing_covers", mistakes),
    }


def table_fields(values: Mapping[str, Any], errors: Errors, *, is_fixed: bool) -> list[Field]:
    """The fields that a service by table has beside those of every service."""
    if "turn_minutes" not in values:
        return []
    turns = Field(
        "turn_minutes",
        _("Smaller parties stay"),
        str(values["turn_minutes"]),
        hint=_(
            "Largest party and minutes, such as “2: 90, 4: 120”. Larger parties stay as long as said above."
        ),
        errors=errors.get("turn_minutes", ()),
        limit=200,
        is_fixed=is_fixed,
    )
    pace = Field(
        "pacing_covers",
        _("Guests who may start at once"),
        str(values["pacing_covers"]),
        "number",
        _("Within one interval of starts, so that kitchen and door keep up. 0: any number."),
        errors=errors.get("pacing_covers", ()),
        least="0",
        most="10000",
        is_fixed=is_fixed,
    )
    return [turns, pace]


def typed_turns(text: str, mistakes: Mistakes) -> list[list[int]]:
    """``2: 90, 4: 120`` as steps; a mistake under ``turn_minutes`` if it is not written like that."""
    steps = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        numbers = [number.strip() for number in part.split(":")]
        if len(numbers) != 2 or not all(n.isascii() and n.isdigit() and len(n) < 7 for n in numbers):
            mistakes["turn_minutes"] = [("wrong_turns", {})]
            return []
        steps.append([int(number) for number in numbers])
    return steps


def tables_by_area(desk: Desk, table_ids: Iterable[UUID]) -> list[UUID]:
    """Tables in the order in which a floor is read: areas as they first come, the business's order within each."""
    ids = [id for id in desk.timetable.resources if id in set(table_ids)]
    areas = list(dict.fromkeys(desk.timetable.resources[id].area for id in ids))
    return sorted(ids, key=lambda id: areas.index(desk.timetable.resources[id].area))


def table_label(desk: Desk, table_id: UUID) -> str:
    """``T4, Floor, 2–4``."""
    table = desk.timetable.resources[table_id]
    seats = _("%(least)s–%(most)s") % {"least": table.seats_min, "most": table.seats_max}
    return ", ".join(filter(None, [table.name, table.area, seats]))


def table_boxes(
    desk: Desk,
    service: ServiceFacts,
    chosen: Sequence[UUID],
    *,
    errors: Errors,
    taken: Iterable[UUID] = (),
    hint: str = "",
    also: Sequence[UUID] = (),
) -> Field:
    """Every table of a service to be ticked; those that are ``taken`` say so."""
    busy = set(taken)
    ids = tables_by_area(desk, [*desk.timetable.giving(service), *also])
    options = [
        Choice(
            str(id),
            _("%(table)s (taken)") % {"table": table_label(desk, id)}
            if id in busy
            else table_label(desk, id),
            id in chosen,
        )
        for id in ids
    ]
    return Field(
        "tables", _("Tables"), kind="boxes", hint=hint, choices=options, errors=errors.get("tables", ())
    )

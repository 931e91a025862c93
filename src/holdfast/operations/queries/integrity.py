"""Whether the data is sound: every invariant looked at, with how many break it and which (SPEC O5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from holdfast.bookings import sql as bookings_sql
from holdfast.core import audit_guard, sql
from holdfast.core.audit_check import verify
from holdfast.core.encryption import CannotDecrypt, decrypt
from holdfast.core.events import declared
from holdfast.core.rotation import places
from holdfast.operations.sql import BALANCES_BEHIND, across_businesses, broken_reference, statements
from holdfast.payments import sql as ledger_sql
from holdfast.schedule import sql as schedule_sql

MOST_COUNTED = 1000
MOST_NAMED = 10
# Of every sealed column the newest: a key that is gone shows at once.
SEALED_SAMPLE = 200
Find = Callable[[], list[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must be true. ``find`` names what breaks it, up to one more than is counted. A warning is no fault: it
    is somebody's to look at."""

    name: str
    find: Find
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One invariant looked at: how many break it, at most :data:`MOST_COUNTED`, and the first of them by name."""

    name: str
    count: int
    examples: tuple[str, ...]
    is_warning: bool

    @property
    def level(self) -> str:
        """ok, warning or fault."""
        if not self.count:
            return "ok"
        return "warning" if self.is_warning else "fault"


def invariants() -> list[Invariant]:
    """Everything that is looked at, the most precious first."""
    return [
        Invariant("guards_up", _guards_down),
        *(Invariant(name, _finder(statement)) for name, statement in statements().items()),
        Invariant("references_whole", _broken_references),
        Invariant("businesses_apart", _across_businesses),
        Invariant("sealed_data_opens", _unreadable),
        Invariant("audit_trail_whole", _audit_faults),
        Invariant("events_known", _unknown_events),
        Invariant("balances_up_to_date", _finder(BALANCES_BEHIND), is_warning=True),
        Invariant(
            "no_dead_events", _finder("SELECT id FROM core_outboxevent WHERE dead_at IS NOT NULL"), True
        ),
    ]


def look(*, wanted: list[Invariant] | None = None) -> Iterator[Result]:
    """Look at each, one after the other; what is found comes as soon as it is."""
    for invariant in invariants() if wanted is None else wanted:
        found = invariant.find()
        yield Result(
            invariant.name,
            min(len(found), MOST_COUNTED),
            tuple(found[:MOST_NAMED]),
            invariant.is_warning,
        )


def _finder(statement: str) -> Find:
    return lambda: [_shown(row[0]) for row in sql.rows(f"{statement} LIMIT {MOST_COUNTED + 1}")]


def _shown(id: Any) -> str:
    """An id as people and programs know it; SQLite keeps a UUID as 32 digits."""
    text = str(id)
    return str(sql.as_uuid(id)) if len(text) in (32, 36) else text


def _guards_down() -> list[str]:
    guards = {
        "claims": bookings_sql.guard_is_up,
        "slots": schedule_sql.guard_is_up,
        "audit": audit_guard.guard_is_up,
        "ledger": ledger_sql.guard_is_up,
    }
    return [name for name, is_up in guards.items() if not is_up()]


def _references() -> Iterator[tuple[type[models.Model], Any]]:
    """Every column of ours that leads to another row."""
    for model in apps.get_models():
        if model.__module__.startswith("holdfast."):
            for field in model._meta.concrete_fields:
                if isinstance(field, models.ForeignKey):
                    yield model, field


def _has_business(model: type[models.Model]) -> bool:
    return any(field.column == "business_id" for field in model._meta.concrete_fields)


def _broken_references() -> list[str]:
    """Rows that lead to a row that is not there: ``table.column id``."""
    found: list[str] = []
    for model, field in _references():
        found += _named(broken_reference(model, field), model, field)
    return found[: MOST_COUNTED + 1]


def _across_businesses() -> list[str]:
    """Rows of one business that lead to a row of another: ``table.column id``."""
    found: list[str] = []
    for model, field in _references():
        if field.column == "business_id" or not (_has_business(model) and _has_business(field.related_model)):
            continue
        found += _named(across_businesses(model, field), model, field)
    return found[: MOST_COUNTED + 1]


def _named(statement: str, model: type[models.Model], field: Any) -> list[str]:
    where = f"{model._meta.db_table}.{field.column}"
    return [f"{where} {_shown(row[0])}" for row in sql.rows(f"{statement} LIMIT {MOST_COUNTED + 1}")]


def _unreadable() -> list[str]:
    """Sealed values that no key opens: ``table.column id``."""
    found: list[str] = []
    for place in places():
        newest = sql.rows(
            f"SELECT id, {place.column} FROM {place.table} WHERE {place.column} IS NOT NULL"  # noqa: S608 - names of ours
            f" ORDER BY id DESC LIMIT {SEALED_SAMPLE}"
        )
        for id, sealed in newest:
            try:
                decrypt(bytes(sealed), table=place.table, column=place.column, row_id=_row_id(id))
            except CannotDecrypt:
                found.append(f"{place.table}.{place.column} {_shown(id)}")
    return found[: MOST_COUNTED + 1]


def _row_id(id: Any) -> Any:
    return sql.as_uuid(id) if len(str(id)) in (32, 36) else id


def _audit_faults() -> list[str]:
    verdict = verify(most_faults=MOST_COUNTED + 1)
    return [f"{fault.what} {fault.business_id}:{fault.position}" for fault in verdict.faults]


def _unknown_events() -> list[str]:
    kinds = {str(row[0]) for row in sql.rows("SELECT DISTINCT kind FROM core_outboxevent")}
    return sorted(kinds - set(declared()))

"""How tables stand together: combinations and neighbours (SPEC B3). Every change raises the business's version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from holdfast.businesses.commands import offer_changed
from holdfast.businesses.queries import business_facts
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.models import Adjacency, Combination, CombinationTable, Resource
from holdfast.catalog.queries.tables import (
    CombinationFacts,
    combination_by_id,
    floor_of,
    most_tables_of,
)
from holdfast.catalog.rules.tables import check_seats, check_tables, clean_combination
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.lib.text import Mistakes, refuse


@command
def create_combination(*, actor: Actor, business_id: UUID, wanted: dict[str, Any]) -> CombinationFacts:
    """A new combination at the end of the list: ``name`` and ``tables`` (ids) are required; seats left out are the sum
    of its tables' seats.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    row = Combination(business_id=business_id)
    row.position = Combination.objects.filter(business_id=business_id).count()
    tables = _apply(row, {"name": "", "tables": [], **wanted}, current=())
    row.save(force_insert=True)
    _put_together(row, tables)
    offer_changed(business_id=business_id)
    return combination_by_id(business_id=business_id, combination_id=row.id)


@command
def change_combination(
    *, actor: Actor, business_id: UUID, combination_id: UUID, wanted: dict[str, Any]
) -> CombinationFacts:
    """Change a combination's name, seats, place in the list or tables; bookings keep the tables they have.

    Refusals: as for creating.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    rows = Combination.objects.select_for_update().filter(business_id=business_id, id=combination_id)
    row = rows.first()
    if row is None:
        raise Missing(what="combination")
    current = combination_by_id(business_id=business_id, combination_id=combination_id).table_ids
    tables = _apply(row, wanted, current=current)
    row.save()
    if set(tables) != set(current):
        row.parts.all().delete()
        _put_together(row, tables)
    offer_changed(business_id=business_id)
    return combination_by_id(business_id=business_id, combination_id=combination_id)


@command
def delete_combination(*, actor: Actor, business_id: UUID, combination_id: UUID) -> None:
    """Put these tables together no more; bookings keep the tables they have.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    deleted, _ = Combination.objects.filter(business_id=business_id, id=combination_id).delete()
    if not deleted:
        raise Missing(what="combination")
    offer_changed(business_id=business_id)


@command
def replace_adjacency(
    *, actor: Actor, business_id: UUID, pairs: Sequence[Sequence[UUID]]
) -> tuple[tuple[UUID, UUID], ...]:
    """Say which tables stand side by side, all of them anew; what was said before is gone.

    Each pair is two different tables of the business; the same pair said twice is one. Refusals: :class:`Missing`,
    :class:`Forbidden`, :class:`Invalid` on ``pairs[i]``.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    known = _tables_of(business_id)
    mistakes: Mistakes = {}
    wanted: dict[tuple[UUID, UUID], None] = {}
    for index, pair in enumerate(pairs):
        name = f"pairs[{index}]"
        if len(pair) != 2:
            mistakes[name] = [("pair_of_two", {})]
        elif not set(pair) <= set(known):
            mistakes[name] = [("unknown", {})]
        elif pair[0] == pair[1]:
            mistakes[name] = [("repeated", {})]
        else:
            wanted[min(pair), max(pair)] = None
    refuse(mistakes)
    Adjacency.objects.filter(business_id=business_id).delete()
    Adjacency.objects.bulk_create(
        Adjacency(business_id=business_id, first_id=first, second_id=second) for first, second in wanted
    )
    offer_changed(business_id=business_id)
    return tuple(wanted)


def _apply(row: Combination, wanted: dict[str, Any], *, current: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Write the wanted columns into the row; the tables it is to have."""
    mistakes: Mistakes = {}
    wanted = dict(wanted)
    known = _tables_of(row.business_id)
    tables = tuple(wanted.pop("tables", current))
    if row._state.adding or tables != current:
        business = business_facts(business_id=row.business_id)
        check_tables(
            tables,
            known=known,
            others=_other_combinations(row),
            most_tables=most_tables_of(chosen=business.settings),
            mistakes=mistakes,
        )
    columns = clean_combination(wanted, mistakes)
    refuse(mistakes)
    if row._state.adding:
        most = columns.setdefault(
            "seats_max", max(_sum(known, tables, "seats_max"), columns.get("seats_min", 1))
        )
        columns.setdefault("seats_min", min(_sum(known, tables, "seats_min"), most))
    for name, value in columns.items():
        setattr(row, name, value)
    check_seats(row.seats_min, row.seats_max, mistakes)
    refuse(mistakes)
    return tables


def _sum(known: dict[UUID, Resource], tables: Sequence[UUID], column: str) -> int:
    return sum(getattr(known[id], column) for id in tables)


def _tables_of(business_id: UUID) -> dict[UUID, Resource]:
    rows = Resource.objects.filter(business_id=business_id, kind=Resource.Kind.TABLE)
    return {row.id: row for row in rows}


def _other_combinations(row: Combination) -> list[frozenset[UUID]]:
    found = floor_of(business_id=row.business_id).combinations
    return [frozenset(one.table_ids) for one in found if one.id != row.id]


def _put_together(row: Combination, tables: Sequence[UUID]) -> None:
    CombinationTable.objects.bulk_create(
        CombinationTable(business_id=row.business_id, combination=row, resource_id=id) for id in tables
    )

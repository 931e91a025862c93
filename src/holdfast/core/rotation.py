"""Changing the key of ``ENCRYPTION_KEY`` while everything runs (SPEC K1): every sealed value under the first key again.

Each value is written only if it is still what was read, so whoever changes it meanwhile wins, with the first key anyway.
What is under the first key already is passed over: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from holdfast.core import sql
from holdfast.core.encryption import RowId, current_key_id, decrypt, encrypt, sealed_under
from holdfast.core.fields import EncryptedJSONField, EncryptedTextField

BATCH = 200
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """One encrypted column."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Texts sealed within a JSON column ``details``: the model of the lines, and whose id they are sealed with."""

    model: str
    owner: str


_reasons: list[Reason] = []
_BESIDE = (Place("core_idempotencykey", "body"),)


def register_reasons(model: str, owner: str) -> None:
    """Have the sealed reasons of a history changed with everything else."""
    _reasons.append(Reason(model, owner))


def places() -> list[Place]:
    """Every encrypted column of every model, and those that are written by hand."""
    found = [
        Place(model._meta.db_table, str(field.column))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField | EncryptedJSONField)
    ]
    return [*found, *_BESIDE]


def remaining() -> dict[str, int]:
    """How many values of each column are not under the first key; columns that are through are left out."""
    found: dict[str, int] = {}
    for place in places():
        row = sql.one(
            f"SELECT count(*) FROM {place.table} WHERE {_is_old(place)}",  # noqa: S608 - names of our own
            [current_key_id()],
        )
        if row and row[0]:
            found[f"{place.table}.{place.column}"] = int(row[0])
    for reason in _reasons:
        model = apps.get_model(reason.model)
        if count := sum(1 for _ in _old_reasons(model)):
            found[f"{model._meta.db_table}.details"] = count
    return found


def reseal(progress: Progress = lambda _name, _count: None) -> int:
    """Put every value under the first key, batch by batch; how many were. ``progress`` hears of each batch."""
    total = 0
    for place in places():
        name = f"{place.table}.{place.column}"
        after: Any = None
        while batch := _batch(place, after):
            after = batch[-1][0]
            done = _write(place, batch)
            total += done
            progress(name, done)
    for reason in _reasons:
        total += _reseal_reasons(reason, progress)
    return total


def _is_old(place: Place) -> str:
    return f"{place.column} IS NOT NULL AND substr({place.column}, 2, 4) <> %s"


def _batch(place: Place, after: Any) -> list[tuple[Any, bytes]]:
    beyond = "" if after is None else " AND id > %s"
    values = [current_key_id(), *([] if after is None else [after])]
    rows = sql.rows(
        f"SELECT id, {place.column} FROM {place.table} WHERE {_is_old(place)}{beyond}"  # noqa: S608
        f" ORDER BY id LIMIT {BATCH}",
        values,
    )
    return [(row[0], bytes(row[1])) for row in rows]


def _write(place: Place, batch: list[tuple[Any, bytes]]) -> int:
    done = 0
    with transaction.atomic():
        for id, sealed in batch:
            row_id: RowId = sql.as_uuid(id)
            plain = decrypt(sealed, table=place.table, column=place.column, row_id=row_id)
            fresh = encrypt(plain, table=place.table, column=place.column, row_id=row_id)
            done += sql.run(
                f"UPDATE {place.table} SET {place.column} = %s WHERE id = %s AND {place.column} = %s",  # noqa: S608
                [fresh, id, sealed],
            )
    return done


def _old_reasons(model: type[models.Model]) -> Iterator[Any]:
    rows = model._default_manager.filter(details__has_key="reason").order_by("pk")
    for row in rows.iterator(chunk_size=BATCH):
        if sealed_under(base64.b64decode(row.details["reason"])) != current_key_id():  # type: ignore[attr-defined]
            yield row


def _reseal_reasons(reason: Reason, progress: Progress) -> int:
    model = apps.get_model(reason.model)
    table, count = model._meta.db_table, 0
    for old in list(_old_reasons(model)):
        with transaction.atomic():
            rows = (
                model._default_manager.select_for_update()
                if connection.vendor == "postgresql"
                else model._default_manager
            )
            row: Any = rows.filter(pk=old.pk, details__has_key="reason").first()
            if row is None:
                continue
            owner = getattr(row, reason.owner)
            plain = decrypt(
                base64.b64decode(row.details["reason"]), table=table, column="reason", row_id=owner
            )
            sealed = encrypt(plain, table=table, column="reason", row_id=owner)
            row.details["reason"] = base64.b64encode(sealed).decode()
            row.save(update_fields=["details"])
            count += 1
    if count:
        progress(f"{table}.details", count)
    return count

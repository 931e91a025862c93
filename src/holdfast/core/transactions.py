"""One command, one transaction: begin, retry what the database asks to retry, translate a lock that did not come."""

from __future__ import annotations

import functools
import random
import re
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, models, transaction

from holdfast.lib.refusals import Busy

P = ParamSpec("P")
T = TypeVar("T")

RETRIES = 3
_RETRY_STATES = {"40001", "40P01"}  # serialization failure, deadlock
_BUSY_STATES = {"55P03", "57014"}  # lock not available, statement cancelled by its timeout
_BUSY_RETRY_AFTER = 1
_UNIQUE_ON_SQLITE = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>[^']+)'|(?P<columns>.+))")
_CHECK_ON_SQLITE = re.compile(r"CHECK constraint failed: (?P<name>\w+)")
_RAISED_ON_SQLITE = re.compile(r"holdfast:(?P<name>\w+)")


def command(function: Callable[P, T]) -> Callable[P, T]:
    """Run the decorated function as one transaction (DESIGN §1, §2).

    Outermost: BEGIN (IMMEDIATE on SQLite) … COMMIT; serialization failures and deadlocks run the whole function
    again, up to three times, after a short random pause; a lock that does not come in time is ``Busy``.
    Inside another command it joins that transaction without a savepoint: an exception that leaves it dooms the whole,
    so nothing half done can be kept. Who wants to go on after a refusal opens ``transaction.atomic()`` around the call.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if inside_command():
            with transaction.atomic(savepoint=False):
                return function(*args, **kwargs)
        for attempt in range(RETRIES + 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if should_retry(error) and attempt < RETRIES and not connection.in_atomic_block:
                    time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311 - spreads retries
                    continue
                if should_retry(error) or is_busy(error):
                    raise Busy(retry_after=_BUSY_RETRY_AFTER) from error
                raise
        raise AssertionError("unreachable")

    return run


def inside_command() -> bool:
    """Whether a transaction of ours is open (the one a test wraps around itself does not count)."""
    blocks: list[Any] = connection.atomic_blocks
    return not all(block._from_testcase for block in blocks)


def should_retry(error: OperationalError) -> bool:
    """Whether the same call, from its beginning, may well succeed at once."""
    return getattr(error.__cause__, "sqlstate", None) in _RETRY_STATES


def is_busy(error: OperationalError) -> bool:
    """Whether a lock was not given in time."""
    if getattr(error.__cause__, "sqlstate", None) in _BUSY_STATES:
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused the statement, the same on both engines; None if it has none.

    On SQLite a trigger refuses with ``RAISE(ABORT, 'holdfast:<name>')``; unnamed unique columns get the name that
    PostgreSQL would give them.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        name: str | None = diagnosis.constraint_name
        return name
    message = str(error)
    for pattern in (_RAISED_ON_SQLITE, _CHECK_ON_SQLITE):
        if found := pattern.search(message):
            return found["name"]
    if found := _UNIQUE_ON_SQLITE.search(message):
        return found["index"] or _unique_name(found["columns"])
    return None


def _unique_name(columns: str) -> str:
    """The constraint behind SQLite's ``table.a, table.b``."""
    places = tuple(part.strip() for part in columns.split(","))
    if name := _named_uniques().get(places):
        return name
    table = places[0].split(".")[0]
    names = [place.split(".")[1] for place in places]
    return f"{table}_{'_'.join(names)}_key"


@functools.cache
def _named_uniques() -> dict[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {}
    for model in apps.get_models():
        table = model._meta.db_table
        primary = model._meta.pk
        names[(f"{table}.{primary.column}",)] = f"{table}_pkey"
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
                names.setdefault(tuple(_places(model, constraint.fields)), constraint.name)
    return names


def _places(model: type[models.Model], fields: Any) -> list[str]:
    meta = model._meta
    return [f"{meta.db_table}.{getattr(meta.get_field(name), 'column', name)}" for name in fields]

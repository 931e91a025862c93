"""One command, one transaction: begin, retry what the database asks to retry, translate a lock that did not come."""

from __future__ import annotations

import functools
import random
import re
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.apps import apps
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    models,
    transaction,
)

from holdfast.core.audit import carried_out
from holdfast.lib.refusals import Busy, Missing

P = ParamSpec("P")
T = TypeVar("T")

RETRIES = 3
_RETRY_STATES = {"40001", "40P01"}  # serialization failure, deadlock
_BUSY_STATES = {"55P03", "57014"}  # lock not available, statement cancelled by its timeout
_AWAY_STATES = {
    "57P01",
    "57P02",
    "57P03",
    "53300",
}  # shutdown, crash, cannot connect now, too many connections
_FOREIGN_KEY_STATE = "23503"
_BUSY_RETRY_AFTER = 1
_UNIQUE_ON_SQLITE = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>[^']+)'|(?P<columns>.+))")
_CHECK_ON_SQLITE = re.compile(r"CHECK constraint failed: (?P<name>\w+)")
_RAISED_ON_SQLITE = re.compile(r"holdfast:(?P<name>\w+)")


def command(function: Callable[P, T]) -> Callable[P, T]:
    """Run the decorated function as one transaction (DESIGN §1, §2).

    Outermost: BEGIN (IMMEDIATE on SQLite) … COMMIT; serialization failures and deadlocks run the whole function
    again, up to three times, after a short random pause; a lock that does not come in time is ``Busy``. A lost
    connection is opened once more, then ``Busy``; a reference to what was deleted meanwhile is ``Missing``.
    Inside another command it joins that transaction without a savepoint: an exception that leaves it dooms the whole,
    so nothing half done can be kept. Who wants to go on after a refusal opens ``transaction.atomic()`` around the call.
    What somebody had done leaves a line in the audit trail, in the same transaction.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if inside_command():
            with transaction.atomic(savepoint=False):
                return carried_out(function, args, kwargs)
        for attempt in range(RETRIES + 1):
            is_ending = False
            try:
                with transaction.atomic():
                    result = carried_out(function, args, kwargs)
                    is_ending = True
                return result
            except IntegrityError as error:
                if is_ending and _refers_to_nothing(error):
                    raise Missing from error  # what it refers to was deleted since it was read
                raise
            except (OperationalError, InterfaceError) as error:
                _again_or_refuse(error, attempt, is_ending=is_ending)
        raise AssertionError("unreachable")

    return run


def _again_or_refuse(error: DatabaseError | InterfaceError, attempt: int, *, is_ending: bool) -> None:
    """Return if the command is to run again, else raise what its caller should see."""
    alone = not connection.in_atomic_block
    if is_broken(error):
        if alone:
            connection.close()
        # Lost on the way to the end, it may have been stored: only the caller can find out.
        if alone and attempt == 0 and not is_ending:
            return
    elif should_retry(error) and attempt < RETRIES and alone:
        time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311 - spreads retries
        return
    if should_retry(error) or is_busy(error):
        raise Busy(retry_after=_BUSY_RETRY_AFTER) from error
    raise error


def inside_command() -> bool:
    """Whether a transaction of ours is open (the one a test wraps around itself does not count)."""
    blocks: list[Any] = connection.atomic_blocks
    return not all(block._from_testcase for block in blocks)


def should_retry(error: Exception) -> bool:
    """Whether the same call, from its beginning, may well succeed at once."""
    return getattr(error.__cause__, "sqlstate", None) in _RETRY_STATES


def is_broken(error: Exception) -> bool:
    """Whether there is no connection, or not any more: PostgreSQL is away, restarts, or has no room."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is None:  # the driver's own words, no answer of the server
        return isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError))
    return state in _AWAY_STATES or state.startswith("08")


def is_busy(error: Exception) -> bool:
    """Whether a lock was not given in time, or the database cannot be spoken to now: later it may be well."""
    if getattr(error.__cause__, "sqlstate", None) in _BUSY_STATES or is_broken(error):
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)


def _refers_to_nothing(error: IntegrityError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state == _FOREIGN_KEY_STATE or "FOREIGN KEY constraint failed" in str(error)


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

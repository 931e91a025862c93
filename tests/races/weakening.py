"""Taking away, one by one, what makes double booking impossible: the races must notice (negative controls)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from holdfast.bookings import sql as hot
from holdfast.core import sql

_look = hot.look_under_locks
Replace = Callable[[Any, str, Any], None]
PAUSE_SECONDS = 0.03


def pause() -> None:
    """Time for somebody else; on SQLite nobody else can do anything meanwhile."""
    if sql.on_postgres():
        time.sleep(PAUSE_SECONDS)


def remove_database_guard() -> None:
    """Drop the exclusion constraint or the triggers."""
    with connection.cursor() as cursor:
        for statement in hot.GUARD[connection.vendor][1]:
            cursor.execute(statement)


def restore_database_guard() -> None:
    """Put the guard up again; what lies in its way goes."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bookings_claim")
        for statement in hot.GUARD[connection.vendor][0]:
            cursor.execute(statement)


def remove_code_checks(replace: Replace) -> None:
    """No lock on the resource and no look at what is taken; only the database is left to refuse."""
    replace(hot, "lock_resources", _lock_nothing)
    replace(hot, "bookings_in_the_way", _see_nothing)
    replace(hot, "look_under_locks", _look_away)


def remove_lock_alone(replace: Replace) -> None:
    """The look at what is taken stays, but nothing keeps it true until the write, and there is time for somebody else."""
    look = hot.look_under_locks

    def look_and_dawdle(**question: Any) -> Any:
        found = look(**question | {"locks": ()})
        pause()
        return found

    replace(hot, "lock_resources", _lock_nothing)
    replace(hot, "look_under_locks", look_and_dawdle)


def lock_in_given_order(resource_ids: Iterable[UUID]) -> None:
    """What ``lock_resources`` would be without its order."""
    for resource_id in resource_ids:
        sql.rows("SELECT 1 FROM catalog_resource WHERE id = %s FOR NO KEY UPDATE", [resource_id])
        pause()


def lock_in_given_order_and_look(**question: Any) -> hot.Look:
    """What ``look_under_locks`` would be without its order."""
    lock_in_given_order(question["locks"])
    return _look(**question)


def end_whatever_looks_dead(*, booking_ids: Sequence[UUID], now: Any) -> list[Any]:
    """What ``end_dead_bookings`` would be without the condition on its update."""
    pause()
    hot.delete_claims(booking_ids=booking_ids)
    return []


def _lock_nothing(resource_ids: Iterable[UUID]) -> None:
    return


def _look_away(**question: Any) -> hot.Look:
    """The version is as it should be, and nothing is in the way."""
    return hot.Look(_look(**question | {"locks": (), "visitor": None}).version, _see_nothing())


def _see_nothing(**_: Any) -> list[tuple[UUID, UUID, bool]]:
    pause()
    return []

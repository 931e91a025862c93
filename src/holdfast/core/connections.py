"""Connections that outlive the server they were made to."""

from __future__ import annotations

import select
from typing import Any

from django.db import connection

from holdfast.core import sql


def drop_lost_connection(**_: Any) -> None:
    """Before a request: close this thread's connection if PostgreSQL has hung up, so that a new one is made.

    A server that ends says so, or closes the socket; either way there is something to read from a connection that
    should be silent. Looking costs a system call, asking the server (CONN_HEALTH_CHECKS) would cost a statement.
    """
    raw = connection.connection
    if raw is None or not sql.on_postgres() or connection.in_atomic_block:
        return
    if (raw.closed or _has_something_to_say(raw.fileno())) and not connection.is_usable():
        connection.close()


def _has_something_to_say(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))

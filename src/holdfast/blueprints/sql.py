"""Hand-written statements of setting up."""

from __future__ import annotations

from holdfast.core import sql

_FIRST_ACCOUNT = 0x484F4C44  # any number that nothing else takes


def lock_first_account() -> None:
    """Wait for whoever else makes the first account in this moment, until the end of the transaction.

    There is no row to lock yet. On SQLite a command is alone anyway.
    """
    if sql.on_postgres():
        sql.one("SELECT pg_advisory_xact_lock(%s)", [_FIRST_ACCOUNT])

"""What has the database itself refuse to change the ledger: entries are only added."""

from __future__ import annotations

from django.db import connection

from holdfast.core import sql

GUARD: dict[str, tuple[list[str], list[str]]] = {
    "postgresql": (
        [
            """CREATE OR REPLACE FUNCTION holdfast_ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'the ledger is only added to'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_append_only';
            END $$""",
            """CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON payments_ledgerentry
            FOR EACH ROW EXECUTE FUNCTION holdfast_ledger_guard()""",
        ],
        [
            "DROP TRIGGER ledger_append_only ON payments_ledgerentry",
            "DROP FUNCTION holdfast_ledger_guard()",
        ],
    ),
    "sqlite": (
        [
            """CREATE TRIGGER IF NOT EXISTS ledger_append_only_update BEFORE UPDATE ON payments_ledgerentry
            BEGIN SELECT RAISE(ABORT, 'holdfast:ledger_append_only'); END""",
            """CREATE TRIGGER IF NOT EXISTS ledger_append_only_delete BEFORE DELETE ON payments_ledgerentry
            BEGIN SELECT RAISE(ABORT, 'holdfast:ledger_append_only'); END""",
        ],
        ["DROP TRIGGER ledger_append_only_update", "DROP TRIGGER ledger_append_only_delete"],
    ),
}

_IS_UP = {
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgname = 'ledger_append_only' AND tgenabled <> 'D'",
    "sqlite": "SELECT count(*) = 2 FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_append_only_%%'",
}


def guard_is_up() -> bool:
    """Whether the database itself refuses changes of the ledger."""
    row = sql.one(_IS_UP[connection.vendor])
    return row is not None and bool(row[0])


def ensure_guard() -> None:
    """Put the guard up if it is not."""
    if not guard_is_up():
        for statement in GUARD[connection.vendor][0]:
            sql.run(statement)

"""What has the database itself refuse to change the audit trail: lines are added, sealed once, and cut off at its old end."""

from __future__ import annotations

from django.db import connection

from holdfast.core import sql

_KEPT = (
    "id",
    "business_id",
    "at",
    "action",
    "actor",
    "role",
    "account_id",
    "token_id",
    "via",
    "origin",
    "subject",
    "subject_id",
    "details",
    "request_id",
    "source",
    "source_id",
)
_CUT_OFF = (
    "EXISTS (SELECT 1 FROM core_auditchain c WHERE c.business_id = OLD.business_id"
    " AND OLD.position <= c.begins_after)"
)


def _changed(is_not: str) -> str:
    return " OR ".join(f"NEW.{column} {is_not} OLD.{column}" for column in _KEPT)


GUARD: dict[str, tuple[list[str], list[str]]] = {
    "postgresql": (
        [
            f"""CREATE OR REPLACE FUNCTION holdfast_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    IF {_CUT_OFF} THEN RETURN OLD; END IF;
                ELSIF OLD.position IS NULL AND NOT ({_changed("IS DISTINCT FROM")}) THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'the audit trail is only added to'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_append_only';
            END $$""",
            """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON core_auditrecord
            FOR EACH ROW EXECUTE FUNCTION holdfast_audit_guard()""",
        ],
        [
            "DROP TRIGGER audit_append_only ON core_auditrecord",
            "DROP FUNCTION holdfast_audit_guard()",
        ],
    ),
    "sqlite": (
        [
            f"""CREATE TRIGGER IF NOT EXISTS audit_append_only_update BEFORE UPDATE ON core_auditrecord
            WHEN OLD.position IS NOT NULL OR {_changed("IS NOT")}
            BEGIN SELECT RAISE(ABORT, 'holdfast:audit_append_only'); END""",
            f"""CREATE TRIGGER IF NOT EXISTS audit_append_only_delete BEFORE DELETE ON core_auditrecord
            WHEN NOT {_CUT_OFF}
            BEGIN SELECT RAISE(ABORT, 'holdfast:audit_append_only'); END""",
        ],
        ["DROP TRIGGER audit_append_only_update", "DROP TRIGGER audit_append_only_delete"],
    ),
}

_IS_UP = {
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_append_only' AND tgenabled <> 'D'",
    "sqlite": "SELECT count(*) = 2 FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_append_only_%%'",
}


def guard_is_up() -> bool:
    """Whether the database itself refuses changes of the audit trail."""
    row = sql.one(_IS_UP[connection.vendor])
    return row is not None and bool(row[0])


def ensure_guard() -> None:
    """Put the guard up if it is not."""
    if not guard_is_up():
        for statement in GUARD[connection.vendor][0]:
            sql.run(statement)

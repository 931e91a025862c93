"""Django's SQLite backend, where every writer waits for its turn (``turns.py``) before it asks SQLite for the lock.

A turn is held exactly as long as SQLite's write lock: from BEGIN IMMEDIATE to COMMIT or ROLLBACK, or for one statement
outside transactions. It can therefore never block what SQLite itself would not have blocked.
"""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.operations import DatabaseOperations

from holdfast.core.sqlite.turns import Turns, turns_at

PATIENCE_SECONDS = 3.0
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLAC")


class _Operations(DatabaseOperations):
    """What Django's ``flush`` says: everything goes, also what triggers keep. After it, ``post_migrate`` puts them up again."""

    def sql_flush(
        self, style: Any, tables: Any, *, reset_sequences: bool = False, allow_cascade: bool = False
    ) -> list[str]:
        emptying = super().sql_flush(
            style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
        )
        return ["DROP TRIGGER IF EXISTS audit_append_only_delete", *emptying] if emptying else []


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that holds a turn while it writes; a turn that does not come is "database is locked"."""

    ops_class = _Operations
    transaction_mode: str | None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turns: Turns | None = None
        """Held now."""

    def take_turn(self) -> None:
        """Wait for the right to write; nothing to do if it is held."""
        if self._turns is not None:
            return
        turns = turns_at(str(self.settings_dict["NAME"]))
        if not turns.take(PATIENCE_SECONDS):
            raise OperationalError("database is locked")
        self._turns = turns

    def give_turn_back(self) -> None:
        """Nothing to do if no turn is held."""
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.give_back()

    def create_cursor(self, name: Any = None) -> Any:  # noqa: ARG002
        cursor = self.connection.cursor(factory=_Cursor)
        cursor.wrapper = self
        return cursor

    def must_wait_for(self, statement: str) -> bool:
        """Whether this statement, on its own, needs a turn that is not held yet."""
        return (
            self._turns is None
            and statement.lstrip()[:6].upper() in _WRITES
            and not self.connection.in_transaction
        )

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode == "IMMEDIATE":  # the others do not ask for the write lock yet
            self.take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self.give_turn_back()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self.give_turn_back()  # a commit that fails leaves the transaction open

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc]
        self.give_turn_back()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self.give_turn_back()


class _Cursor(base.SQLiteCursorWrapper):
    """Waits for a turn before a statement that writes outside transactions."""

    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        if not self.wrapper.must_wait_for(query):
            return super().execute(query, params)
        self.wrapper.take_turn()
        try:
            return super().execute(query, params)
        finally:
            self.wrapper.give_turn_back()

"""The short way to PostgreSQL for statements that the driver has prepared already.

The driver's cursor takes a statement through some twenty steps in Python before and after it is sent, which costs as much
as the rest of it. What the driver has prepared is called here by its name instead, with the same values written and
read by the driver's own code. Everything else goes through the cursor: the first uses of a statement, what a rollback
made the driver forget, and every statement where it is told not to prepare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

Row = tuple[Any, ...]
_ROWS, _DONE = pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK
_IDLE, _OK = pq.TransactionStatus.IDLE, pq.ConnStatus.OK
_BINARY = pq.Format.BINARY


class Lane:
    """One connection's; ``connected`` is the driver's. Results come in binary. Not to be shared between threads."""

    def __init__(self, connected: Any) -> None:
        self.connected = connected
        self.pgconn = connected.pgconn
        self.cursor = psycopg.RawCursor(connected)
        self.values: Any = Transformer(connected)

    def execute(self, statement: bytes, values: Sequence[Any]) -> Any:
        """Run a statement with numbered places; what has its rows and its count, until the next one is run."""
        dumped = self.values.dump_sequence(values, [PyFormat.AUTO] * len(values))
        # The driver's own register, so that what it forgets is forgotten here: with a rollback it gives up all names.
        name = self.connected._prepared._names.get((statement, self.values.types or ()))
        if name is None:
            return self.cursor.execute(statement, values, binary=True)
        if self.pgconn.transaction_status == _IDLE and not self.connected.autocommit:
            self._checked(self.pgconn.exec_(b"BEGIN"))
        # Waits without Python's lock. What takes too long is for the server's timeouts to end.
        answer = self.pgconn.exec_prepared(name, dumped, self.values.formats, _BINARY)
        return Answer(self._checked(answer), self.values)

    def _checked(self, answer: Any) -> Any:
        if answer.status in (_ROWS, _DONE):
            return answer
        if self.pgconn.status != _OK:
            raise psycopg.OperationalError(f"the connection is lost: {self.pgconn.get_error_message()}")
        raise error_from_result(answer, encoding=self.connected.info.encoding)


class Answer:
    """What a statement found, to be read as from a cursor."""

    __slots__ = ("answer", "values")

    def __init__(self, answer: Any, values: Any) -> None:
        values.set_pgresult(answer)
        self.answer = answer
        self.values = values

    @property
    def rowcount(self) -> int:
        """How many rows there are, or were touched."""
        count: int = self.answer.command_tuples
        return count

    def fetchone(self) -> Row | None:
        """The first row, or None."""
        found: Row | None = self.values.load_row(0, tuple) if self.answer.ntuples else None
        return found

    def fetchall(self) -> list[Row]:
        """All rows."""
        found: list[Row] = self.values.load_rows(0, self.answer.ntuples, tuple)
        return found

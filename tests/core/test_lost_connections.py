"""PostgreSQL goes away and comes back: the next request works, and a command begins anew, but never twice."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.signals import request_started
from django.db import InterfaceError, OperationalError, connection, connections

from holdfast.accounts.models import ApiToken
from holdfast.core import sql
from holdfast.core.clock import now
from holdfast.core.transactions import command, is_busy
from holdfast.lib.refusals import Busy, Missing
from tests.core.test_transactions import job, names, write


def hang_up(engine: str) -> None:
    """End this thread's connection from the server's side; SQLite has no other side."""
    if engine == "sqlite":
        return
    pid = sql.one("SELECT pg_backend_pid()")

    def terminate() -> None:
        sql.one("SELECT pg_terminate_backend(%s, 5000)", pid or ())
        connections.close_all()

    thread = threading.Thread(target=terminate)
    thread.start()
    thread.join(20)
    time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_the_first_request_after_a_restart_works(engine: str) -> None:
    write(name="before")
    lost = connection.connection
    hang_up(engine)
    request_started.send(sender=None)
    assert names() == {"before"}
    assert (connection.connection is lost) == (engine == "sqlite")


@pytest.mark.django_db(transaction=True)
def test_a_sound_connection_is_kept_from_request_to_request() -> None:
    write(name="before")
    kept = connection.connection
    for _ in range(3):
        request_started.send(sender=None)
        assert names() == {"before"}
    assert connection.connection is kept


@pytest.mark.django_db(transaction=True)
def test_a_command_whose_connection_breaks_begins_anew_once(engine: str) -> None:
    attempts: list[int] = []

    @command
    def unlucky() -> None:
        attempts.append(1)
        job(f"attempt {len(attempts)}")
        if len(attempts) == 1:
            hang_up(engine)
            if engine == "sqlite":
                raise away()
            names()

    unlucky()
    assert names() == {"attempt 2"}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_again_is_busy() -> None:
    attempts: list[int] = []

    @command
    def doomed() -> None:
        attempts.append(1)
        raise away()

    with pytest.raises(Busy):
        doomed()
    assert len(attempts) == 2


@pytest.mark.django_db(transaction=True)
def test_what_may_have_been_stored_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[int] = []

    @command
    def unlucky() -> None:
        attempts.append(1)
        job("perhaps")
        monkeypatch.setattr(connection, "_commit", lose)

    def lose() -> None:
        raise away()

    with pytest.raises(Busy):
        unlucky()
    assert attempts == [1]


def away(state: str | None = None, kind: type[Exception] = OperationalError) -> Exception:
    error = kind("the connection is lost")
    error.__cause__ = psycopg.OperationalError()
    if state is not None:
        error.__cause__ = psycopg.errors.lookup(state)()
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (away(), True),
        (away(kind=InterfaceError), True),
        (away("57P01"), True),
        (away("57P03"), True),
        (away("08006"), True),
        (away("53300"), True),
        (away("58030"), False),
        (OperationalError("no such table"), False),
    ],
)
def test_a_database_that_is_away_is_busy_and_a_broken_one_is_not(error: Any, expected: bool) -> None:
    assert is_busy(error) is expected


@pytest.mark.django_db(transaction=True)
def test_what_was_deleted_between_looking_and_storing_is_missing() -> None:
    @command
    def refer_to_nothing() -> None:
        ApiToken.objects.create(
            account_id=uuid4(), role="staff", name="x", digest="d", prefix="p", created_at=now()
        )

    with pytest.raises(Missing):
        refer_to_nothing()
    assert not ApiToken.objects.exists()

"""On SQLite writers get their turn in the order of asking: nobody starves, whatever threads and processes there are."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from holdfast.config.databases import database
from holdfast.core.models import PeriodicJob
from holdfast.core.sqlite import base
from holdfast.core.sqlite.turns import Turns, turns_at
from tests.core.test_transactions import job, names, write

THREADS, PROCESSES, ROUNDS = 5, 3, 40
WRITER = """
import json, os, sys, threading, time
import django
django.setup()
from django.db import connection, connections, transaction
from holdfast.core.transactions import command

threads, rounds = map(int, sys.argv[1:])
waits, refused = [], []

@command
def write_in_transaction():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tally SET n = n + 1")
    time.sleep(0.002)

def write_one_statement():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tally SET n = n + 1")

def work():
    for number in range(rounds):
        begun = time.monotonic()
        try:
            (write_one_statement if number % 4 == 0 else write_in_transaction)()
        except Exception as error:
            refused.append(repr(error))
        waits.append(time.monotonic() - begun)
    connections.close_all()

crowd = [threading.Thread(target=work) for _ in range(threads)]
for one in crowd: one.start()
for one in crowd: one.join()
print(json.dumps({"longest": max(waits), "refused": refused}))
"""
HOLDER = """
import sys, time
from pathlib import Path
from holdfast.core.sqlite.turns import turns_at
assert turns_at(sys.argv[1]).take(5)
print("held", flush=True)
time.sleep(60)
"""


def _on_sqlite(path: Path) -> dict[str, Any]:
    return database(f"sqlite:///{path}", path.parent)


def _program(text: str, *words: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", text, *words], env=os.environ | more, stdout=subprocess.PIPE, text=True
    )


def test_a_crowd_of_threads_and_processes_writes_and_nobody_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "crowd.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")  # as `migrate` has left it
        made.execute("CREATE TABLE tally (n INTEGER)")
        made.execute("INSERT INTO tally VALUES (0)")
    url = {"DATABASE_URL": f"sqlite:///{path}"}

    crowd = [_program(WRITER, str(THREADS), str(ROUNDS), **url) for _ in range(PROCESSES)]
    told: list[dict[str, Any]] = [json.loads(one.communicate(timeout=100)[0]) for one in crowd]

    assert [one["refused"] for one in told] == [[]] * PROCESSES
    assert max(one["longest"] for one in told) < 3
    assert made.execute("SELECT n FROM tally").fetchall() == [(THREADS * PROCESSES * ROUNDS,)]
    made.close()


@pytest.mark.django_db(transaction=True)
def test_who_asks_first_writes_first() -> None:
    order: list[int] = []
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            holding.set()
            done.wait(20)
        connections.close_all()

    def ask(number: int) -> None:
        with transaction.atomic():
            order.append(number)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert holding.wait(10)
    crowd = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in crowd:
        thread.start()
        time.sleep(0.05)
    done.set()
    for thread in [holder, *crowd]:
        thread.join(20)

    assert order == list(range(8))


@pytest.mark.django_db(transaction=True)
def test_a_turn_ends_with_its_transaction_however_it_ends() -> None:
    def somebody_else_writes(name: str) -> None:
        def run() -> None:
            write(name=name)
            connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(20)
        assert name in names()

    write(name="committed")
    somebody_else_writes("after a commit")
    with pytest.raises(RuntimeError), transaction.atomic():
        raise RuntimeError
    somebody_else_writes("after a rollback")
    with transaction.atomic():
        job("lost with its connection")
        connection.close()
    somebody_else_writes("after a lost connection")
    PeriodicJob.objects.filter(name="committed").update(cron="1 * * * *")
    somebody_else_writes("after one statement")


@pytest.mark.django_db
def test_transactions_inside_transactions_wait_for_nobody() -> None:
    with transaction.atomic(), transaction.atomic():
        write(name="inside")
    assert names() == {"inside"}


@pytest.mark.django_db
def test_a_turn_that_does_not_come_is_a_locked_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "PATIENCE_SECONDS", 0.1)
    path = tmp_path / "some.sqlite3"
    mine = base.DatabaseWrapper({**connections["default"].settings_dict, **_on_sqlite(path)}, "mine")
    with mine.cursor() as cursor:
        cursor.execute("CREATE TABLE tally (n INTEGER)")
        turns = turns_at(str(path))
        assert turns.take(1)
        with pytest.raises(OperationalError, match="database is locked"):
            cursor.execute("INSERT INTO tally VALUES (1)")
        with pytest.raises(OperationalError, match="database is locked"):
            mine.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        turns.give_back()
        cursor.execute("INSERT INTO tally VALUES (2)")
        assert cursor.execute("SELECT n FROM tally").fetchall() == [(2,)]
    mine.close()


def test_a_killed_process_gives_its_turn_back(tmp_path: Path) -> None:
    path = tmp_path / "some.sqlite3"
    with _program(HOLDER, str(path)) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        turns = Turns(path)
        assert not turns.take(0.1)
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        assert turns.take(5)
        turns.give_back()

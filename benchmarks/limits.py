"""Raw limits: the same rows read and written by a minimal SQL client, the same arithmetic without anything around it."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections.abc import Sequence
from threading import Thread
from typing import Any

import psycopg

# One transaction: statements with their values.
Transaction = list[tuple[str, tuple[Any, ...]]]
_PROCESSES, _THREADS = 2, 8


def postgres_seconds(url: str, transactions: Sequence[Transaction]) -> float:
    """How long two processes with eight connections each need for these transactions, statements prepared."""
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(_PROCESSES + 1), context.Queue()
    processes = [
        context.Process(target=_write, args=(url, transactions[number::_PROCESSES], start, results))
        for number in range(_PROCESSES)
    ]
    for process in processes:
        process.start()
    start.wait()
    began = time.perf_counter()
    problems = [problem for _ in processes if (problem := results.get())]
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    if problems:
        raise RuntimeError(problems[0])
    return seconds


def _write(url: str, transactions: Sequence[Transaction], start: Any, results: Any) -> None:
    connections = [psycopg.connect(url, prepare_threshold=1) for _ in range(_THREADS)]
    problems: list[str] = []

    def run(connection: psycopg.Connection[Any], mine: Sequence[Transaction]) -> None:
        try:
            for statements in mine:
                with connection.transaction(), connection.pipeline():
                    for statement, values in statements:
                        connection.execute(statement, values)
        except psycopg.Error as error:
            problems.append(str(error))

    threads = [
        Thread(target=run, args=(connection, transactions[number::_THREADS]))
        for number, connection in enumerate(connections)
    ]
    start.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(problems[0] if problems else "")


def sqlite_seconds(path: str, transactions: Sequence[Transaction]) -> float:
    """How long one connection needs for these transactions, as durable as Holdfast's own (there is one writer anyway)."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        began = time.perf_counter()
        for statements in transactions:
            connection.execute("BEGIN IMMEDIATE")
            for statement, values in statements:
                connection.execute(statement, values).fetchall()
            connection.execute("COMMIT")
        return time.perf_counter() - began

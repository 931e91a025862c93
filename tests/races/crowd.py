"""Many clients at the same moment, as threads or as processes, each with a database connection of its own.

Every client plays the same rounds; a barrier starts each round for all of them at once.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import django
from django.apps import apps
from django.db import connections

if not apps.ready:  # in the process that the contenders are forked from
    django.setup()

from tests.races.plays import Play, Stage
from tests.races.weakening import remove_code_checks

CLIENTS = 12
ROUNDS = 30
PATIENCE_SECONDS = 60

Rounds = list[list[str]]
Run = Callable[..., Rounds]

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.races.crowd"])
_start_of_round: Any = None


def in_threads(play: Play, stage: Stage, *, clients: int = CLIENTS, rounds: int = ROUNDS) -> Rounds:
    """What became of every client in every round: ``won``, or the code of the refusal."""
    barrier = threading.Barrier(clients)
    with ThreadPoolExecutor(clients) as pool:
        contenders = [
            pool.submit(_contend, barrier, play, stage, number, rounds) for number in range(clients)
        ]
        return _by_round([contender.result() for contender in contenders])


def in_processes(
    play: Play,
    stage: Stage,
    *,
    clients: int = CLIENTS,
    rounds: int = ROUNDS,
    without_code_checks: bool = False,
) -> Rounds:
    """The same with processes, which share nothing but the database."""
    database = dict(connections["default"].settings_dict)
    connections.close_all()
    barrier = _forks.Barrier(clients)
    with ProcessPoolExecutor(
        clients, mp_context=_forks, initializer=_enter, initargs=(barrier, database, without_code_checks)
    ) as pool:
        contenders = [pool.submit(_contend_alone, play, stage, number, rounds) for number in range(clients)]
        return _by_round([contender.result() for contender in contenders])


def _enter(barrier: Any, database: dict[str, Any], without_code_checks: bool) -> None:
    global _start_of_round
    _start_of_round = barrier
    connections["default"].settings_dict.update(database)
    if without_code_checks:
        remove_code_checks(setattr)


def _contend_alone(play: Play, stage: Stage, number: int, rounds: int) -> list[str]:
    return _contend(_start_of_round, play, stage, number, rounds)


def _contend(barrier: Any, play: Play, stage: Stage, number: int, rounds: int) -> list[str]:
    outcomes = []
    try:
        for turn in range(rounds):
            barrier.wait(PATIENCE_SECONDS)
            outcomes.append(play(stage, number, turn))
    except BaseException:
        barrier.abort()  # so that the others do not wait for somebody who is gone
        raise
    finally:
        connections.close_all()
    return outcomes


def _by_round(outcomes: list[list[str]]) -> Rounds:
    return [list(turn) for turn in zip(*outcomes, strict=True)]

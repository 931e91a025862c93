from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine

from holdfast.core import ids
from holdfast.core.ids import uuid7


@pytest.fixture(autouse=True)
def no_future_behind_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that travelled ahead leave a counter behind that never steps back."""
    monkeypatch.setattr(ids, "_last_ms", 0)


def test_an_id_is_a_uuid_of_version_seven_with_the_milliseconds_in_front() -> None:
    before = time.time_ns() // 1_000_000
    value = uuid7()
    assert value.version == 7
    assert value.variant == "specified in RFC 4122"
    assert before <= value.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_rise_even_when_the_clock_stands_still_or_steps_back() -> None:
    with time_machine.travel("2031-01-01T00:00:00Z", tick=False):
        values = [uuid7() for _ in range(2000)]
    with time_machine.travel("2030-01-01T00:00:00Z", tick=False):
        values += [uuid7() for _ in range(2000)]
    assert values == sorted(values)
    assert len(set(values)) == 4000


def test_threads_never_get_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        lists = list(pool.map(lambda _: [uuid7() for _ in range(2000)], range(8)))
    values = [value for part in lists for value in part]
    assert len(set(values)) == 16_000


def test_a_forked_process_does_not_continue_its_parents_counter() -> None:
    with time_machine.travel("2032-01-01T00:00:00Z", tick=False):
        uuid7()
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writes, uuid7().bytes)
            os._exit(0)
        os.waitpid(child, 0)
        theirs = os.read(reads, 16)
        mine = uuid7().bytes
    assert theirs[:6] == mine[:6]  # the same millisecond
    # A continued counter would differ by less than two random steps of 32 bits; a fresh one lies anywhere in 73 bits.
    assert abs(int.from_bytes(theirs, "big") - int.from_bytes(mine, "big")) > 1 << 40

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from holdfast.core import ratelimit
from holdfast.core.clock import now
from holdfast.core.errors import TooMany
from holdfast.core.models import RateWindow
from holdfast.core.ratelimit import UNLIMITED, demand, hit, look
from tests.core.threads import at_once

DANA = "198.51.100.7"


@pytest.mark.django_db
def test_the_limit_is_exact_and_says_what_remains() -> None:
    verdicts = [hit("lookups", DANA, limit=3, window=60) for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0, 0]
    assert verdicts[0].retry_after == 0
    assert 58 <= verdicts[4].retry_after <= 60
    with pytest.raises(TooMany) as refused:
        demand(verdicts[4])
    assert refused.value.code == "rate_limited"
    assert refused.value.facts == {"retry_after": verdicts[4].retry_after, "limit": 3}
    demand(verdicts[2])


@pytest.mark.django_db
def test_buckets_and_clients_do_not_share() -> None:
    hit("lookups", DANA, limit=1, window=60)
    assert hit("sign-in", DANA, limit=1, window=60).allowed
    assert hit("lookups", "198.51.100.8", limit=1, window=60).allowed
    assert not hit("lookups", DANA, limit=1, window=60).allowed


@pytest.mark.django_db
def test_a_window_lasts_its_whole_length_from_the_first_knock() -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        assert hit("lookups", DANA, limit=1, window=60).allowed
    with time_machine.travel(start + timedelta(seconds=59), tick=False):
        assert hit("lookups", DANA, limit=1, window=60).retry_after == 1
    with time_machine.travel(start + timedelta(seconds=60), tick=False):
        assert hit("lookups", DANA, limit=1, window=60).allowed
        assert not hit("lookups", DANA, limit=1, window=60).allowed


@pytest.mark.django_db
def test_the_general_limit_comes_from_the_settings_and_zero_switches_it_off(settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS, settings.RATE_LIMIT_WINDOW_SECONDS = 2, 30
    assert [hit("writes", DANA).allowed for _ in range(3)] == [True, True, False]
    settings.RATE_LIMIT_MAX_REQUESTS = 0
    assert hit("writes", DANA) == UNLIMITED
    assert [hit("lookups", DANA, limit=1).allowed for _ in range(2)] == [True, False]


@pytest.mark.django_db
def test_looking_does_not_count() -> None:
    for _ in range(3):
        assert look("guesses", DANA, limit=2).remaining == 2
    hit("guesses", DANA, limit=2, window=60)
    assert look("guesses", DANA, limit=2).allowed
    hit("guesses", DANA, limit=2, window=60)
    verdict = look("guesses", DANA, limit=2)
    assert not verdict.allowed
    assert verdict.retry_after > 50


@pytest.mark.django_db
def test_the_table_holds_no_addresses() -> None:
    hit("lookups", DANA, limit=3)
    assert DANA not in RateWindow.objects.get().key


@pytest.mark.django_db
def test_ended_windows_are_forgotten() -> None:
    hit("lookups", DANA, limit=3, window=10)
    hit("lookups", "198.51.100.8", limit=3, window=1000)
    with time_machine.travel(now() + timedelta(seconds=11)):
        assert ratelimit.forget_ended() == 1
    assert RateWindow.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_threads_together_get_exactly_the_limit() -> None:
    verdicts = at_once(8, lambda _: [hit("writes", DANA, limit=25, window=600) for _ in range(10)])
    assert sum(verdict.allowed for part in verdicts for verdict in part) == 25

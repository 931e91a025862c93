"""The counters in Redis, and what holds while it is away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.core import redis_counters
from holdfast.core.models import RateWindow
from holdfast.core.ratelimit import hit, look
from tests.cast import Shop
from tests.core.threads import at_once
from tests.support import servers

DANA = "198.51.100.7"
NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def in_redis(settings: Any, redis_url: str) -> str:
    settings.REDIS_URL = redis_url
    redis_counters._connection(redis_url).flushdb()
    return redis_url


@pytest.fixture
def redis_is_away(settings: Any) -> Iterator[None]:
    settings.REDIS_URL = NOBODY_THERE
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": NOBODY_THERE}}
    redis_counters._away_since.clear()
    yield
    redis_counters._away_since.clear()


def test_the_limit_is_exact_and_says_what_remains(in_redis: str) -> None:
    assert look("lookups", DANA, limit=2).remaining == 2
    verdicts = [hit("lookups", DANA, limit=2, window=60) for _ in range(4)]
    assert [one.allowed for one in verdicts] == [True, True, False, False]
    assert [one.remaining for one in verdicts] == [1, 0, 0, 0]
    assert 58 <= verdicts[3].retry_after <= 60
    assert not look("lookups", DANA, limit=2).allowed
    assert look("lookups", "198.51.100.8", limit=2).allowed
    assert look("guesses", DANA, limit=2).allowed


def test_a_window_ends(in_redis: str) -> None:
    hit("lookups", DANA, limit=1, window=1)
    assert not look("lookups", DANA, limit=1).allowed
    assert servers.wait_until(lambda: look("lookups", DANA, limit=1).allowed, 10)


def test_threads_together_get_exactly_the_limit(in_redis: str) -> None:
    verdicts = at_once(8, lambda _: [hit("writes", DANA, limit=25, window=600) for _ in range(10)])
    assert sum(one.allowed for part in verdicts for one in part) == 25


def test_redis_holds_no_addresses(in_redis: str) -> None:
    hit("lookups", DANA, limit=2)
    (key,) = redis_counters._connection(in_redis).keys("*")
    assert DANA.encode() not in key


@pytest.mark.django_db
def test_while_redis_is_away_the_database_counts(redis_is_away: None) -> None:
    assert [hit("lookups", DANA, limit=2, window=60).allowed for _ in range(3)] == [True, True, False]
    assert not look("lookups", DANA, limit=2).allowed
    assert RateWindow.objects.get().hits == 3


@pytest.mark.django_db
def test_while_redis_is_away_nobody_signs_in_and_everybody_reads(redis_is_away: None, shop: Shop) -> None:
    client = Client(raise_request_exception=False)
    typed = {"login": "alice@example.org", "password": "correct horse battery"}
    answer = client.post(reverse("account_login"), typed)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get(f"/b/{shop.slug}/").status_code == 200
    assert client.get(f"/api/v1/businesses/{shop.slug}/services").status_code == 200

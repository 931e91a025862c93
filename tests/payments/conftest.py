"""A double of Stripe for whoever asks for one, and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from holdfast.payments.providers import stripe as provider
from tests.stripe_double.server import Double, running

SECRET = "whsec_the_one_in_use"


@pytest.fixture
def double(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """A Stripe of our own, asked by Holdfast; impatient, so that faults cost no time."""
    monkeypatch.setattr(provider, "RETRIES", 0)
    with running() as one:
        settings.STRIPE_SECRET_KEY = "sk_test_double"
        settings.STRIPE_WEBHOOK_SECRETS = (SECRET,)
        settings.STRIPE_API_BASE = one.url
        yield one
        provider._client.cache_clear()

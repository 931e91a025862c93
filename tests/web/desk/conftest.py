"""A Friday at eleven in a London barbershop, and people signed in at its desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from holdfast.accounts.models import Account
from holdfast.bookings.queries import BookingFacts
from tests.cast import Shop

# Half past ten on the wall as well: London keeps UTC in November.
FRIDAY = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def friday() -> Iterator[time_machine.Traveller]:
    """The clock stands at :data:`FRIDAY` until a test moves it."""
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sign_in() -> Callable[[Account], Client]:
    """A browser in which this account is signed in."""

    def signed_in(account: Account) -> Client:
        client = Client()
        client.force_login(account)
        return client

    return signed_in


@pytest.fixture
def staff(shop: Shop, bob: Account, sign_in: Callable[[Account], Client]) -> Client:
    """Bob at the desk of Alice's barbershop."""
    return sign_in(bob)


@pytest.fixture
def manager(shop: Shop, mona: Account, sign_in: Callable[[Account], Client]) -> Client:
    """Mona at the desk of Alice's barbershop."""
    return sign_in(mona)


@pytest.fixture
def stranger(shop: Shop, charlie: Account, sign_in: Callable[[Account], Client]) -> Client:
    """Charlie, who owns the business next door, in Charlie's browser."""
    return sign_in(charlie)


@pytest.fixture
def dana_at_noon(shop: Shop) -> BookingFacts:
    """Dana's booking with Theo today at twelve."""
    return shop.book("12:00", days=0, resource=shop.theo)

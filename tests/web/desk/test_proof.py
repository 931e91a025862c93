"""What lets others in or hands out people's data asks who is there, if that was shown long ago (SPEC J1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from holdfast.accounts.models import Account
from holdfast.bookings.queries import BookingFacts
from tests.cast import PASSWORD, Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_signed_in(alice: Account, friday: time_machine.Traveller) -> Client:
    """Alice's browser, an hour after she signed in by the page."""
    browser = Client()
    assert browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}).status_code == 302
    friday.shift(timedelta(hours=1))
    return browser


def test_letting_people_and_programs_in_asks_for_proof(long_signed_in: Client, shop: Shop) -> None:
    for page in ("members", "tokens/new"):
        address = f"/desk/{shop.slug}/settings/{page}"
        assert long_signed_in.get(address).status_code == 200
        answer = long_signed_in.post(address, {"email": "eve@example.org", "role": "staff"})
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/"), page


def test_handing_out_and_forgetting_peoples_data_asks_for_proof(
    dana_at_noon: BookingFacts, long_signed_in: Client, shop: Shop
) -> None:
    person = f"/desk/{shop.slug}/people/{dana_at_noon.customer_id}"
    for address in (
        f"{person}/data.json",
        f"/desk/{shop.slug}/settings/access.csv",
        f"/desk/{shop.slug}/settings/audit.csv",
    ):
        answer = long_signed_in.get(address)
        assert answer.status_code == 302, address
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/"), address
    answer = long_signed_in.post(f"{person}/erase")
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")

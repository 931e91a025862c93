"""Paying for a booking on its pages: three lines before the button, the provider's page, and the true state after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.payments.models import Payment, Refund
from tests.bookings.money import pay, takes_money
from tests.cast import Shop
from tests.web.public.visitor import DETAILS, said, take

PROVIDER = "https://pay.example/checkout"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The provider's page, and what each checkout was asked with."""
    asked: list[dict[str, Any]] = []

    def open_checkout(**what: Any) -> str | None:
        asked.append(what)
        return PROVIDER

    monkeypatch.setattr("holdfast.web.public.views_pay.open_checkout", open_checkout)
    return asked


def owe(client: Client, shop: Shop, provider: list[dict[str, Any]]) -> str:
    """Book with a deposit of £10 as Dana and come back from the provider; the address of the manage page."""
    answer = client.post(f"{take(client, shop)}/confirm", DETAILS)
    assert answer.status_code == 303
    url = str(answer["Location"])
    assert url.endswith("/pay")
    there = client.get(url)
    assert (there.status_code, there["Location"]) == (303, PROVIDER)
    return url.removesuffix("/pay")


def test_the_pay_step_names_the_amounts_before_the_button_and_leads_to_the_provider(
    shop: Shop, client: Client, provider: list[dict[str, Any]]
) -> None:
    takes_money(shop, {"deposit_minor": 1000}, tax_basis_points=2000)
    address = take(client, shop)
    form = said(client.get(address))
    for part in ("£26.00", "Deposit to pay now £10.00", "To pay there £16.00", "Tax in it, 20% £4.33"):
        assert part in form
    assert "Pay £10 and confirm" in form
    assert "Pay £10 and confirm" in said(client.post(f"{address}/review", DETAILS))
    url = owe(client, shop, provider)
    assert provider[0]["title"] == "Classic cut at Fenwick"
    assert provider[0]["return_url"].endswith(f"{url}?said=paid")
    assert provider[0]["email"] == "dana@example.org"
    page = said(client.get(url))
    for part in ("Nearly there, Dana", "£10 deposit, by", "Unpaid times go back on sale", "Pay £10"):
        assert part in page
    assert "£26.00, £10.00 deposit still to pay" in page
    assert Payment.objects.count() == 1
    again = client.post(f"{url}/pay")
    assert (again["Location"], Payment.objects.count()) == (PROVIDER, 1)  # the same payment, however often


def test_coming_back_the_page_checks_until_it_is_so_and_gives_up_politely(
    shop: Shop, client: Client, provider: list[dict[str, Any]]
) -> None:
    takes_money(shop, {"deposit_minor": 1000})
    url = owe(client, shop, provider)
    page = client.get(f"{url}?said=paid")
    assert "We are checking your payment" in said(page)
    assert b"every 2s" in page.content
    asks = {"HTTP_HX_REQUEST": "true"}
    since = int(clock.now().timestamp())
    assert b"every 2s" in client.get(f"{url}/paid?since={since}", **asks).content  # type: ignore[arg-type]
    late = client.get(f"{url}/paid?since={since - 31}", **asks)  # type: ignore[arg-type]
    assert b"every 2s" not in late.content
    assert "Nothing more to do" in said(late)
    assert "not paid" in said(client.get(f"{url}?said=unpaid"))
    pay(shop, Booking.objects.get().id)
    done = client.get(f"{url}/paid?since={since}", **asks)  # type: ignore[arg-type]
    assert done["HX-Redirect"] == f"{url}?new=1"
    words = said(client.get(f"{url}?new=1"))
    for part in ("You're booked, Dana", "£10.00 of it paid, £16.00 to pay there", "Paid £10.00"):
        assert part in words


def test_when_the_provider_cannot_be_reached_the_page_says_so_and_offers_to_try_again(
    shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.web.public.views_pay.open_checkout", lambda **_: None)
    takes_money(shop, {"prepay": True})
    url = str(client.post(f"{take(client, shop)}/confirm", DETAILS)["Location"])
    answer = client.get(url)
    assert answer.status_code == 503
    assert "cannot be reached at the moment" in said(answer)
    assert "Pay £26" in said(answer)


def test_the_refund_is_said_before_cancelling_and_on_the_page_after_it(
    shop: Shop, client: Client, provider: list[dict[str, Any]]
) -> None:
    takes_money(shop, {"deposit_minor": 1000}, cancellation_notice_minutes=0, refund_part_minutes=60)
    url = owe(client, shop, provider)
    waits = said(client.get(f"{url}/cancel"))
    assert "Nothing was paid yet" in waits
    booking = Booking.objects.get()
    pay(shop, booking.id)
    assert "You get your £10.00 back" in said(client.get(f"{url}/cancel"))
    assert "Everything you paid comes back" in said(client.get(url))
    with time_machine.travel(booking.starts_at - timedelta(hours=2), tick=False):
        assert "You get £5.00 of your £10.00 back" in said(client.get(f"{url}/cancel"))
        client.post(f"{url}/cancel")
        assert "£5.00 are on their way back to you" in said(client.get(url))
        assert Refund.objects.get().amount_minor == 500
        client.post(f"{url}/undo")
        assert not Refund.objects.exists()
    with time_machine.travel(booking.starts_at - timedelta(minutes=30), tick=False):
        assert "too late for a refund: your £10.00 stay" in said(client.get(f"{url}/cancel"))


def test_the_rest_can_be_paid_before_the_visit(
    shop: Shop, client: Client, provider: list[dict[str, Any]]
) -> None:
    takes_money(shop, {"deposit_minor": 1000})
    url = owe(client, shop, provider)
    booking = Booking.objects.get()
    pay(shop, booking.id)
    assert "£16 to pay" in said(client.get(url))
    assert client.post(f"{url}/pay")["Location"] == PROVIDER
    pay(shop, booking.id)
    assert "£26.00, paid" in said(client.get(url))
    assert client.post(f"{url}/pay")["Location"].endswith(url)  # nothing left

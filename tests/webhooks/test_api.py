"""Webhooks through the API (SPEC H7)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.lib.actors import Role
from holdfast.webhooks.jobs import send_due_deliveries
from holdfast.webhooks.rules import MOST_ENDPOINTS
from tests.api.conftest import Api
from tests.cast import Shop
from tests.webhooks.conftest import endpoint
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


def test_a_program_manages_webhooks(shop: Shop, receiver: Receiver) -> None:
    api = Api(shop.slug, shop.token(Role.ADMIN))
    made = api.post("/webhooks", {"url": receiver.url, "events": ["booking.confirmed"]})
    assert made.status == 201
    address = f"/webhooks/{made.body['id']}"
    assert "secret" not in api.get("/webhooks").body["items"][0]
    assert api.patch(address, {"paused": True}).body["paused"] == "by_hand"
    assert api.post(f"{address}/test").body["code"] == "endpoint_paused"
    assert api.patch(address, {"paused": False, "description": "Till"}).body["description"] == "Till"
    tried = api.post(f"{address}/test")
    assert (tried.status, tried.body["status"]) == (201, "queued")
    send_due_deliveries()
    [row] = api.get(f"{address}/deliveries?status=sent").body["items"]
    assert row["log"][0]["status"] == 204
    assert api.post(f"/deliveries/{row['id']}/resend").body["status"] == "queued"
    assert api.post(f"{address}/rotate").body["secret"] != made.body["secret"]
    assert api.delete(address).status == 204
    assert api.get(address).status == 404


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://169.254.169.254/latest/meta-data", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://localhost/", "private_address"),
        ("http://93.184.216.34/", "needs_https"),
        ("https://user:pw@93.184.216.34/", "invalid_url"),
    ],
)
def test_an_address_nobody_should_reach_from_here_is_422(
    shop: Shop, settings: Any, url: str, code: str
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = ()
    answer = Api(shop.slug, shop.token(Role.ADMIN)).post(
        "/webhooks", {"url": url, "events": ["booking.confirmed"]}
    )
    assert answer.status == 422
    assert [found["code"] for found in answer.body["fields"]["url"]] == [code]


def test_a_business_has_a_bounded_number_of_webhooks(shop: Shop, receiver: Receiver) -> None:
    for _ in range(MOST_ENDPOINTS):
        endpoint(shop, receiver.url)
    answer = Api(shop.slug, shop.token(Role.ADMIN)).post(
        "/webhooks", {"url": receiver.url, "events": ["booking.confirmed"]}
    )
    assert (answer.status, answer.body["code"]) == (409, "too_many_endpoints")

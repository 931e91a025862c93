"""A client that speaks JSON to the API, and what its tests share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from holdfast.bookings.models import Booking, BookingChange, Claim, Request, RequestTemplate
from holdfast.catalog.models import Adjacency, Combination, PriceRule, Promotion, Question, RiderTemplate
from holdfast.core.models import IdempotencyKey, OutboxEvent
from holdfast.customers.models import Consent, Customer
from holdfast.lib.actors import Role
from holdfast.schedule.models import Slot, SlotSeries
from holdfast.waitlist.models import Entry, EntryChange, EntryWish, Gap, Offer
from tests.api.contract import hold_to_contract
from tests.cast import Shop

DANA = {"name": "Dana Guest", "email": "dana@example.org", "phone": "07700 900418"}


@dataclass
class Answer:
    """An answer of the API with its body read."""

    response: HttpResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Any:
        return self.response.headers

    @property
    def body(self) -> Any:
        return json.loads(self.response.content) if self.response.content else None

    @property
    def code(self) -> str:
        """The code of a problem, whose outer form is checked on the way."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["status"] == self.status
        assert self.body["type"] == f"/api/v1/docs#{self.body['code']}"
        assert self.body["title"]
        assert self.body["detail"]
        return str(self.body["code"])

    @property
    def mistakes(self) -> dict[str, list[str]]:
        """The codes of the mistakes by field."""
        return {name: [each["code"] for each in found] for name, found in self.body.get("fields", {}).items()}


@dataclass
class Api:
    """Calls below one business, with one token or none."""

    slug: str
    secret: str = ""
    client: Client | None = None

    def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> Answer:
        client = self.client or Client()
        content = body if isinstance(body, (str, bytes)) else json.dumps(body) if body is not None else ""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.secret:
            sent["Authorization"] = f"Bearer {self.secret}"
        address = f"/api/v1/businesses/{self.slug}{path}"
        response = client.generic(
            method,
            address,
            content,
            content_type="application/json",
            headers=sent,
        )
        hold_to_contract(method, address.partition("?")[0], response)  # type: ignore[arg-type]
        return Answer(response)  # type: ignore[arg-type]

    def get(self, path: str = "", **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)


@pytest.fixture(autouse=True)
def collected_files(settings: Any) -> None:
    """The folder of static files exists, as in an installation."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)


@pytest.fixture(autouse=True)
def no_general_limit(settings: Any) -> None:
    """Tests knock more often than people; the limit has tests of its own."""
    settings.RATE_LIMIT_MAX_REQUESTS = 0


@pytest.fixture
def guest(shop: Shop) -> Api:
    """Dana, who brings nothing."""
    return Api(shop.slug)


@pytest.fixture
def staff(shop: Shop) -> Api:
    """A program of the desk."""
    return Api(shop.slug, shop.token(Role.STAFF))


@pytest.fixture
def manager(shop: Shop) -> Api:
    """A program that may change what the shop offers."""
    return Api(shop.slug, shop.token(Role.MANAGER))


def booking_body(shop: Shop, hhmm: str = "10:00", days: int = 3, **more: Any) -> dict[str, Any]:
    """A guest's booking of the cut."""
    return {
        "service": str(shop.cut.id),
        "starts_at": shop.at(hhmm, days).isoformat(),
        "customer": dict(DANA),
    } | more


STORED = (
    *(Booking, Claim, BookingChange, Customer, Consent, OutboxEvent, IdempotencyKey, Request),
    *(
        RequestTemplate,
        RiderTemplate,
        Combination,
        Adjacency,
        Question,
        PriceRule,
        Promotion,
        Slot,
        SlotSeries,
    ),
    *(Entry, EntryWish, EntryChange, Gap, Offer),
)


def rows() -> dict[str, int]:
    """How much is stored of what a booking writes, and of what is offered."""
    return {model.__name__: model._default_manager.count() for model in STORED}


@contextmanager
def nothing_stored() -> Iterator[None]:
    """Whatever happens inside leaves no row behind."""
    before = rows()
    yield
    assert rows() == before

"""Strange requests by the hundred, made from openapi.json: documented answers only, and never a fault.

The seed is fixed and the examples are bounded. Guests, the desk and a manager knock; most requests get real ids,
so that they reach deeper than the first check.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as bounded
from schemathesis import checks, openapi

from holdfast.config.wsgi import application
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.waitlist.commands import offer_by_hand
from tests.api.conftest import DANA
from tests.cast import Shop
from tests.waitlist.line import wait

settings.STATIC_ROOT.mkdir(exist_ok=True)
# For each of some hundred operations; together they are still many hundred requests.
EXAMPLES = 4


def served(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The application as a server runs it: every answer is read and then closed."""
    response = application(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


document = openapi.from_wsgi("/api/v1/openapi.json", served)
checks.load_all_checks()
SEED = 20261120
CHECKS = [
    checks.not_a_server_error,
    *checks.CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
            "negative_data_rejection",
            "allow_header_conformance",
            "unsupported_method",
        ]
    ),
]


@dataclass
class World:
    """A shop with a booking, somebody who waits and has an offer, and a program of each role."""

    shop: Shop
    reference: str
    entry_id: str
    offer_id: str
    secrets: list[str]


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """The end of a request closes no connection: the test's transaction lives on it (Django's test client does so too)."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def world(shop: Shop) -> World:
    booking = shop.book()
    entry = wait(shop)
    offer = offer_by_hand(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=entry.id,
        service_id=shop.cut.id,
        starts_at=shop.at("12:00"),
        now=clock.now(),
    )
    manager = shop.token(Role.MANAGER)
    secrets = ["", shop.token(Role.STAFF), manager, manager]
    return World(shop, booking.reference, str(entry.id), str(offer.id), secrets)


def made_real(case: Any, world: World, chance: random.Random) -> None:
    """Real names in place of made-up ones, where the case has a place for them."""
    shop = world.shop
    known = {
        "slug": shop.slug,
        "reference": world.reference,
        "service_id": str(shop.cut.id),
        "resource_id": str(shop.theo.id),
        "entry_id": world.entry_id,
        "offer_id": world.offer_id,
        "service": str(shop.cut.id),
        "services": [str(shop.cut.id)],
        "resource": str(shop.theo.id),
    }
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            for name in known.keys() & part.keys():
                part[name] = known[name]
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("customer"), dict):
        body["customer"] = dict(DANA)
    if isinstance(body, dict) and "starts_at" in body and chance.random() < 0.5:
        body["starts_at"] = shop.at(f"{9 + len(repr(body)) % 8:02}:00", days=4).isoformat()


@document.parametrize()
@seed(SEED)
@bounded(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.django_db
def test_no_request_finds_an_undocumented_answer(case: schemathesis.Case, world: World) -> None:
    chance = random.Random(repr((case.path_parameters, case.query, case.body, case.headers)))
    secret = chance.choice(world.secrets)
    wanted = list(CHECKS)
    if chance.random() < 0.7:
        made_real(case, world, chance)
        # What was made wrong on purpose may now be right.
        wanted = [check for check in CHECKS if check.__name__ != "negative_data_rejection"]
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    case.call_and_validate(headers=headers, checks=wanted)

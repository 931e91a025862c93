"""Nothing of another business: its ids answer like ids that do not exist, in words and in rows (SPEC A4)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client

from holdfast.accounts.models import ApiToken
from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.notifications.models import Message
from tests.api.conftest import Api
from tests.permissions import routes
from tests.permissions.test_every_route import operation_address, page_address
from tests.permissions.world import World, everything
from tests.waitlist.line import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any) -> World:
    settings.RATE_LIMIT_MAX_REQUESTS = 0
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    return World()


def nobodys(world: World) -> dict[str, str]:
    """Ids of the same shape that nothing has."""
    made = {name: str(uuid4()) for name in world.ids} | {name: world.ids[name] for name in WORDS}
    return made | {"reference": "ZZZZZ-ZZZZZ", "request": "ZZZZZ-ZZZZZ"}


# A body that each operation would take, so that the id alone is what is wrong.
BODIES: dict[str, dict[str, Any]] = {
    "change_member": {"role": "admin"},
    "rotate_token": {"overlap_hours": 1},
    "change_webhook": {"description": "Mine"},
    "take_payment": {"amount_minor": 100},
    "give_refund": {"amount_minor": 100, "note": "Mine"},
    "change_service": {"name": "Mine"},
    "change_resource": {"name": "Mine"},
    "change_rider": {"name": "Mine"},
    "change_price_rule": {"name": "Mine"},
    "change_promotion": {"active": False},
    "change_question": {"label": "Mine"},
    "add_question": {"label": "Mine", "kind": "text"},
    "change_combination": {"name": "Mine"},
    "change_exception": {"note": "Mine"},
    "change_slot": {"capacity": 3},
    "change_slot_series": {"active": False},
    "change_template": {"name": "Mine"},
    "put_reminders": {"minutes": [60]},
    "reorder_entry": {"reason": "Mine", "boost": 1},
    "remove_entry": {"reason": "Mine"},
}


# Parameters that are the same in every business and name nothing of anybody's.
WORDS = {"kind", "event", "language", "paper", "sheet"}


def told(answer: Any, ids: dict[str, str]) -> tuple[int, str]:
    """Status and body, without the ids that were asked for and what differs with every call."""
    body = b"".join(answer) if answer.streaming else answer.content
    text = body.decode()
    for name, value in ids.items():
        if name not in WORDS:
            text = text.replace(value, "…")
    text = re.sub(r'nonce="[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"|"request_id":"\w+"', "", text)
    return answer.status_code, text


def test_every_operation_answers_a_foreign_id_like_none_and_changes_nothing(world: World) -> None:
    stranger = Client(headers={"Authorization": f"Bearer {world.other.token(Role.ADMIN)}"})
    theirs, none = world.ids, nobodys(world)
    before, wrong, asked = everything(), [], 0
    for method, path, operation in routes.operations():
        if not set(re.findall(r"{(\w+)}", path)) - {"slug", *WORDS}:
            continue
        asked += 1
        body = json.dumps(BODIES.get(operation["operationId"], {})).encode() if method != "GET" else b""
        seen = [
            told(
                stranger.generic(
                    method,
                    operation_address(path, world.other.slug, ids),
                    body,
                    content_type="application/json",
                ),
                ids,
            )
            for ids in (theirs, none)
        ]
        # Forms that are kept are for people who sign in: a program is refused whatever it names.
        if seen[0] != seen[1] or seen[0][0] not in (403, 404, 422):
            wrong.append((method, path, seen))
    assert wrong == []
    assert asked > 60
    assert everything() == before


def test_every_page_answers_a_foreign_id_like_none_and_changes_nothing(world: World) -> None:
    stranger, none = world.client("stranger"), nobodys(world)
    before, wrong, asked = everything(), [], 0
    for name, actions in routes.PAGES.items():
        addresses = [page_address(name, world.other.slug, ids) for ids in (world.ids, none)]
        if addresses[0] == addresses[1] or name == "scan":
            continue
        for method, action in zip(("get", "post"), actions, strict=True):
            if action is None:
                continue
            asked += 1
            call: Callable[..., Any] = getattr(stranger, method)
            seen = [told(call(each), ids) for each, ids in zip(addresses, (world.ids, none), strict=True)]
            if seen[0] != seen[1] or seen[0][0] != 404:
                wrong.append((method, name, [status for status, _ in seen]))
    assert wrong == []
    assert asked > 30
    assert everything() == before


def test_whatever_is_asked_at_the_other_businesss_own_address_is_not_found(world: World) -> None:
    """Its address with its ids, by the admin of another: as at an address that no business has."""
    stranger = Client(headers={"Authorization": f"Bearer {world.other.token(Role.ADMIN)}"})
    before = everything()
    for method, path, _ in routes.operations():
        seen = [
            told(
                stranger.generic(
                    method, operation_address(path, slug, world.ids), b"{}", content_type="application/json"
                ),
                {"slug": slug},
            )
            for slug in (world.shop.slug, "no-such-place")
        ]
        assert seen[0] == seen[1], path
        assert seen[0][0] == 404, path
    assert everything() == before


FILTERS = (
    "service",
    "resource",
    "customer",
    "from",
    "cursor",
    "entry",
    "booking",
    "q",
    "slot",
    "series",
    "reference",
)


def test_filters_cursors_and_exports_show_nothing_of_another_business(world: World) -> None:
    shop, other = world.shop, world.other
    for hhmm in ("11:00", "12:00"):
        shop.book(hhmm, resource=shop.amara)
    mine, theirs = (Api(each.slug, each.token(Role.ADMIN)) for each in (other, shop))
    cursors = {
        path: theirs.get(f"{path}?limit=1").body.get("next_cursor")
        for path in ("/bookings", "/services", "/resources", "/members", "/tokens")
    }
    assert cursors["/bookings"]
    secrets = [
        "Dana",
        "dana@",
        "staff@example.org",
        world.ids["reference"],
        *map(str, (shop.theo.id, shop.cut.id)),
    ]
    gets = [path for method, path, _ in routes.operations() if method == "GET" and path.count("{") == 1]
    for path in gets:
        rest = path.removeprefix("/api/v1/businesses/{slug}")
        for query in (
            "",
            f"?service={shop.cut.id}",
            f"?resource={shop.theo.id}",
            f"?q=Dana&text={world.ids['reference']}",
            f"?cursor={cursors.get(rest) or cursors['/bookings']}",
        ):
            answer = Client(headers={"Authorization": f"Bearer {mine.secret}"}).get(
                path.replace("{slug}", other.slug) + query
            )
            text = (b"".join(answer) if answer.streaming else answer.content).decode(errors="replace")
            echoed = text.replace(query.partition("=")[2], "")
            assert [each for each in secrets if each in echoed] == [], (path, query)
    assert list(Booking.objects.filter(business_id=other.business_id)) == []


def test_a_body_that_names_what_another_business_has_is_as_one_that_names_nothing(world: World) -> None:
    other, ids = world.other, world.ids
    api = Api(other.slug, other.token(Role.ADMIN))
    at, on = other.at("10:00").isoformat(), other.at("10:00").date().isoformat()
    who = {"name": "Erin", "email": "erin@example.org"}

    def bodies(service: str, resource: str, table: str) -> list[tuple[str, str, dict[str, Any]]]:
        cut = str(other.cut.id)
        wait = {"wishes": [{"from": on, "to": on}], "customer": who}
        return [
            ("POST", "/bookings", {"service": service, "starts_at": at, "customer": who}),
            ("POST", "/bookings", {"service": cut, "resource": resource, "starts_at": at, "customer": who}),
            ("POST", "/holds", {"service": service, "starts_at": at}),
            ("POST", "/waitlist", {"services": [service], **wait}),
            ("POST", "/waitlist", {"services": [cut], "resources": [resource], **wait}),
            ("POST", "/services", {"name": "X", "duration_minutes": 30, "interval_minutes": 30, "resources": [resource]}),
            ("PATCH", f"/services/{cut}", {"resources": [resource]}),
            ("POST", "/exceptions", {"kind": "closed", "resource": resource, "starts_on": on, "ends_on": on}),
            ("POST", "/combinations", {"name": "X", "tables": [table, str(other.theo.id)]}),
            ("POST", "/riders", {"name": "X", "services": [service]}),
            ("POST", "/price-rules", {"name": "X", "services": [service], "effect": "percent", "percent": 1}),
            ("POST", "/promotions", {"code": "XX", "services": [service], "effect": "percent", "percent": 1}),
            ("POST", "/slots", {"service": service, "starts_at": at, "capacity": 1}),
            ("POST", "/slot-series", {"service": service, "slot_minutes": 30, "capacity": 1}),
        ]  # fmt: skip

    before = everything()
    nothing = [str(uuid4()) for _ in range(3)]
    foreign = [ids["service_id"], ids["resource_id"], ids["table"]]
    for theirs, none in zip(bodies(*foreign), bodies(*nothing), strict=True):
        seen = []
        for call, used in ((theirs, foreign), (none, nothing)):
            answer = api.call(*call)
            seen.append(told(answer.response, dict(enumerate(used))))  # type: ignore[arg-type]
        assert seen[0] == seen[1], theirs
        assert seen[0][0] in (404, 422), (theirs, seen)
    assert everything() == before


def test_the_worker_writes_to_the_business_an_event_is_of_and_to_no_other(world: World) -> None:
    """A booking here and one next door in one run of the worker: every row it writes is of the business it is about."""
    before = {model._meta.label: _of(model, world.other.business_id) for model in _tenants()}
    world.shop.book("15:00", resource=world.shop.amara)
    work()
    assert {model._meta.label: _of(model, world.other.business_id) for model in _tenants()} == before
    world.other.book("10:00")
    work()
    fresh = Message.objects.filter(business_id=world.other.business_id)
    assert fresh.exists()
    known = set(Booking.objects.filter(business_id=world.other.business_id).values_list("id", flat=True))
    assert {message.booking_id for message in fresh if message.booking_id} <= known


def _tenants() -> list[Any]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("holdfast.")
        and any(f.attname == "business_id" for f in model._meta.fields)
    ]


def _of(model: Any, business_id: Any) -> int:
    return int(model._default_manager.filter(business_id=business_id).count())


def test_a_token_opens_its_own_business_and_an_expired_one_none(world: World) -> None:
    secret = world.other.token(Role.ADMIN)
    assert Api(world.other.slug, secret).get("/settings").status == 200
    assert Api(world.shop.slug, secret).get("/settings").status == 404
    ApiToken.objects.update(expires_at=clock.now())
    assert Api(world.other.slug, secret).get("/settings").status == 401

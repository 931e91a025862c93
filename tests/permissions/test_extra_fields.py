"""Mass assignment: a field that an operation or a form does not offer changes nothing, whatever column it is named after."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from holdfast.api.docs import openapi
from holdfast.api.urls import api
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.permissions import routes
from tests.permissions.test_every_route import operation_address, page_address
from tests.permissions.world import World, everything, undone

pytestmark = pytest.mark.django_db
SCHEMAS = openapi(api)["components"]["schemas"]


@pytest.fixture
def world(settings: Any) -> World:
    settings.RATE_LIMIT_MAX_REQUESTS = 0
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    return World()


def columns() -> set[str]:
    """The name of every column and field of every table."""
    names: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            names |= {field.name, field.attname}
    return names | {"is_staff", "is_superuser", "pk", "_state", "actor", "now"}


def offered(operation: dict[str, Any]) -> list[set[str]]:
    """The fields of each body that the operation takes."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    found = [each["$ref"].rpartition("/")[2] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
    return [set(SCHEMAS[name].get("properties", {})) for name in found]


def test_every_writing_operation_refuses_every_column_it_does_not_offer(world: World) -> None:
    admin = Client(headers={"Authorization": f"Bearer {world.shop.token(Role.ADMIN)}"})
    names, before, asked = columns(), everything(), 0
    assert len(names) > 150
    for method, path, operation in routes.operations():
        if method == "GET" or "application/json" not in operation.get("requestBody", {}).get("content", {}):
            continue
        asked += 1
        bodies = offered(operation)
        assert bodies, operation["operationId"]
        extra = names - set().union(*bodies)
        answer = admin.generic(
            method,
            operation_address(path, world.shop.slug, world.ids),
            json.dumps(dict.fromkeys(sorted(extra), "1")).encode(),
            content_type="application/json",
        )
        if answer.status_code == 404:  # the thing is not of this kind; its body was never read
            continue
        assert answer.status_code == 422, (path, answer.content)
        fields = answer.json()["fields"]
        refused = {
            name.rpartition(".")[2] for name, found in fields.items() if found[0]["code"] == "unknown_field"
        }
        assert extra - refused == set(), path
    assert asked > 45
    assert everything() == before


# Fields that forms have beside what they are sent with here.
_OFFERED = {"kind", "sequence"}
# Pages that store what a form sends, each with a form it takes.
FORMS: dict[str, dict[str, Any]] = {
    "member": {"role": "manager"},
    "profile": {"name": "Fenwick & Rowe", "email": "", "phone": "", "address": "", "tagline": ""},
    "person": {"staff_notes": "Likes it short", "notes": "Likes it short"},
    "notes": {"notes": "Window seat"},
    "privacy": {"text": "Our own words."},
    "step": {},
}


def test_a_form_with_every_column_as_a_field_stores_what_the_form_offers_and_no_more(world: World) -> None:
    client, changed = world.client("admin"), 0
    original, now = everything(), clock.now()
    for name, form in FORMS.items():
        address = page_address(name, world.shop.slug, world.ids)
        extra = dict.fromkeys(columns() - set(form) - _OFFERED, "1") | {
            "is_operator": "on",
            "business": str(world.other.business_id),
            "business_id": str(world.other.business_id),
        }
        seen = []
        for sent in (form, extra | form):
            with undone(), time_machine.travel(now, tick=False):
                answer = client.post(address, sent)
                seen.append((answer.status_code, _stored(original)))
        assert seen[0] == seen[1], name
        changed += bool(seen[0][1])
    assert changed >= 4
    assert everything() == original


# Sealed again each time, so equal words differ as bytes.
_SEALED = re.compile(r"""b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*"|<memory at \w+>""")


def _stored(original: dict[str, list[Any]]) -> dict[str, Any]:
    """The changed rows of each table, or how many are new; the journal of events aside."""
    found: dict[str, Any] = {}
    for table, rows in everything().items():
        if table == "core_outboxevent" or rows == original[table]:
            continue
        is_longer = len(rows) != len(original[table])
        changed = sorted(_SEALED.sub("sealed", row) for row in set(rows) - set(original[table]))
        found[table] = len(changed) if is_longer else changed
    return found

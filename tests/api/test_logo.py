"""The logo through the API: the body is the file."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from holdfast.lib.actors import Role
from tests.api.contract import hold_to_contract
from tests.cast import Shop


def drawing() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (600, 300), "navy").save(written, "WEBP")
    return written.getvalue()


def send(shop: Shop, method: str, role: Role, body: bytes = b"", kind: str = "image/webp") -> Any:
    path = f"/api/v1/businesses/{shop.slug}/logo"
    token = {"HTTP_AUTHORIZATION": f"Bearer {shop.token(role)}"}
    answer = Client().generic(method, path, body, content_type=kind, **token)  # type: ignore[arg-type]
    hold_to_contract(method, path, answer)
    return answer


def test_a_manager_puts_and_deletes_the_logo(shop: Shop) -> None:
    answer = send(shop, "PUT", Role.MANAGER, drawing())
    assert answer.status_code == 200
    address = json.loads(answer.content)["logo_url"]
    served = Client().get("/" + address.split("/", 3)[3])
    assert Image.open(io.BytesIO(served.content)).size == (512, 256)
    assert send(shop, "DELETE", Role.MANAGER).status_code == 204
    profile = json.loads(Client().get(f"/api/v1/businesses/{shop.slug}").content)
    assert profile["logo_url"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "required"),
        (b"{}", "not_a_picture"),
        (b"\0" * 3_000_000, "too_large"),
        (drawing() + b"tail", "more_than_a_picture"),
    ],
)
def test_a_body_that_is_no_logo_is_refused(shop: Shop, body: bytes, code: str) -> None:
    answer = send(shop, "PUT", Role.ADMIN, body)
    assert answer.status_code == 422
    [mistake] = json.loads(answer.content)["fields"]["logo"]
    assert mistake["code"] == code
    assert mistake["message"] if "message" in mistake else mistake["detail"]


def test_staff_and_strangers_are_refused_before_the_body_is_read(shop: Shop) -> None:
    assert send(shop, "PUT", Role.STAFF, drawing()).status_code == 403
    assert Client().put(f"/api/v1/businesses/{shop.slug}/logo", drawing(), "image/webp").status_code == 401

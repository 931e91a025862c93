"""Bookings as a file through the API (SPEC D13)."""

from __future__ import annotations

import csv
import io
from datetime import time
from typing import Any

import openpyxl
import pytest

from holdfast.api.urls import api as ninja_api
from holdfast.insights.queries import BOOKING_COLUMNS
from holdfast.lib.actors import Role
from tests.api.conftest import Api
from tests.cast import Shop

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def body_of(answer: Any) -> bytes:
    return b"".join(answer.response)


def test_the_csv_has_a_line_for_each_booking_that_fits(shop: Shop, manager: Api) -> None:
    made = shop.book("10:00", resource=shop.theo)
    shop.book("11:00", resource=shop.amara)
    answer = manager.get(f"/bookings/export?resource={shop.theo.id}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="fenwick-bookings-')
    [line] = csv.DictReader(io.StringIO(body_of(answer).decode("utf-8-sig")))
    assert (line["reference"], line["status"], line["start"], line["with"], line["price"]) == (
        made.shown_reference, "confirmed", "10:00", "Theo Marsh", "26.00",
    )  # fmt: skip


def test_the_xlsx_holds_the_same_with_types(shop: Shop, manager: Api) -> None:
    made = shop.book("10:00")
    answer = manager.get("/bookings/export?format=xlsx&when=upcoming")
    assert answer.headers["Content-Type"] == XLSX
    sheet = openpyxl.load_workbook(io.BytesIO(body_of(answer))).active
    head, row = sheet.iter_rows(values_only=True)
    assert head == BOOKING_COLUMNS
    found = dict(zip(head, row, strict=True))
    assert (found["date"].date(), found["start"], found["price"]) == (made.local_on, time(10), 26)


@pytest.mark.parametrize(
    ("query", "status"),
    [("format=pdf", 422), ("from=x", 422), ("status=gone", 422), ("resource=x", 404)],
)
def test_a_wrong_query_is_refused(query: str, status: int, shop: Shop, manager: Api) -> None:
    assert manager.get(f"/bookings/export?{query}").status == status


def test_the_export_is_for_managers_of_this_business(
    shop: Shop, other_shop: Shop, staff: Api, guest: Api
) -> None:
    assert guest.get("/bookings/export").status == 401
    assert staff.get("/bookings/export").status == 403
    stranger = Api(shop.slug, other_shop.token(Role.ADMIN))
    assert stranger.get("/bookings/export?format=xlsx").status == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_head_request_gets_the_headers_alone(kind: str, shop: Shop, manager: Api) -> None:
    shop.book("10:00")
    answer = manager.call("HEAD", f"/bookings/export?format={kind}")
    assert (answer.status, answer.response.content) == (200, b"")
    assert kind in answer.headers["Content-Disposition"]


def test_the_document_describes_the_files() -> None:
    from holdfast.api.docs import openapi

    operation = openapi(ninja_api)["paths"]["/api/v1/businesses/{slug}/bookings/export"]["get"]
    assert set(operation["responses"]["200"]["content"]) == {"text/csv; charset=utf-8", XLSX}
    assert "304" not in operation["responses"]

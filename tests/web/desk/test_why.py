"""The desk explains why a time can or cannot be booked (SPEC C5)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import Shop

pytestmark = pytest.mark.django_db


def ask(client: Client, shop: Shop, **more: str) -> tuple[int, str]:
    on = shop.at("10:00").astimezone(shop.timetable.tz).date().isoformat()
    asked = {"service": str(shop.cut.id), "date": on, "time": "10:00", "party": "1"} | more
    answer = client.get(f"/desk/{shop.slug}/why", asked)
    return answer.status_code, answer.content.decode()


def test_a_free_time_can_be_booked(shop: Shop, staff: Client) -> None:
    status, page = ask(staff, shop)
    assert status == 200
    assert "10:00 can be booked" in page
    assert "The least that would free it" not in page


def test_a_taken_time_names_the_booking_and_the_least_change(shop: Shop, staff: Client) -> None:
    booking = shop.book("10:00", resource=shop.theo)
    _, page = ask(staff, shop, resource=str(shop.theo.id))
    assert "10:00 cannot be booked" in page
    assert "Somebody has it already." in page
    assert f"Theo Marsh: Move {booking.shown_reference}." in page


def test_a_time_that_ends_after_closing_would_need_a_later_closing(shop: Shop, staff: Client) -> None:
    _, page = ask(staff, shop, time="16:45")
    assert "It would end after closing." in page
    assert "Close at 17:15." in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": "25:00"},
        {"date": "2026-02-30"},
        {"service": "nonsense"},
        {"party": "0"},
        {"party": "many"},
        {"resource": "01890000-0000-7000-8000-000000000000"},
    ],
)
def test_a_question_that_makes_no_sense_is_answered_at_its_field(
    shop: Shop, staff: Client, wrong: dict[str, str]
) -> None:
    status, page = ask(staff, shop, **wrong)
    assert status == 422
    assert "field-error" in page


def test_the_question_alone_is_a_form(shop: Shop, staff: Client) -> None:
    page = staff.get(f"/desk/{shop.slug}/why").content.decode()
    assert "Explain" in page


def test_nobody_else_may_ask(shop: Shop, stranger: Client) -> None:
    assert ask(stranger, shop)[0] == 404

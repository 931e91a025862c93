"""The barbershop's own terms in a real browser: a question, a dearer day, a code, a booking that comes again, a family."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from holdfast.bookings.models import Booking
from holdfast.catalog.commands import add_question, create_price_rule, create_promotion
from tests.cast import OPERATOR, Shop
from tests.journeys.test_barbershop_public import (  # noqa: F401 - fixtures
    DESK,
    PHONE,
    choose_time,
    fill,
    live_shop,
    visit,
)
from tests.support.accessibility import assert_accessible
from tests.web.public.visitor import stamp


@pytest.fixture
def shop_with_terms(live_shop: Shop) -> Shop:  # noqa: F811
    """The cut asks about allergies, mornings cost £4 more, TEN takes a tenth off; in ten days both barbers are busy at ten."""
    for barber in (live_shop.theo, live_shop.amara):
        live_shop.book("10:00", 10, resource=barber)
    own = {"actor": OPERATOR, "business_id": live_shop.business_id}
    add_question(
        **own,  # type: ignore[arg-type]
        service_id=live_shop.cut.id,
        wanted={"label": "Any allergies?", "is_required": True},
    )
    create_price_rule(
        **own,  # type: ignore[arg-type]
        wanted={"name": "Mornings", "effect": "amount", "amount_minor": 400, "until_minute": 720},
    )
    create_promotion(**own, wanted={"code": "TEN", "effect": "percent", "percent": 10})  # type: ignore[arg-type]
    return live_shop


def test_a_dearer_time_a_question_a_code_and_a_series_with_one_conflict_on_a_phone(
    visit: Callable[..., Page],  # noqa: F811
    shop_with_terms: Shop,
) -> None:
    shop = shop_with_terms
    page = visit(viewport=PHONE)
    choose_time(page, shop)
    expect(page.locator("#details")).to_contain_text("£30")
    fill(page)
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code").fill("nine")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no such code.")
    page.get_by_label("Code").fill("ten")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".sums")).to_contain_text("£27.00")
    assert_accessible(page)

    page.get_by_text("Repeat this booking").click()
    page.get_by_label("How often").select_option("1")
    page.get_by_label("How many times in all").fill("3")
    page.get_by_role("button", name="See the times").click()
    expect(page.get_by_role("alert")).to_contain_text("Fill this in.")
    page.get_by_label("Any allergies?").fill("Nuts")
    page.get_by_text("Repeat this booking").click()
    page.get_by_label("How often").select_option("1")
    page.get_by_label("How many times in all").fill("3")
    page.get_by_role("button", name="See the times").click()
    expect(page.locator("main")).to_contain_text("One time is not free.")
    assert_accessible(page)
    page.locator(".occurrence").nth(1).locator("label").first.click()
    page.get_by_role("button", name="Book these times").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    expect(page.get_by_role("heading", name="All your times")).to_be_visible()
    assert_accessible(page)
    series = Booking.objects.filter(series_id__isnull=False).order_by("starts_at")
    assert series.count() == 3
    assert min(booking.price_minor for booking in series) == 2700
    # A form with mistakes is answered 422, which the browser notes.
    assert all("422" in line for line in page.complaints)  # type: ignore[attr-defined]


def test_a_family_books_without_script_and_cancels_together(
    visit: Callable[..., Page],  # noqa: F811
    shop_with_terms: Shop,
) -> None:
    shop = shop_with_terms
    page = visit(viewport=DESK, java_script_enabled=False)
    page.goto(f"/b/{shop.slug}/")
    page.get_by_role("link", name="Book for more than one person").click()
    page.get_by_label("First name").nth(0).fill("Ann")
    page.get_by_label("First name").nth(1).fill("Ben")
    page.get_by_label("Day").fill(shop.at("14:00").date().isoformat())
    page.get_by_role("button", name="Show times for all").click()
    page.locator(f"input[value='{stamp(shop, '14:00')}']").check()
    fill(page)
    page.get_by_role("button", name="Book for all").click()
    expect(page.get_by_role("alert")).to_contain_text("2 things to fix")
    for answer in page.get_by_label("Any allergies?").all():
        answer.fill("None")
    page.get_by_role("button", name="Book for all").click()
    expect(page.get_by_role("heading", name="Everybody who comes")).to_be_visible()
    family = Booking.objects.filter(group_id__isnull=False)
    assert family.filter(state="confirmed").count() == 2
    page.get_by_text("Cancel several at once").click()
    page.get_by_role("button", name="All of them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    assert set(family.values_list("state", flat=True)) == {"cancelled"}

"""The waitlist at the desk in a real browser: a walk-in from the door to the chair, a place offered by hand, the line changed
with a reason; on a phone without script, and clean to axe by day and by night."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.waitlist.models import Entry, Offer
from tests.cast import Shop
from tests.journeys.test_barbershop_desk import DESK, PHONE, at_desk, booked, live_shop
from tests.support.accessibility import assert_accessible
from tests.waitlist.line import person, wait

__all__ = ["at_desk", "live_shop"]


def line(page: Page) -> list[str]:
    """Who waits, in order."""
    return [name.strip() for name in page.locator(".in-line h2").all_inner_texts()]


def test_a_walk_in_from_the_door_to_the_chair(at_desk: Callable[..., Page], live_shop: Shop) -> None:
    booked(live_shop, "Ben Harris", 120)
    page = at_desk(viewport=DESK)
    page.goto(f"/desk/{live_shop.slug}/waitlist")
    expect(page.get_by_role("heading", name="Nobody waits")).to_be_visible()
    page.get_by_role("link", name="Add a walk-in").click()
    expect(page.get_by_label("From day").first).to_be_hidden()
    page.get_by_label("Name").fill("Ada Door")
    page.get_by_label("Told to wait, at most").fill("20")
    page.get_by_role("button", name="Add to the list").click()
    expect(page.locator(".toast")).to_contain_text("Ada Door is on the list.")
    expect(page.get_by_text("0 of 20 min")).to_be_visible()

    page.goto(f"/desk/{live_shop.slug}/")
    rail = page.locator("#rail")
    rail.get_by_role("button", name="Call Ada Door").click()
    expect(rail).to_contain_text("Called")
    rail.get_by_role("link", name="Seat Ada Door").click()
    page.get_by_role("button", name=re.compile("now$")).first.click()
    expect(page.locator(".toast")).to_contain_text("Ada Door has a place and is checked in.")
    expect(page.locator("#board .is-here")).to_contain_text("Ada Door")
    assert Booking.objects.get(id=Entry.objects.get().booking_id).state == "checked_in"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_place_offered_by_hand_and_somebody_moved_first_without_script(
    at_desk: Callable[..., Page], live_shop: Shop
) -> None:
    now = clock.now()
    wait(live_shop, person("Ada"), now=now - timedelta(days=2))
    wait(live_shop, person("Ben"), now=now - timedelta(hours=1))
    page = at_desk(viewport=PHONE, java_script_enabled=False)
    page.goto(f"/desk/{live_shop.slug}/waitlist")
    assert line(page) == ["Ada Waiting", "Ben Waiting"]
    page.get_by_role("link", name="More for Ben Waiting").click()
    page.get_by_label("Why").first.fill("Waited at the wrong shop")
    page.get_by_role("button", name="Move", exact=True).click()
    assert line(page) == ["Ben Waiting", "Ada Waiting"]

    page.get_by_role("link", name="Offer a place to Ben Waiting").click()
    page.get_by_role("link", name="Amara Osei").click()
    page.get_by_role("button", name="10:15").click()
    expect(page.locator("#board")).to_contain_text("is held for them until")
    offer = Offer.objects.get()
    assert (offer.resources, offer.by_hand) == ([str(live_shop.amara.id)], "Bob Barber")
    page.get_by_role("button", name="Withdraw offer to Ben Waiting").click()
    expect(page.locator("#board")).not_to_contain_text("is held for them until")
    assert Offer.objects.get().state == "withdrawn"


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"]
)
def test_the_pages_of_the_waitlist_are_accessible_and_refresh_themselves(
    at_desk: Callable[..., Page], live_shop: Shop, size: dict[str, int], scheme: str
) -> None:
    booked(live_shop, "Ben Harris", 120)
    staff = live_shop.actor()
    then = clock.now() - timedelta(minutes=19)
    here = wait(live_shop, person("Ada"), days=0, actor=staff, walk_in=True, quoted=(10, 20), now=then)
    page = at_desk("mona@example.org", viewport=size, color_scheme=scheme)
    for path in ("waitlist/new", f"waitlist/{here.id}", "waitlist/gaps", "settings/waitlist", "", "waitlist"):
        page.goto(f"/desk/{live_shop.slug}/{path}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], f"{path} is too wide"
    page.locator("summary").click()
    wait(live_shop, person("Ben"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", name="Ben Waiting")).to_be_visible()
    expect(page.locator(f"#why-{here.id}")).to_have_attribute("open", "")
    assert page.complaints == []  # type: ignore[attr-defined]

"""A manager runs a counter in a real browser: hours from a template, slots published, changed and closed, people booked in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.bookings.models import Booking
from holdfast.lib.actors import Role
from holdfast.schedule.models import Slot, SlotSeries
from holdfast.schedule.queries import weekly_hours
from holdfast.schedule.rules import HOUR_TEMPLATES
from tests.cast import PASSWORD, join
from tests.counter import Counter, make_counter, somebody, taken
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def counter(live_holdfast: LiveHoldfast) -> Counter:
    made = make_counter()
    join(made, "bob@example.org", "Bob Counter", Role.STAFF)  # type: ignore[arg-type]
    join(made, "mona@example.org", "Mona Rowe", Role.MANAGER)  # type: ignore[arg-type]
    return made


@pytest.fixture
def at_desk(browser_context: OpenContext, counter: Counter) -> Callable[..., Page]:
    """Sign somebody in; what the console complains about is collected on ``page.complaints``."""

    def open_page(email: str = "mona@example.org", **options: Any) -> Page:
        page = browser_context(reduced_motion="reduce", timezone_id="Europe/London", **options).new_page()
        complaints: list[str] = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints  # type: ignore[attr-defined]
        page.goto("/accounts/login/?next=/desk/")
        page.locator("[name=login]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(f"**/desk/{counter.slug}/**")
        return page

    return open_page


def publish(page: Page, counter: Counter, *, days: int = 2, minutes: int = 60) -> None:
    """Fill the form of what to publish, from tomorrow on, and look at the preview."""
    page.goto(f"/desk/{counter.slug}/slots")
    page.get_by_role("link", name="Publish slots").first.click()
    page.get_by_label("Where").select_option("Nowhere in particular")
    page.get_by_label("Lasts").fill(str(minutes))
    page.get_by_label("Places").fill("4")
    page.get_by_label("First day").fill(counter.day(1).isoformat())
    page.get_by_label("Last day").fill(counter.day(days).isoformat())
    page.get_by_role("button", name="Preview").click()


def resize_all(page: Page, places: str) -> None:
    """Give every slot of the list so many places."""
    page.get_by_label("Which").select_option("All that the filter shows")
    page.get_by_label("Do what").select_option("Change places")
    page.get_by_label("Places each").fill(places)
    page.get_by_role("button", name="Change slots").click()


def test_a_manager_publishes_changes_closes_and_deletes_slots(
    at_desk: Callable[..., Page], counter: Counter
) -> None:
    page = at_desk(viewport=DESK)
    page.goto(f"/desk/{counter.slug}/settings/hours")
    page.get_by_label("Start from a template").select_option("Monday to Friday, 9 to 5")
    page.get_by_role("button", name="Use this template").click()
    assert weekly_hours(business_id=counter.business_id) == tuple(sorted(HOUR_TEMPLATES["weekday_9to5"]))
    page.get_by_label("Start from a template").select_option("Every day, 9 to 5")
    page.get_by_role("button", name="Use this template").click()

    publish(page, counter)
    expect(page.get_by_role("heading", name="16 slots would be published")).to_be_visible()
    assert Slot.objects.count() == 0
    page.get_by_role("button", name="Publish 16 slots").click()
    expect(page.get_by_text("16 slots published.")).to_be_visible()
    publish(page, counter)
    expect(page.get_by_text("16 are there already and stay as they are.")).to_be_visible()

    slot = Slot.objects.order_by("starts_at")[0]
    counter.book(slot, 2)  # type: ignore[arg-type]
    page.goto(f"/desk/{counter.slug}/slots")
    expect(page.get_by_text("2 of 4")).to_have_count(1)
    resize_all(page, "1")
    expect(page.get_by_role("alert")).to_contain_text("None was changed")
    assert set(Slot.objects.values_list("capacity", flat=True)) == {4}
    resize_all(page, "3")
    expect(page.get_by_text("16 slots changed.")).to_be_visible()
    page.get_by_role("checkbox", name="10:00 to 11:00").first.check()
    page.get_by_role("button", name="Change slots").click()
    expect(page.get_by_text("1 slot changed.")).to_be_visible()
    assert Slot.objects.filter(is_open=False).count() == 1

    page.get_by_role("link", name="09:00 to 10:00").first.click()
    expect(page.get_by_text("2 of 3 places taken")).to_be_visible()
    expect(page.get_by_role("link", name="Dana Guest")).to_be_visible()
    expect(page.get_by_role("button", name="Delete this slot")).to_have_count(0)
    page.get_by_label("Places").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("More places than that are taken")
    page.goto(f"/desk/{counter.slug}/slots?status=closed")
    page.get_by_role("link", name="10:00 to 11:00").click()
    page.get_by_role("button", name="Delete this slot").click()
    expect(page.get_by_text("The slot is deleted.")).to_be_visible()
    assert Slot.objects.count() == 15
    assert (
        page.complaints
        == ["Failed to load resource: the server responded with a status of 409 (Conflict)"] * 2
    )  # type: ignore[attr-defined]


def test_staff_book_somebody_into_a_slot_and_see_them_on_the_board(
    at_desk: Callable[..., Page], counter: Counter
) -> None:
    slot = counter.slot("10:00", capacity=3, resource_id=counter.east.id)
    loose = counter.slot("11:00", capacity=3)
    counter.book(slot, 2, contact=somebody(1))
    page = at_desk("bob@example.org", viewport=DESK)
    page.goto(f"/desk/{counter.slug}/slots/{slot.id}")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.get_by_role("link", name="Book somebody in").click()
    expect(page.locator("input[name=starts_at]:checked")).to_have_value(
        f"{slot.starts_at.isoformat()} {slot.id}"
    )
    page.get_by_label("Name").fill("Eve Caller")
    page.get_by_role("button", name="Book", exact=True).click()
    page.wait_for_url(f"**/desk/{counter.slug}/?**")
    assert taken(slot) == 3
    booking = Booking.objects.get(party_size=1)
    card = page.locator(f"#board [data-card='{booking.reference}']")
    expect(card).to_have_text("Eve Caller, Booked")
    expect(page.locator(f"#lane-{counter.east.id}")).to_contain_text("3 of 3")
    expect(page.locator(f"#lane-{counter.portrait.id}")).to_contain_text("0 of 3")
    page.goto(f"/desk/{counter.slug}/b/{booking.reference}/move?date={loose.local_on}")
    page.get_by_role("button", name="11:00").click()
    page.wait_for_load_state("networkidle")
    assert (taken(slot), taken(loose)) == (2, 1)


def test_a_series_is_started_and_stopped_without_script(
    at_desk: Callable[..., Page], counter: Counter
) -> None:
    page = at_desk(viewport=PHONE, java_script_enabled=False)
    page.goto(f"/desk/{counter.slug}/slots")
    expect(page.get_by_text("No slots from here on")).to_be_visible()
    page.get_by_role("link", name="Publish slots").first.click()
    page.get_by_label("Last day").fill("")
    page.get_by_label("Always published ahead").fill("10")
    page.get_by_role("button", name="Keep publishing as a series").click()
    expect(page.get_by_text("10 days ahead")).to_be_visible()
    assert Slot.objects.filter(series__isnull=False).count() >= 9 * 16
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped")).to_be_visible()
    assert SlotSeries.objects.get().is_active is False


@LOOKS
def test_the_desks_pages_of_slots_are_accessible(
    at_desk: Callable[..., Page], counter: Counter, size: dict[str, int], scheme: str
) -> None:
    slot = counter.slot("10:00", capacity=3, resource_id=counter.east.id)
    counter.slot("11:00", capacity=2)
    counter.book(slot, 2)
    page = at_desk(viewport=size, color_scheme=scheme)
    for path in ("slots", f"slots/{slot.id}", "slots/new", "slots/series", f"?date={slot.local_on}"):
        page.goto(f"/desk/{counter.slug}/{path}")
        assert_accessible(page)
        if not path.startswith("?"):
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (
                f"{path} is too wide"
            )
    page.goto(f"/desk/{counter.slug}/slots/new")
    page.get_by_role("button", name="Preview").click()
    assert_accessible(page)

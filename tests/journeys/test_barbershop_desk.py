"""A day at the desk in a real browser: with the mouse, by keyboard alone, on a phone, without script, and with a colleague
at the next screen. Every page is clean to axe, by day and by night, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.bookings.commands import Details, Wish, book
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Role
from holdfast.schedule.commands import apply_hour_template
from tests.cast import OPERATOR, PASSWORD, Shop, join, make_shop
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def live_shop(live_holdfast: LiveHoldfast) -> Shop:
    """Alice's barbershop on the running server, open round the clock so that it is always opening time."""
    shop = make_shop("fenwick")
    apply_hour_template(actor=OPERATOR, business_id=shop.business_id, template="24_7")
    join(shop, "bob@example.org", "Bob Barber", Role.STAFF)
    join(shop, "mona@example.org", "Mona Rowe", Role.MANAGER)
    return shop


@pytest.fixture
def at_desk(browser_context: OpenContext, live_shop: Shop) -> Callable[..., Page]:
    """Sign somebody in; what the console complains about is collected on ``page.complaints``."""

    def open_page(email: str = "bob@example.org", **options: Any) -> Page:
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
        page.wait_for_url(f"**/desk/{live_shop.slug}/**")
        return page

    return open_page


def quarter(minutes_from_now: int) -> datetime:
    """A start on the grid, about so many minutes from now."""
    at = clock.now() + timedelta(minutes=minutes_from_now)
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def booked(shop: Shop, name: str, minutes_from_now: int, who: str = "theo") -> BookingFacts:
    """A booking near the present; one that has begun was made an hour before."""
    starts_at = quarter(minutes_from_now)
    return book(
        actor=shop.actor(Role.STAFF),
        timetable=shop.timetable,
        wish=Wish(shop.cut.id, starts_at, getattr(shop, who).id),
        details=Details(Contact(name, f"{name.split()[0].lower()}@example.org"), "Short at the sides"),
        now=min(clock.now(), starts_at - timedelta(hours=1)),
    )


def state_of(booking: BookingFacts) -> str:
    return Booking.objects.get(id=booking.id).state


def open_day(page: Page, shop: Shop, booking: BookingFacts) -> None:
    page.goto(f"/desk/{shop.slug}/?date={booking.local_on}")


def card(page: Page, booking: BookingFacts) -> Any:
    return page.locator(f"#board [data-card='{booking.reference}']")


def test_a_visit_with_the_mouse_from_late_to_done(at_desk: Callable[..., Page], live_shop: Shop) -> None:
    late = booked(live_shop, "Ben Harris", -25)
    page = at_desk(viewport=DESK)
    open_day(page, live_shop, late)
    expect(card(page, late)).to_contain_text("min late")
    card(page, late).click()
    peek = page.locator("#peek")
    expect(peek.get_by_role("heading", name="Ben Harris")).to_be_focused()
    expect(card(page, late)).to_have_attribute("aria-expanded", "true")
    assert_accessible(page)

    peek.get_by_role("button", name="No-show").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Ben Harris marked as a no-show.")
    expect(page.locator(".is-no-show")).to_have_count(1)
    assert_accessible(page)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".is-late")).to_have_count(1)

    peek.get_by_role("button", name="Check in").click()
    expect(page.locator(".is-here")).to_have_count(1)
    peek.get_by_role("button", name="Complete").click()
    expect(page.locator(".is-done")).to_have_count(1)
    assert state_of(late) == "completed"
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_day_by_keyboard_alone(at_desk: Callable[..., Page], live_shop: Shop) -> None:
    first = booked(live_shop, "Dana Guest", 45)
    second = booked(live_shop, "Erin Brown", 45, who="amara")
    page = at_desk(viewport=DESK)
    open_day(page, live_shop, first)
    card(page, first).focus()
    page.keyboard.press("ArrowRight")
    expect(card(page, second)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("#peek h2")).to_have_text("Dana Guest")
    page.keyboard.press("Escape")
    expect(card(page, first)).to_be_focused()

    page.keyboard.press("c")
    expect(page.locator(".is-arrived, .is-here")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator(".is-arrived, .is-here")).to_have_count(0)

    card(page, first).focus()
    page.keyboard.press("m")
    gap = page.locator("#peek [name=to]").last
    expect(gap).to_be_visible()
    gap.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Moved Dana Guest")
    assert Booking.objects.get(id=first.id).starts_at != first.starts_at
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("back as before")
    assert Booking.objects.get(id=first.id).starts_at == first.starts_at

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("erin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Erin Brown")).to_be_visible()
    expect(page.get_by_role("link", name="Dana Guest")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="New booking")).to_be_visible()
    assert page.complaints == []  # type: ignore[attr-defined]


def test_single_keys_can_be_switched_off(at_desk: Callable[..., Page], live_shop: Shop) -> None:
    booking = booked(live_shop, "Dana Guest", 45)
    page = at_desk(viewport=DESK)
    open_day(page, live_shop, booking)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys also work").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page).not_to_have_url(f"**/desk/{live_shop.slug}/new**")
    card(page, booking).focus()
    page.keyboard.press("c")
    expect(page.locator(".is-arrived, .is-here")).to_have_count(1)


def test_on_a_phone_the_open_card_is_a_sheet_under_the_thumb(
    at_desk: Callable[..., Page], live_shop: Shop
) -> None:
    booking = booked(live_shop, "Dana Guest", 30)
    page = at_desk(viewport=PHONE, has_touch=True, is_mobile=True)
    open_day(page, live_shop, booking)
    card(page, booking).tap()
    button = page.locator("#peek").get_by_role("button", name="Check in")
    expect(button).to_be_visible()
    assert_accessible(page)
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 52
    assert box["y"] > PHONE["height"] / 2
    button.tap()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Dana Guest is checked in.")
    toast.get_by_role("button", name="Undo").tap()
    expect(toast).to_contain_text("back as before")
    assert state_of(booking) == "confirmed"
    page.locator("#peek").get_by_role("link", name="Close").tap()
    expect(page.locator("#peek")).to_be_empty()
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_phone_call_becomes_a_booking(at_desk: Callable[..., Page], live_shop: Shop) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).date()
    page = at_desk(viewport=DESK)
    page.goto(f"/desk/{live_shop.slug}/new")
    page.get_by_label("With whom").select_option("Amara Osei")
    page.get_by_label("Day", exact=True).fill(tomorrow.isoformat())
    page.get_by_label("Name", exact=True).fill("Frank Miller")
    expect(page.locator(f"[name=starts_at][value^='{tomorrow}T11:']").first).to_be_attached()
    page.locator(f"[name=starts_at][value^='{tomorrow}T11:']").first.check()
    assert_accessible(page)
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Booked Frank Miller")
    expect(page.locator("#peek h2")).to_have_text("Frank Miller")
    made = Booking.objects.get()
    assert (made.resource_id, made.local_on) == (live_shop.amara.id, tomorrow)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_an_answer_that_comes_late_undoes_no_later_choice(
    at_desk: Callable[..., Page], live_shop: Shop
) -> None:
    today = clock.now().date()
    tomorrow, day_after = today + timedelta(days=1), today + timedelta(days=2)
    page = at_desk(viewport=DESK)
    page.goto(f"/desk/{live_shop.slug}/new")
    page.evaluate(
        """() => { let asked = 0; const real = window.fetch; window.fetch = (...sent) => real(...sent).then((reply) =>
             asked++ ? reply : new Promise((give) => setTimeout(() => { give(reply); document.documentElement.dataset.late = ""; }, 1000))); }"""
    )
    page.get_by_label("Day", exact=True).fill(tomorrow.isoformat())
    page.get_by_label("Day", exact=True).fill(day_after.isoformat())
    time = page.locator(f"[name=starts_at][value^='{day_after}T11:']").first
    time.check()
    expect(page.locator("html[data-late]")).to_be_attached()
    expect(time).to_be_checked()
    with page.expect_response(lambda reply: reply.request.method == "POST"):
        page.get_by_label("With whom").select_option("Theo Marsh")
    page.wait_for_timeout(300)  # the answer takes its place
    expect(time).to_be_checked()


def test_the_desk_works_without_script(at_desk: Callable[..., Page], live_shop: Shop) -> None:
    booking = booked(live_shop, "Dana Guest", 30)
    page = at_desk(viewport=DESK, java_script_enabled=False)
    open_day(page, live_shop, booking)
    card(page, booking).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dana Guest")
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("Dana Guest is checked in.")).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    assert state_of(booking) == "confirmed"
    page.get_by_role("link", name="Move").click()
    page.locator("[name=to]").last.click()
    expect(page.get_by_text("Moved Dana Guest")).to_be_visible()
    page.goto(f"/desk/{live_shop.slug}/new")
    page.get_by_label("Day", exact=True).fill((clock.now() + timedelta(days=2)).date().isoformat())
    page.get_by_role("button", name="Show times").click()
    page.locator("label.chip").nth(8).click()
    page.get_by_label("Name", exact=True).fill("Erin Brown")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.get_by_text("Booked Erin Brown")).to_be_visible()


def test_two_people_at_the_desk_see_each_other(at_desk: Callable[..., Page], live_shop: Shop) -> None:
    booking = booked(live_shop, "Dana Guest", 30)
    bob, mona = at_desk(viewport=DESK), at_desk("mona@example.org", viewport=DESK)
    for page in (bob, mona):
        open_day(page, live_shop, booking)
        card(page, booking).click()
        expect(page.locator("#peek h2")).to_have_text("Dana Guest")
    mona.locator("#peek").get_by_role("button", name="Check in").click()
    expect(mona.locator(".toast")).to_contain_text("checked in")

    # Bob's card is stale: his click changes nothing and says who was faster.
    bob.locator("#peek").get_by_role("button", name="Cancel booking").click()
    expect(bob.locator("#peek [role=alert]")).to_contain_text("Mona Rowe")
    expect(bob.locator("#peek")).to_contain_text("Complete")
    assert state_of(booking) == "checked_in"

    # Mona's next step reaches Bob's board by itself; his open card says that it is old.
    mona.locator("#peek").get_by_role("button", name="Complete").click()
    expect(mona.locator(".is-done")).to_have_count(1)
    expect(bob.locator(".is-done")).to_have_count(1, timeout=20_000)
    expect(bob.get_by_text("Somebody changed this booking.")).to_be_visible()
    bob.get_by_role("link", name="Reload").click()
    expect(bob.locator("#peek .badge").first).to_have_text("Done")


PAGES = ["", "week", "bookings", "new", "b/{reference}", "b/{reference}/move", "?open={reference}"]
SETTINGS = ["", "rules", "hours", "exceptions", "services", "services/new", "resources", "resources/new"]


@LOOKS
def test_every_page_of_the_desk_is_accessible(
    at_desk: Callable[..., Page], live_shop: Shop, size: dict[str, int], scheme: str
) -> None:
    booking = booked(live_shop, "Dana Guest", -25)
    booked(live_shop, "Erin Brown", 60, who="amara")
    page = at_desk("mona@example.org", viewport=size, color_scheme=scheme)
    for path in [*PAGES, *(f"settings/{name}" for name in SETTINGS)]:
        page.goto(f"/desk/{live_shop.slug}/{path.replace('{reference}', booking.reference)}")
        assert_accessible(page)
        wide = page.evaluate(
            "Math.max(...['html', 'main'].map((s) => document.querySelector(s)).map((e) => e.scrollWidth - e.clientWidth))"
        )
        assert wide <= 0, f"{path} scrolls sideways by {wide} pixels"
    assert page.complaints == []  # type: ignore[attr-defined]

"""A stranger gets places in a published slot in a real browser, and a program does through the API (SPEC §1, counter)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.accounts.commands import create_account, create_token
from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import SlotFacts
from tests.cast import OPERATOR, PASSWORD
from tests.counter import Counter, counted, make_counter, somebody, taken
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def counter(live_holdfast: LiveHoldfast) -> Counter:
    """The counter on the running server; at ten three places, two of them taken, at eleven three, at twelve none."""
    return make_counter(price_per_person=True)


@pytest.fixture
def slots(counter: Counter) -> list[SlotFacts]:
    made = [counter.slot(at, capacity=3) for at in ("10:00", "11:00", "12:00")]
    counter.book(made[0], 2, contact=somebody(1))
    counter.book(made[2], 3, contact=somebody(2))
    return made


@pytest.fixture
def visit(browser_context: OpenContext) -> Callable[..., Page]:
    """Open a page; what its console complains about is collected on ``page.complaints``."""

    def open_page(**options: Any) -> Page:
        page = browser_context(reduced_motion="reduce", timezone_id="Europe/London", **options).new_page()
        complaints: list[str] = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints  # type: ignore[attr-defined]
        return page

    return open_page


def choose(page: Page, counter: Counter, slot: SlotFacts, places: int = 2) -> None:
    """From the first page to the details form."""
    page.goto(f"/b/{counter.slug}/")
    for _ in range(places - 1):
        page.get_by_role("link", name="One place more").click()
    expect(page.locator("output")).to_have_text(str(places))
    page.locator(f"input[value='{slot.id}']").check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/h/**")


def fill_and_book(page: Page, name: str = "Dana Guest", email: str = "dana@example.org") -> None:
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Email").fill(email)
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Book it").click()


@SIZES
def test_a_stranger_gets_two_places_moves_them_cancels_and_takes_it_back(
    visit: Callable[..., Page], counter: Counter, slots: list[SlotFacts], size: dict[str, int]
) -> None:
    page = visit(viewport=size)
    page.goto(f"/b/{counter.slug}/")
    page.get_by_role("link", name="One place more").click()
    small = page.locator(f"input[value='{slots[0].id}']")
    expect(small).to_be_disabled()
    expect(page.locator("label.slot", has=small)).to_contain_text("1 left")
    expect(page.get_by_text("are dimmed because you asked for 2")).to_be_visible()
    expect(page.locator("label.slot", has=page.locator(f"input[value='{slots[2].id}']"))).to_contain_text(
        "Full"
    )
    choose(page, counter, slots[1])
    assert taken(slots[1]) == 2, "held places count"
    fill_and_book(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    booking = Booking.objects.get(contact__isnull=False, slot_id=slots[1].id)
    assert (booking.state, booking.party_size, booking.price_minor) == ("confirmed", 2, 1800)

    evening = counter.slot("15:00", capacity=2)
    page.get_by_role("link", name="Move").click()
    page.locator(f"input[value='{evening.id}']").check()
    page.get_by_role("button", name="Move", exact=False).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("15:00")
    assert (taken(slots[1]), taken(evening)) == (0, 2)

    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel booking").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    assert taken(evening) == 2, "kept while it can be undone"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're still booked, Dana")
    assert taken(evening) == counted(evening) == 2
    assert page.complaints == []  # type: ignore[attr-defined]


def test_whoever_is_too_late_sees_what_is_left_and_the_nearest_others(
    visit: Callable[..., Page], counter: Counter, slots: list[SlotFacts]
) -> None:
    page = visit(viewport=PHONE)
    page.goto(f"/b/{counter.slug}/?")
    page.get_by_role("link", name="One place more").click()
    expect(page.locator("output")).to_have_text("2")
    page.locator(f"input[value='{slots[1].id}']").check()
    counter.book(slots[1], 2, contact=somebody(3))
    later = counter.slot("13:00", capacity=2)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("11:00 has only 1 place left")
    assert_accessible(page)
    page.get_by_role("button", name="13:00").click()
    page.wait_for_url("**/h/**")
    fill_and_book(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    assert taken(later) == 2


def test_nobody_books_the_same_slot_twice(
    visit: Callable[..., Page], counter: Counter, slots: list[SlotFacts]
) -> None:
    counter.book(slots[1])
    page = visit(viewport=DESK)
    choose(page, counter, slots[1], places=1)
    fill_and_book(page)
    expect(page.get_by_role("alert")).to_contain_text("You have a place at this time already")
    assert Booking.objects.filter(slot_id=slots[1].id, state="confirmed").count() == 1


def test_places_are_booked_without_script(
    visit: Callable[..., Page], counter: Counter, slots: list[SlotFacts]
) -> None:
    page = visit(viewport=PHONE, java_script_enabled=False)
    page.goto(f"/b/{counter.slug}/")
    page.get_by_role("link", name="One place more").click()
    page.locator(f"label:has(input[value='{slots[1].id}'])").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Full name").fill("Dana Guest")
    page.get_by_label("Email").fill("dana@example.org")
    page.locator("#details .call").get_by_role("button", name="Book it").click()
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You're booked, Dana")
    assert taken(slots[1]) == 2
    page.get_by_role("link", name="Move").click()
    page.locator(f"label:has(input[value='{slots[0].id}'])")
    expect(page.locator(f"input[value='{slots[0].id}']")).to_be_disabled()


@LOOKS
def test_the_pages_of_places_are_accessible(
    visit: Callable[..., Page], counter: Counter, slots: list[SlotFacts], size: dict[str, int], scheme: str
) -> None:
    page = visit(viewport=size, color_scheme=scheme)

    def check() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (
            f"{page.url} is too wide"
        )

    page.goto(f"/b/{counter.slug}/places?n=2&date={slots[0].local_on}")
    check()
    page.goto(f"/b/{counter.slug}/places?date={counter.day(9)}")
    expect(page.get_by_role("heading", name="Nothing on", exact=False)).to_be_visible()
    check()
    choose(page, counter, slots[1])
    check()


def test_a_counter_without_slots_says_so(visit: Callable[..., Page], counter: Counter) -> None:
    page = visit(viewport=PHONE)
    page.goto(f"/b/{counter.slug}/")
    expect(page.get_by_text("No other day that can be booked now has a free place.")).to_be_visible()
    assert_accessible(page)


def call(
    counter: Counter, method: str, path: str, body: Any = None, token: str = "", client: Any = None
) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return (client or Client()).generic(
        method,
        f"/api/v1/businesses/{counter.slug}{path}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers=headers,
    )


def token_of(counter: Counter) -> str:
    """A manager's token."""
    made = create_token(
        actor=OPERATOR,
        business_id=counter.business_id,
        role=Role.MANAGER,
        name="journey",
        now=clock.now(),
    )
    return made.secret


@pytest.mark.django_db(transaction=True)
def test_the_same_journey_through_the_api(settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 0
    counter = make_counter()
    manager = token_of(counter)
    body = {
        "service": str(counter.portrait.id),
        "from": counter.day(3).isoformat(),
        "to": counter.day(5).isoformat(),
        "slot_minutes": 60,
        "capacity": 2,
    }
    assert call(counter, "POST", "/slots/generate", {**body, "preview": True}, manager).json()["count"] == 24
    assert call(counter, "POST", "/slots/generate", body, manager).json() == {"created": 24, "existing": 0}
    assert call(counter, "POST", "/slots/generate", body, manager).json() == {"created": 0, "existing": 24}
    day = counter.day(3).isoformat()
    free = call(counter, "GET", f"/availability?service={counter.portrait.id}&from={day}&to={day}").json()
    slot = free["days"][0]["times"][0]["slot"]

    def book(email: str, places: int = 1, client: Any = None) -> Any:
        wanted = {"slot": slot, "party_size": places, "customer": {"name": "Dana", "email": email}}
        return call(counter, "POST", "/bookings", wanted, client=client)

    def count() -> int:
        return int(call(counter, "GET", f"/slots/{slot}", token=manager).json()["taken"])

    account = create_account(email="dana@example.org", name="Dana Guest", password=PASSWORD)
    dana = Client()
    dana.force_login(account, backend="holdfast.accounts.backends.SignInBackend")
    first = book("dana@example.org", client=dana)
    assert (first.status_code, count()) == (201, 1)
    assert book("dana@example.org", client=dana).json()["code"] == "limit_reached"
    assert book("eve@example.org", 2).json()["code"] == "slot_full"
    assert book("eve@example.org").status_code == 201
    assert (book("fay@example.org").json()["code"], count()) == ("slot_full", 2)

    own = call(counter, "GET", "/bookings", client=dana).json()["items"]
    assert [item["reference"] for item in own] == [first.json()["reference"]]
    assert len(call(counter, "GET", "/bookings", token=manager).json()["items"]) == 2
    token = first.json()["manage_url"].rsplit("/", 1)[1]
    cancelled = call(counter, "POST", f"/bookings/{first.json()['reference']}/cancel?token={token}")
    assert (cancelled.status_code, count()) == (200, 1)
    assert call(counter, "PATCH", f"/slots/{slot}", {"capacity": 1}, manager).status_code == 200
    closed = call(counter, "POST", "/slots/bulk", {"action": "close", "from": day, "to": day}, manager)
    assert closed.json()["changed"] == 8
    assert book("fay@example.org").json()["code"] == "slot_closed"
    Slot.objects.filter(id=slot).update(
        is_open=True, starts_at=counter.at("09:00", -1), ends_at=counter.at("10:00", -1), capacity=5
    )
    assert book("gil@example.org").json()["fields"]["starts_at"][0]["code"] == "in_past"

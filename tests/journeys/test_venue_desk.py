"""A night at a club's desk in a real browser: seat by phone, by hand, past midnight; change and swap tables; set up the floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Role
from tests.cast import PASSWORD, join
from tests.club import Club, make_club
from tests.support.accessibility import LOOKS, assert_accessible
from tests.support.live import LiveHoldfast

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def live_club(live_holdfast: LiveHoldfast) -> Club:
    """Alice's club on the running server, with Bob at the door and Mona who manages it."""
    club = make_club()
    join(club, "bob@example.org", "Bob Door", Role.STAFF)
    join(club, "mona@example.org", "Mona Rowe", Role.MANAGER)
    return club


@pytest.fixture
def at_desk(browser_context: OpenContext, live_club: Club) -> Callable[..., Page]:
    """Sign somebody in."""

    def open_page(email: str = "bob@example.org", **options: Any) -> Page:
        page = browser_context(reduced_motion="reduce", timezone_id="Europe/London", **options).new_page()
        page.goto("/accounts/login/?next=/desk/")
        page.locator("[name=login]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(f"**/desk/{live_club.slug}/**")
        return page

    return open_page


def night_of(club: Club) -> str:
    return club.night("22:00").date().isoformat()


def party(club: Club, name: str, size: int, **more: Any) -> BookingFacts:
    return club.party(size, contact=Contact(name, f"{name.lower()}@example.org"), **more)


def tables_of(club: Club, booking: BookingFacts) -> list[str]:
    row = Booking.objects.get(id=booking.id)
    return (
        club.named([id for id in (row.resource_id, *(row.also or ())) if id])
        if not row.also
        else sorted(name for name, id in club.ids.items() if str(id) in {str(row.resource_id), *row.also})
    )


def test_a_party_with_several_tables_stands_in_each_of_them_all_night(
    at_desk: Callable[..., Page], live_club: Club
) -> None:
    party(live_club, "Ines", 10, hhmm="00:30")
    page = at_desk(viewport=DESK)
    page.goto(f"/desk/{live_club.slug}/?date={night_of(live_club)}")
    for name in ("B2", "B3"):
        lane = page.get_by_role("region", name=name, exact=True)
        expect(lane.get_by_role("link", name="Ines")).to_have_count(1)
    expect(page.get_by_role("region", name="B1", exact=True).get_by_role("link", name="Ines")).to_have_count(
        0
    )
    expect(page.locator(".board-hours")).to_contain_text("03:00")


def test_a_call_is_seated_by_hand_past_midnight(at_desk: Callable[..., Page], live_club: Club) -> None:
    page = at_desk(viewport=DESK)
    page.goto(f"/desk/{live_club.slug}/new?date={night_of(live_club)}")
    page.get_by_label("People").fill("5")
    page.get_by_label("People").press("Tab")
    page.get_by_text("00:30", exact=True).click()
    page.get_by_text("T4, Floor, 2–4").click()
    page.get_by_text("T1, Bar, 1–2").click()
    page.get_by_label("Name").fill("Kit Caller")
    page.get_by_role("button", name="Book", exact=True).click()
    page.wait_for_url("**did=book**")
    booking = Booking.objects.get()
    assert {str(booking.resource_id), *(booking.also or ())} == {
        str(live_club.ids["T1"]),
        str(live_club.ids["T4"]),
    }
    assert booking.local_on.isoformat() == night_of(live_club)
    assert booking.local_start.endswith("00:30")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_tables_are_changed_and_swapped_from_the_booking(
    at_desk: Callable[..., Page], live_club: Club, script: bool
) -> None:
    ines, kit = party(live_club, "Ines", 4), party(live_club, "Kit", 4)
    page = at_desk(viewport=DESK, java_script_enabled=script)
    page.goto(f"/desk/{live_club.slug}/b/{ines.reference}")
    page.get_by_role("link", name="Tables", exact=True).click()
    page.get_by_text("T3, Floor, 2–4", exact=True).click()
    page.get_by_text("B1, Floor, 3–6", exact=True).click()
    page.get_by_role("button", name="Sit here").click()
    expect(page.locator("main")).to_contain_text("B1")
    assert tables_of(live_club, ines) == ["B1"]

    page.goto(f"/desk/{live_club.slug}/b/{ines.reference}/tables")
    expect(page.get_by_text("T4, Floor, 2–4 (taken)")).to_be_visible()
    page.get_by_label("Change tables with").select_option(str(kit.id))
    page.get_by_role("button", name="Change tables").click()
    expect(page.locator("main")).to_contain_text("T4")
    assert (tables_of(live_club, ines), tables_of(live_club, kit)) == (["T4"], ["B1"])


def test_a_manager_sets_up_which_tables_go_together(at_desk: Callable[..., Page], live_club: Club) -> None:
    page = at_desk("mona@example.org", viewport=PHONE)
    page.goto(f"/desk/{live_club.slug}/settings/floor")
    page.get_by_label("Name").fill("Corner")
    page.locator("#f-tables").get_by_text("T4, Floor, 2–4").click()
    page.locator("#f-tables").get_by_text("B1, Floor, 3–6").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("T4 + B1 · 5 to 10 people")
    page.get_by_label("Table", exact=True).select_option(label="T2, Bar, 1–2")
    page.get_by_label("Stands beside").select_option(label="T3, Floor, 2–4")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("main")).to_contain_text("T2 beside T3")
    page.get_by_role("button", name="Remove T2 beside T3").click()
    expect(page.locator("main")).not_to_contain_text("T2 beside T3")
    assert [one.name for one in live_club.timetable.floor.combinations] == ["Double booth", "Corner"]


@LOOKS
def test_the_pages_of_tables_are_accessible(
    at_desk: Callable[..., Page], live_club: Club, size: dict[str, int], scheme: str
) -> None:
    ines = party(live_club, "Ines", 10)
    party(live_club, "Kit", 2)
    page = at_desk("mona@example.org", viewport=size, color_scheme=scheme)
    for path in (
        f"?date={night_of(live_club)}",
        f"new?date={night_of(live_club)}",
        f"b/{ines.reference}/tables",
        f"b/{ines.reference}/move",
        "settings/floor",
        f"settings/services/{live_club.cut.id}",
    ):
        page.goto(f"/desk/{live_club.slug}/{path}")
        assert_accessible(page)

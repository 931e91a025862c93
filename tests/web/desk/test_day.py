"""The day view and the week: what staff sees (SPEC L1)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

import holdfast.web
from holdfast.bookings.commands import hold_time
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.commands import create_business
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Role
from holdfast.schedule.commands import ExceptionWish, add_exception, replace_hours
from tests.cast import OPERATOR, Shop, join, make_shop


def day(client: Client, shop: Shop, query: str = "") -> str:
    return client.get(reverse("desk:day", args=[shop.slug]) + query).content.decode()


def card_of(page: str, booking: BookingFacts) -> str:
    """The board's list item of a booking."""
    items = re.findall(r"<li class=\"visit [^>]*>.*?</li>", page, re.DOTALL)
    return next(item for item in items if f'data-card="{booking.reference}"' in item)


def test_a_booking_stands_in_its_lane_at_its_time(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    page = day(staff, shop)
    card = card_of(page, dana_at_noon)
    assert "Dana Guest" in card
    assert "is-booked placed at-h3 at-m0 for-h0 for-m30" in card
    lane = page[page.index(f'id="lane-{shop.theo.id}"') : page.index(f'id="lane-{shop.amara.id}"')]
    assert dana_at_noon.reference in lane


def test_the_line_above_counts_the_day(shop: Shop, staff: Client, dana_at_noon: BookingFacts) -> None:
    shop.book("11:45", days=0, resource=shop.amara, contact=Contact("Erin", "erin@example.org"))
    page = day(staff, shop)
    assert "<b>2</b> booked" in page
    assert "<b>2</b> to come" in page
    assert "<b>6%</b> of the time" in page
    assert "Next gap <b>10:30, Theo Marsh</b>" in page


def test_nobody_is_late_until_the_businesss_own_patience_ends(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, friday: time_machine.Traveller
) -> None:
    friday.move_to("2026-11-20T12:09:00Z")
    assert "is-booked" in card_of(day(staff, shop), dana_at_noon)
    friday.move_to("2026-11-20T12:27:00Z")
    page = day(staff, shop)
    assert "is-late" in card_of(page, dana_at_noon)
    assert "27 min late" in card_of(page, dana_at_noon)
    assert "<b>1</b> late" in page


def test_a_hold_is_shown_while_it_lives_and_names_nobody(
    shop: Shop, staff: Client, friday: time_machine.Traveller
) -> None:
    wish = shop.wish("14:00", days=0, resource=shop.theo)
    held = hold_time(actor=GUEST, timetable=shop.timetable, wish=wish, now=clock.now())
    card = card_of(day(staff, shop), held)
    assert "is-held" in card
    assert "Online customer" in card
    friday.shift(601)
    assert held.reference not in day(staff, shop)


def test_a_lunch_break_is_a_block_and_closed_time_is_hatched(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    wish = ExceptionWish(
        "absence", shop.amara.id, starts_at=shop.at("13:00", 0), ends_at=shop.at("13:30", 0), note="Lunch <b>"
    )
    add_exception(actor=OPERATOR, business_id=shop.business_id, wish=wish)
    late = [{"weekday": 4, "opens": "11:00", "closes": "17:00"}]
    replace_hours(actor=OPERATOR, business_id=shop.business_id, windows=late, resource_id=shop.theo.id)
    page = day(staff, shop)
    assert (
        'is-blocked placed at-h4 at-m0 for-h0 for-m30"><span class="ellipsis">Lunch &lt;b&gt;</span>' in page
    )
    assert 'class="off placed at-h0 at-m0 for-h2 for-m0"' in page


def test_times_are_those_of_the_businesss_zone(db: None, sign_in) -> None:  # type: ignore[no-untyped-def]
    tokyo = make_shop("tokyo", "Asia/Tokyo")
    bob = join(tokyo, "bob@example.org", "Bob", Role.STAFF)
    booking = tokyo.book("10:00", days=1)
    page = (
        sign_in(bob).get(reverse("desk:day", args=["tokyo"]) + f"?date={booking.local_on}").content.decode()
    )
    assert '<span class="visit-time">10:00 </span>' in card_of(page, booking)


def test_a_name_cannot_smuggle_markup_onto_the_board(shop: Shop, staff: Client) -> None:
    booking = shop.book("12:00", days=0, contact=Contact("<script>alert(1)</script>", "mallory@example.org"))
    assert "&lt;script&gt;alert(1)" in card_of(day(staff, shop), booking)


def test_the_page_has_no_style_attribute_and_no_inline_script(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    page = day(staff, shop, f"?open={dana_at_noon.reference}")
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<[^>]+\son\w+=", page)


def test_another_date_shows_its_own_bookings_only(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    assert dana_at_noon.reference not in day(staff, shop, "?date=2026-11-21")
    assert dana_at_noon.reference in day(staff, shop, "?date=2026-11-20")


@pytest.mark.parametrize(
    "date", ["2026-02-30", "tomorrow", "0001-01-01", "9999-12-31", "%00", "2026-11-20T10:00"]
)
def test_a_date_that_is_none_shows_today(
    date: str, shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    assert "Friday 20 November" in day(staff, shop, f"?date={date}")


def test_a_closed_day_says_so_and_why(shop: Shop, staff: Client, dana_at_noon: BookingFacts) -> None:
    closed = ExceptionWish("closed", starts_on=shop.at("10:00", 1).date(), note="Staff outing")
    add_exception(actor=OPERATOR, business_id=shop.business_id, wish=closed)
    assert "Closed on Saturday 21 November: Staff outing" in day(staff, shop, "?date=2026-11-21")


def test_the_first_day_shows_what_is_missing_and_the_link_to_share(
    shop: Shop, staff: Client, settings: Any
) -> None:
    page = day(staff, shop)
    assert "You are open for bookings" in page
    assert f"{settings.BASE_URL}/b/{shop.slug}/" in page
    assert "3 of 5 done" in page


def test_an_empty_business_is_told_what_comes_next(db: None, sign_in) -> None:  # type: ignore[no-untyped-def]
    business = create_business(
        actor=OPERATOR, slug="bare", name="Bare", blueprint="barbershop", timezone="UTC", currency="GBP"
    )
    empty = Shop("bare", business.id, None, None, None)  # type: ignore[arg-type]
    bob = join(empty, "bob@example.org", "Bob", Role.STAFF)
    page = sign_in(bob).get(reverse("desk:day", args=["bare"])).content.decode()
    assert "Almost ready for bookings" in page
    assert "0 of 5 done" in page


# ---- The board keeps itself fresh -------------------------------------------------------------------------------------


def test_a_board_that_did_not_change_is_not_sent_again(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    version = re.search(r'data-version="(\w+)"', day(staff, shop))
    assert version
    url = reverse("desk:board", args=[shop.slug])
    same = staff.get(url, {"date": "2026-11-20", "seen": version[1]}, headers={"HX-Request": "true"})
    assert same.status_code == 204
    assert same.content == b""


def test_a_colleagues_booking_arrives_with_the_figures(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    version = re.search(r'data-version="(\w+)"', day(staff, shop))
    assert version
    later = shop.book("15:00", days=0)
    url = reverse("desk:board", args=[shop.slug])
    fresh = staff.get(
        url, {"date": "2026-11-20", "seen": version[1]}, headers={"HX-Request": "true"}
    ).content.decode()
    assert later.reference in fresh
    assert "<b>2</b> booked" in fresh
    assert fresh.count("hx-swap-oob") == 2
    assert "<html" not in fresh


def test_a_board_of_many_bookings_takes_few_statements(
    shop: Shop, staff: Client, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    for hhmm in ("12:00", "12:00", "12:30", "12:30", "13:00", "14:15"):
        shop.book(hhmm, days=0)
    url = reverse("desk:board", args=[shop.slug])
    staff.get(url)
    # session, account, second factor, version, membership, the day's bookings, who waits
    with django_assert_max_num_queries(8):
        staff.get(url)


# ---- The week -----------------------------------------------------------------------------------------------------------


def test_the_week_lists_its_days_with_counts_by_person(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    page = staff.get(reverse("desk:week", args=[shop.slug])).content.decode()
    assert "Mon 16 Nov to Sun 22 Nov" in page
    assert 'Theo Marsh <span class="faint">1</span>' in page
    assert reverse("desk:booking", args=[shop.slug, dana_at_noon.reference]) in page
    assert "?date=2026-11-09" in page
    assert "?date=2026-11-23" in page


def test_the_script_of_the_desk_imports_nothing() -> None:
    """Static files have hashed names in production: ``import "./base.js"`` would run base.js twice, all listeners too."""
    script = (Path(holdfast.web.__file__).parent / "static/holdfast/desk.js").read_text()
    assert not re.search(r"^\s*import\b|\bimport\(", script, re.MULTILINE)

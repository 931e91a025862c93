"""Around the waitlist: why nothing was offered, its settings, services that are waited for, a person's tier, the rail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from holdfast.bookings.commands import cancel_booking
from holdfast.businesses.commands import change_business_settings
from holdfast.businesses.rules import WEIGHT_NAMES, Settings
from holdfast.catalog.models import Service
from holdfast.core import clock
from holdfast.customers.models import Customer
from holdfast.waitlist.models import Gap
from tests.cast import OPERATOR, Shop
from tests.waitlist.line import fill, person, wait, work
from tests.web.desk.conftest import FRIDAY
from tests.web.desk.test_waitlist import BASE, text_of, walk_in

SETTINGS = "/desk/fenwick/settings/waitlist"


# ---- Why was nothing offered? -----------------------------------------------------------------------------------------


def freed(shop: Shop, **entry: Any) -> None:
    """Somebody waits in a full house, and Theo's ten o'clock is cancelled."""
    booked = fill(shop)
    wait(shop, person("Ada"), **entry)
    cancel_booking(
        actor=shop.actor(), timetable=shop.timetable, booking_id=booked["theo 10:00"].id, now=clock.now()
    )
    work()


def test_what_came_free_is_told_with_the_offer_it_led_to_and_its_score(shop: Shop, staff: Client) -> None:
    assert "Nothing came free lately" in text_of(staff.get(f"{BASE}/gaps"))
    freed(shop, now=clock.now() - timedelta(days=2))
    page = text_of(staff.get(f"{BASE}/gaps"))
    for words in (
        "A booking was cancelled", "Mon 23 Nov, 10:00 to 10:30 · Theo Marsh", "Offered", "Waiting for an answer",
        "Time waited", "Visits kept", "Who it went to", "5 offers a day to one person at most",
    ):  # fmt: skip
        assert words in page, words


def test_why_nobody_was_asked_is_counted(shop: Shop, staff: Client) -> None:
    freed(shop, from_time="15:00")
    page = text_of(staff.get(f"{BASE}/gaps"))
    assert "Nobody waits for it" in page
    assert "1 waits for about this time." in page
    assert "For 1 it does not fit" in page


@pytest.mark.parametrize(
    ("outcome", "details", "words"),
    [
        ("paced", {}, "Not more than 60 offers are sent in a minute."),
        ("quiet", {"until": "2026-11-21T07:00:00+00:00"}, "Quiet hours are from 21:00 to 07:00."),
        ("quiet", {"until": "2026-11-21T07:00:00+00:00"}, "It is looked at again Sat 21 Nov, 07:00."),
        ("too_near", {}, "Nobody is asked less than 15 minutes before the start."),
        ("off", {}, "switched off"),
        (
            "nobody",
            {"waiting": 3, "limit": 2, "had_it": 1},
            "2 had enough for today: one person gets 5 offers a day",
        ),
        ("nobody", {"waiting": 3, "limit": 2, "had_it": 1}, "1 was offered it already."),
    ],
)
def test_enough_was_sent_is_said_with_the_setting_it_comes_from(
    outcome: str, details: dict[str, Any], words: str, shop: Shop, staff: Client
) -> None:
    quiet = {"quiet_hours": ["21:00", "07:00"]}
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted=quiet)
    Gap.objects.create(
        business_id=shop.business_id, starts_at=shop.at("10:00"), ends_at=shop.at("10:30"), cause="cancelled",
        outcome=outcome, details=details, opened_at=FRIDAY,
    )  # fmt: skip
    assert words in text_of(staff.get(f"{BASE}/gaps"))


def test_the_gaps_of_another_business_are_not_told(shop: Shop, stranger: Client, other_shop: Shop) -> None:
    freed(shop)
    assert stranger.get(f"{BASE}/gaps").status_code == 404
    assert "Theo" not in text_of(stranger.get(f"/desk/{other_shop.slug}/waitlist/gaps"))


# ---- Settings ---------------------------------------------------------------------------------------------------------


def settings_form(manager: Client, **changed: str) -> dict[str, str]:
    groups = manager.get(SETTINGS).context["groups"]
    fields = [field for group in groups for field in group.fields]
    values = {
        one.name: ("on" if one.is_checked else "") if one.kind == "checkbox" else one.value for one in fields
    }
    return values | changed


def test_the_settings_show_the_sum_of_the_weights_and_each_share(shop: Shop, manager: Client) -> None:
    page = text_of(manager.get(SETTINGS))
    assert "Together they weigh 100" in page
    assert ">40%<" in page
    assert "Reset to defaults" not in page
    assert (
        manager.post(SETTINGS, settings_form(manager, weight_waiting="100", waitlist="")).status_code == 302
    )
    kept = shop.timetable.business.settings
    assert (kept.weight_waiting, kept.weight_tier, kept.waitlist) == (100, 10, False)
    assert "Together they weigh 160" in text_of(manager.get(SETTINGS))
    manager.post(SETTINGS, {"do": "defaults"})
    kept = shop.timetable.business.settings
    assert (kept.weight_waiting, kept.waitlist) == (Settings().weight_waiting, True)


def test_something_has_to_count(shop: Shop, manager: Client) -> None:
    answer = manager.post(SETTINGS, settings_form(manager, **dict.fromkeys(WEIGHT_NAMES, "0")))
    assert answer.status_code == 422
    assert "At least one of these has to weigh something." in text_of(answer)


def test_a_service_can_be_closed_to_waiting_and_capped(shop: Shop, manager: Client) -> None:
    url = f"/desk/fenwick/settings/services/{shop.cut.id}"
    groups = manager.get(url).context["groups"]
    values = {
        field.name: field.value for group in groups for field in group.fields if field.kind != "checkbox"
    }
    values |= {"resources": [str(shop.theo.id)], "who_may_book": "anyone", "waitlist_limit": "12"}
    values |= {"deposit_percent": "0", "deposit_party_least": "1", "deposit_weekdays": [], "guard": ""}
    assert manager.post(url, values).status_code == 302
    row = Service.objects.get(id=shop.cut.id)
    assert (row.waitlist_open, row.waitlist_limit) == (False, 12)
    assert manager.post(url, values | {"waitlist_open": "on", "waitlist_limit": "-1"}).status_code == 422
    assert manager.post(url, values | {"waitlist_open": "on", "waitlist_limit": "0"}).status_code == 302
    assert Service.objects.get(id=shop.cut.id).waitlist_open


# ---- A person ---------------------------------------------------------------------------------------------------------


def test_a_persons_page_has_their_tier_and_what_they_wait_for(shop: Shop, staff: Client) -> None:
    entry = wait(shop, person("Ada"))
    url = f"/desk/fenwick/people/{entry.customer_id}"
    assert f"{BASE}/{entry.id}" in text_of(staff.get(url))
    answer = staff.post(url, {"do": "tier", "tier": "2"}, follow=True)
    assert "Tier saved." in text_of(answer)
    assert Customer.objects.get(id=entry.customer_id).tier == 2
    for wrong in ("4", "-1", "x", ""):
        assert staff.post(url, {"do": "tier", "tier": wrong}).status_code == 422
    assert "tier: valued" in text_of(staff.get(BASE))


# ---- The rail of the day ----------------------------------------------------------------------------------------------


def test_the_rail_has_who_waits_for_the_day_and_who_stands_there(
    shop: Shop, staff: Client, friday: time_machine.Traveller
) -> None:
    walk_in(shop, "Ada", 4, quoted=(10, 20))
    wait(shop, person("Ben"), days=3)
    today = text_of(staff.get("/desk/fenwick/"))
    assert "4 of 20 min" in today
    assert "Ben Waiting" not in today
    later = text_of(staff.get("/desk/fenwick/", {"date": "2026-11-23"}))
    assert ("Ben Waiting" in later, "Ada Waiting" in later) == (True, False)
    version = staff.get("/desk/fenwick/").context["version"]
    assert staff.get("/desk/fenwick/board", {"seen": version}).status_code == 204
    friday.move_to(FRIDAY + timedelta(minutes=13))
    fresh = text_of(staff.get("/desk/fenwick/board", {"seen": version}))
    assert "17 of 20 min" in fresh
    assert "waited-long" in fresh

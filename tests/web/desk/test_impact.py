"""The desk asks before a change that would strand bookings (SPEC C7)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from holdfast.bookings.queries import booking_by_id
from holdfast.schedule.models import DatedException
from tests.cast import Shop

pytestmark = pytest.mark.django_db


def day_off(shop: Shop) -> dict[str, str]:
    on = shop.at("10:00").astimezone(shop.timetable.tz).date().isoformat()
    return {"kind": "closed", "starts_on": on, "ends_on": on, "note": "Away"}


def test_a_day_off_over_a_booking_asks_and_then_does_what_was_chosen(shop: Shop, manager: Client) -> None:
    kept, cancelled, moved = (shop.book(f"{hour}:00", resource=shop.theo) for hour in (10, 11, 12))
    address = f"/desk/{shop.slug}/settings/exceptions"
    asked = manager.post(address, day_off(shop))
    page = asked.content.decode()
    assert asked.status_code == 409
    assert "3 bookings would lose their time" in page
    assert 'name="note" value="Away"' in page
    assert not DatedException.objects.filter(business_id=shop.business_id).exists()
    nearest = re.findall(rf'name="becomes-{moved.reference}".*?value="(move/[^"]+)"', page, re.DOTALL)[0]
    choices = {
        f"becomes-{kept.reference}": "keep",
        f"becomes-{cancelled.reference}": "cancel",
    }
    again = manager.post(address, day_off(shop) | choices)
    assert again.status_code == 409, "one is not decided yet"
    assert 'value="keep" selected' in again.content.decode()
    done = manager.post(address, day_off(shop) | choices | {f"becomes-{moved.reference}": nearest})
    assert done.status_code == 302
    assert DatedException.objects.filter(business_id=shop.business_id).count() == 1
    states = [
        booking_by_id(business_id=shop.business_id, booking_id=b.id).state for b in (kept, cancelled, moved)
    ]
    assert states == ["confirmed", "cancelled", "confirmed"]
    assert booking_by_id(business_id=shop.business_id, booking_id=moved.id).local_on != moved.local_on


@pytest.mark.parametrize("rubbish", ["burn", "move/yesterday/x", "move/2026-01-01T10:00/x", ""])
def test_a_choice_that_is_none_is_asked_about_again(shop: Shop, manager: Client, rubbish: str) -> None:
    booking = shop.book("10:00", resource=shop.theo)
    asked = manager.post(
        f"/desk/{shop.slug}/settings/resources/{shop.theo.id}",
        {"do": "retire", f"becomes-{booking.reference}": rubbish},
    )
    assert asked.status_code == 409
    assert shop.timetable.resource(shop.theo.id).is_active


def test_one_choice_for_all_holds_where_nothing_else_is_chosen(shop: Shop, manager: Client) -> None:
    kept, cancelled = (shop.book(f"{hour}:00", resource=shop.theo) for hour in (10, 11))
    done = manager.post(
        f"/desk/{shop.slug}/settings/exceptions",
        day_off(shop) | {f"becomes-{kept.reference}": "keep", "others-become": "cancel"},
    )
    assert done.status_code == 302
    states = [booking_by_id(business_id=shop.business_id, booking_id=b.id).state for b in (kept, cancelled)]
    assert states == ["confirmed", "cancelled"]

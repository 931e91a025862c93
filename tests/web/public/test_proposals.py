"""The page behind a personal link while the business asks for another time (SPEC C7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from holdfast.bookings.commands import propose_times
from holdfast.bookings.queries import BookingFacts, booking_by_id, manage_token
from holdfast.core import clock
from tests.cast import Shop
from tests.web.public.visitor import said, values

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(shop: Shop) -> BookingFacts:
    """Dana's, in three days at ten; the business proposes two o'clock with Amara, and asks within the notice."""
    found = shop.book("10:00", resource=shop.theo)
    return propose_times(
        actor=shop.actor(),
        business_id=shop.business_id,
        booking_id=found.id,
        times=[(shop.at("14:00"), shop.amara.id)],
        now=clock.now(),
    )


def test_a_proposed_time_is_one_press_away_even_after_the_notice(
    shop: Shop, client: Client, booking: BookingFacts
) -> None:
    link = f"/m/{manage_token(booking_id=booking.id)}"
    proposed = shop.at("14:00")
    with time_machine.travel(booking.starts_at - timedelta(hours=2), tick=False):
        page = client.get(link)
        assert "Please choose another time" in said(page)
        (choice,) = values(page, "choice")
        sent = {name: values(page, name)[0] for name in ("idempotency_key", "sequence")}
        done = client.post(f"{link}/move", sent | {"choice": choice})
        assert done.status_code == 303
        moved = booking_by_id(business_id=shop.business_id, booking_id=booking.id)
        assert (moved.starts_at, moved.resource_id) == (proposed, shop.amara.id)
        assert "Please choose another time" not in said(client.get(link))


def test_a_proposal_that_was_taken_meanwhile_is_answered_with_others(
    shop: Shop, client: Client, booking: BookingFacts
) -> None:
    shop.book("14:00", resource=shop.amara)
    link = f"/m/{manage_token(booking_id=booking.id)}"
    (choice,) = values(client.get(link), "choice")
    answer = client.post(f"{link}/move", {"choice": choice})
    assert answer.status_code == 409
    assert booking_by_id(business_id=shop.business_id, booking_id=booking.id).starts_at == booking.starts_at

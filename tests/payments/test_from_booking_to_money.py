"""The whole way with Stripe, from a booking to its money and back, whoever dies in between: never confirmed and unpaid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from holdfast.bookings import handlers
from holdfast.bookings.models import Booking
from holdfast.core import clock, worker
from holdfast.core.models import OutboxEvent
from holdfast.payments.jobs import attending, inbox
from holdfast.payments.queries import payments_of
from tests.bookings.money import takes_money
from tests.cast import Shop
from tests.payments.test_killed import Executioner, Killed
from tests.payments.till import Till, agrees
from tests.stripe_double.server import Double


@pytest.fixture
def executioner(monkeypatch: pytest.MonkeyPatch) -> Executioner:
    """Stands before and after every commit on the way from the webhook to the booking."""
    killer = Executioner()
    for place, name in (
        (inbox, "take_due_words"), (inbox, "settle_payment"), (inbox, "finish_word"),
        (handlers.commands, "take_payment"), (attending, "settle_refund"),
    ):  # fmt: skip
        monkeypatch.setattr(place, name, killer.around(getattr(place, name)))
    return killer


def everybody_goes_on(till: Till) -> None:
    """Leases end, and another worker takes over."""
    OutboxEvent.objects.filter(dead_at=None).update(due_at=clock.now() - timedelta(seconds=1), lease=None)
    worker.drain()
    till.time_passes()
    worker.drain()


@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "when somebody else has it"])
def test_a_paid_booking_is_confirmed_or_paid_back_wherever_the_worker_dies(
    shop: Shop, double: Double, executioner: Executioner, is_late: bool
) -> None:
    takes_money(shop, {"deposit_minor": 1000}, payments="stripe")
    at = 0
    for at in range(1, 30):
        days = 2 + at
        made = shop.book("10:00", days, resource=shop.theo)
        assert made.state == "awaiting_payment"
        till = Till(shop.business_id, double, made.id)
        (payment,) = payments_of(business_id=shop.business_id, booking_id=made.id)
        assert till.open(payment)
        assert double.books.pay(till.row(payment).checkout_ref)
        if is_late:
            Booking.objects.filter(id=made.id).update(releases_at=clock.now())
            shop.book("10:00", days, resource=shop.theo, actor=shop.actor())
        executioner.passed, executioner.at = 0, at
        was_killed = False
        try:
            till.deliver()
            worker.drain()
        except Killed:
            was_killed = True
        executioner.at = -1
        everybody_goes_on(till)
        till.deliver()
        state = Booking.objects.get(id=made.id).state
        kept = till.money.kept_minor
        assert (state == "confirmed", kept) == ((False, 0) if is_late else (True, 1000)), f"killed at {at}"
        assert agrees(double)
        if not was_killed:
            break
    assert at > 4, "too few points were found to die at"

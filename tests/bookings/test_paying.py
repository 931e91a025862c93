"""A booking that waits for its payment: kept until then, confirmed by it, or the money is given back (SPEC E3, G1)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from holdfast.bookings.commands import (
    Details,
    SeriesTime,
    book_series,
    cancel_booking,
    confirm_hold,
    hold_time,
    move_booking,
    take_payment,
    tidy_dead_bookings,
    undo_change,
)
from holdfast.bookings.errors import TimeTaken
from holdfast.bookings.models import Booking, Claim
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.core import clock
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Invalid
from holdfast.payments.models import Payment, Refund
from tests.bookings.evidence import events, history
from tests.bookings.money import ledger_of, pay, payment_for, provider_says_paid, takes_money
from tests.cast import DANA, Shop

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def owing(shop: Shop, now: datetime) -> BookingFacts:
    """Theo at ten, kept for half an hour until its deposit is paid."""
    takes_money(shop, {"deposit_minor": 1000})
    return shop.book("10:00", resource=shop.theo, now=now)


def now_is(shop: Shop, booking: BookingFacts) -> BookingFacts:
    return booking_by_id(business_id=shop.business_id, booking_id=booking.id)


def test_a_booking_with_a_deposit_keeps_its_time_until_it_is_paid(
    shop: Shop, owing: BookingFacts, now: datetime
) -> None:
    assert (owing.state, owing.releases_at) == ("awaiting_payment", now + 30 * MINUTE)
    payment = payment_for(owing.id)
    assert (payment.kind, payment.provider, payment.amount_minor) == ("deposit", "demo", 1000)
    assert payment.expires_at == owing.releases_at
    assert set(events(owing.id)) == {"PaymentAwaited"}
    with pytest.raises(TimeTaken):
        shop.book("10:00", resource=shop.theo, now=now + 29 * MINUTE)
    assert pay(shop, owing.id, now + 29 * MINUTE) == "kept"
    paid = now_is(shop, owing)
    assert (paid.state, paid.releases_at, paid.paid_minor, paid.balance_minor) == (
        "confirmed",
        None,
        1000,
        1600,
    )
    assert "BookingConfirmed" in events(owing.id)
    assert history(owing.id) == ["book", "pay"]
    assert Claim.objects.filter(booking_id=owing.id).count() == 1


def test_where_money_is_taken_at_the_counter_or_staff_book_nobody_waits(shop: Shop, now: datetime) -> None:
    takes_money(shop, {"deposit_minor": 1000}, payments="counter")
    assert shop.book("10:00").state == "confirmed"
    takes_money(shop)
    by_staff = shop.book("11:00", actor=shop.actor())
    assert (by_staff.state, by_staff.deposit_minor) == ("confirmed", 1000)
    assert not Payment.objects.exists()


def test_a_hold_becomes_a_booking_that_waits_at_the_price_it_was_held_for(shop: Shop, now: datetime) -> None:
    takes_money(shop, {"prepay": True})
    hold = hold_time(actor=GUEST, timetable=shop.timetable, wish=shop.wish("10:00"), now=now)
    booking = confirm_hold(
        actor=GUEST.holding(hold.id),
        timetable=shop.timetable,
        hold_id=hold.id,
        details=Details(DANA),
        now=now + 5 * MINUTE,
    )
    assert (booking.state, booking.releases_at) == ("awaiting_payment", now + 35 * MINUTE)
    assert (booking.policy.money.demand, booking.awaited.amount_minor) == ("prepay", 2600)
    assert pay(shop, booking.id, now + 6 * MINUTE) == "kept"
    assert now_is(shop, booking).balance_minor == 0


def test_unpaid_it_is_let_go_by_the_clock_alone(shop: Shop, owing: BookingFacts, now: datetime) -> None:
    later = now + 30 * MINUTE
    other = shop.book("10:00", resource=shop.theo, actor=shop.actor(), now=later)
    assert other.state == "confirmed"
    assert now_is(shop, owing).state == "expired"


def test_paid_too_late_it_is_confirmed_while_its_time_is_free(
    shop: Shop, owing: BookingFacts, now: datetime
) -> None:
    tidy_dead_bookings(now=now + 31 * MINUTE)
    assert pay(shop, owing.id, now + 40 * MINUTE) == "revived"
    paid = now_is(shop, owing)
    assert (paid.state, paid.paid_minor) == ("confirmed", 1000)
    assert Claim.objects.filter(booking_id=owing.id).count() == 1
    assert not Refund.objects.exists()
    with pytest.raises(TimeTaken):
        shop.book("10:00", resource=shop.theo, now=now + 41 * MINUTE)


def test_paid_too_late_for_a_time_somebody_else_has_the_money_goes_back_and_others_are_told(
    shop: Shop, owing: BookingFacts, now: datetime
) -> None:
    shop.book("10:00", resource=shop.theo, actor=shop.actor(), now=now + 31 * MINUTE)
    assert pay(shop, owing.id, now + 32 * MINUTE) == "too_late"
    assert now_is(shop, owing).state == "expired"
    refund = Refund.objects.get(booking_id=owing.id)
    assert (refund.amount_minor, refund.reason, refund.state) == (1000, "too_late", "due")
    assert "PaidTooLate" in events(owing.id)
    again = take_payment(
        timetable=shop.timetable,
        booking_id=owing.id,
        payment_id=payment_for(owing.id).id,
        now=now + 33 * MINUTE,
    )
    assert (again, Refund.objects.count()) == ("noted", 1)


def test_a_second_payment_of_the_same_deposit_is_given_back(
    shop: Shop, owing: BookingFacts, now: datetime
) -> None:
    first = payment_for(owing.id)
    second = Payment.objects.create(
        business_id=shop.business_id, booking_id=owing.id, kind="deposit", provider="demo",
        amount_minor=1000, currency="GBP", state="open", created_at=now + MINUTE,
    )  # fmt: skip
    outcomes = [
        take_payment(
            timetable=shop.timetable, booking_id=owing.id, payment_id=provider_says_paid(one).id, now=now
        )
        for one in (first, second)
    ]
    assert outcomes == ["kept", "given_back"]
    assert ledger_of(owing.id) == 1000
    assert Refund.objects.get().payment_id == second.id


def test_a_payment_for_what_was_cancelled_meanwhile_goes_back_whole(
    shop: Shop, owing: BookingFacts, now: datetime
) -> None:
    cancelled = cancel_booking(
        actor=GUEST.holding(owing.id), timetable=shop.timetable, booking_id=owing.id, now=now, undo=True
    )
    assert (cancelled.state, cancelled.undo_until) == (
        "cancelled",
        None,
    )  # what never stood is let go at once
    assert not Claim.objects.exists()
    payment = payment_for(owing.id)
    assert payment.expires_at is not None
    assert payment.expires_at <= now  # its checkout is ended
    assert pay(shop, owing.id, now + MINUTE) == "given_back"
    assert ledger_of(owing.id) == 0


@pytest.mark.parametrize(
    ("days", "by_staff", "kept"), [(3, False, 0), (1, False, 500), (0, False, 1000), (0, True, 0)]
)
def test_cancelling_gives_back_what_the_terms_of_the_booking_say(
    shop: Shop, now: datetime, days: int, by_staff: bool, kept: int
) -> None:
    takes_money(
        shop, {"deposit_minor": 1000}, cancellation_notice_minutes=0, refund_full_minutes=2880,
        refund_part_minutes=60, refund_part_percent=50, refund_late_percent=0,
    )  # fmt: skip
    booking = shop.book("10:00", days=4, now=now)
    pay(shop, booking.id, now)
    takes_money(shop, refund_full_minutes=0)  # what is changed later does not concern it
    when = booking.starts_at - (timedelta(days=days) if days else 10 * MINUTE)
    actor = shop.actor() if by_staff else GUEST.holding(booking.id)
    cancel_booking(actor=actor, timetable=shop.timetable, booking_id=booking.id, now=when)
    assert ledger_of(booking.id) == kept


def test_a_refund_waits_for_the_end_of_the_undo_and_undoing_takes_it_back(
    shop: Shop, owing: BookingFacts, now: datetime
) -> None:
    pay(shop, owing.id, now)
    holder = GUEST.holding(owing.id)
    cancelled = cancel_booking(
        actor=holder, timetable=shop.timetable, booking_id=owing.id, now=now, undo=True
    )
    refund = Refund.objects.get()
    assert refund.due_at == cancelled.undo_until == now + 2 * MINUTE
    undo_change(actor=holder, timetable=shop.timetable, booking_id=owing.id, now=now + MINUTE)
    assert not Refund.objects.exists()
    assert (now_is(shop, owing).state, ledger_of(owing.id)) == ("confirmed", 1000)


def test_a_moved_booking_keeps_its_payment(shop: Shop, owing: BookingFacts, now: datetime) -> None:
    pay(shop, owing.id, now)
    moved = move_booking(
        actor=GUEST.holding(owing.id),
        timetable=shop.timetable,
        booking_id=owing.id,
        starts_at=shop.at("15:00"),
        now=now,
    )
    assert (moved.state, moved.paid_minor, ledger_of(owing.id)) == ("confirmed", 1000, 1000)


def test_a_card_on_file_is_asked_for_by_the_service_and_keeps_the_booking(shop: Shop, now: datetime) -> None:
    takes_money(shop, {"guard": "card"})
    booking = shop.book("10:00", now=now)
    payment = payment_for(booking.id)
    assert (booking.state, payment.kind, payment.amount_minor) == ("awaiting_payment", "card", 0)
    assert pay(shop, booking.id, now) == "kept"
    assert now_is(shop, booking).state == "confirmed"


def test_who_missed_visits_pays_first_and_who_kept_them_is_spared(shop: Shop, now: datetime) -> None:
    takes_money(shop, missed_from=1, missed_guard="prepay", kept_from=2)
    first = shop.book("10:00", now=now)
    assert first.state == "confirmed"
    Booking.objects.filter(id=first.id).update(state="no_show")
    assert shop.book("11:00", now=now).policy.money.demand == "prepay"
    takes_money(shop, {"deposit_minor": 1000})
    Booking.objects.filter(id=first.id).update(state="completed")
    shop.book("12:00", actor=shop.actor(), now=now)
    assert shop.book("13:00", now=now).state == "awaiting_payment"
    Booking.objects.filter(business_id=shop.business_id, state="confirmed").update(state="completed")
    assert shop.book("14:00", now=now).state == "confirmed"


def test_several_bookings_in_one_step_are_refused_where_each_would_have_to_be_paid(
    shop: Shop, now: datetime
) -> None:
    takes_money(shop, {"deposit_minor": 1000})
    times = [SeriesTime(shop.at("10:00", days), shop.theo.id) for days in (3, 10)]
    wanted = {"service_id": shop.cut.id, "times": times, "details": Details(DANA), "now": now}
    with pytest.raises(Invalid) as refused:
        book_series(actor=GUEST, timetable=shop.timetable, **wanted)  # type: ignore[arg-type]
    assert refused.value.fields == {"service": [("paid_one_by_one", {})]}
    assert len(book_series(actor=shop.actor(), timetable=shop.timetable, **wanted)) == 2  # type: ignore[arg-type]

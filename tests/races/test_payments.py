"""Payments against the clock and against each other: never confirmed and unpaid, never kept without a booking (E3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from holdfast.bookings.commands import paying, take_payment, tidy_dead_bookings
from holdfast.bookings.models import Booking, Claim
from holdfast.core import clock
from holdfast.lib.refusals import Refusal
from holdfast.payments.models import Payment
from tests.bookings.money import ledger_of, payment_for, provider_says_paid, takes_money
from tests.cast import Shop
from tests.races.weakening import pause

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = ("09:00", "10:00", "11:00", "12:00", "13:00", "14:00")


def at_once(*acts: Callable[[], Any]) -> None:
    """Do all of it at the same moment, each with a connection of its own; refusals are an answer, too."""
    barrier = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            act()
        except Refusal:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        for result in [pool.submit(one, act) for act in acts]:
            result.result()


def unsound(booking_ids: list[UUID]) -> list[str]:
    """What must never be: confirmed without its money, or money without its booking; a place that is not the booking's."""
    found = []
    for booking in Booking.objects.filter(id__in=booking_ids):
        kept, claims = ledger_of(booking.id), Claim.objects.filter(booking_id=booking.id).count()
        is_on = booking.state == "confirmed"
        if (is_on, kept, claims) not in ((True, 1000, 1), (False, 0, 0)):
            found.append(f"{booking.state} with {kept} and {claims} claims")
    return found


def owing(shop: Shop) -> list[UUID]:
    takes_money(shop, {"deposit_minor": 1000})
    return [shop.book(hhmm, resource=shop.theo).id for hhmm in TURNS]


def race_of_pay_against_expiry(shop: Shop) -> list[str]:
    """Each is paid at the moment its time runs out, while somebody else takes the time and the dead are tidied away."""
    ids = owing(shop)
    timetable, staff, then = shop.timetable, shop.actor(), clock.now() + timedelta(minutes=31)
    for id, hhmm in zip(ids, TURNS, strict=True):
        paid = provider_says_paid(payment_for(id), then)
        at_once(
            lambda id=id, paid=paid: take_payment(  # type: ignore[misc]
                timetable=timetable, booking_id=id, payment_id=paid.id, now=then
            ),
            lambda hhmm=hhmm: shop.book(hhmm, resource=shop.theo, actor=staff, now=then),  # type: ignore[misc]
            lambda: tidy_dead_bookings(now=then),
        )
    return unsound(ids)


def race_of_two_payments(shop: Shop) -> list[str]:
    """Two attempts for the same deposit, both paid, told of at the same moment."""
    ids = owing(shop)
    timetable, now = shop.timetable, clock.now()
    for id in ids:
        second = Payment.objects.create(
            business_id=shop.business_id, booking_id=id, kind="deposit", provider="demo", amount_minor=1000,
            currency="GBP", state="open",
        )  # fmt: skip
        first = Payment.objects.filter(booking_id=id).exclude(id=second.id).get()
        both = [provider_says_paid(one, now) for one in (first, second)]
        at_once(*(
            lambda id=id, one=one: take_payment(  # type: ignore[misc]
                timetable=timetable, booking_id=id, payment_id=one.id, now=now
            )
            for one in both
        ))  # fmt: skip
    return unsound(ids)


def test_a_payment_at_the_moment_its_time_runs_out_keeps_the_booking_or_goes_back(shop: Shop) -> None:
    assert race_of_pay_against_expiry(shop) == []


def test_of_two_payments_for_one_deposit_one_is_kept(shop: Shop) -> None:
    assert race_of_two_payments(shop) == []


def test_without_taking_the_time_again_a_late_payment_would_confirm_what_is_no_longer_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: whoever confirms what was paid, and does not look whether the time is still free, is found out."""
    monkeypatch.setattr(paying, "_claim", lambda *_: None)
    monkeypatch.setattr(paying, "find_place", lambda **_: None)
    assert race_of_pay_against_expiry(shop) != []


def test_without_the_locks_two_payments_would_both_be_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """Negative control: who reads before they have the booking's row does not see the other (PostgreSQL; SQLite has one
    writer)."""
    if engine == "sqlite":
        pytest.skip("SQLite has one writer")

    def unlocked(**which: Any) -> Any:
        from holdfast.bookings.queries import booking_by_id

        found = booking_by_id(business_id=which["business_id"], booking_id=which["booking_id"])
        pause()
        return found

    monkeypatch.setattr(paying, "locked", unlocked)
    monkeypatch.setattr(paying.hot, "lock_resources", lambda *_: None)
    monkeypatch.setattr(paying, "lock_slots", lambda *_: None)
    assert race_of_two_payments(shop) != []

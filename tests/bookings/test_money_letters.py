"""Money is told by letter: what is to pay, what came, what was given back, what a missed visit will cost (SPEC H1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.events import NoShowFeePlanned
from holdfast.core import clock, outbox
from holdfast.core.ids import uuid7
from holdfast.core.transactions import command
from holdfast.lib.actors import Role
from holdfast.notifications.jobs import send_due_messages
from holdfast.notifications.models import Message
from holdfast.payments.commands import record_at_counter
from tests.bookings.money import pay, takes_money
from tests.cast import Shop
from tests.waitlist.line import work

pytestmark = pytest.mark.django_db


def told(*kinds: str) -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind__in=kinds, audience="customer").order_by("id")
    return [(row.kind, row.state) for row in rows]


def test_who_has_not_paid_a_few_minutes_later_is_mailed_the_way_to_pay(shop: Shop) -> None:
    takes_money(shop, {"deposit_minor": 1000})
    shop.book("10:00")
    work()
    send_due_messages()
    assert told("payment_due") == [("payment_due", "queued")], "whoever pays at once hears nothing"
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        send_due_messages()
    [letter] = mail.outbox
    assert letter.subject.startswith("To pay: £10.00")
    assert "/m/" in str(letter.body)


def test_who_has_paid_is_asked_for_nothing(shop: Shop) -> None:
    takes_money(shop, {"deposit_minor": 1000})
    booking = shop.book("10:00")
    work()
    pay(shop, booking.id)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        send_due_messages()
    assert told("payment_due") == [("payment_due", "dropped")]


def test_money_at_the_counter_and_a_refund_by_the_terms_are_told_once(shop: Shop) -> None:
    booking = shop.book("10:00")
    staff = shop.actor(Role.STAFF)
    record_at_counter(
        actor=staff,
        business_id=shop.business_id,
        booking_id=booking.id,
        kind="price",
        amount_minor=2600,
        currency="GBP",
        method="cash",
        now=clock.now(),
    )
    work()
    assert told("paid") == [("paid", "queued")]
    cancel_booking(actor=staff, timetable=shop.timetable, booking_id=booking.id, now=clock.now())
    work()
    work()
    assert told("paid", "refunded") == [("paid", "queued"), ("refunded", "queued")]


def test_a_planned_fee_is_told_before_it_is_charged(shop: Shop) -> None:
    booking = shop.book("10:00")

    @command
    def plan() -> None:
        outbox.record(NoShowFeePlanned(booking.id, uuid7(), 1300), business_id=shop.business_id)

    plan()
    work()
    assert told("fee") == [("fee", "queued")]

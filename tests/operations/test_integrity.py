"""Every invariant finds the fault it is about, and sound data has none (SPEC O5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from holdfast.bookings.commands import cancel_booking, hold_time, tidy_dead_bookings
from holdfast.bookings.models import Booking, BookingChange, Claim
from holdfast.core import clock
from holdfast.core.models import AuditChain, OutboxEvent
from holdfast.core.sealing import anchors_file, seal
from holdfast.lib.actors import GUEST, Role
from holdfast.notifications.models import Message
from holdfast.operations.queries import invariants, look
from holdfast.ops.integrity_words import SENTENCES
from holdfast.payments.commands import record_at_counter
from holdfast.payments.models import Payment, Refund
from holdfast.schedule import sql as slots_sql
from holdfast.schedule.models import Slot
from holdfast.waitlist.models import Offer
from tests.bookings.artist import make_studio
from tests.cast import Shop, make_shop
from tests.counter import make_counter, somebody
from tests.races.weakening import remove_database_guard, restore_database_guard
from tests.waitlist.line import wait, work

# Tables whose own checks would refuse what is planted.
JUDGED = {"bookings_booking", "schedule_slot", "notifications_message"}
pytestmark = pytest.mark.django_db(transaction=True)


def faults() -> dict[str, tuple[str, ...]]:
    """What is broken, and where."""
    return {result.name: result.examples for result in look() if result.count}


@contextmanager
def unguarded() -> Iterator[None]:
    """Writes that the database does not judge, as a damaged file or a careless hand would make them; undone afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
            )
            for table, name in cursor.fetchall():
                if str(table) in JUDGED:
                    cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        else:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            yield
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")
            transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def no_anchors(holdfast_home: Path) -> Iterator[None]:
    """Chains of other tests are none of this one's."""
    anchors_file().unlink(missing_ok=True)
    yield
    anchors_file().unlink(missing_ok=True)


@pytest.fixture
def full(transactional_db: None) -> Shop:
    """A barbershop with two bookings, a counter with two places taken, an artist who is asked for a date."""
    shop = make_shop("fenwick")
    shop.book("10:00", resource=shop.theo)
    paid = shop.book("11:00", resource=shop.amara)
    record_at_counter(
        actor=shop.actor(Role.STAFF),
        business_id=shop.business_id,
        booking_id=paid.id,
        kind="price",
        amount_minor=2600,
        currency="GBP",
        method="cash",
        now=clock.now(),
    )
    counter = make_counter()
    counter.book(counter.slot("10:00", capacity=3), 2, contact=somebody(1))
    counter.slot("12:00", capacity=3)
    make_studio().ask()
    work()
    seal()
    return shop


def first_booking(full: Shop) -> Any:
    return Booking.objects.filter(business_id=full.business_id).order_by("starts_at")[:1]


def change(**columns: Any) -> Callable[[Shop], None]:
    def plant(full: Shop) -> None:
        Booking.objects.filter(id=first_booking(full)[0].id).update(**columns)

    return plant


def plant_lost_history(full: Shop) -> None:
    BookingChange.objects.filter(booking_id=first_booking(full)[0].id).delete()


def plant_lost_claim(full: Shop) -> None:
    Claim.objects.filter(booking_id=first_booking(full)[0].id).delete()


def plant_wrong_count(_: Shop) -> None:
    Slot.objects.update(taken=1)


def plant_oversold(_: Shop) -> None:
    Slot.objects.update(taken=9)


def plant_lost_request(_: Shop) -> None:
    Booking.objects.filter(state="requested").get().request.delete()


def plant_message_without_a_time(_: Shop) -> None:
    Message.objects.filter(id=Message.objects.first().id).update(state="sent", sent_at=None)  # type: ignore[union-attr]


def plant_orphan(full: Shop) -> None:
    Booking.objects.filter(id=first_booking(full)[0].id).update(customer_id=uuid4())


def plant_stranger(full: Shop) -> None:
    theirs = make_shop("next-door").book().customer_id
    Booking.objects.filter(id=first_booking(full)[0].id).update(customer_id=theirs)


def plant_other_key(_: Shop) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET email = %s", [b"x" * 60])


def plant_unknown_event(full: Shop) -> None:
    OutboxEvent.objects.create(
        kind="NeverHeardOf", business_id=full.business_id, payload="{}", due_at=clock.now()
    )


def plant_dead_event(full: Shop) -> None:
    OutboxEvent.objects.create(
        kind="BookingConfirmed",
        business_id=full.business_id,
        payload="{}",
        due_at=clock.now(),
        dead_at=clock.now(),
    )


def plant_offer_without_a_place(full: Shop) -> None:
    entry = wait(full)
    Offer.objects.create(
        business_id=full.business_id,
        entry_id=entry.id,
        customer_id=entry.customer_id,
        service_id=full.cut.id,
        starts_at=full.at("15:00"),
        ends_at=full.at("15:30"),
        expires_at=full.at("14:00"),
        made_at=clock.now(),
    )


def plant_forged_chain(full: Shop) -> None:
    AuditChain.objects.filter(business_id=full.business_id).update(seal="0" * 64)


def plant_payment_beside_the_ledger(_: Shop) -> None:
    Payment.objects.update(paid_minor=1)


def plant_refund_beside_the_ledger(full: Shop) -> None:
    paid = Payment.objects.get()
    Refund.objects.create(
        business_id=full.business_id,
        booking_id=paid.booking_id,
        payment=paid,
        amount_minor=5,
        reason="other",
        state="done",
        due_at=clock.now(),
        done_at=clock.now(),
    )


def plant_money_of_nobody(_: Shop) -> None:
    Payment.objects.update(booking_id=uuid4())


PLANTED: list[tuple[str, Callable[[Shop], None]]] = [
    ("bookings_have_their_claims", plant_lost_claim),
    ("claims_have_a_booking", change(state="declined")),
    ("slots_count_their_bookings", plant_wrong_count),
    ("slots_not_oversold", plant_oversold),
    ("states_possible", change(releases_at=clock.now())),
    ("states_possible", change(state="lost")),
    ("bookings_have_a_history", plant_lost_history),
    ("requests_are_bookings_asked_for", plant_lost_request),
    ("messages_sent_have_a_time", plant_message_without_a_time),
    ("references_whole", plant_orphan),
    ("businesses_apart", plant_stranger),
    ("sealed_data_opens", plant_other_key),
    ("events_known", plant_unknown_event),
    ("no_dead_events", plant_dead_event),
    ("offers_hold_a_place", plant_offer_without_a_place),
    ("audit_trail_whole", plant_forged_chain),
    ("payments_in_the_ledger", plant_payment_beside_the_ledger),
    ("refunds_in_the_ledger", plant_refund_beside_the_ledger),
    ("money_has_a_booking", plant_money_of_nobody),
    ("balances_up_to_date", change(paid_minor=1)),
]


def test_sound_data_has_no_fault(full: Shop) -> None:
    day = full.at("10:00")
    hold = hold_time(actor=GUEST, timetable=full.timetable, wish=full.wish("13:00"), now=clock.now())
    gone = full.book("14:00")
    cancel_booking(
        actor=full.actor(Role.STAFF),
        timetable=full.timetable,
        booking_id=gone.id,
        now=clock.now(),
        undo=True,
    )
    assert faults() == {}, "a hold and a cancellation that can be undone keep their time"
    assert tidy_dead_bookings(now=day) == 3, "and the request that nobody answered"
    assert faults() == {}
    assert hold.starts_at > day


def test_a_planted_fault_is_found_by_its_name(full: Shop) -> None:
    for name, plant in PLANTED:
        with unguarded():
            plant(full)
            found = faults()
        assert found.get(name), f"{name} not found in {found}"
    assert faults() == {}, "and what was planted is gone again"


def test_a_double_booking_is_found_where_the_guard_was_taken_away(full: Shop) -> None:
    first, second = Claim.objects.filter(business_id=full.business_id).order_by("id")
    remove_database_guard()
    try:
        Claim.objects.filter(id=second.id).update(
            resource_id=first.resource_id, starts_at=first.starts_at, ends_at=first.ends_at
        )
        assert faults() == {"guards_up": ("claims",), "claims_apart": (str(second.id),)} | {
            "bookings_have_their_claims": (str(second.booking_id),)
        }
    finally:
        restore_database_guard()


def test_two_slots_at_once_are_found_where_the_guard_was_taken_away(full: Shop) -> None:
    up, down = slots_sql.GUARD[connection.vendor]
    with connection.cursor() as cursor:
        for statement in down:
            cursor.execute(statement)
    first, second = Slot.objects.order_by("starts_at")
    try:
        Slot.objects.update(resource_id=full.theo.id)
        Slot.objects.filter(id=second.id).update(starts_at=first.starts_at + timedelta(minutes=5))
        found = faults()
        assert found["slots_apart"] == (str(second.id),)
        assert found["guards_up"] == ("slots",)
    finally:
        Slot.objects.update(resource_id=None)
        with connection.cursor() as cursor:
            for statement in up:
                cursor.execute(statement)


def test_every_invariant_has_a_planted_fault_and_words() -> None:
    names = {one.name for one in invariants()}
    assert names == set(SENTENCES)
    assert names - {name for name, _ in PLANTED} == {"guards_up", "claims_apart", "slots_apart"}


def test_the_command_says_what_is_wrong_what_to_do_and_exits_with_five(
    full: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)
    call_command("verify_integrity")
    assert "The data is sound" in capsys.readouterr().out
    lost = first_booking(full)[0]
    plant_lost_history(full)
    with pytest.raises(CommandError) as unsound:
        call_command("verify_integrity", as_json=True, only=["bookings_have_a_history"])
    assert unsound.value.returncode == 5
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "sound": False,
        "checks": [
            {"name": "bookings_have_a_history", "level": "fault", "count": 1, "examples": [str(lost.id)]}
        ],
    }
    with pytest.raises(CommandError) as unknown:
        call_command("verify_integrity", only=["nonsense"])
    assert unknown.value.returncode == 2

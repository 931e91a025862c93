"""Every sealed value goes under a new key while everything runs, and a run that stopped goes on (SPEC K1)."""

from __future__ import annotations

import base64
import os
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from holdfast.bookings.commands.writing import seal_reason
from holdfast.bookings.models import Booking, BookingChange
from holdfast.bookings.queries import history_of
from holdfast.core import clock, erasures, rotation
from holdfast.core.fields import CannotDecrypt
from holdfast.core.models import WorkerHeartbeat
from holdfast.customers.models import Customer
from holdfast.customers.queries import matching
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Role
from holdfast.privacy.commands import erase_person, replay_erasures
from tests.cast import DANA, Shop


def fresh_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_everything_is_sealed_anew_and_the_key_between_may_go(shop: Shop, settings: Any) -> None:
    oldest = settings.ENCRYPTION_KEY
    former = f"{fresh_key()},{oldest}"
    settings.ENCRYPTION_KEY = former
    booking = shop.book(notes="window seat")
    change = BookingChange.objects.filter(booking_id=booking.id).earliest("id")
    change.details = {"reason": seal_reason("known for years", booking.id)}
    change.save()
    newest = fresh_key()
    settings.ENCRYPTION_KEY = f"{newest},{former}"
    left = rotation.remaining()
    assert left["customers_customer.name"] == 1
    assert left["bookings_bookingchange.details"] == 1
    out = StringIO()
    call_command("rotate_keys", stdout=out, stderr=StringIO())
    assert "may be removed" in out.getvalue()
    assert rotation.remaining() == {}
    assert rotation.reseal() == 0, "a second run finds nothing to do"
    settings.ENCRYPTION_KEY = f"{newest},{oldest}"
    assert Customer.objects.get(id=booking.customer_id).name == DANA.name
    assert Booking.objects.get(id=booking.id).notes == "window seat"
    lines = history_of(business_id=shop.business_id, booking_id=booking.id)
    assert lines[0].details["reason"] == "known for years"
    assert matching(business_id=shop.business_id, text=DANA.email).exists(), "found by the last key's index"


def test_without_the_run_the_key_between_is_needed(shop: Shop, settings: Any) -> None:
    oldest = settings.ENCRYPTION_KEY
    settings.ENCRYPTION_KEY = f"{fresh_key()},{oldest}"
    customer_id = shop.book().customer_id
    settings.ENCRYPTION_KEY = f"{fresh_key()},{oldest}"
    with pytest.raises(CannotDecrypt):
        _ = Customer.objects.get(id=customer_id).name


def test_a_value_that_somebody_writes_meanwhile_is_not_overwritten(
    shop: Shop, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = shop.book(notes="before")
    settings.ENCRYPTION_KEY = f"{fresh_key()},{settings.ENCRYPTION_KEY}"
    original = rotation.encrypt

    def slow(value: object, **place: object) -> bytes:
        if place["column"] == "notes" and place["table"] == "bookings_booking":
            row = Booking.objects.get(id=booking.id)
            row.notes = "after"
            row.save(update_fields=["notes"])
        return original(value, **place)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "encrypt", slow)
    rotation.reseal()
    assert Booking.objects.get(id=booking.id).notes == "after"
    assert rotation.remaining() == {}


def test_a_run_that_stopped_goes_on(shop: Shop, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        shop.book(f"1{number}:00", notes=f"note {number}")
    settings.ENCRYPTION_KEY = f"{fresh_key()},{settings.ENCRYPTION_KEY}"
    monkeypatch.setattr(rotation, "BATCH", 1)

    def stop(name: str, _count: int) -> None:
        if name == "bookings_booking.contact":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.reseal(stop)
    assert rotation.remaining()["bookings_booking.contact"] == 2
    rotation.reseal()
    assert rotation.remaining() == {}


def test_the_last_key_may_go_once_the_indexes_are_made_anew(shop: Shop, settings: Any) -> None:
    erasures.erasures_file().unlink(missing_ok=True)
    oldest, newest = settings.ENCRYPTION_KEY, fresh_key()
    customer_id = shop.book().customer_id
    gone = shop.book("15:00", contact=Contact("Gone Guest", "gone@example.org"))
    Booking.objects.filter(id=gone.id).update(state="cancelled")
    admin = shop.actor(Role.ADMIN)
    chosen = {"actor": admin, "business_id": shop.business_id, "customer_id": gone.customer_id}
    erase_person(**chosen, now=clock.now())  # type: ignore[arg-type]
    settings.ENCRYPTION_KEY = f"{newest},{oldest}"
    WorkerHeartbeat.objects.create(name="w", started_at=clock.now(), seen_at=clock.now())
    with pytest.raises(CommandError):
        call_command("rotate_keys", indexes=True, stdout=StringIO(), stderr=StringIO())
    WorkerHeartbeat.objects.all().delete()
    call_command("rotate_keys", indexes=True, stdout=StringIO(), stderr=StringIO())
    settings.ENCRYPTION_KEY = newest
    for text in (DANA.email, DANA.phone, "Dana"):
        assert (
            matching(business_id=shop.business_id, text=text).values_list("id", flat=True).get()
            == customer_id
        )
    assert shop.book("16:00").customer_id == customer_id, "the same person again"
    Customer.objects.filter(id=gone.customer_id).update(erased_at=None)
    assert replay_erasures(now=clock.now()) == 1, "a backup still forgets"
    erasures.erasures_file().unlink()

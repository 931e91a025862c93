"""What is kept long enough is let go of, a dry run first; and who is affected should data get out (SPEC K3, K4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from holdfast.bookings.models import Booking
from holdfast.core import audit_check, clock, erasures, sealing, worker
from holdfast.core.models import AuditRecord
from holdfast.customers.models import Customer
from holdfast.customers.rules import Contact
from holdfast.notifications.models import Message
from holdfast.privacy.commands import clean_up
from tests.cast import Shop


@pytest.fixture(autouse=True)
def nothing_written_down() -> Iterator[None]:
    for path in (erasures.erasures_file(), sealing.anchors_file()):
        path.unlink(missing_ok=True)
    yield
    for path in (erasures.erasures_file(), sealing.anchors_file()):
        path.unlink(missing_ok=True)


def test_a_dry_run_says_what_would_go_and_the_run_lets_go_of_just_that(shop: Shop, settings: Any) -> None:
    old = shop.book(contact=Contact("Old Guest", "old@example.org"))
    recent = shop.book("15:00")
    worker.drain()
    ago = clock.now() - timedelta(days=500)
    Booking.objects.filter(id=old.id).update(
        state="completed", starts_at=ago, ends_at=ago + timedelta(hours=1)
    )
    Customer.objects.filter(id=old.customer_id).update(created_at=ago)
    Message.objects.filter(booking_id=old.id).update(created_at=ago, state="sent", sent_at=ago)
    settings.RETENTION_DAYS = {"messages": 400, "people": 400, "audit": 0}
    out = StringIO()
    call_command("maintain", "daily", dry_run=True, as_json=True, stdout=out)
    planned = {one["what"]: one["count"] for one in json.loads(out.getvalue())["retention"]}
    assert planned["messages"] >= 1
    assert (planned["people"], planned["audit"]) == (1, 0)
    assert Customer.objects.get(id=old.customer_id).erased_at is None
    out = StringIO()
    call_command("maintain", "daily", stdout=out)
    assert "people: 1 let go of (older than 400 days)" in out.getvalue()
    assert Customer.objects.get(id=old.customer_id).erased_at is not None
    assert Customer.objects.get(id=recent.customer_id).erased_at is None
    assert not Message.objects.filter(booking_id=old.id).exists()
    assert AuditRecord.objects.get(action="privacy.erase_person").details == {"values": {"retention": True}}
    assert clean_up(now=clock.now(), days=settings.RETENTION_DAYS) == {"messages": 0, "people": 0, "audit": 0}


def test_the_audit_trail_is_cut_off_at_its_beginning_alone(shop: Shop) -> None:
    sealing.seal()
    count = AuditRecord.objects.count()
    later = clock.now() + timedelta(days=100)
    assert clean_up(now=later, days={"audit": 30}, dry_run=True)["audit"] == count
    assert clean_up(now=later, days={"audit": 30})["audit"] == count
    assert audit_check.verify(business_id=shop.business_id).is_whole


def test_a_breach_report_names_who_is_affected_by_what(shop: Shop, other_shop: Shop) -> None:
    shop.book(notes="a note")
    other_shop.book(contact=Contact("Somebody Else", "else@example.org"))
    out = StringIO()
    call_command("breach_report", slug=shop.slug, as_json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert told["affected"] == 1
    assert told["people"][0]["email"] == "dana@example.org"
    assert told["people"][0]["holds"]["bookings"] == 1
    assert AuditRecord.objects.filter(action="privacy.report_breach").count() == 1

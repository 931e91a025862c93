"""What payments keep about people, and what the environment says of payments."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from holdfast.bookings.models import Booking
from holdfast.config.environment import Environment, Variables
from holdfast.core import clock, erasures
from holdfast.lib.actors import Role
from holdfast.payments import commands
from holdfast.payments.models import Payment, Refund, SavedCard
from holdfast.privacy.commands import erase_person, export_person
from tests.cast import Shop
from tests.payments.till import Till, ledger_minor

ROOT = Path(__file__).parents[2]


def test_a_person_sees_their_payments_and_is_forgotten_in_them(shop: Shop) -> None:
    booking = shop.book()
    assert booking.customer_id is not None
    till = Till(shop.business_id, booking_id=booking.id)
    commands.record_at_counter(
        actor=till.staff, business_id=shop.business_id, booking_id=booking.id, kind="price", amount_minor=2600,
        currency="GBP", method="cash", now=clock.now(),
    )  # fmt: skip
    commands.give_back(
        business_id=shop.business_id, booking_id=booking.id, amount_minor=600, reason="goodwill",
        note="Dana was not happy", due_at=clock.now(), now=clock.now(), actor=till.staff,
    )  # fmt: skip
    till.open(till.start(500, provider="demo", kind="balance"))
    SavedCard.objects.create(
        business_id=shop.business_id, booking_id=booking.id, provider="demo", customer_ref="demo",
        method_ref="demo", brand="visa", last4="4242", saved_at=clock.now(),
    )  # fmt: skip
    whom = {"business_id": shop.business_id, "customer_id": booking.customer_id}
    held = export_person(actor=shop.actor(Role.ADMIN), **whom)
    assert [one["amount_minor"] for one in held["payments"]] == [2600, 500]
    assert [one["notes"] for one in held["refunds"]] == ["Dana was not happy"]
    assert [one["last4"] for one in held["cards"]] == ["4242"]

    over = clock.now() - timedelta(days=2)
    Booking.objects.filter(id=booking.id).update(
        state="completed", starts_at=over, ends_at=over + timedelta(minutes=30)
    )
    try:
        erase_person(actor=shop.actor(Role.ADMIN), **whom, now=clock.now())
    finally:
        erasures.erasures_file().unlink(missing_ok=True)
    assert not SavedCard.objects.exists()
    assert set(Refund.objects.values_list("note", flat=True)) == {None}
    assert set(Payment.objects.values_list("asked", flat=True)) == {None}
    assert ledger_minor() == 2000, "what was paid stays in the accounts"


def test_two_secrets_can_be_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_new, whsec_old")
    assert Variables().stripe_secrets == ("whsec_new", "whsec_old")


def test_production_plays_at_paying_only_when_told_to() -> None:
    plays = {
        (where, told): Variables(holdfast_environment=where, demo_payments=told).plays_at_paying
        for where in (Environment.DEVELOPMENT, Environment.DEMO, Environment.PRODUCTION)
        for told in (False, True)
    }
    assert [key for key, value in plays.items() if not value] == [(Environment.PRODUCTION, False)]


def test_browsers_may_follow_a_form_to_stripe_only_where_stripe_is_used(tmp_path: Path) -> None:
    script = (
        "import django; from django.conf import settings as s; django.setup();"
        "print(*s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "HOLDFAST_HOME": str(tmp_path)}
    base["DJANGO_SETTINGS_MODULE"] = "holdfast.config.settings"
    with_key = base | {"STRIPE_SECRET_KEY": "sk_test_x"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=with_key, capture_output=True, text=True, check=True
    )
    assert "https://checkout.stripe.com" in done.stdout.split()
    here: list[str] = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]
    assert not [one for one in here if "stripe" in one]

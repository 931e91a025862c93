"""Processes that die by SIGKILL in the middle of a question to Stripe, which does what it was asked: it is done once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from holdfast.payments.models import Payment, Refund
from tests.cast import make_shop
from tests.payments.till import SECRET, Till, agrees
from tests.stripe_double.server import Double
from tests.support.live import test_database_url as database_url
from tests.support.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

WEB = "from uuid import UUID; jobs.open_checkout(payment_id=UUID('{id}'), title='Cut', return_url='https://b.example/', cancel_url='https://b.example/', email='')"
WORKER = "jobs.run_refunds()"


def dies_while(double: Double, work: str, asking: str) -> None:
    """Another process does some work, and is killed as soon as Stripe has begun to answer."""
    script = f"import django; django.setup(); from holdfast.payments import jobs; {work}"
    variables = os.environ | {
        "DATABASE_URL": database_url(),
        "STRIPE_SECRET_KEY": "sk_test_double",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": double.url,
    }
    double.faults, double.slow_seconds = ["slow"], 3
    process = subprocess.Popen([sys.executable, "-c", script], env=variables)
    try:
        assert wait_until(lambda: asking in double.seen or process.poll() is not None, 60)
        assert process.poll() is None, "it was through before it could be killed"
    finally:
        process.kill()
        process.wait()
    double.seen.clear()


def test_a_web_server_killed_while_opening_and_a_worker_killed_while_giving_back(double: Double) -> None:
    till = Till(make_shop("fenwick").business_id, double)
    payment = till.start(1500, minutes=60)
    dies_while(double, WEB.format(id=payment.id), "POST /v1/checkout/sessions")
    row = Payment.objects.get()
    assert (row.state, row.checkout_ref, len(double.books.sessions)) == ("opening", "", 1)
    till.time_passes()
    assert len(double.books.sessions) == 1, "the same question has the same answer"
    double.books.pay(till.row(payment).checkout_ref)
    till.deliver()

    till.give_back(1000)
    dies_while(double, WORKER, "POST /v1/refunds")
    assert (Refund.objects.get().state, double.books.given_back_minor) == ("due", 1000)
    till.time_passes()
    assert (Refund.objects.get().state, double.books.given_back_minor) == ("done", 1000)
    assert till.money.kept_minor == 500
    assert agrees(double)

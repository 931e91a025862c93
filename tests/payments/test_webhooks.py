"""POST /webhooks/stripe: what Stripe signed is stored once and answered at once; anything else is 400 and counted."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from holdfast.payments.jobs.inbox import _webhooks
from holdfast.payments.models import ProviderEvent
from tests.cast import Shop
from tests.payments.till import SECRET, Till
from tests.stripe_double.ledger import signed

OLD, NEW = "whsec_the_old_one", "whsec_the_new_one"
EVENT = {
    "id": "evt_1",
    "type": "payment_intent.succeeded",
    "data": {
        "object": {
            "id": "pi_1",
            "status": "succeeded",
            "amount_received": 1500,
            "currency": "gbp",
            "metadata": {},
            "receipt_email": "dana@example.org",
        }
    },
}


@pytest.fixture(autouse=True)
def with_stripe(settings: Any, db: None) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_double"
    settings.STRIPE_WEBHOOK_SECRETS = (SECRET,)


def post(body: bytes, signature: str | None) -> int:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    answer = Client(enforce_csrf_checks=True).post(
        "/webhooks/stripe", body, content_type="application/json", headers=headers
    )
    return answer.status_code


def refused() -> float:
    return float(_webhooks.labels("stripe", "unsigned")._value.get())


def test_a_signed_event_is_stored_once_by_its_id_without_anything_about_people() -> None:
    for _ in range(2):
        assert post(*signed(EVENT, SECRET)) == 200
    stored = ProviderEvent.objects.get()
    assert (stored.event_id, stored.kind, stored.told["outcome"]) == (
        "evt_1",
        "payment_intent.succeeded",
        "paid",
    )
    assert "dana" not in str(stored.told)


@pytest.mark.parametrize(
    "wrong", ["none", "garbage", "other_secret", "other_body", "old", "not_json", "no_event"]
)
def test_what_stripe_did_not_sign_gets_400_is_counted_and_changes_nothing(wrong: str) -> None:
    body, signature = signed(EVENT, SECRET)
    cases: dict[str, tuple[bytes, str | None]] = {
        "none": (body, None),
        "garbage": (body, "t=now,v1=x"),
        "other_secret": signed(EVENT, "whsec_somebody_elses"),
        "other_body": (body.replace(b"1500", b"9999"), signature),
        "old": signed(EVENT, SECRET, at=time.time() - 301),
        "not_json": (b"\xff\xfe", signature),
        "no_event": signed({"hello": "world"}, SECRET),
    }
    before = refused()
    assert post(*cases[wrong]) == 400
    assert refused() == before + 1
    assert not ProviderEvent.objects.exists()


def test_a_secret_is_changed_with_both_in_place(settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = (NEW, OLD)
    assert post(*signed({**EVENT, "id": "evt_old"}, OLD)) == 200
    assert post(*signed({**EVENT, "id": "evt_new"}, NEW)) == 200
    settings.STRIPE_WEBHOOK_SECRETS = (NEW,)
    assert post(*signed({**EVENT, "id": "evt_late"}, OLD)) == 400


def test_without_a_secret_nothing_is_believed(settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ()
    assert post(*signed(EVENT, "")) == 400


def test_an_event_of_no_interest_is_taken_and_put_aside() -> None:
    assert (
        post(*signed({"id": "evt_2", "type": "payout.paid", "data": {"object": {"id": "po_1"}}}, SECRET))
        == 200
    )
    assert ProviderEvent.objects.get().processed_at is not None


def test_only_posting_is_allowed() -> None:
    assert Client().get("/webhooks/stripe").status_code == 405


def test_taking_in_costs_three_statements_and_asks_nobody(
    shop: Shop, django_assert_max_num_queries: Any
) -> None:
    Till(shop.business_id).start(1500)
    with django_assert_max_num_queries(5):  # two of them open and close the transaction
        assert post(*signed(EVENT, SECRET)) == 200

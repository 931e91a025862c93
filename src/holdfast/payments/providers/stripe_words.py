"""Stripe's objects, as its answers and its webhooks carry them, in our words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from holdfast.payments.providers.protocol import RefundSeen
from holdfast.payments.rules import Outcome, RefundOutcome, Seen

_OVER = {"checkout.session.async_payment_failed": Outcome.FAILED}
_INTENTS = {"payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.processing"}
_REFUNDS = {
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
}
SESSIONS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
}
#: What the webhook endpoint at Stripe is to send.
EVENTS = tuple(sorted(SESSIONS | _INTENTS | _REFUNDS))


def seen_of_session(session: Any) -> Seen:
    """A Checkout session: with its intents expanded where it was asked for, else their ids."""
    intent, setup = session["payment_intent"], session["setup_intent"]
    return Seen(
        _outcome_of(session),
        amount_minor=session["amount_total"] or 0,
        currency=(session["currency"] or "").upper(),
        checkout_ref=session["id"],
        charge_ref=_ref(intent) or _ref(setup),
        customer_ref=_ref(session["customer"]),
        **_card_of(setup),
    )


def seen_of_intent(intent: Any) -> Seen:
    """A PaymentIntent. What waits for another card is one that was refused."""
    status = intent["status"]
    error = _part(intent, "last_payment_error")
    outcome = {
        "succeeded": Outcome.PAID,
        "processing": Outcome.PROCESSING,
        "canceled": Outcome.FAILED,
        "requires_payment_method": Outcome.DECLINED if error else Outcome.OPEN,
    }.get(status, Outcome.OPEN)
    return Seen(
        outcome,
        amount_minor=_part(intent, "amount_received") or 0,
        currency=intent["currency"].upper(),
        charge_ref=intent["id"],
        failure=_failure(error),
    )


def refund_seen(refund: Any) -> RefundSeen:
    """A Refund."""
    outcome = {
        "succeeded": RefundOutcome.DONE,
        "failed": RefundOutcome.FAILED,
        "canceled": RefundOutcome.FAILED,
    }.get(refund["status"] or "", RefundOutcome.PENDING)
    return RefundSeen(refund["id"], outcome, (_part(refund, "failure_reason") or "")[:60])


def facts_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """What counts of an event; empty for those we have no use for. Nothing about people is kept."""
    kind, found = event["type"], event["data"]["object"]
    if kind in _REFUNDS:
        seen = refund_seen(found)
        return {
            "about": "refund",
            "refund_id": (found["metadata"] or {}).get("holdfast_refund", ""),
            "refund_ref": seen.ref,
            "charge_ref": _ref(found["payment_intent"]),
            "outcome": str(seen.outcome),
            "failure": seen.failure,
            "amount_minor": found["amount"],
        }
    if kind in SESSIONS:
        seen_now = seen_of_session(found)
    elif kind in _INTENTS:
        seen_now = seen_of_intent(found)
    else:
        return {}
    return {
        "about": "payment",
        "payment_id": (found["metadata"] or {}).get("holdfast_payment", ""),
        **asdict(seen_now),
        "outcome": str(_OVER.get(kind, seen_now.outcome)),
    }


def _outcome_of(session: Any) -> Outcome:
    if session["status"] == "expired":
        return Outcome.EXPIRED
    if session["status"] == "complete":
        return Outcome.PROCESSING if session["payment_status"] == "unpaid" else Outcome.PAID
    return Outcome.OPEN


def _card_of(setup: Any) -> dict[str, str]:
    method = None if setup is None or isinstance(setup, str) else setup["payment_method"]
    if method is None:
        return {}
    if isinstance(method, str):
        return {"method_ref": method}
    card = _part(method, "card")
    return {
        "method_ref": method["id"],
        "brand": str(card["brand"])[:20] if card else "",
        "last4": str(card["last4"])[:4] if card else "",
    }


def _failure(error: Any) -> str:
    if not error:
        return ""
    return str(_part(error, "decline_code") or _part(error, "code") or "card_declined")[:60]


def _part(of: Any, name: str) -> Any:
    """A part that is not always there, of a dict or of Stripe's own kind of object."""
    try:
        return of[name]
    except KeyError:
        return None


def _ref(of: Any) -> str:
    """The id of something that is there as itself, or by its id alone, or not at all."""
    if of is None:
        return ""
    return of if isinstance(of, str) else str(of["id"])

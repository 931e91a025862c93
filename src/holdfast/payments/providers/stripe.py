"""Stripe by its own library: hosted Checkout, cards on file, refunds, signed webhooks (SPEC G2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import stripe
from django.conf import settings

from holdfast.payments.providers.protocol import (
    CardOrder,
    Known,
    Moved,
    Opened,
    ProviderFault,
    RefundOrder,
    RefundSeen,
    Refused,
    Told,
    Unreachable,
    Unsigned,
)
from holdfast.payments.providers.stripe_words import facts_of, refund_seen, seen_of_intent, seen_of_session
from holdfast.payments.rules import CheckoutOrder, Outcome, Seen

#: What we speak; Stripe keeps answering in it, whatever the account's own version is.
API_VERSION = "2026-10-28.endive"
#: One question: two tries of four seconds, with a short pause between them.
TIMEOUT_SECONDS = 4
RETRIES = 1
#: How old a webhook's signature may be.
TOLERANCE_SECONDS = 300
_EXPANDED = ["payment_intent", "setup_intent.payment_method"]


class Stripe:
    """Speaks to the account of ``STRIPE_SECRET_KEY``."""

    def open(self, order: CheckoutOrder) -> Opened:
        marks = {"holdfast_payment": str(order.payment_id)}
        asked: dict[str, Any] = {
            "client_reference_id": str(order.payment_id),
            "metadata": marks,
            "payment_method_types": ["card"],
            "success_url": order.return_url,
            "cancel_url": order.cancel_url,
            "expires_at": int(order.ends_at.timestamp()),
        }
        if order.email:
            asked["customer_email"] = order.email
        if order.saves_card:
            asked |= {
                "mode": "setup",
                "customer_creation": "always",
                "setup_intent_data": {"metadata": marks},
            }
        else:
            price = {
                "currency": order.currency.lower(),
                "unit_amount": order.amount_minor,
                "product_data": {"name": order.title or "Booking"},
            }
            asked |= {
                "mode": "payment",
                "line_items": [{"quantity": 1, "price_data": price}],
                "payment_intent_data": {"metadata": marks},
            }
        session = _ask(lambda api: api.checkout.sessions.create(asked, {"idempotency_key": order.key}))
        return Opened(session["id"], session["url"] or "")

    def look(self, known: Known) -> Seen:
        if known.checkout_ref:
            ref, expand = known.checkout_ref, {"expand": _EXPANDED}
            return seen_of_session(_ask(lambda api: api.checkout.sessions.retrieve(ref, expand)))
        return seen_of_intent(_ask(lambda api: api.payment_intents.retrieve(known.charge_ref)))

    def expire(self, known: Known) -> Seen:
        try:
            return seen_of_session(_ask(lambda api: api.checkout.sessions.expire(known.checkout_ref)))
        except Refused:
            return self.look(known)  # it is not open any more

    def charge(self, order: CardOrder) -> Seen:
        if order.is_again and (made := self._charge_of(order)) is not None:
            return made
        asked: dict[str, Any] = {
            "amount": order.amount_minor,
            "currency": order.currency.lower(),
            "customer": order.customer_ref,
            "payment_method": order.method_ref,
            "payment_method_types": ["card"],
            "off_session": True,
            "confirm": True,
            "metadata": {"holdfast_payment": str(order.payment_id)},
        }
        try:
            made = _ask(
                lambda api: api.payment_intents.create(asked, {"idempotency_key": order.key}), cards=True
            )
        except stripe.CardError as error:
            failed = error.error.payment_intent if error.error else None
            code = getattr(error.error, "decline_code", None) or error.code or "card_declined"
            return Seen(
                Outcome.FAILED, charge_ref=str(failed["id"]) if failed else "", failure=str(code)[:60]
            )
        return seen_of_intent(made)

    def _charge_of(self, order: CardOrder) -> Seen | None:
        """The charge that an earlier try made, if it did."""
        found = _ask(lambda api: api.payment_intents.list({"customer": order.customer_ref, "limit": 100}))
        for intent in found["data"]:
            if (intent["metadata"] or {}).get("holdfast_payment") == str(order.payment_id):
                seen = seen_of_intent(intent)
                return seen if seen.outcome in (Outcome.PAID, Outcome.PROCESSING) else None
        return None

    def give_back(self, order: RefundOrder) -> RefundSeen:
        mark = str(order.refund_id)
        if order.is_again:
            made = _ask(lambda api: api.refunds.list({"payment_intent": order.charge_ref, "limit": 100}))
            for refund in made["data"]:
                if (refund["metadata"] or {}).get("holdfast_refund") == mark:
                    return refund_seen(refund)
        asked: dict[str, Any] = {
            "payment_intent": order.charge_ref,
            "amount": order.amount_minor,
            "metadata": {"holdfast_refund": mark},
        }
        return refund_seen(_ask(lambda api: api.refunds.create(asked, {"idempotency_key": order.key})))

    def look_at_refund(self, ref: str) -> RefundSeen:
        return refund_seen(_ask(lambda api: api.refunds.retrieve(ref)))

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Told:
        signature = headers.get("Stripe-Signature", "")
        if not any(_is_signed(body, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise Unsigned
        try:
            event = json.loads(body)
            return Told(str(event["id"]), str(event["type"])[:60], facts_of(event))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unsigned from error  # signed, but no event of Stripe's

    def moved_since(self, since: datetime) -> Iterator[Moved]:
        asked: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        for intent in _pages(lambda api, more: api.payment_intents.list({**asked, **more})):
            mark = (intent["metadata"] or {}).get("holdfast_payment")
            if mark and intent["status"] == "succeeded":
                yield Moved(
                    charge_ref=intent["id"],
                    amount_minor=intent["amount_received"],
                    currency=intent["currency"].upper(),
                    at=_instant(intent["created"]),
                    payment_id=_id(mark),
                )
        for refund in _pages(lambda api, more: api.refunds.list({**asked, **more})):
            seen = refund_seen(refund)
            yield Moved(
                charge_ref=refund["payment_intent"] or "",
                amount_minor=refund["amount"],
                currency=refund["currency"].upper(),
                at=_instant(refund["created"]),
                refund_ref=refund["id"],
                refund_id=_id((refund["metadata"] or {}).get("holdfast_refund")),
                outcome=seen.outcome,
            )


@lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    """One for each process: it keeps its connections."""
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=RETRIES,
        base_addresses={"api": base} if base else {},
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def _ask(question: Callable[[Any], Any], *, cards: bool = False) -> Any:
    """Ask Stripe; its ways of not answering become ours. ``cards``: a refusal by the card's bank is the caller's."""
    try:
        said = question(_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE).v1)
        return said.to_dict()
    except stripe.CardError as error:
        if cards:
            raise
        raise Refused(error.code or "card_declined") from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Unreachable(type(error).__name__) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise Unreachable(
            type(error).__name__
        ) from error  # a wrong key is put right by people; nothing is lost
    except stripe.IdempotencyError as error:
        raise ProviderFault(type(error).__name__) from error
    except stripe.InvalidRequestError as error:
        if error.http_status == 409:
            raise Unreachable("busy") from error  # the first try is still at it
        raise Refused(error.code or "invalid_request") from error
    except stripe.StripeError as error:
        raise ProviderFault(type(error).__name__) from error


def _pages(question: Callable[[Any, dict[str, Any]], Any]) -> Iterator[Any]:
    more: dict[str, Any] = {}
    while True:
        page = _ask(partial(_from, question, more))
        yield from page["data"]
        if not page["has_more"]:
            return
        more = {"starting_after": page["data"][-1]["id"]}


def _from(question: Callable[[Any, dict[str, Any]], Any], more: dict[str, Any], api: Any) -> Any:
    return question(api, more)


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None

"""What the double knows and does: sessions, charges, refunds, and the events it has to tell of. No HTTP, no threads."""

from __future__ import annotations

import copy
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping
from typing import Any

SHORTEST_SESSION = 30 * 60
CARD = {"brand": "visa", "last4": "4242"}


class Refusal(Exception):
    """An answer of 4xx, as Stripe words it."""

    def __init__(
        self, code: str, *, status: int = 400, kind: str = "invalid_request_error", **more: Any
    ) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": code, **more}}


class Books:
    """One account. Everything is a dict in Stripe's own shape; ``events`` are told in this order unless shuffled."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.methods: dict[str, dict[str, Any]] = {}
        self.setups: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.declining: set[str] = set()  # payment methods whose bank says no
        self._count = itertools.count(1)

    # What an account's owner sees

    @property
    def taken_minor(self) -> int:
        return sum(one["amount_received"] for one in self.intents.values())

    @property
    def given_back_minor(self) -> int:
        return sum(one["amount"] for one in self.refunds.values() if one["status"] == "succeeded")

    def charges_of(self, payment_id: object) -> list[dict[str, Any]]:
        """The charges that bear the mark of one of our payments and brought money."""
        return [
            one
            for one in self.intents.values()
            if one["metadata"].get("holdfast_payment") == str(payment_id) and one["status"] == "succeeded"
        ]

    # The API

    def open_session(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if int(asked["expires_at"]) < time.time() + SHORTEST_SESSION:
            raise Refusal("parameter_invalid_integer", param="expires_at")
        is_setup = asked["mode"] == "setup"
        item = None if is_setup else asked["line_items"]["0"]
        data = asked.get("setup_intent_data" if is_setup else "payment_intent_data", {})
        session = {
            "id": self._id("cs"),
            "object": "checkout.session",
            "mode": asked["mode"],
            "status": "open",
            "payment_status": "no_payment_required" if is_setup else "unpaid",
            "amount_total": None
            if item is None
            else int(item["price_data"]["unit_amount"]) * int(item["quantity"]),
            "currency": None if item is None else item["price_data"]["currency"],
            "metadata": dict(asked.get("metadata", {})),
            "payment_intent": None,
            "setup_intent": None,
            "customer": None,
            "customer_email": asked.get("customer_email"),
            "expires_at": int(asked["expires_at"]),
            "success_url": asked["success_url"],
            "cancel_url": asked["cancel_url"],
            "marks": dict(data.get("metadata", {})),
            "client_reference_id": asked.get("client_reference_id"),
        }
        session["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}"
        self.sessions[session["id"]] = session
        return self._shown(session)

    def session(self, ref: str) -> dict[str, Any]:
        return self._shown(self._found(self.sessions, ref))

    def expire_session(self, ref: str) -> dict[str, Any]:
        session = self._found(self.sessions, ref)
        if session["status"] != "open":
            raise Refusal("resource_not_open")
        session["status"], session["url"] = "expired", None
        self._tell("checkout.session.expired", session)
        return self._shown(session)

    def charge(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        is_declined = asked["payment_method"] in self.declining
        intent = self._intent(int(asked["amount"]), asked["currency"], dict(asked.get("metadata", {})))
        intent["customer"] = asked["customer"]
        if is_declined:
            error = {"code": "card_declined", "decline_code": "insufficient_funds"}
            intent |= {"status": "requires_payment_method", "last_payment_error": error}
            self._tell("payment_intent.payment_failed", intent)
            raise Refusal(
                "card_declined",
                status=402,
                kind="card_error",
                decline_code="insufficient_funds",
                payment_intent=copy.deepcopy(intent),
            )
        self._succeed(intent)
        return copy.deepcopy(intent)

    def intent(self, ref: str) -> dict[str, Any]:
        return copy.deepcopy(self._found(self.intents, ref))

    def give_back(self, asked: Mapping[str, Any], *, by_hand: bool = False) -> dict[str, Any]:
        intent = self._found(self.intents, asked["payment_intent"])
        amount = int(asked.get("amount") or intent["amount_received"])
        gone = sum(
            one["amount"]
            for one in self.refunds.values()
            if one["payment_intent"] == intent["id"] and one["status"] != "failed"
        )
        if gone + amount > intent["amount_received"]:
            raise Refusal("charge_already_refunded")
        refund = {
            "id": self._id("re"),
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": {} if by_hand else dict(asked.get("metadata", {})),
            "status": "succeeded",
            "created": int(time.time()),
        }
        self.refunds[refund["id"]] = refund
        self._tell("refund.created", refund)
        return copy.deepcopy(refund)

    def refund(self, ref: str) -> dict[str, Any]:
        return copy.deepcopy(self._found(self.refunds, ref))

    def page(self, of: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """A page of ``intents`` or ``refunds``, the latest first."""
        rows = list(reversed(getattr(self, of).values()))
        since = int(asked.get("created", {}).get("gte", 0))
        for name in ("customer", "payment_intent"):
            if name in asked:
                rows = [one for one in rows if one.get(name) == asked[name]]
        rows = [one for one in rows if one["created"] >= since]
        if after := asked.get("starting_after"):
            rows = rows[next(n for n, one in enumerate(rows) if one["id"] == after) + 1 :]
        limit = int(asked.get("limit", 10))
        return {
            "object": "list",
            "url": "/",
            "data": copy.deepcopy(rows[:limit]),
            "has_more": len(rows) > limit,
        }

    # What people do, at Stripe's page or at their bank

    def pay(self, ref: str) -> bool:
        """Somebody pays at the hosted page; False where the page says that it is over."""
        session = self._found(self.sessions, ref)
        if session["status"] != "open":
            return False
        session["status"], session["url"] = "complete", None
        if session["mode"] == "setup":
            self._keep_card(session)
        else:
            intent = self._intent(session["amount_total"], session["currency"], session["marks"])
            session |= {"payment_status": "paid", "payment_intent": intent["id"]}
            self._succeed(intent)
        self._tell("checkout.session.completed", session)
        return True

    def decline(self, ref: str) -> None:
        """Somebody tries a card that is refused; the page stays open."""
        session = self._found(self.sessions, ref)
        intent = self._intent(session["amount_total"], session["currency"], session["marks"])
        intent |= {
            "status": "requires_payment_method",
            "last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"},
        }
        self._tell("payment_intent.payment_failed", intent)

    def send_back(self, ref: str) -> None:
        """A bank returns a refund days later."""
        refund = self._found(self.refunds, ref)
        refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        self._tell("refund.failed", refund)

    def _keep_card(self, session: dict[str, Any]) -> None:
        method = {"id": self._id("pm"), "object": "payment_method", "card": dict(CARD)}
        setup = {"id": self._id("seti"), "object": "setup_intent", "payment_method": method["id"]}
        self.methods[method["id"]], self.setups[setup["id"]] = method, setup
        session |= {"setup_intent": setup["id"], "customer": self._id("cus")}

    def _intent(self, amount: int, currency: str, marks: dict[str, str]) -> dict[str, Any]:
        intent = {
            "id": self._id("pi"),
            "object": "payment_intent",
            "amount": amount,
            "amount_received": 0,
            "currency": currency,
            "metadata": marks,
            "status": "requires_payment_method",
            "last_payment_error": None,
            "customer": None,
            "created": int(time.time()),
        }
        self.intents[intent["id"]] = intent
        return intent

    def _succeed(self, intent: dict[str, Any]) -> None:
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
        self._tell("payment_intent.succeeded", intent)

    def _tell(self, kind: str, about: Mapping[str, Any]) -> None:
        shown = {name: value for name, value in about.items() if name != "marks"}
        event = {
            "id": self._id("evt"),
            "object": "event",
            "type": kind,
            "data": {"object": copy.deepcopy(shown)},
        }
        self.events.append(event)

    def _shown(self, session: dict[str, Any]) -> dict[str, Any]:
        """With what we ask to be expanded."""
        shown = {name: copy.deepcopy(value) for name, value in session.items() if name != "marks"}
        if setup := shown["setup_intent"]:
            whole = copy.deepcopy(self.setups[setup])
            whole["payment_method"] = copy.deepcopy(self.methods[whole["payment_method"]])
            shown["setup_intent"] = whole
        return shown

    def _found(self, of: dict[str, dict[str, Any]], ref: str) -> dict[str, Any]:
        if ref not in of:
            raise Refusal("resource_missing", status=404)
        return of[ref]

    def _id(self, kind: str) -> str:
        return f"{kind}_test_{next(self._count):06d}"


def signed(event: Mapping[str, Any], secret: str, *, at: float | None = None) -> tuple[bytes, str]:
    """An event as the body of a webhook, and its ``Stripe-Signature``."""
    body = json.dumps(event).encode()
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={stamp},v1={digest}"

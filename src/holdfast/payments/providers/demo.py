"""Payments that only play at paying: a page of our own in place of a provider's. No money moves.

What was done on the page is a word in the inbox, like a webhook of a real provider; the page is in the web shell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing

from holdfast.payments.models import Provider
from holdfast.payments.providers.protocol import (
    CardOrder,
    Known,
    Moved,
    Opened,
    RefundOrder,
    RefundSeen,
    Told,
    Unsigned,
)
from holdfast.payments.queries.work import word_about
from holdfast.payments.rules import CheckoutOrder, Outcome, RefundOutcome, Seen

_SALT = "holdfast.payments.demo"
CARD = {"customer_ref": "demo", "method_ref": "demo", "brand": "demo", "last4": "4242"}


@dataclass(frozen=True, slots=True)
class DemoCheckout:
    """What the page of a demo payment knows."""

    payment_id: UUID
    title: str
    return_url: str
    cancel_url: str

    @property
    def ref(self) -> str:
        return ref_of(self.payment_id)


def ref_of(payment_id: UUID) -> str:
    """How the demo calls the checkout of a payment."""
    return f"demo_{payment_id.hex}"


def read_token(token: str) -> DemoCheckout | None:
    """The checkout of an address; None for what is not one of ours."""
    try:
        id, title, return_url, cancel_url = signing.loads(token, salt=_SALT)
        return DemoCheckout(UUID(id), title, return_url, cancel_url)
    except (signing.BadSignature, ValueError, TypeError):
        return None


class Demo:
    """Answers at once, and always well, except for what is played on its page."""

    def open(self, order: CheckoutOrder) -> Opened:
        words = [order.payment_id.hex, order.title, order.return_url, order.cancel_url]
        token = signing.dumps(words, salt=_SALT, compress=True)
        # On the host that the person came by: elsewhere their browser would not follow the form.
        came_by = urlsplit(order.return_url)
        base = f"{came_by.scheme}://{came_by.netloc}" if came_by.netloc else settings.BASE_URL
        return Opened(ref_of(order.payment_id), f"{base}/pay/demo/{token}")

    def look(self, known: Known) -> Seen:
        word = word_about(provider=Provider.DEMO, checkout_ref=known.checkout_ref)
        if word is None:
            return Seen(Outcome.OPEN, checkout_ref=known.checkout_ref)
        return seen_of(word)

    def expire(self, known: Known) -> Seen:
        seen = self.look(known)
        return seen if seen.outcome is Outcome.PAID else Seen(Outcome.EXPIRED)

    def charge(self, order: CardOrder) -> Seen:
        ref = f"demo_charge_{order.payment_id.hex}"
        return Seen(Outcome.PAID, order.amount_minor, order.currency, charge_ref=ref)

    def give_back(self, order: RefundOrder) -> RefundSeen:
        return RefundSeen(f"demo_refund_{order.refund_id.hex}", RefundOutcome.DONE)

    def look_at_refund(self, ref: str) -> RefundSeen:
        return RefundSeen(ref, RefundOutcome.DONE)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Told:  # noqa: ARG002
        raise Unsigned

    def moved_since(self, since: datetime) -> Iterator[Moved]:  # noqa: ARG002
        return iter(())


def seen_of(facts: Mapping[str, object]) -> Seen:
    """What a word in the inbox says."""
    names = Seen.__dataclass_fields__
    plain = {name: value for name, value in facts.items() if name in names and name != "outcome"}
    return Seen(Outcome(str(facts["outcome"])), **plain)  # type: ignore[arg-type]

"""The ways to take money, behind one protocol. Called by jobs and shells, never inside a transaction."""

from __future__ import annotations

from holdfast.payments.models import Provider
from holdfast.payments.providers.protocol import (
    CardOrder,
    Known,
    Moved,
    Opened,
    PaymentProvider,
    ProviderFault,
    RefundOrder,
    RefundSeen,
    Refused,
    Told,
    Unreachable,
    Unsigned,
)
from holdfast.payments.rules import CheckoutOrder

__all__ = [
    "CardOrder",
    "CheckoutOrder",
    "Known",
    "Moved",
    "Opened",
    "PaymentProvider",
    "ProviderFault",
    "RefundOrder",
    "RefundSeen",
    "Refused",
    "Told",
    "Unreachable",
    "Unsigned",
    "provider_of",
]


def provider_of(name: str) -> PaymentProvider:
    """The provider of this name; each is loaded when it is first needed."""
    if name == Provider.STRIPE:
        from holdfast.payments.providers.stripe import Stripe

        return Stripe()
    if name == Provider.DEMO:
        from holdfast.payments.providers.demo import Demo

        return Demo()
    from holdfast.payments.providers.counter import Counter

    return Counter()

"""Money at the counter: it changes hands there, and there is nothing to ask anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from holdfast.payments.providers.protocol import (
    CardOrder,
    Known,
    Moved,
    Opened,
    RefundOrder,
    RefundSeen,
    Refused,
    Told,
    Unsigned,
)
from holdfast.payments.rules import CheckoutOrder, Seen

_NOT_HERE = "not_at_counter"


class Counter:
    """Refuses whatever needs somebody else."""

    def open(self, order: CheckoutOrder) -> Opened:  # noqa: ARG002
        raise Refused(_NOT_HERE)

    def look(self, known: Known) -> Seen:  # noqa: ARG002
        raise Refused(_NOT_HERE)

    def expire(self, known: Known) -> Seen:  # noqa: ARG002
        raise Refused(_NOT_HERE)

    def charge(self, order: CardOrder) -> Seen:  # noqa: ARG002
        raise Refused(_NOT_HERE)

    def give_back(self, order: RefundOrder) -> RefundSeen:  # noqa: ARG002
        raise Refused(_NOT_HERE)

    def look_at_refund(self, ref: str) -> RefundSeen:  # noqa: ARG002
        raise Refused(_NOT_HERE)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> Told:  # noqa: ARG002
        raise Unsigned

    def moved_since(self, since: datetime) -> Iterator[Moved]:  # noqa: ARG002
        return iter(())

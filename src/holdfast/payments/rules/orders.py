"""What a checkout is opened with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """A checkout to be opened; the same order under the same ``key`` gives the same checkout. ``saves_card``: no money."""

    payment_id: UUID
    key: str
    amount_minor: int
    currency: str
    title: str
    return_url: str
    cancel_url: str
    email: str
    ends_at: datetime
    saves_card: bool = False

"""Forgetting people: what was paid stays in the accounts, cards on file and what was written go (SPEC K2)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from holdfast.core.people import Fate
from holdfast.core.transactions import command
from holdfast.payments.models import Payment, Refund, SavedCard


@command
def forget_bookings(*, business_id: UUID, booking_ids: Collection[UUID]) -> list[Fate]:
    """Take the people out of the payments of these bookings."""
    here = {"business_id": business_id, "booking_id__in": booking_ids}
    kept = Payment.objects.filter(**here).update(asked=None)
    Refund.objects.filter(**here).update(note=None)
    cards = SavedCard.objects.filter(**here).delete()[1].get("payments.SavedCard", 0)
    fates = []
    if cards:
        fates.append(Fate("cards", cards, is_kept=False))
    if kept:
        fates.append(Fate("payments", kept, is_kept=True, why="accounts"))
    return fates

"""What the waitlist holds about a person (SPEC K2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.waitlist.models import Entry, Offer


def about_person(*, business_id: UUID, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What a customer waits and waited for, and what they were offered."""
    entries = Entry.objects.filter(business_id=business_id, customer_id=customer_id).order_by("joined_at")
    offers = Offer.objects.filter(business_id=business_id, customer_id=customer_id).order_by("made_at")
    return {
        "waitlist": [
            {
                "state": one.state,
                "joined_at": one.joined_at,
                "closed_at": one.closed_at,
                "party_size": one.party_size,
                **{name: (one.contact or {}).get(name, "") for name in ("name", "email", "phone")},
                "wishes": one.ranges,
                "via": one.via,
            }
            for one in entries
        ],
        "offers": [
            {
                "state": one.state,
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "made_at": one.made_at,
                "answered_at": one.answered_at,
                "score": round(one.score, 2),
            }
            for one in offers
        ],
    }


def live_entries(*, business_id: UUID, customer_id: UUID) -> list[UUID]:
    """What a customer still waits for, by id."""
    rows = Entry.objects.filter(
        business_id=business_id, customer_id=customer_id, state__in=("waiting", "called")
    )
    return list(rows.values_list("id", flat=True))

"""Everything that Holdfast holds about one person (SPEC K2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.businesses.queries import business_facts
from holdfast.core.people import knowing


def everything_about(*, business_id: UUID, customer_id: UUID) -> dict[str, Any]:
    """All holdings of all rooms by subject, with the business they are held by. The caller has found the customer."""
    business = business_facts(business_id=business_id)
    held: dict[str, Any] = {"business": {"name": business.name, "email": business.email}}
    for one in reversed(knowing()):
        held |= one.about(business_id=business_id, customer_id=customer_id)
    return held

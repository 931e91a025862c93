"""Pages of a business's payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from holdfast.lib.pages import Page, page_of
from holdfast.payments.models import Payment
from holdfast.payments.queries.facts import PaymentFacts, payment_facts


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What a list is narrowed to: states, providers, kinds, a stretch of time (``until`` not included)."""

    states: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def payment_page(
    *, business_id: UUID, filters: PaymentFilter | None = None, cursor: str = "", limit: int = 50
) -> Page[PaymentFacts]:
    """Payments, the latest first. Refusals: :class:`Invalid` on ``cursor`` or ``limit``."""
    wanted = filters or PaymentFilter()
    rows = Payment.objects.filter(business_id=business_id)
    for name, value in (
        ("state__in", wanted.states),
        ("provider__in", wanted.providers),
        ("kind__in", wanted.kinds),
        ("created_at__gte", wanted.since),
        ("created_at__lt", wanted.until),
    ):
        if value:
            rows = rows.filter(**{name: value})

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[PaymentFacts]:
        page = rows
        if instant is not None:
            page = rows.filter(Q(created_at__lt=instant) | Q(created_at=instant, id__lt=id))
        return [payment_facts(row) for row in page.order_by("-created_at", "-id")[:count]]

    return page_of(cursor=cursor, limit=limit, after=after, key=lambda one: (one.created_at, one.id))

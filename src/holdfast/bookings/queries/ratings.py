"""How visits were, in their customers' words (SPEC M1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Avg, Count, Q

from holdfast.bookings.models import Rating
from holdfast.lib.references import show_reference


@dataclass(frozen=True, slots=True)
class RatingFacts:
    """One rating, with the booking it is of."""

    id: UUID
    reference: str
    stars: int
    comment: str
    rated_at: datetime
    name: str
    service_name: str
    resource_name: str


@dataclass(frozen=True, slots=True)
class RatingFigures:
    """How many there are, their average (their sum divided by their number; None without any), and how many of each."""

    count: int
    average: float | None
    by_stars: tuple[int, int, int, int, int]


def ratings_of(
    *, business_id: UUID, limit: int, before: tuple[datetime, UUID] | None = None
) -> list[RatingFacts]:
    """Ratings of a business, the latest first; ``before`` is the moment and id of the last one seen."""
    rows = Rating.objects.filter(business_id=business_id).select_related(
        "booking__service", "booking__resource"
    )
    if before is not None:
        at, id = before
        rows = rows.filter(Q(rated_at__lt=at) | Q(rated_at=at, id__lt=id))
    return [_facts(row) for row in rows.order_by("-rated_at", "-id")[:limit]]


def rating_of(*, business_id: UUID, booking_id: UUID) -> RatingFacts | None:
    """What was said of one visit; None while nothing was."""
    rows = Rating.objects.filter(business_id=business_id, booking_id=booking_id)
    row = rows.select_related("booking__service", "booking__resource").first()
    return None if row is None else _facts(row)


def rating_figures(*, business_id: UUID) -> RatingFigures:
    """The figures of all ratings of a business."""
    rows = Rating.objects.filter(business_id=business_id)
    figures = rows.aggregate(
        count=Count("id"),
        average=Avg("stars"),
        **{f"of_{stars}": Count("id", filter=Q(stars=stars)) for stars in range(1, 6)},
    )
    average = None if figures["average"] is None else float(figures["average"])
    counts = tuple(figures[f"of_{stars}"] for stars in range(1, 6))
    return RatingFigures(figures["count"], average, counts)


def _facts(row: Rating) -> RatingFacts:
    booking = row.booking
    return RatingFacts(
        id=row.id,
        reference=show_reference(booking.reference),
        stars=row.stars,
        comment=row.comment or "",
        rated_at=row.rated_at,
        name=str((booking.contact or {}).get("name", "")),
        service_name=booking.service.name,
        resource_name=booking.resource.name if booking.resource else "",
    )

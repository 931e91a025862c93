"""What bookings hold about a person (SPEC K2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from holdfast.bookings.models import Booking, BookingChange, Rating, Request, RiderLine
from holdfast.bookings.queries.history import opened_details
from holdfast.customers.models import Customer
from holdfast.lib.references import show_reference


def about_person(*, business_id: UUID, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """A customer's bookings with what was said, their requests, and what was done with each of them."""
    bookings = Booking.objects.filter(business_id=business_id, customer_id=customer_id).order_by("starts_at")
    rows = list(bookings.select_related("service", "resource"))
    references = {row.id: show_reference(row.reference) for row in rows}
    changes = BookingChange.objects.filter(booking_id__in=references).order_by("id")
    requests = Request.objects.filter(booking_id__in=references).order_by("id")
    return {
        "bookings": [
            {
                "reference": references[row.id],
                "state": row.state,
                "service": row.service.name,
                "with": row.resource.name if row.resource else "",
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "party_size": row.party_size,
                **{name: (row.contact or {}).get(name, "") for name in ("name", "email", "phone")},
                "notes": row.notes or "",
                "answers": [
                    {"question": one.get("label", ""), "answer": one.get("answer")}
                    for one in row.answers or ()
                ],
                "price_minor": row.price_minor,
                "deposit_minor": row.deposit_minor,
                "currency": row.currency,
                "promo_code": row.promo_code,
                "coming_at": row.coming_at,
                "via": row.via,
                "made_at": row.created_at,
            }
            for row in rows
        ],
        "ratings": _ratings(references),
        "requests": [_request(one, references[one.booking_id]) for one in requests],
        "history": [
            {
                "reference": references[one.booking_id],
                "at": one.at,
                "action": one.action,
                "by": one.actor,
                "via": one.via,
                "reason": str(opened_details(one).get("reason", "")),
            }
            for one in changes
        ],
    }


def _ratings(references: dict[UUID, str]) -> list[dict[str, Any]]:
    return [
        {
            "reference": references[one.booking_id],
            "stars": one.stars,
            "comment": one.comment or "",
            "rated_at": one.rated_at,
        }
        for one in Rating.objects.filter(booking_id__in=references).order_by("rated_at")
    ]


def _request(one: Request, reference: str) -> dict[str, Any]:
    lines = RiderLine.objects.filter(request_id=one.id).order_by("position")
    return {
        "reference": reference,
        "venue_name": one.venue_name,
        "venue_address": one.venue_address,
        "details": one.details,
        "fee_minor": one.fee_minor,
        "decline_reason": one.decline_reason or "",
        "counter_message": one.counter_message or "",
        "rider": [
            {"line": line.text, "answer": line.answer, "comment": line.comment or ""} for line in lines
        ],
    }


def still_on(*, business_id: UUID, customer_id: UUID, now: datetime) -> list[str]:
    """The references of what is still ahead of a customer and holds a time or waits for an answer."""
    rows = Booking.objects.filter(
        business_id=business_id,
        customer_id=customer_id,
        state__in=("confirmed", "checked_in", "awaiting_payment", "requested", "held"),
        ends_at__gt=now,
    )
    found = rows.exclude(releases_at__isnull=False, releases_at__lte=now).order_by("starts_at")
    return [show_reference(one) for one in found.values_list("reference", flat=True)]


def idle_customers(*, since: datetime) -> list[tuple[UUID, UUID]]:
    """``(business, customer)`` of those whom a business knew before ``since`` and who had no booking since."""
    recent = Booking.objects.filter(customer_id=OuterRef("id"), ends_at__gt=since)
    rows = Customer.objects.filter(~Exists(recent), erased_at=None, created_at__lte=since).order_by("id")
    return list(rows.values_list("business_id", "id"))


def names_given(*, business_id: UUID, customer_id: UUID) -> list[str]:
    """Every name under which a customer has booked."""
    rows = Booking.objects.filter(business_id=business_id, customer_id=customer_id).filter(
        contact__isnull=False
    )
    return sorted({str((row.contact or {}).get("name", "")) for row in rows.only("id", "contact")} - {""})

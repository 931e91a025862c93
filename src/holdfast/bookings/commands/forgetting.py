"""Forgetting a person: their bookings stay as figures and times, without anything about them (SPEC K2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.accounts.queries import has_proven
from holdfast.bookings.models import Booking, BookingChange, Rating, Request, RequestTemplate, RiderLine
from holdfast.core.people import Fate
from holdfast.core.transactions import command
from holdfast.customers.queries import customer_by_id


@command
def forget_person(*, business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:  # noqa: ARG001
    """Take the person out of every booking of theirs. What is owed and paid, and when what was used, stays.

    Refusals: :class:`Missing`.
    """
    customer = customer_by_id(business_id=business_id, customer_id=customer_id)
    rows = Booking.objects.filter(business_id=business_id, customer_id=customer_id)
    ids = list(rows.values_list("id", flat=True))
    accounts = set(rows.exclude(account=None).values_list("account_id", flat=True))
    theirs = [id for id in accounts if customer.email and has_proven(account_id=id, email=customer.email)]
    templates = RequestTemplate.objects.filter(business_id=business_id, account_id__in=theirs).delete()[0]
    rows.update(contact=None, notes=None, answers=None, account=None)
    for request in Request.objects.filter(booking_id__in=ids):
        request.venue_name = request.venue_address = request.details = ""
        request.decline_reason = request.counter_message = None
        request.save()
    RiderLine.objects.filter(request__booking_id__in=ids).update(comment=None)
    Rating.objects.filter(booking_id__in=ids).update(comment=None)
    for change in BookingChange.objects.filter(booking_id__in=ids, details__has_key="reason"):
        del change.details["reason"]
        change.save(update_fields=["details"])
    return [
        Fate("templates", templates, is_kept=False),
        Fate("bookings", len(ids), is_kept=True, why="accounts"),
    ]

"""Writing down what the endpoints of a business are to be told of an event. It goes later, by the worker.

What is told are ids, instants and sums. Who somebody is stays here: a receiver that needs to know asks the API, with a token
that says what it may.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.lib.instants import show_instant
from holdfast.lib.references import show_reference
from holdfast.waitlist.models import Entry, Offer
from holdfast.webhooks.models import Delivery, Endpoint


@command
def tell_of_booking(*, booking_id: UUID, event: str, facts: Mapping[str, Any], now: datetime) -> int:
    """Write what became of a booking for every endpoint that wants it; how many. ``facts`` are what the event says beyond
    the booking as it is now."""
    wanted = _wanting(event, business__bookings=booking_id)
    if not wanted:
        return 0
    booking = booking_by_id(business_id=wanted[0].business_id, booking_id=booking_id)
    return _write(wanted, event, {"booking": _shown(booking), **facts}, now)


@command
def tell_of_entry(*, entry_id: UUID, event: str, facts: Mapping[str, Any], now: datetime) -> int:
    """The same of an entry of the waitlist."""
    entry = Entry.objects.filter(id=entry_id).values("business_id", "state", "services", "party_size").first()
    wanted = _wanting(event, business_id=entry["business_id"]) if entry else []
    if not wanted or entry is None:
        return 0
    shown = {
        "id": str(entry_id),
        "status": entry["state"],
        "services": entry["services"],
        "party_size": entry["party_size"],
    }
    return _write(wanted, event, {"entry": shown, **facts}, now)


@command
def tell_of_offer(*, offer_id: UUID, event: str, facts: Mapping[str, Any], now: datetime) -> int:
    """The same of a place that is offered to somebody who waits."""
    offer = Offer.objects.filter(id=offer_id).first()
    wanted = _wanting(event, business_id=offer.business_id) if offer else []
    if not wanted or offer is None:
        return 0
    shown = {
        "id": str(offer.id),
        "entry": str(offer.entry_id),
        "status": offer.state,
        "service": str(offer.service_id),
        "starts_at": show_instant(offer.starts_at),
        "expires_at": show_instant(offer.expires_at),
    }
    return _write(wanted, event, {"offer": shown, **facts}, now)


def _wanting(event: str, **where: Any) -> list[Endpoint]:
    """The endpoints that want it. One statement, on nearly every installation the only one."""
    found = Endpoint.objects.filter(**where).select_related("business").order_by("id")
    return [endpoint for endpoint in found if event in endpoint.events]


def _write(endpoints: list[Endpoint], event: str, data: Mapping[str, Any], now: datetime) -> int:
    Delivery.objects.bulk_create(delivery_of(endpoint, event, data, now) for endpoint in endpoints)
    wake()
    return len(endpoints)


def delivery_of(endpoint: Endpoint, event: str, data: Mapping[str, Any], now: datetime) -> Delivery:
    """One event for one endpoint, as it will be sent (Standard Webhooks: ``type``, ``timestamp``, ``data``)."""
    said = {
        "type": event,
        "timestamp": show_instant(now),
        "business": endpoint.business.slug,
        "data": dict(data),
    }
    return Delivery(
        business_id=endpoint.business_id,
        endpoint=endpoint,
        event=event,
        body=json.dumps(said, ensure_ascii=False, separators=(",", ":")),
        next_attempt_at=now,
        created_at=now,
    )


def _shown(booking: BookingFacts) -> dict[str, Any]:
    return {
        "reference": show_reference(booking.reference),
        "status": booking.state,
        "service": str(booking.service_id),
        "resources": [str(id) for id in booking.resource_ids],
        "slot": str(booking.slot_id) if booking.slot_id else None,
        "starts_at": show_instant(booking.starts_at),
        "ends_at": show_instant(booking.ends_at),
        "timezone": booking.timezone,
        "local_start": booking.local_start,
        "party_size": booking.party_size,
        "price_minor": booking.price_minor,
        "paid_minor": booking.paid_minor,
        "currency": booking.currency,
        "sequence": booking.sequence,
    }

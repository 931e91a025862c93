"""What messages hold about a person (SPEC K2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from holdfast.customers.queries import customer_by_id
from holdfast.notifications.models import Channel, Message, Suppression, reader_index


def messages_about(*, business_id: UUID, customer_id: UUID) -> QuerySet[Message]:
    """Every message about a customer's bookings and entries, to whomever it went."""
    theirs = Q(booking__customer_id=customer_id) | Q(entry__customer_id=customer_id)
    return Message.objects.filter(theirs, business_id=business_id)


def about_person(*, business_id: UUID, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What was written to a customer, and whether it went out."""
    rows = messages_about(business_id=business_id, customer_id=customer_id)
    return {
        "messages": [
            {
                "kind": one.kind,
                "to": one.recipient,
                "state": one.state,
                "written_at": one.created_at,
                "sent_at": one.sent_at,
                "content": one.context,
            }
            for one in rows.filter(audience=Message.Audience.CUSTOMER).order_by("id")
        ],
        "suppressions": [
            {"kind": one.channel, "to": one.address, "reason": one.reason, "at": one.since}
            for one in suppressions_about(business_id=business_id, customer_id=customer_id)
        ],
    }


def suppressions_about(*, business_id: UUID, customer_id: UUID) -> QuerySet[Suppression]:
    """What is held against a customer's address and number, lifted or not."""
    customer = customer_by_id(business_id=business_id, customer_id=customer_id)
    given = {(Channel.EMAIL, customer.email), (Channel.SMS, customer.phone)}
    indexes = [
        reader_index(business_id=business_id, channel=channel, address=address)
        for channel, address in given
        if address
    ]
    return Suppression.objects.filter(business_id=business_id, reader_index__in=indexes).order_by("since")

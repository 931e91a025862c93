"""Whether one more message may go now: not too many to one person, not too many of one business (SPEC H3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.notifications.models import Message, reader_index

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def person_waits_until(
    *, business_id: UUID, message_id: UUID, channel: str, address: str, most: int, now: datetime
) -> datetime | None:
    """When the next message to this customer may go, if they had ``most`` within 24 hours; None for now.

    Codes that somebody waits for do not count, and what staff send by hand goes all the same.
    """
    if not most:
        return None
    index = reader_index(business_id=business_id, channel=channel, address=address)
    had = Message.objects.filter(
        business_id=business_id,
        reader_index=index,
        channel=channel,
        audience=Message.Audience.CUSTOMER,
        sent_at__gt=now - _DAY,
    ).exclude(kind=Message.Kind.CODE)
    latest = list(had.order_by("-sent_at").values_list("sent_at", flat=True)[:most])
    if len(latest) < most:
        return None
    message = Message.objects.filter(id=message_id).first()
    if message is not None and (message.context or {}).get("by_hand"):
        return None
    return latest[-1] + _DAY if latest[-1] else None


def sent_lately(*, business_id: UUID, now: datetime) -> tuple[int, datetime | None]:
    """How many messages of a business went within the last hour, and when the first of them did."""
    gone = Message.objects.filter(business_id=business_id, sent_at__gt=now - _HOUR)
    count = gone.count()
    first = gone.order_by("sent_at").values_list("sent_at", flat=True).first() if count else None
    return count, first

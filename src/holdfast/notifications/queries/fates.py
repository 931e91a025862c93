"""Whether a message about a booking should go now, by what its kind depends on."""

from __future__ import annotations

from datetime import datetime

from holdfast.bookings.queries import BookingFacts
from holdfast.notifications.models import Message
from holdfast.notifications.rules.coming import VISIT_KINDS, fate_of_visit
from holdfast.notifications.rules.delivery import Fate, fate_of


def booking_fate(
    *, message: Message, booking: BookingFacts, now: datetime, quiet_until: datetime | None = None
) -> Fate:
    """The fate of a message about this booking; ``quiet_until`` is the end of the quiet hours that now lies in, where they
    count."""
    if message.kind in VISIT_KINDS:
        return fate_of_visit(
            message.kind,
            state=booking.state_at(now),
            starts_at=booking.starts_at,
            told_at=message.told_at,
            is_coming=booking.is_coming,
            now=now,
            quiet_until=quiet_until,
        )
    return fate_of(
        message.kind,
        booking_state=booking.state,
        undo_until=booking.undo_until,
        starts_at=booking.starts_at,
        told_at=message.told_at,
        now=now,
        quiet_until=quiet_until,
    )

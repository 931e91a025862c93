"""What the waitlist does when somebody who waits books by themselves, or cancels what they wanted to have earlier."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.bookings.models import Booking
from holdfast.core.transactions import command
from holdfast.lib.actors import WAITLIST
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.lib.walltime import zone
from holdfast.waitlist.commands.offers import end_open_offer
from holdfast.waitlist.commands.writing import close, locked_entry
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries.entries import entry_facts
from holdfast.waitlist.rules import LIVE


@command
def settle_entries(*, booking_id: UUID, now: datetime) -> int:
    """Take off the list whoever just booked what they waited for; how many entries that were."""
    booking = Booking.objects.filter(id=booking_id).first()
    if booking is None or booking.customer_id is None or booking.state != "confirmed":
        return 0
    count = 0
    found = Entry.objects.filter(
        business_id=booking.business_id, customer_id=booking.customer_id, state__in=LIVE, earlier_than=None
    )
    wall = booking.starts_at.astimezone(zone(booking.timezone))
    minute = wall.hour * 60 + wall.minute + (wall.date() - booking.local_on).days * DAY_MINUTES
    for id in found.order_by("id").values_list("id", flat=True):
        row = locked_entry(business_id=booking.business_id, entry_id=id)
        entry = entry_facts(row=row)
        met = any(one.includes(booking.local_on, minute) for one in entry.ranges)
        if row.state not in LIVE or booking.service_id not in entry.services or not met:
            continue
        end_open_offer(row, "withdrawn", actor=WAITLIST, now=now)
        close(row, "book", actor=WAITLIST, now=now, details={"by_themselves": True}, booking_id=booking.id)
        count += 1
    return count


@command
def end_earlier_wishes(*, booking_id: UUID, now: datetime) -> int:
    """Take off the list whoever wanted an earlier time than a booking that is cancelled; how many entries that were."""
    booking = Booking.objects.filter(id=booking_id, state="cancelled").first()
    if booking is None:
        return 0
    count = 0
    found = Entry.objects.filter(business_id=booking.business_id, earlier_than=booking, state__in=LIVE)
    for id in found.order_by("id").values_list("id", flat=True):
        row = locked_entry(business_id=booking.business_id, entry_id=id)
        if row.state in LIVE:
            end_open_offer(row, "withdrawn", actor=WAITLIST, now=now)
            close(row, "expire", actor=WAITLIST, now=now, details={"why": "cancelled"})
            count += 1
    return count

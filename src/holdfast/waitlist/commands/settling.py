"""What the waitlist does when somebody who waits books by themselves, cancels what they wanted to have earlier, or has
paid for a time that was gone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import booking_by_id
from holdfast.core.transactions import command
from holdfast.lib.actors import WAITLIST
from holdfast.lib.refusals import Refusal
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.lib.walltime import zone
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.commands.board import reorder_entry
from holdfast.waitlist.commands.joining import Waiter, WaitWish, join_waitlist
from holdfast.waitlist.commands.offers import end_open_offer
from holdfast.waitlist.commands.writing import close, locked_entry
from holdfast.waitlist.errors import AlreadyWaiting
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries.entries import EntryFacts, entry_facts
from holdfast.waitlist.rules import LIVE, RangeWish

_PAID_TOO_LATE = "Paid when the time was gone"


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


@command
def put_first(*, timetable: Timetable, booking_id: UUID, now: datetime) -> EntryFacts | None:
    """Put whoever paid too late for a time that is gone first in line for its service on that date (SPEC E3).

    Who waits for that already is moved up. None where nobody waits for such a thing here. Refusals: :class:`Missing`.
    """
    business_id = timetable.business.id
    booking = booking_by_id(business_id=business_id, booking_id=booking_id)
    if not timetable.business.settings.waitlist or booking.customer_id is None:
        return None
    on = booking.local_on
    wish = WaitWish((booking.service_id,), (RangeWish(on, on),), booking.party_size)
    try:
        with transaction.atomic():
            joined = join_waitlist(
                actor=WAITLIST, timetable=timetable, wish=wish, who=Waiter(booking.contact), now=now
            )
            entry_id = joined.id
    except AlreadyWaiting:
        rows = Entry.objects.filter(
            business_id=business_id, customer_id=booking.customer_id, state__in=LIVE, earlier_than=None
        )
        waits = [row.id for row in rows.order_by("id") if str(booking.service_id) in row.services]
        if not waits:
            return None
        entry_id = waits[0]
    except Refusal:
        return None
    return reorder_entry(
        actor=WAITLIST, timetable=timetable, entry_id=entry_id, reason=_PAID_TOO_LATE, now=now
    )

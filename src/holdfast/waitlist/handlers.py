"""What the waitlist does when something comes free; wired in ``config/wiring.py``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from holdfast.bookings.events import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingMoved,
    BookingNotKept,
    HoldLapsed,
    PaidTooLate,
)
from holdfast.bookings.models import Booking
from holdfast.businesses.events import OfferingChanged, SettingsChanged
from holdfast.core import clock
from holdfast.schedule.events import SlotsEnlarged, SlotsPublished, SlotsReopened
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import timetable_of
from holdfast.waitlist import commands
from holdfast.waitlist.events import EntryJoined, GapOpened, OfferDue
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries import Region, entry_facts

# As far as anything can be booked: two years, and the time zones' day.
_EVER = timedelta(days=732)


def note_cancelled(event: BookingCancelled) -> None:
    """A booking is off for good: its time is free, and an earlier one is not wanted any more."""
    commands.end_earlier_wishes(booking_id=event.booking_id, now=clock.now())
    _freed(event.booking_id, "cancelled")


def note_lapsed(event: HoldLapsed) -> None:
    """A hold came to nothing: its time is free."""
    _freed(event.booking_id, "lapsed")


def note_not_kept(event: BookingNotKept) -> None:
    """Nobody came: the rest of the time is free."""
    _freed(event.booking_id, "not_kept")


def note_completed(event: BookingCompleted) -> None:
    """A visit ended: what is left of its time is free."""
    _freed(event.booking_id, "completed")


def note_moved(event: BookingMoved) -> None:
    """A booking is elsewhere: the time it left is free, whatever tables or places that was."""
    business_id = Booking.objects.filter(id=event.booking_id).values_list("business_id", flat=True).first()
    if business_id is not None:
        _open(business_id, Region(event.old_starts_at, event.old_ends_at), "moved")


def note_confirmed(event: BookingConfirmed) -> None:
    """Somebody booked: if they waited for that, they wait no more."""
    commands.settle_entries(booking_id=event.booking_id, now=clock.now())


def put_first(event: PaidTooLate) -> None:
    """Somebody paid for a time that was gone: they are the first to be asked."""
    business_id = Booking.objects.filter(id=event.booking_id).values_list("business_id", flat=True).first()
    if business_id is not None:
        timetable = timetable_of(business_id=business_id)
        commands.put_first(timetable=timetable, booking_id=event.booking_id, now=clock.now())


def note_published(event: SlotsPublished) -> None:
    """There are new places."""
    slot = Slot.objects.filter(service_id=event.service_id).values_list("business_id", flat=True).first()
    if slot is not None:
        until = event.last_at + timedelta(days=1)
        _open(slot, Region(event.first_at, until, event.resource_id, event.service_id), "slots")


def note_enlarged(event: SlotsEnlarged | SlotsReopened) -> None:
    """Slots have more places, or take bookings again."""
    for slot in Slot.objects.filter(id__in=event.slot_ids).order_by("starts_at"):
        _open(
            slot.business_id, Region(slot.starts_at, slot.ends_at, slot.resource_id, slot.service_id), "slots"
        )


def note_offering(event: OfferingChanged | SettingsChanged) -> None:
    """Hours, people or services changed: anything may be free that was not."""
    now = clock.now()
    _open(event.business_id, Region(now, now + _EVER), "offering")


def look_for_entry(event: EntryJoined) -> None:
    """Somebody joined: what they wait for may be free."""
    entry = Entry.objects.filter(id=event.entry_id).first()
    if entry is None:
        return
    first = min(one.first for one in entry_facts(row=entry).ranges)
    # A day before in every zone; what is past by then is cut off.
    begins = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(days=1)
    _open(entry.business_id, Region(begins, entry.ends_at), "joined")


def match_gap(event: GapOpened) -> None:
    """Offer what came free to whoever should be asked first."""
    commands.match_gap(gap_id=event.gap_id, now=clock.now())


def expire_offer(event: OfferDue) -> None:
    """Nobody answered in time: the place goes to the next."""
    commands.expire_offer(offer_id=event.offer_id, now=clock.now())


def _freed(booking_id: UUID, cause: str) -> None:
    """Open the time of a booking: on its resource, and where it took several or places in a slot, on any."""
    found = Booking.objects.filter(id=booking_id).first()
    if found is None:
        return
    alone = found.resource_id if not found.also and found.slot_id is None else None
    before, after = _buffers(found)
    _open(found.business_id, Region(found.starts_at - before, found.ends_at + after, alone), cause)


def _buffers(booking: Booking) -> tuple[timedelta, timedelta]:
    service = booking.service
    return timedelta(minutes=service.buffer_before_minutes), timedelta(minutes=service.buffer_after_minutes)


def _open(business_id: UUID, region: Region, cause: str) -> None:
    commands.open_gap(business_id=business_id, region=region, cause=cause, now=clock.now())

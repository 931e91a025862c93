"""Figures, and the lists people take away as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Sum

from holdfast.bookings.queries import BookingFacts, BookingFilter, every_booking
from holdfast.insights.models import FunnelDay
from holdfast.insights.rules import Funnel
from holdfast.lib.money import Money
from holdfast.schedule.queries import Timetable

Cell = str | int | date | time | Money

# The columns of the export of bookings; the API shows these names, the pages words of the reader's language.
BOOKING_COLUMNS = (
    "reference", "status", "date", "start", "end", "service", "with", "name", "email", "phone", "people", "price",
    "currency", "notes", "answers", "code",
)  # fmt: skip


def funnel(*, business_id: UUID, from_on: date, to_on: date, channel: str = "") -> Funnel:
    """How many looked at a service's times, held one and booked, on these local dates, inclusive (SPEC M1).

    Without ``channel`` (``page``, ``api``, ``desk``) all of them. The last seconds may not be in it yet.
    """
    rows = FunnelDay.objects.filter(business_id=business_id, on__gte=from_on, on__lte=to_on)
    if channel:
        rows = rows.filter(channel=channel)
    sums = rows.aggregate(views=Sum("views"), holds=Sum("holds"), booked=Sum("booked"))
    return Funnel(**{name: total or 0 for name, total in sums.items()})


def booking_sheet(
    *,
    timetable: Timetable,
    now: datetime,
    wanted: BookingFilter,
    status_words: Mapping[str, str] | None = None,
) -> Iterator[list[Cell]]:
    """The rows of an export of bookings by start, one cell for each of :data:`BOOKING_COLUMNS` (SPEC D13).

    Dates and times are those of the business's clocks, read from the database in pieces. ``status_words`` replace the
    names of states.
    """
    shown = status_words or {}
    for booking in every_booking(business_id=timetable.business.id, now=now, wanted=wanted):
        yield _booking_cells(timetable, booking, shown)


def _booking_cells(
    timetable: Timetable, booking: BookingFacts, status_words: Mapping[str, str]
) -> list[Cell]:
    starts, ends = booking.starts_at.astimezone(timetable.tz), booking.ends_at.astimezone(timetable.tz)
    service = timetable.services.get(booking.service_id)
    names = [timetable.resources[id].name for id in booking.resource_ids if id in timetable.resources]
    return [
        booking.shown_reference,
        status_words.get(booking.state, booking.state),
        starts.date(),
        starts.time(),
        ends.time(),
        service.name if service else "",
        ", ".join(names),
        booking.contact.name,
        booking.contact.email,
        booking.contact.phone,
        booking.party_size,
        Money(booking.price_minor, booking.currency),
        booking.currency,
        booking.notes,
        "; ".join(f"{one.label}: {one.answer}" for one in booking.answers),
        booking.promo_code,
    ]

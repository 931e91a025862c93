"""Figures, and the lists people take away as files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum

from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts, BookingFilter, every_booking
from holdfast.bookings.rules import Policy, tax_within
from holdfast.insights.models import FunnelDay
from holdfast.insights.rules import Funnel
from holdfast.lib.money import Money
from holdfast.lib.refusals import Invalid
from holdfast.payments.models import LedgerEntry
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


# What a sheet of revenue is grouped by.
REVENUE_BY = ("day", "service", "resource")
REVENUE_COLUMNS = ("of", "currency", "payments", "taken", "given_back", "revenue", "tax")


def revenue_sheet(
    *, timetable: Timetable, from_on: date, to_on: date, by: str, name_of_nobody: str = ""
) -> list[list[Cell]]:
    """What came in and went back on these local dates, inclusive, by ``day``, ``service`` or ``resource`` (SPEC G5).

    One row each, with a cell for each of :data:`REVENUE_COLUMNS`: from the ledger, so what was paid counts on the day
    it was paid. ``tax`` is that in the revenue, at the rate each booking was made at. Of several resources the first
    counts. Refusals: :class:`Invalid` on ``by``.
    """
    if by not in REVENUE_BY:
        raise Invalid.field("by", "unknown_choice", choices=list(REVENUE_BY))
    business_id, zone = timetable.business.id, timetable.tz
    begins = datetime.combine(from_on, time(), zone)
    ends = datetime.combine(to_on + timedelta(days=1), time(), zone)
    entries = list(
        LedgerEntry.objects.filter(business_id=business_id, at__gte=begins, at__lt=ends)
        .order_by("at", "id")
        .values_list("booking_id", "at", "amount_minor", "currency")
    )
    about = {
        id: (service_id, resource_id, Policy.read(policy).money.tax_basis_points)
        for id, service_id, resource_id, policy in Booking.objects.filter(
            business_id=business_id, id__in={entry[0] for entry in entries}
        ).values_list("id", "service_id", "resource_id", "policy")
    }
    sums: dict[tuple[Any, str], list[int]] = {}
    for booking_id, at, minor, currency in entries:
        service_id, resource_id, rate = about.get(booking_id, (None, None, 0))
        key = {"day": at.astimezone(zone).date(), "service": service_id, "resource": resource_id}[by]
        row = sums.setdefault((key, currency), [0, 0, 0, 0])
        row[0] += minor > 0
        row[1 if minor > 0 else 2] += abs(minor)
        row[3] += tax_within(abs(minor), rate) * (1 if minor > 0 else -1)
    return [
        [
            _revenue_of(timetable, key, name_of_nobody),
            currency,
            count,
            Money(taken, currency),
            Money(back, currency),
            Money(taken - back, currency),
            Money(tax, currency),
        ]
        for (key, currency), (count, taken, back, tax) in sums.items()
    ]


def _revenue_of(timetable: Timetable, key: Any, nobody: str) -> Cell:
    if isinstance(key, date):
        return key
    found = timetable.services.get(key) or timetable.resources.get(key)
    return found.name if found else nobody

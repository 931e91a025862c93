"""Reads of requests: what is asked for, how the answers stand, whose option comes first (S1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from holdfast.bookings.models import Booking, Request, RequestTemplate, RiderLine
from holdfast.bookings.queries.bookings import COLUMNS, BookingFacts, facts_from, manage_token
from holdfast.bookings.rules.requests import ranks
from holdfast.lib.refusals import Missing

MOST_IN_THE_INBOX = 200


@dataclass(frozen=True, slots=True)
class RiderLineFacts:
    """One requirement in a request: what the customer says to it (``yes``, ``different`` or nothing), who checked it."""

    id: UUID
    section: str
    text: str
    answer: str
    comment: str
    checked_at: datetime | None
    checked_by: str


@dataclass(frozen=True, slots=True)
class CounterFacts:
    """The business's latest counter-offer; what is None stays as requested. ``state``: open, accepted or declined."""

    state: str
    fee_minor: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """An option on the date: 1 for the first. ``confirm_by`` is set while its holder is asked to confirm or lose it."""

    rank: int
    confirm_by: datetime | None


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What is asked for with a booking, opened. ``fee_minor`` is the fee offered at first; the booking has the price."""

    id: UUID
    booking_id: UUID
    venue_name: str
    venue_address: str
    details: str
    fee_minor: int
    whole_day: bool
    decline_reason: str
    counter: CounterFacts | None
    option: OptionFacts | None
    rider: tuple[RiderLineFacts, ...]
    challenged_at: datetime | None

    @property
    def counter_is_open(self) -> bool:
        """Whether the customer has a counter-offer to answer."""
        return self.counter is not None and self.counter.state == "open"

    @property
    def is_challenged(self) -> bool:
        """Whether the customer has to confirm the option or lose it."""
        return self.option is not None and self.challenged_at is not None


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """Event details a customer keeps; times of the day are ``HH:MM`` or empty."""

    id: UUID
    name: str
    venue_name: str
    venue_address: str
    details: str
    fee_minor: int | None
    from_time: str
    to_time: str
    created_at: datetime


def requests_of(
    *, business_id: UUID, bookings: Iterable[BookingFacts], now: datetime
) -> dict[UUID, RequestFacts]:
    """What is asked for with each of these bookings, by booking; those that were booked at once are missing."""
    found = list(bookings)
    if not found:
        return {}
    rows = Request.objects.filter(business_id=business_id, booking_id__in=[booking.id for booking in found])
    requests = {row.booking_id: row for row in rows}
    lines: dict[UUID, list[RiderLineFacts]] = {}
    for line in RiderLine.objects.filter(business_id=business_id, request__booking_id__in=requests).order_by(
        "position"
    ):
        lines.setdefault(line.request_id, []).append(_line(line))
    return {
        booking.id: _facts(
            requests[booking.id],
            tuple(lines.get(requests[booking.id].id, ())),
            option_of(booking=booking, request=requests[booking.id], now=now),
        )
        for booking in found
        if booking.id in requests
    }


def request_of(*, business_id: UUID, booking: BookingFacts, now: datetime) -> RequestFacts:
    """What is asked for with this booking. Refusals: :class:`Missing` if it was booked at once."""
    found = requests_of(business_id=business_id, bookings=[booking], now=now).get(booking.id)
    if found is None:
        raise Missing(what="request")
    return found


def option_of(*, booking: BookingFacts, request: Request, now: datetime) -> OptionFacts | None:
    """The option a request has on its date by the clock: those before it that ran out count no more."""
    if request.option is None or booking.resource_id is None or booking.state_at(now) != "requested":
        return None
    standing = options_on(
        business_id=booking.business_id, resource_id=booking.resource_id, on=booking.local_on, now=now
    )
    rank = standing.get(booking.id)
    if rank is None:
        return None
    return OptionFacts(rank, booking.releases_at if request.challenged_at else None)


def options_on(*, business_id: UUID, resource_id: UUID, on: date, now: datetime) -> dict[UUID, int]:
    """``booking → rank`` of those who have an option on this date and are alive, the first first."""
    holders = Request.objects.filter(
        _alive(now, "booking__"),
        business_id=business_id,
        option__isnull=False,
        booking__resource_id=resource_id,
        booking__local_on=on,
    )
    return ranks((id, option or 0) for id, option in holders.values_list("booking_id", "option"))


def inbox(*, business_id: UUID, now: datetime, to_answer: bool = False) -> list[BookingFacts]:
    """Requests for the artist's inbox: those that wait for an answer, the most pressing first, or the latest of all."""
    rows = _waiting(business_id, now) if to_answer else _requests(business_id)
    order = ("releases_at", "id") if to_answer else ("-created_at", "-id")
    found = rows.order_by(*order).values_list(*COLUMNS)[:MOST_IN_THE_INBOX]
    return [facts_from(row=row) for row in found]


def waiting_count(*, business_id: UUID, now: datetime) -> int:
    """How many requests wait for the business's answer."""
    return _waiting(business_id, now).count()


def asked_about(
    *,
    business_id: UUID,
    resource_ids: Sequence[UUID],
    first: date,
    last: date,
    now: datetime,
    but: UUID | None = None,
) -> list[BookingFacts]:
    """Live requests for these dates, by start; ``but`` is left out."""
    rows = _requests(business_id).filter(
        _alive(now), resource_id__in=resource_ids, local_on__gte=first, local_on__lte=last
    )
    if but is not None:
        rows = rows.exclude(id=but)
    return [facts_from(row=row) for row in rows.order_by("starts_at", "id").values_list(*COLUMNS)]


def request_url(*, booking_id: UUID) -> str:
    """The personal link of a request: where its customer follows and answers it without an account."""
    return f"{settings.BASE_URL}/r/{manage_token(booking_id=booking_id)}"


def templates_of(*, business_id: UUID, account_id: UUID) -> list[TemplateFacts]:
    """What this person keeps to fill the request form with, the oldest first."""
    rows = RequestTemplate.objects.filter(business_id=business_id, account_id=account_id)
    return [template_facts(row=row) for row in rows.order_by("created_at", "id")]


def template_by_id(*, business_id: UUID, account_id: UUID, template_id: UUID) -> TemplateFacts:
    """One of this person's templates. Refusals: :class:`Missing`, also for somebody else's."""
    row = RequestTemplate.objects.filter(
        business_id=business_id, account_id=account_id, id=template_id
    ).first()
    if row is None:
        raise Missing(what="template")
    return template_facts(row=row)


def template_facts(*, row: RequestTemplate) -> TemplateFacts:
    """The plain values of a loaded row."""
    return TemplateFacts(
        id=row.id,
        name=row.name,
        venue_name=row.venue_name,
        venue_address=row.venue_address,
        details=row.details,
        fee_minor=row.fee_minor,
        from_time=row.from_time,
        to_time=row.to_time,
        created_at=row.created_at,
    )


def _requests(business_id: UUID) -> QuerySet[Booking]:
    return Booking.objects.filter(business_id=business_id, request__isnull=False)


def _waiting(business_id: UUID, now: datetime) -> QuerySet[Booking]:
    return (
        _requests(business_id)
        .filter(_alive(now), request__option__isnull=True)
        .exclude(request__counter="open")
    )


def _alive(now: datetime, prefix: str = "") -> Q:
    return Q(**{f"{prefix}state": "requested"}) & (
        Q(**{f"{prefix}releases_at__isnull": True}) | Q(**{f"{prefix}releases_at__gt": now})
    )


def _line(row: RiderLine) -> RiderLineFacts:
    return RiderLineFacts(
        row.id, row.section, row.text, row.answer, row.comment or "", row.checked_at, row.checked_by
    )


def _facts(row: Request, rider: tuple[RiderLineFacts, ...], option: OptionFacts | None) -> RequestFacts:
    counter = None
    if row.counter and row.countered_at:
        counter = CounterFacts(
            state=row.counter,
            fee_minor=row.counter_fee_minor,
            starts_at=row.counter_starts_at,
            ends_at=row.counter_ends_at,
            message=row.counter_message or "",
            at=row.countered_at,
        )
    return RequestFacts(
        id=row.id,
        booking_id=row.booking_id,
        venue_name=row.venue_name,
        venue_address=row.venue_address,
        details=row.details,
        fee_minor=row.fee_minor,
        whole_day=row.whole_day,
        decline_reason=row.decline_reason or "",
        counter=counter,
        option=option,
        rider=rider,
        challenged_at=row.challenged_at,
    )

"""What really happened at a business, read for replaying it: who waited, what came free, how long visits took (SPEC F9)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid5

from holdfast.bookings.models import Booking, BookingChange
from holdfast.lib.timeline import DAY_MINUTES, instant_of, minute_before
from holdfast.lib.walltime import minute_at, offset_at
from holdfast.schedule.models import Slot
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.rules.simulation.world import ANY_PARTY, Asker, Freed, Habits, Visit, World, uniform
from holdfast.waitlist.rules.wishes import DateRange

# Fewer answers than these say nothing about how people answer.
_LEAST_ANSWERS = 30
# What cannot be learned from the rows of an offer: who reads late, who never answers.
_SLOW, _SILENT = 0.30, 0.08
# A visit that seems to have taken so many times its length was completed by somebody tidying up.
_MOST_TIMES = 3
_MOST_SEEN = 200


@dataclass(frozen=True, slots=True)
class _Place:
    """Where freed time was: the resource it has in the simulation, and the real one, None for a slot without."""

    freed: Freed
    real: UUID | None
    service: UUID


def recorded_world(
    *, timetable: Timetable, first: date, last: date, seed: int = 1, most_entries: int | None = None
) -> World:
    """Who joined and what came free from ``first`` to ``last`` (local dates), as a world to replay; five statements.

    Freed is the time of bookings that were cancelled or moved away before they began. How people would answer other
    offers is not known: it is drawn by ``seed``, with the delay and the share of yes seen in the offers of the business
    where there are enough. ``most_entries`` keeps the latest so many.
    """
    since = instant_of(minute_at(first, 0, timetable.tz))
    until = instant_of(minute_at(last + timedelta(days=1), 0, timetable.tz))
    visits = {
        service.id: Visit(
            service.id,
            service.buffer_before_minutes + service.duration_minutes + service.buffer_after_minutes,
            service.buffer_before_minutes,
            service.interval_minutes,
        )
        for service in timetable.services.values()
    }
    gives: dict[UUID, list[UUID]] = {}
    for service_id, givers in timetable.givers.items():
        for resource_id in givers:
            gives.setdefault(resource_id, []).append(service_id)
    places = _apart(sorted(_places(timetable, since, until), key=lambda one: (one.freed.at, one.freed.start)))
    stand_ins: dict[UUID | None, set[UUID]] = {}
    for place in places:
        if place.freed.resource != place.real:
            gives[place.freed.resource] = [place.service]
            stand_ins.setdefault(place.real, set()).add(place.freed.resource)
    return World(
        visits,
        gives,
        _askers(timetable, since, until, stand_ins, seed, most_entries),
        [place.freed for place in places],
        _habits(timetable.business.id),
        seed,
    )


def durations_seen(
    *, business_id: UUID, service_ids: Collection[UUID], since: datetime
) -> dict[UUID, tuple[int, ...]]:
    """How many minutes the visits completed since then took, by service, the latest 200 of each; two statements.

    From check-in to completion where both are recorded and believable, else as long as they were booked for.
    """
    done = Booking.objects.filter(
        business_id=business_id, service_id__in=service_ids, state="completed", starts_at__gte=since
    ).order_by("-starts_at", "-id")
    rows = list(done.values_list("id", "service_id", "starts_at", "ends_at")[: _MOST_SEEN * len(service_ids)])
    steps = BookingChange.objects.filter(
        business_id=business_id,
        action__in=("check_in", "complete"),
        booking_id__in=[row[0] for row in rows],
    ).order_by("id")
    at = {(id, action): when for id, action, when in steps.values_list("booking_id", "action", "at")}
    seen: dict[UUID, list[int]] = {}
    for id, service_id, starts_at, ends_at in rows:
        booked = _minutes(starts_at, ends_at)
        begun, ended = at.get((id, "check_in")), at.get((id, "complete"))
        took = _minutes(begun, ended) if begun and ended else 0
        row = seen.setdefault(service_id, [])
        if len(row) < _MOST_SEEN:
            row.append(took if 1 <= took <= booked * _MOST_TIMES else booked)
    return {service_id: tuple(row) for service_id, row in seen.items()}


def _minutes(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds()) // 60


def _wall(at: datetime, timetable: Timetable) -> int:
    """The minute that clocks on the wall show at an instant."""
    minute = minute_before(at)
    return minute + offset_at(minute, timetable.tz)


def _places(timetable: Timetable, since: datetime, until: datetime) -> Iterator[_Place]:
    """Every place that somebody gave back in time."""
    changes = (
        BookingChange.objects.filter(
            business_id=timetable.business.id, at__gte=since, at__lt=until, action__in=("cancel", "move")
        )
        .select_related("booking")
        .defer("booking__contact", "booking__notes", "booking__answers")
        .order_by("id")
    )
    moves: list[tuple[datetime, Booking, Mapping[str, Any]]] = []
    for change in changes:
        booking = change.booking
        if change.action == "cancel" and booking.state == "cancelled":
            was: Mapping[str, Any] = {
                "starts_at": booking.starts_at.isoformat(),
                "resource": str(booking.resource_id or ""),
                "also": booking.also or [],
                **({"slot": str(booking.slot_id)} if booking.slot_id else {}),
            }
            moves.append((change.at, booking, was))
        elif change.action == "move" and "from" in change.details:
            moves.append((change.at, booking, change.details["from"]))
    slot_ids = {was["slot"] for _, _, was in moves if was.get("slot")}
    slots = dict(
        Slot.objects.filter(business_id=timetable.business.id, id__in=slot_ids).values_list(
            "id", "resource_id"
        )
    )
    for at, booking, was in moves:
        yield from _given_back(timetable, at, booking, was, slots)


def _given_back(
    timetable: Timetable,
    at: datetime,
    booking: Booking,
    was: Mapping[str, Any],
    slots: Mapping[UUID, UUID | None],
) -> Iterator[_Place]:
    service = timetable.services.get(booking.service_id)
    starts_at = datetime.fromisoformat(was["starts_at"])
    if service is None or at >= starts_at:
        return
    start = _wall(starts_at, timetable)
    end = start + _minutes(booking.starts_at, booking.ends_at)
    on = booking.local_on if starts_at == booking.starts_at else _date(start)
    freed = Freed(_wall(at, timetable), booking.id, on, start, end, ANY_PARTY)
    if was.get("slot"):
        slot_id = UUID(was["slot"])
        place = replace(freed, resource=uuid5(slot_id, str(booking.id)), seats=booking.party_size)
        yield _Place(place, slots.get(slot_id), service.id)
        return
    for id in filter(None, (was["resource"], *was.get("also", ()))):
        resource = timetable.resources.get(UUID(str(id)))
        if resource is not None and resource.is_active:
            yield _Place(
                replace(
                    freed,
                    resource=resource.id,
                    start=start - service.buffer_before_minutes,
                    end=end + service.buffer_after_minutes,
                    seats=resource.seats_max if service.mode == "table" else ANY_PARTY,
                ),
                resource.id,
                service.id,
            )


def _date(minute: int) -> date:
    return date(1970, 1, 1) + timedelta(days=minute // DAY_MINUTES)


def _apart(places: list[_Place]) -> list[_Place]:
    """Without what was given back again later: who has it in the simulation does not give it back."""
    kept: dict[UUID, list[tuple[int, int]]] = {}
    found = []
    for place in places:
        row = kept.setdefault(place.freed.resource, [])
        if not any(start < place.freed.end and place.freed.start < end for start, end in row):
            row.append((place.freed.start, place.freed.end))
            found.append(place)
    return found


def _askers(
    timetable: Timetable,
    since: datetime,
    until: datetime,
    stand_ins: Mapping[UUID | None, set[UUID]],
    seed: int,
    most: int | None,
) -> list[Asker]:
    rows = Entry.objects.filter(
        business_id=timetable.business.id, joined_at__gte=since, joined_at__lt=until, walk_in=False
    ).select_related("customer")
    entries = list(rows.defer("contact").order_by("-joined_at", "-id")[:most])[::-1]
    history = _history(timetable.business.id, {entry.customer_id for entry in entries})
    return [
        _asker(timetable, entry, history.get(entry.customer_id, []), stand_ins, seed) for entry in entries
    ]


def _asker(
    timetable: Timetable,
    entry: Entry,
    history: list[tuple[datetime, bool]],
    stand_ins: Mapping[UUID | None, set[UUID]],
    seed: int,
) -> Asker:
    before = history[: bisect_left(history, (entry.joined_at, False))]
    resources = None
    if entry.resources is not None:
        named = frozenset(UUID(id) for id in entry.resources)
        resources = named.union(stand_ins.get(None, ()), *(stand_ins.get(id, ()) for id in named))
    left = entry.closed_at if entry.state in ("left", "removed") else None
    return Asker(
        id=entry.id,
        joined=_wall(entry.joined_at, timetable),
        ends=_wall(entry.ends_at, timetable),
        services=tuple(id for text in entry.services if (id := UUID(text)) in timetable.services),
        ranges=tuple(DateRange.read(one) for one in entry.ranges),
        resources=resources,
        party_size=entry.party_size,
        tier=entry.customer.tier,
        shows=sum(came for _, came in before),
        no_shows=sum(not came for _, came in before),
        boost=entry.boost,
        leaves=_wall(left, timetable) if left else None,
        answers=uniform(seed, entry.id.int, 5) >= _SILENT,
        is_slow=uniform(seed, entry.id.int, 6) < _SLOW,
    )


def _history(business_id: UUID, customers: Collection[UUID]) -> dict[UUID, list[tuple[datetime, bool]]]:
    """When each of these customers was expected, and whether they came, in order."""
    rows = Booking.objects.filter(
        business_id=business_id, customer_id__in=customers, state__in=("completed", "checked_in", "no_show")
    ).order_by("starts_at")
    found: dict[UUID, list[tuple[datetime, bool]]] = {}
    for customer_id, starts_at, state in rows.values_list("customer_id", "starts_at", "state"):
        if customer_id is not None:
            found.setdefault(customer_id, []).append((starts_at, state != "no_show"))
    return found


def _habits(business_id: UUID) -> Habits:
    """How people answer here, where enough of them did; else as in the shipped scenario."""
    rows = Offer.objects.filter(
        business_id=business_id, state__in=("accepted", "declined"), answered_at__isnull=False, by_hand=""
    ).order_by("-made_at")
    answers = [
        (_minutes(made_at, answered_at), state == "accepted")
        for made_at, answered_at, state in rows.values_list("made_at", "answered_at", "state")[:1000]
        if answered_at is not None
    ]
    if len(answers) < _LEAST_ANSWERS:
        return Habits()
    return Habits(
        quick_median=max(0.5, float(median(delay for delay, _ in answers))),
        accepts=sum(accepted for _, accepted in answers) / len(answers),
    )

"""A service, a person and a time as the pages show them: in the summary, in questions, on the manage page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import Demand
from holdfast.catalog.queries import ServiceFacts
from holdfast.schedule.queries import Timetable
from holdfast.web import formats
from holdfast.web.public import words
from holdfast.web.public.money_words import NOTHING, Line, paid_words, sums


@dataclass(frozen=True, slots=True)
class ServiceView:
    """A service in words."""

    id: UUID
    name: str
    description: str
    lasts: str
    lasts_brief: str
    price: str
    price_brief: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the booking: ``done``, ``now`` or ``next``."""

    name: str
    state: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a hold or a booking is about."""

    service: str
    lasts: str
    person: str
    person_detail: str
    when: str
    ends: str
    with_words: str
    price_brief: str
    question: str
    paid_words: str
    sums: list[Line] = field(default_factory=list)
    places: str = ""


def service_view(timetable: Timetable, service: ServiceFacts, *, is_chosen: bool = False) -> ServiceView:
    """The service with its price and length in the reader's language."""
    currency = timetable.business.currency
    return ServiceView(
        id=service.id,
        name=service.name,
        description=service.description,
        lasts=formats.duration(service.duration_minutes),
        lasts_brief=formats.short_duration(service.duration_minutes),
        price=formats.money(service.price_minor, currency),
        price_brief=formats.money(service.price_minor, currency, brief=True),
        is_chosen=is_chosen,
    )


def wall(timetable: Timetable, at: datetime) -> datetime:
    """The instant on the business's clock."""
    return at.astimezone(timetable.tz)


def agreed(
    timetable: Timetable,
    booking: BookingFacts,
    *,
    before_minor: int | None = None,
    demand: Demand = NOTHING,
    now: datetime | None = None,
) -> Agreed:
    """What this hold or booking is about, at the price it was made for.

    ``before_minor`` is what it cost without a code, ``demand`` what is paid when it is booked; ``now`` tells whether a
    payment is still waited for.
    """
    service, resource = timetable.service(booking.service_id), timetable.taken_by(booking.resource_ids)
    starts, ends = wall(timetable, booking.starts_at), wall(timetable, booking.ends_at)
    minutes = int((booking.ends_at - booking.starts_at).total_seconds() // 60)
    brief = formats.money(booking.price_minor, booking.currency, brief=True)
    when = formats.day_and_clock(starts)
    zone = words.zone(booking.timezone)
    names: dict[str, Any] = {
        "service": service.name, "when": when, "with_whom": words.with_resource(resource, in_full=False),
    }  # fmt: skip
    return Agreed(
        service=service.name,
        lasts=formats.duration(minutes),
        person=resource.name if resource else "",
        person_detail=resource.detail if resource else "",
        when=when,
        ends=in_its_night(
            booking,
            timetable,
            _("%(zone)s, ends %(time)s") % {"zone": zone, "time": formats.clock(ends)},
        ),
        with_words=words.with_resource(resource),
        price_brief=brief,
        question=_("Book %(service)s %(with_whom)s on %(when)s?") % names,
        paid_words=paid_words(booking, booking.state if now is None else booking.state_at(now)),
        sums=sums(booking, service.name, _before(booking, before_minor), demand),
        places=_places(timetable, booking),
    )


def _before(booking: BookingFacts, before_minor: int | None) -> int:
    return booking.price_minor if before_minor is None else before_minor


def in_its_night(booking: BookingFacts, timetable: Timetable, said: str) -> str:
    """What is said of a time; after midnight also to which evening it belongs."""
    if booking.local_on == wall(timetable, booking.starts_at).date():
        return said
    return _("%(said)s · the night of %(evening)s") % {"said": said, "evening": formats.day(booking.local_on)}


def _places(timetable: Timetable, booking: BookingFacts) -> str:
    """How many places it takes in its slot, how many people sit at its tables."""
    count = booking.party_size
    if timetable.service(booking.service_id).mode == "table":
        return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}
    if booking.slot_id is None:
        return ""
    return ngettext("%(count)s place", "%(count)s places", count) % {"count": count}


def steps(slug: str, now_at: int, times_url: str = "") -> list[Step]:
    """Service, time, details: the ones behind lead back."""
    names = [_("Service"), _("Time"), _("Details")]
    urls = [reverse("choose", args=[slug]), times_url, ""]
    states = ["done" if n < now_at else "now" if n == now_at else "next" for n in range(3)]
    return [
        Step(name, state, url if state == "done" else "")
        for name, state, url in zip(names, states, urls, strict=True)
    ]

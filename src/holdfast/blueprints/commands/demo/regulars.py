"""What makes the demo's barbershop more than a diary: a question, a Saturday price, a code, a regular, a family."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.availability.queries import open_times
from holdfast.availability.queries.groups import open_group_times
from holdfast.availability.queries.series import preview_series
from holdfast.bookings.commands import Details, GroupMember, SeriesTime, Wish, book_group, book_series
from holdfast.bookings.events import BookingConfirmed
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.businesses.models import Business
from holdfast.catalog.commands import add_question, create_price_rule, create_promotion
from holdfast.catalog.models import PriceRule, Promotion, Question, Service
from holdfast.core import outbox
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor
from holdfast.lib.money import exponent_of
from holdfast.schedule.queries import Timetable, load_timetable

_REGULAR = Contact("Priya Nair", "priya.nair@example.org", "07700 900461")
_FAMILY = Contact("Marcus Hale", "marcus.hale@example.org", "07700 900462")
_SERIES_TIMES, _WEEKS, _LOOK_DAYS, _FAMILY_SIZE = 3, 3, 14, 3


@command
def add_terms(actor: Actor, business: Business) -> None:
    """The question, the price rule and the code, each unless there is one already."""
    unit = 10 ** exponent_of(business.currency)
    first = Service.objects.filter(business=business, is_active=True).order_by("position", "id").first()
    if first is not None and not Question.objects.filter(business=business).exists():
        add_question(
            actor=actor,
            business_id=business.id,
            service_id=first.id,
            wanted={
                "label": "Anything we should know about your skin?",
                "hint": "Allergies, for example. We choose our products by it.",
            },
        )
    if not PriceRule.objects.filter(business=business).exists():
        create_price_rule(
            actor=actor,
            business_id=business.id,
            wanted={"name": "Saturday", "weekdays": [5], "effect": "amount", "amount_minor": 3 * unit},
        )
    if not Promotion.objects.filter(business=business).exists():
        create_promotion(
            actor=actor,
            business_id=business.id,
            wanted={"code": "WELCOME10", "effect": "percent", "percent": 10, "most_uses": 100},
        )


def add_regulars(actor: Actor, business: Business, now: datetime) -> int:
    """A customer who comes again and a family, unless one of each is still ahead; how many bookings were written."""
    timetable = load_timetable(business_id=business.id)
    ahead = Booking.objects.filter(business=business, state="confirmed", starts_at__gt=now)
    written = 0
    if not ahead.filter(series_id__isnull=False).exists():
        written += _regular(actor, timetable, now)
    if not ahead.filter(group_id__isnull=False).exists():
        written += _family(actor, timetable, now)
    return written


@command
def _regular(actor: Actor, timetable: Timetable, now: datetime) -> int:
    """Every three weeks with the same barber; what is taken then is replaced by the nearest free time."""
    today = now.astimezone(timetable.tz).date()
    for service in timetable.services.values():
        if not service.is_active or service.mode != "appointment" or not timetable.giving(service):
            continue
        resource_id: UUID = timetable.giving(service)[0]
        days = open_times(
            timetable=timetable,
            service_id=service.id,
            first=today + timedelta(days=2),
            last=today + timedelta(days=_LOOK_DAYS),
            now=now,
            resource_id=resource_id,
        )
        free = [time for day in days for time in day.times]
        if not free:
            continue
        wish = Wish(service.id, free[len(free) // 2].starts_at, resource_id)
        found = preview_series(
            actor=actor, timetable=timetable, wish=wish, every_weeks=_WEEKS, times=_SERIES_TIMES, now=now
        )
        times = [
            SeriesTime(one.starts_at, resource_id)
            if one.is_free
            else SeriesTime(one.alternatives[0].starts_at, one.alternatives[0].resource_id)
            for one in found
            if one.is_free or one.alternatives
        ]
        if len(times) > 1:
            details = Details(_REGULAR)
            return _silenced(
                book_series(
                    actor=actor,
                    timetable=timetable,
                    service_id=service.id,
                    times=times,
                    details=details,
                    now=now,
                )
            )
    return 0


@command
def _family(actor: Actor, timetable: Timetable, now: datetime) -> int:
    """A father and two children at the same time, on the next day that has room for three."""
    today = now.astimezone(timetable.tz).date()
    services = [
        one
        for one in timetable.services.values()
        if one.is_active and one.mode == "appointment" and len(timetable.giving(one)) >= _FAMILY_SIZE
    ]
    if not services:
        return 0
    adult, child = services[0], services[-1]
    members = [
        GroupMember(adult.id, name="Marcus"),
        GroupMember(child.id, name="Ivy"),
        GroupMember(child.id, name="Noah"),
    ]
    for ahead in range(2, _LOOK_DAYS):
        on = today + timedelta(days=ahead)
        found = open_group_times(timetable=timetable, members=members, on=on, now=now)
        if found:
            return _silenced(
                book_group(
                    actor=actor,
                    timetable=timetable,
                    members=members,
                    starts_at=found[len(found) // 2].starts_at,
                    details=Details(_FAMILY),
                    now=now,
                )
            )
    return 0


def _silenced(bookings: list[BookingFacts]) -> int:
    """Nobody is told about a story."""
    for booking in bookings:
        outbox.withdraw(BookingConfirmed, booking.id, booking.business_id)
    return len(bookings)

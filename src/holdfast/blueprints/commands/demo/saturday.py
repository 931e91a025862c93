"""The waitlist of the demo's barbershop: a Saturday without a free chair, and everybody who would like one."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count

from holdfast.blueprints.commands.demo.waiting import (
    VISITOR,
    fill,
    for_day,
    hush,
    next_saturday,
    services_given,
    somebody_waits,
    waits,
)
from holdfast.blueprints.rules.diary import dice_for
from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.models import Booking
from holdfast.businesses.models import Business
from holdfast.core.transactions import command
from holdfast.customers.commands import change_tier
from holdfast.customers.models import Customer
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Refusal
from holdfast.lib.timeline import minute_of
from holdfast.schedule.queries import Timetable, load_timetable
from holdfast.waitlist.commands import (
    WaitWish,
    accept_offer,
    expire_entries,
    expire_offer,
    leave_waitlist,
    match_gap,
    offer_by_hand,
    open_gap,
)
from holdfast.waitlist.queries import EntryFacts, OfferFacts, Region

# Of those who come most often, the first is dearest to the shop.
_TIERS = (3, 2, 2, 1, 1)
_REGULARS_WAITING = 2
_FREED = 2
_ANN = Contact("Annika Storm", "annika.storm@example.org", "07700 900463")
_BEN = Contact("Benedict Okafor", "ben.okafor@example.org", "07700 900464")
_CAL = Contact("Callie Frost", "callie.frost@example.org")
_DEE = Contact("Deniz Aksoy", "deniz.aksoy@example.org", "07700 900465")
# Who waits for the Saturday: hours ago, which service, from and until when they could come.
_WAITING = (
    (Contact("Elif Demir", "elif.demir@example.org", "07700 900466"), 70, 0, "", ""),
    (Contact("Fergus Boyd", "fergus.boyd@example.org"), 52, 1, "09:00", "12:00"),
    (Contact("Grace Lim", "grace.lim@example.org", "07700 900467"), 30, 0, "", "13:00"),
    (Contact("Hamza Rauf", "hamza.rauf@example.org"), 21, 2, "", ""),
    (Contact("Iona Petrie", "iona.petrie@example.org", "07700 900468"), 6, 3, "11:00", ""),
    (Contact("Jude Albright", "jude.albright@example.org"), 2, 0, "", ""),
)  # fmt: skip


def add_waiting(actor: Actor, business: Business, now: datetime) -> int:
    """Fill the next Saturday and put people on its list, unless somebody waits; how many bookings were written.

    Where people changed the shop so that the story cannot be told any more, it is not told.
    """
    timetable = load_timetable(business_id=business.id)
    services = services_given(timetable, "appointment")
    on = next_saturday(timetable, services, now)
    if on is None or somebody_waits(business):
        return 0
    written = 0
    with suppress(Refusal):
        for resource in timetable.resources.values():
            dice = dice_for(f"full:{on.isoformat()}:{resource.name}")
            given = [one.id for one in services if resource.id in timetable.giving(one)]
            kinds = [(id, resource.id, 1) for id in dice.sample(given, len(given))]
            written += fill(actor=actor, timetable=timetable, on=on, kinds=kinds, dice=dice, now=now)
        written += _tell(actor, timetable, business, on, [one.id for one in services], now)
    return written


@command
def _tell(
    actor: Actor, timetable: Timetable, business: Business, on: date, services: list[UUID], now: datetime
) -> int:
    """Everything about the list, all or none; how many bookings came of it."""
    # One at a time: the second of two demos waits here and finds the story told.
    Business.objects.select_for_update(no_key=True).get(id=business.id)
    if somebody_waits(business):
        return 0
    regulars = _know_regulars(actor, business)
    freed = _long_enough(timetable, on, services[0])
    booked = _history(actor, timetable, on, services[0], freed[:1], now)
    for who, hours, service, from_time, to_time in _WAITING:
        wish = WaitWish((services[service % len(services)],), for_day(on, from_time, to_time))
        waits(timetable, who, wish, at=now - timedelta(hours=hours))
    for number, who in enumerate(regulars[:_REGULARS_WAITING]):
        wish = WaitWish((services[0],), for_day(on))
        waits(timetable, who, wish, at=now - timedelta(hours=9 + 5 * number))
    _ask_earlier(timetable, on, now)
    for booking in freed[1 : 1 + _FREED]:
        _free_and_offer(actor, timetable, booking, now)
    return booked


def _know_regulars(actor: Actor, business: Business) -> list[Contact]:
    """Those who came most often, who count for more from now on."""
    visits = Booking.objects.filter(business=business, state="completed", customer__isnull=False)
    most = visits.values("customer").annotate(count=Count("id")).order_by("-count", "customer")
    found = []
    for row, tier in zip(most[: len(_TIERS)], _TIERS, strict=False):
        id = row["customer"]
        if not Customer.objects.filter(id=id, tier__gt=0).exists():
            change_tier(actor=actor, business_id=business.id, customer_id=id, tier=tier)
        latest = visits.filter(customer_id=id).order_by("starts_at", "id").last()
        if latest is not None:
            said = latest.contact
            found.append(Contact(said["name"], said["email"], said["phone"]))
    return [one for one in found if one.email]


def _long_enough(timetable: Timetable, on: date, service_id: UUID) -> list[Booking]:
    """Bookings of the day whose time is worth an offer, spread over it."""
    shortest = timetable.service(service_id).duration_minutes
    rows = Booking.objects.filter(
        business_id=timetable.business.id, local_on=on, state="confirmed", series_id=None, group_id=None
    ).order_by("starts_at", "id")
    found = [row for row in rows if minute_of(row.ends_at) - minute_of(row.starts_at) >= shortest]
    return found[:: max(1, len(found) // (1 + _FREED))]


def _history(
    actor: Actor, timetable: Timetable, on: date, service_id: UUID, freed: list[Booking], now: datetime
) -> int:
    """One who did not answer and waits on, one who took the place instead, one who left, one who waited in vain."""
    wish, minute = WaitWish((service_id,), for_day(on)), timedelta(minutes=1)
    ann = waits(timetable, _ANN, wish, at=now - timedelta(days=4))
    ben = waits(timetable, _BEN, wish, at=now - timedelta(days=3))
    cal = waits(timetable, _CAL, wish, at=now - timedelta(days=2, hours=7))
    leave_waitlist(
        actor=VISITOR.waiting_as(cal.id),
        business_id=cal.business_id,
        entry_id=cal.id,
        now=now - timedelta(days=1),
    )
    past = now.astimezone(timetable.tz).date() - timedelta(days=5)
    dee = waits(timetable, _DEE, WaitWish((service_id,), for_day(past)), at=now - timedelta(days=12))
    expire_entries(now=dee.ends_at + minute)
    told = [cal.id, dee.id]
    taken = 0
    for booking in freed:
        at = now - timedelta(days=2)
        cancel_booking(actor=actor, timetable=timetable, booking_id=booking.id, now=at)
        unanswered = _offer(actor, timetable, ann, service_id, booking, at + minute)
        expire_offer(offer_id=unanswered.id, now=unanswered.expires_at)
        offer = _offer(actor, timetable, ben, service_id, booking, unanswered.expires_at)
        mine = accept_offer(
            actor=VISITOR.waiting_as(ben.id),
            timetable=timetable,
            offer_id=offer.id,
            now=offer.made_at + 4 * minute,
        )
        told += [booking.id, unanswered.id, unanswered.booking_id or ann.id, offer.id, mine.id]
        taken += 1
    hush(timetable.business.id, told)
    return taken


def _offer(
    actor: Actor, timetable: Timetable, entry: EntryFacts, service_id: UUID, freed: Booking, at: datetime
) -> OfferFacts:
    return offer_by_hand(
        actor=actor,
        timetable=timetable,
        entry_id=entry.id,
        service_id=service_id,
        starts_at=freed.starts_at,
        now=at,
        resource_id=freed.resource_id,
    )


def _ask_earlier(timetable: Timetable, on: date, now: datetime) -> None:
    """Two who have a booking after that Saturday would rather come on it."""
    rows = Booking.objects.filter(
        business_id=timetable.business.id,
        local_on__gt=on,
        state="confirmed",
        series_id=None,
        group_id=None,
        customer__isnull=False,
    ).order_by("starts_at", "id")
    for number, row in enumerate(rows[:2]):
        who = Contact(row.contact["name"], row.contact["email"], row.contact["phone"])
        wish = WaitWish((row.service_id,), for_day(on), row.party_size, earlier_than=row.id)
        at = now - timedelta(hours=3 + 11 * number)
        waits(timetable, who, wish, at=at, actor=VISITOR.holding(row.id))


def _free_and_offer(actor: Actor, timetable: Timetable, booking: Booking, now: datetime) -> None:
    """Somebody cancels at this moment: whoever is first in line has ten minutes to answer, and their letter goes."""
    cancel_booking(actor=actor, timetable=timetable, booking_id=booking.id, now=now)
    hush(timetable.business.id, [booking.id])
    region = Region(booking.starts_at, booking.ends_at, booking.resource_id)
    gap_id = open_gap(business_id=timetable.business.id, region=region, cause="cancelled", now=now)
    if gap_id is not None:
        match_gap(gap_id=gap_id, now=now)

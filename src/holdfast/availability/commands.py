"""Changes of what a business offers that look first whom they would strand (SPEC C7).

Shells change hours, exceptions, resources, services and holidays through these commands alone. Each runs the lower
room's command inside its own transaction, compares the timetables before and after it, and goes through only when
something was decided for every booking that would be left without its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.db import transaction

from holdfast.availability.errors import NoOtherTime, WouldStrand
from holdfast.availability.queries import Alternative, alternatives
from holdfast.availability.queries.impact import Stranded, lapsing_between, stranded_between
from holdfast.bookings import commands as bookings
from holdfast.bookings import sql as hot
from holdfast.bookings.commands import Wish
from holdfast.bookings.queries import BookingFacts, reference_key
from holdfast.businesses.commands import change_business_settings
from holdfast.businesses.rules import Action, Settings, authorise
from holdfast.catalog import commands as catalog
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.references import read_reference
from holdfast.lib.refusals import Conflict, Invalid, Missing, Refusal
from holdfast.schedule import commands as schedule
from holdfast.schedule.commands import ExceptionWish
from holdfast.schedule.models import DatedException
from holdfast.schedule.queries import Timetable, exception_by_id, load_timetable
from holdfast.schedule.rules import WeeklyWindow
from holdfast.schedule.sql import lock_offer

T = TypeVar("T")
Way = Literal["keep", "move", "propose", "cancel"]
# What of a resource or a service can leave a booking without its time; a name or a price cannot.
_CAN_STRAND = frozenset(
    {"is_active", "seats_max", "resources", "mode", "buffer_before_minutes", "buffer_after_minutes"}
)
WAYS: tuple[Way, ...] = ("keep", "move", "propose", "cancel")


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one stranded booking.

    ``keep`` it although it no longer fits, ``move`` it (to ``starts_at`` and ``resource_id``, or without them to the
    nearest time), ``propose`` the nearest times to the customer, or ``cancel`` it.
    """

    way: Way
    starts_at: datetime | None = None
    resource_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Care:
    """How to go about a change: what was decided by reference, and for all the others (None: ask)."""

    now: datetime
    decisions: Mapping[str, Decision]
    others: Decision | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """A booking that a change would strand, why, and the nearest times once the change is made."""

    stranded: Stranded
    nearest: tuple[Alternative, ...]


@command
def replace_hours(
    *,
    actor: Actor,
    business_id: UUID,
    windows: Sequence[dict[str, Any]],
    care: Care,
    resource_id: UUID | None = None,
) -> tuple[WeeklyWindow, ...]:
    """As :func:`schedule.commands.replace_hours`. Refusals: the same, and :class:`WouldStrand`."""
    return _carefully(
        actor,
        Action.CHANGE_HOURS,
        business_id,
        care,
        lambda: schedule.replace_hours(
            actor=actor, business_id=business_id, windows=windows, resource_id=resource_id
        ),
    )


@command
def apply_hour_template(
    *, actor: Actor, business_id: UUID, template: str, care: Care, resource_id: UUID | None = None
) -> tuple[WeeklyWindow, ...]:
    """As :func:`schedule.commands.apply_hour_template`. Refusals: the same, and :class:`WouldStrand`."""
    return _carefully(
        actor,
        Action.CHANGE_HOURS,
        business_id,
        care,
        lambda: schedule.apply_hour_template(
            actor=actor, business_id=business_id, template=template, resource_id=resource_id
        ),
    )


@command
def add_exception(*, actor: Actor, business_id: UUID, wish: ExceptionWish, care: Care) -> DatedException:
    """As :func:`schedule.commands.add_exception`. Refusals: the same, and :class:`WouldStrand`."""
    return _carefully(
        actor,
        Action.CHANGE_HOURS,
        business_id,
        care,
        lambda: schedule.add_exception(actor=actor, business_id=business_id, wish=wish),
        between=_dates(wish),
    )


@command
def change_exception(
    *, actor: Actor, business_id: UUID, exception_id: UUID, wish: ExceptionWish, care: Care
) -> DatedException:
    """As :func:`schedule.commands.change_exception`. Refusals: the same, and :class:`WouldStrand`."""
    return _carefully(
        actor,
        Action.CHANGE_HOURS,
        business_id,
        care,
        lambda: schedule.change_exception(
            actor=actor, business_id=business_id, exception_id=exception_id, wish=wish
        ),
    )


@command
def remove_exception(*, actor: Actor, business_id: UUID, exception_id: UUID, care: Care) -> None:
    """As :func:`schedule.commands.remove_exception`: extra opening hours may go with it.

    Refusals: the same, and :class:`WouldStrand`.
    """
    row = exception_by_id(business_id=business_id, exception_id=exception_id)
    _carefully(
        actor,
        Action.CHANGE_HOURS,
        business_id,
        care,
        lambda: schedule.remove_exception(actor=actor, business_id=business_id, exception_id=exception_id),
        between=(row.starts_on, row.ends_on) if row.starts_on and row.ends_on else None,
    )


@command
def change_resource(
    *, actor: Actor, business_id: UUID, resource_id: UUID, wanted: dict[str, Any], care: Care
) -> ResourceFacts:
    """As :func:`catalog.commands.change_resource`. Refusals: the same, and :class:`WouldStrand`."""

    def change() -> ResourceFacts:
        return catalog.change_resource(
            actor=actor, business_id=business_id, resource_id=resource_id, wanted=wanted
        )

    if not _CAN_STRAND & set(wanted):
        return change()
    return _carefully(actor, Action.CHANGE_CATALOG, business_id, care, change)


@command
def change_service(
    *, actor: Actor, business_id: UUID, service_id: UUID, wanted: dict[str, Any], care: Care
) -> ServiceFacts:
    """As :func:`catalog.commands.change_service`. Refusals: the same, and :class:`WouldStrand`."""

    def change() -> ServiceFacts:
        return catalog.change_service(
            actor=actor, business_id=business_id, service_id=service_id, wanted=wanted
        )

    if not _CAN_STRAND & set(wanted):
        return change()
    return _carefully(actor, Action.CHANGE_CATALOG, business_id, care, change)


@command
def change_settings(*, actor: Actor, business_id: UUID, wanted: dict[str, Any], care: Care) -> Settings:
    """As :func:`businesses.commands.change_business_settings`: public holidays close the business.

    Refusals: the same, and :class:`WouldStrand`.
    """

    def change() -> Settings:
        return change_business_settings(actor=actor, business_id=business_id, wanted=wanted)

    if "public_holidays" not in wanted:
        return change()
    return _carefully(actor, Action.CHANGE_SETTINGS, business_id, care, change)


def impact_of(*, change: Callable[[Care], object], now: datetime) -> list[Consequence]:
    """What a change would strand, without making it: ``change`` is one of the commands above, called with this care.

    Refusals: those of the change itself.
    """
    found: list[Consequence] = []
    try:
        with transaction.atomic():
            change(Care(now, {}))
            raise _Undo
    except _Undo:
        pass
    except WouldStrand as refusal:
        found = list(refusal.consequences)
    return found


class _Undo(Exception):
    """Leaves a transaction that was only a question."""


def _carefully(
    actor: Actor,
    action: Action,
    business_id: UUID,
    care: Care,
    change: Callable[[], T],
    *,
    between: tuple[date, date] | None = None,
) -> T:
    """Make the change, see whom it strands, do what was decided for each, or refuse the whole."""
    authorise(actor, action, business_id)
    # Whoever is taking places of a slot, or making another change, has finished before we read.
    lock_offer(business_id=business_id)
    before = load_timetable(business_id=business_id)
    # Whoever is booking with one of these now has finished before we look, or looks again after we are done.
    hot.lock_resources(before.resources)
    result = change()
    after = load_timetable(business_id=business_id)
    # Before the promises are read: who confirms a hold at this moment has then done so, or finds it ended.
    lapsing = lapsing_between(before=before, after=after, now=care.now, between=between)
    bookings.lapse(booking_ids=lapsing, now=care.now)
    found = stranded_between(before=before, after=after, now=care.now, between=between)
    decisions = _by_plain_reference(care.decisions)
    decided = [(each, decisions.get(each.booking.reference, care.others)) for each in found]
    if any(decision is None for _, decision in decided):
        raise WouldStrand([_consequence(after, each, care.now) for each in found])
    for each, decision in decided:
        assert decision is not None  # checked above for all at once
        _settle(actor, after, each, decision, care.now)
    return result


def _by_plain_reference(decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    key = reference_key()
    plain: dict[str, Decision] = {}
    for reference, decision in decisions.items():
        read = read_reference(reference, key)
        if read is None:
            raise Invalid.field(f"decisions.{reference[:40]}", "unknown")
        plain[read] = decision
    return plain


def _consequence(after: Timetable, stranded: Stranded, now: datetime) -> Consequence:
    return Consequence(stranded, tuple(nearest_to(timetable=after, booking=stranded.booking, now=now)))


def nearest_to(*, timetable: Timetable, booking: BookingFacts, now: datetime) -> list[Alternative]:
    """The nearest free times for a booking that cannot stay where it is; none if its service is not offered any more."""
    wish = Wish(booking.service_id, booking.starts_at, booking.resource_id, booking.party_size)
    try:
        return alternatives(timetable=timetable, wish=wish, now=now)
    except Refusal:
        return []


def _settle(actor: Actor, after: Timetable, stranded: Stranded, decision: Decision, now: datetime) -> None:
    booking = stranded.booking
    try:
        match decision.way:
            case "keep":
                bookings.keep_booking(
                    actor=actor,
                    business_id=booking.business_id,
                    booking_id=booking.id,
                    why=stranded.why,
                    now=now,
                )
            case "cancel":
                bookings.cancel_booking(actor=actor, timetable=after, booking_id=booking.id, now=now)
            case "propose":
                times = [
                    (each.starts_at, None if each.also else each.resource_id)
                    for each in nearest_to(timetable=after, booking=booking, now=now)
                ]
                bookings.propose_times(
                    actor=actor, business_id=booking.business_id, booking_id=booking.id, times=times, now=now
                )
            case "move":
                _move(actor, after, booking, decision, now)
    except Conflict as refusal:
        # Which of many decisions cannot be carried out; nothing is changed.
        refusal.facts.setdefault("booking", booking.shown_reference)
        raise
    except Invalid as refusal:
        named = f"decisions.{booking.shown_reference}"
        fields = {f"{named}.{field}": found for field, found in refusal.fields.items()}
        raise Invalid(fields, **refusal.facts) from refusal
    except Missing as refusal:
        raise Invalid.field(
            f"decisions.{booking.shown_reference}.{refusal.facts['what']}", "unknown"
        ) from refusal


def _move(actor: Actor, after: Timetable, booking: BookingFacts, decision: Decision, now: datetime) -> None:
    starts_at, resource_id = decision.starts_at, decision.resource_id
    if starts_at is None:
        nearest = nearest_to(timetable=after, booking=booking, now=now)
        if not nearest:
            raise NoOtherTime
        starts_at = nearest[0].starts_at
        resource_id = None if nearest[0].also else nearest[0].resource_id
    bookings.move_booking(
        actor=actor,
        timetable=after,
        booking_id=booking.id,
        starts_at=starts_at,
        resource_id=resource_id,
        any_resource=resource_id is None,
        now=now,
    )


def _dates(wish: ExceptionWish) -> tuple[date, date] | None:
    if wish.starts_on is None:
        return None
    return wish.starts_on, wish.ends_on or wish.starts_on

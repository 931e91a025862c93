"""What a letter tells of bookings that belong together: one mail for a series or a group (SPEC D9, D10)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.bookings.queries import BookingFacts, bookings_together, manage_url
from holdfast.businesses.queries import BusinessFacts
from holdfast.catalog.models import Resource, Service
from holdfast.notifications.models import Message
from holdfast.notifications.rules import formats
from holdfast.notifications.rules.delivery import STANDING
from holdfast.notifications.rules.letters import LetterFacts, OneOfSeveral


def several_of(
    *, message: Message, booking: BookingFacts, business: BusinessFacts
) -> tuple[OneOfSeveral, ...]:
    """The bookings a message tells of, by start, when they are several: all that stand of a new series or group, all of
    a group for its reminder, all that one step cancelled. Nothing for a booking alone: no statement then."""
    cancelled = [UUID(id) for id in (message.context or {}).get("together", ())]
    if booking.series_id is None and booking.group_id is None:
        return ()
    if message.kind == Message.Kind.CANCELLED:
        meant = [
            one for one in bookings_together(booking=booking) if one.id in cancelled and one.state == "cancelled"
        ]  # fmt: skip
    elif message.kind == Message.Kind.BOOKED:
        meant = [one for one in bookings_together(booking=booking) if one.state in STANDING]
    elif message.kind == Message.Kind.REMINDER and booking.group_id is not None:
        meant = [
            one
            for one in bookings_together(booking=booking)
            if one.state == "confirmed" and one.starts_at == booking.starts_at
        ]
    else:
        return ()
    return _named(meant, business) if len(meant) > 1 else ()


def _named(bookings: Sequence[BookingFacts], business: BusinessFacts) -> tuple[OneOfSeveral, ...]:
    services = Service.objects.filter(business_id=business.id).in_bulk(
        [booking.service_id for booking in bookings]
    )
    wanted = {id for booking in bookings for id in booking.resource_ids}
    resources = Resource.objects.filter(business_id=business.id).in_bulk(list(wanted))
    return tuple(
        OneOfSeveral(
            booking_id=booking.id,
            sequence=booking.sequence,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            service_name=services[booking.service_id].name,
            resource_name=" + ".join(resources[id].name for id in booking.resource_ids),
            person=booking.contact.name,
            manage_url=manage_url(booking_id=booking.id),
        )
        for booking in bookings
    )


def is_group(facts: LetterFacts) -> bool:
    """Whether the several come at one time; else they are the times of a series."""
    return len({one.starts_at for one in facts.several}) == 1


def values_of_several(facts: LetterFacts) -> dict[str, str]:
    """What a letter about several may speak of: ``people`` of a group, ``times`` of a series and its ``first``."""
    if not facts.several:
        return {"people": "", "times": "", "first": ""}
    count = len(facts.several)
    if is_group(facts):
        people = ngettext("%(count)s person", "%(count)s people", count) % {"count": count}
        # Who booked for all knows how many they are.
        is_known = facts.kind == "booked" and not facts.for_staff
        return {"people": "" if is_known else people, "times": "", "first": ""}
    times = ngettext("%(count)s time", "%(count)s times", count) % {"count": count}
    return {"people": "", "times": times, "first": _when(facts, facts.several[0])}


def rows_of_several(facts: LetterFacts) -> list[tuple[str, str]]:
    """One row that lists them, one a line."""
    if not facts.several:
        return []
    if is_group(facts):
        lines = [
            ": ".join(filter(None, [one.person, ", ".join(filter(None, [one.service_name, one.resource_name]))]))
            for one in facts.several
        ]  # fmt: skip
        return [(_("Who"), "\n".join(lines))]
    names = {one.resource_name for one in facts.several}
    lines = [
        _when(facts, one) + (f", {one.resource_name}" if len(names) > 1 and one.resource_name else "")
        for one in facts.several
    ]
    return [(_("All times"), "\n".join(lines))]


def _when(facts: LetterFacts, one: OneOfSeveral) -> str:
    wall = formats.wall(one.starts_at, facts.timezone)
    return _("%(day)s, %(time)s") % {
        "day": formats.day(wall, facts.language),
        "time": formats.clock(wall, facts.language),
    }

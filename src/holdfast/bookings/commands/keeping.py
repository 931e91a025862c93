"""What becomes of a booking whose time the business can no longer keep (SPEC C7)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from holdfast.bookings.commands.writing import end_dead, locked, note_change, update
from holdfast.bookings.errors import IllegalStep
from holdfast.bookings.events import TimesProposed
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.rules import TRANSITIONS
from holdfast.businesses.rules import Action, authorise
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor


@command
def keep_booking(
    *, actor: Actor, business_id: UUID, booking_id: UUID, why: str, now: datetime
) -> BookingFacts:
    """Keep a booking although it no longer fits what is offered; ``why`` is the rule it breaks, for the history.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, Action.OVERRIDE_RULES, business_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    note_change(booking, actor=actor, action="keep", now=now, details={"overridden": [why]})
    return booking


@command
def propose_times(
    *,
    actor: Actor,
    business_id: UUID,
    booking_id: UUID,
    times: Sequence[tuple[datetime, UUID | None]],
    now: datetime,
) -> BookingFacts:
    """Ask the customer to choose another time; until then the booking keeps the one it has.

    ``times`` are free starts with their resources (None: whoever is free), best first; no times means "any you like". Whatever the notice
    says, a customer who is asked may move or cancel. Refusals: :class:`Missing`, :class:`Forbidden`,
    :class:`IllegalStep`.
    """
    authorise(actor, Action.CHANGE_BOOKINGS, business_id)
    booking = locked(business_id=business_id, booking_id=booking_id)
    if (booking.state, "move") not in TRANSITIONS:
        raise IllegalStep(state=booking.state, step="propose", possible=[])
    told = [[starts_at.isoformat(), str(resource_id or "")] for starts_at, resource_id in times]
    asked = update(booking, {"proposed": json.dumps(told)})
    note_change(
        asked,
        actor=actor,
        action="propose",
        now=now,
        details={"times": told},
        event=TimesProposed(booking_id, asked.sequence),
    )
    return asked


@command
def lapse(*, booking_ids: Sequence[UUID], now: datetime) -> int:
    """End holds, and the undo of cancellations, before their time: what they keep is not offered any more.

    They end as if their time had run out. The caller has their rows locked. How many were ended.
    """
    if not booking_ids:
        return 0
    Booking.objects.filter(id__in=booking_ids, releases_at__gt=now).update(releases_at=now)
    return end_dead(booking_ids=booking_ids, now=now)

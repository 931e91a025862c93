"""Messages around a visit and about money, and when a service's customers are reminded (SPEC H1, G).

What a booking's reminders are is decided when it is made or moved; a change of the plan is for bookings from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.models import Service
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.notifications.commands.announcing import _Fact, _load, _tell
from holdfast.notifications.models import Message, ServiceReminders
from holdfast.notifications.rules.coming import MONEY_KINDS, clean_reminders
from holdfast.payments.queries import money_of

# Whoever pays at once has paid by then.
TIME_TO_PAY = timedelta(minutes=4)


@command
def announce_visit(*, booking_id: UUID, now: datetime) -> int:
    """Plan the thanks for a visit that is done, as long after it as the business wishes. How many messages are new."""
    found = _load(booking_id)
    if found is None:
        return 0
    booking, business = found
    minutes = business.settings.thanks_minutes
    if not minutes or booking.state != "completed":
        return 0
    fact = _Fact(Message.Kind.THANKS, (), now + timedelta(minutes=minutes))
    return _tell(booking, business, fact, staff=[])


@command
def announce_money(*, booking_id: UUID, kind: str, amount_minor: int, key: str, now: datetime) -> int:
    """Tell the customer of money: ``paid``, ``refunded`` or ``fee``, in minor units of the booking's currency. ``key`` names
    the payment or refund, so that one is told once, however often its event comes. How many messages are new.
    """
    assert kind in MONEY_KINDS, kind
    found = _load(booking_id)
    if found is None or amount_minor <= 0:
        return 0
    booking, business = found
    fact = _Fact(kind, (key,), now, {"amount_minor": amount_minor, "currency": booking.currency})
    return _tell(booking, business, fact, staff=[])


@command
def announce_due(*, booking_id: UUID, now: datetime) -> int:
    """Mail the way to pay to whoever has not paid a few minutes after booking: most have by then, and hear nothing. How many
    messages are new."""
    found = _load(booking_id)
    if found is None:
        return 0
    booking, business = found
    balance = money_of(business_id=business.id, booking_ids=[booking_id]).get(booking_id)
    if balance is None or balance.open is None or not balance.open.amount_minor:
        return 0
    said = {"amount_minor": balance.open.amount_minor, "currency": booking.currency}
    fact = _Fact(Message.Kind.PAYMENT_DUE, (str(balance.open.id),), now + TIME_TO_PAY, said)
    return _tell(booking, business, fact, staff=[])


@command
def set_service_reminders(
    *, actor: Actor, business_id: UUID, service_id: UUID, minutes: Sequence[int] | None
) -> tuple[int, ...] | None:
    """When customers of a service are reminded: so many minutes before the start, up to five times; nobody for an empty
    list, as the business says for None. What is kept.

    Refusals: :class:`Forbidden`, :class:`Missing`, :class:`Invalid` on ``minutes``.
    """
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    if not Service.objects.filter(business_id=business_id, id=service_id).exists():
        raise Missing(what="service")
    rows = ServiceReminders.objects.filter(business_id=business_id, service_id=service_id)
    if minutes is None:
        rows.delete()
        return None
    kept = clean_reminders(minutes)
    if kept is None:
        raise Invalid.field("minutes", "wrong_type")
    ServiceReminders.objects.update_or_create(
        business_id=business_id, service_id=service_id, defaults={"minutes": list(kept)}
    )
    return kept

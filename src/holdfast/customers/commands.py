"""Writes about customers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.businesses.rules import Action, authorise
from holdfast.core.transactions import command
from holdfast.customers.models import Customer
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing


@command
def block_customer(*, actor: Actor, business_id: UUID, customer_id: UUID, now: datetime) -> None:
    """Take no more online bookings from this person (SPEC D8); staff may still book for them.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    _set(business_id, customer_id, now)


@command
def unblock_customer(*, actor: Actor, business_id: UUID, customer_id: UUID) -> None:
    """Take online bookings from this person again. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    _set(business_id, customer_id, None)


@command
def note_on_customer(*, actor: Actor, business_id: UUID, customer_id: UUID, notes: str) -> None:
    """Replace the staff's notes about a person. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`."""
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    mistakes: text.Mistakes = {}
    cleaned = text.paragraphs(notes, field="notes", mistakes=mistakes, limit=2000)
    text.refuse(mistakes)
    customer = Customer.objects.select_for_update().filter(business_id=business_id, id=customer_id).first()
    if customer is None:
        raise Missing(what="customer")
    customer.notes = cleaned
    customer.save(update_fields=["notes"])


def _set(business_id: UUID, customer_id: UUID, blocked_at: datetime | None) -> None:
    rows = Customer.objects.filter(business_id=business_id, id=customer_id)
    if not rows.update(blocked_at=blocked_at):
        raise Missing(what="customer")

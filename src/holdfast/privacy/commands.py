"""What people may ask of those who hold their data: to see it, and to have it forgotten (SPEC K2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.queries.person import still_on
from holdfast.businesses.rules import Action, authorise
from holdfast.core import audit, erasures
from holdfast.core.people import Fate, knowing
from holdfast.core.transactions import command
from holdfast.customers.commands import prove_code, spend_code
from holdfast.customers.queries import customer_at, customer_by_id, erasure_digest, unerased_customers
from holdfast.lib.actors import WORKER, Actor
from holdfast.lib.refusals import Missing
from holdfast.privacy.errors import AlreadyErased, StillBooked
from holdfast.privacy.queries import everything_about


@command
def export_person(*, actor: Actor, business_id: UUID, customer_id: UUID) -> dict[str, Any]:
    """Everything about a customer, for an admin to hand over: JSON-ready rows by subject.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, Action.HANDLE_PRIVACY, business_id)
    customer_by_id(business_id=business_id, customer_id=customer_id)
    return everything_about(business_id=business_id, customer_id=customer_id)


@command
def export_own(*, actor: Actor, business_id: UUID, email: str, code: str, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Everything about whoever proved this address by its code, which stays good for what they do next.

    Refusals: :class:`Invalid` on ``email_code``; :class:`Missing` when the business knows nobody of this address.
    """
    prove_code(business_id=business_id, email=email, code=code, now=now)
    customer_id = _own(business_id, email)
    return everything_about(business_id=business_id, customer_id=customer_id)


@command
def erase_person(*, actor: Actor, business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:
    """Forget a customer everywhere; what became of what, and why what is kept is kept.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`StillBooked`, :class:`AlreadyErased`.
    """
    authorise(actor, Action.HANDLE_PRIVACY, business_id)
    return _erase(business_id, customer_id, now)


@command
def erase_own(*, actor: Actor, business_id: UUID, email: str, code: str, now: datetime) -> list[Fate]:  # noqa: ARG001
    """Forget whoever proved this address by its code, which is used up.

    Refusals: :class:`Invalid` on ``customer.email_code``; :class:`Missing`, :class:`StillBooked`.
    """
    spend_code(business_id=business_id, email=email, code=code, now=now)
    return _erase(business_id, _own(business_id, email), now)


@command
def replay_erasures(*, now: datetime) -> int:
    """Forget again whoever was forgotten once and is back, because a backup was restored (SPEC K2); how many."""
    count = 0
    for business_id, digests in erasures.by_business().items():
        for customer_id in list(unerased_customers(business_id=business_id)):
            if erasure_digest(business_id=business_id, customer_id=customer_id) not in digests:
                continue
            _forget(business_id, customer_id, now)
            audit.add(
                actor=WORKER,
                action="privacy.erase_person",
                business_id=business_id,
                subject="customer",
                subject_id=customer_id,
                details={"values": {"again": True}},
            )
            count += 1
    return count


def _own(business_id: UUID, email: str) -> UUID:
    customer_id = customer_at(business_id=business_id, email=email)
    if customer_id is None:
        raise Missing(what="customer")
    audit.note_subject("customer", customer_id)
    return customer_id


def _erase(business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:
    customer = customer_by_id(business_id=business_id, customer_id=customer_id)
    if customer.erased_at is not None:
        raise AlreadyErased
    references = still_on(business_id=business_id, customer_id=customer_id, now=now)
    if references:
        raise StillBooked(references=references)
    fates = _forget(business_id, customer_id, now)
    # Last, and before the commit: a crash in between forgets somebody once too often, never once too seldom.
    digest = erasure_digest(business_id=business_id, customer_id=customer_id)
    erasures.note(business_id=business_id, person=digest, at=now)
    return fates


def _forget(business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:
    """The rooms in their order, the customer's own last: the others still need to know who it was."""
    fates: list[Fate] = []
    for one in knowing():
        fates += one.forget(business_id=business_id, customer_id=customer_id, now=now)
    return [fate for fate in fates if fate.count]

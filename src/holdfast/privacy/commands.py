"""What people may ask of those who hold their data: to see it, and to have it forgotten (SPEC K2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.bookings.queries.person import idle_customers, names_given, still_on
from holdfast.businesses.rules import Action, authorise
from holdfast.core import audit, erasures, sealing
from holdfast.core.encryption import indexing_with_the_first_key
from holdfast.core.people import Fate, knowing
from holdfast.core.transactions import command
from holdfast.customers.commands import forget_all_codes, prove_code, reindex_customers, spend_code
from holdfast.customers.queries import (
    customer_at,
    customer_by_id,
    erased_customers,
    erasure_digest,
    unerased_customers,
)
from holdfast.lib.actors import WORKER, Actor
from holdfast.lib.refusals import Missing
from holdfast.notifications.commands.forgetting import forget_old_messages, reindex_messages
from holdfast.privacy.errors import AlreadyErased, StillBooked
from holdfast.privacy.queries import everything_about
from holdfast.waitlist.queries.person import live_entries


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


@command
def report_breach(*, actor: Actor, business_id: UUID) -> list[dict[str, Any]]:
    """Everybody whom a business knows, how to reach them, and how much of what is held about each (SPEC K4).

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, Action.HANDLE_PRIVACY, business_id)
    people = []
    for customer_id in list(unerased_customers(business_id=business_id)):
        held = everything_about(business_id=business_id, customer_id=customer_id)
        person = held["person"][0]
        holds = {name: len(rows) for name, rows in held.items() if isinstance(rows, list) and rows}
        holds |= {name: 1 for name in ("email", "phone", "notes") if person[name]}
        del holds["person"]
        people.append(
            {"name": person["name"], "email": person["email"], "phone": person["phone"], "holds": holds}
        )
    return people


@command
def reindex_people() -> int:
    """Work out anew by what people are found, with the first key of ``ENCRYPTION_KEY``; how many people (SPEC K1).

    One transaction, and only while nothing else runs: who looks for somebody meanwhile finds nobody. Codes that were mailed
    are void. The log of erasures is written anew as well, so that a backup still forgets.
    """
    former = erasures.by_business()
    with indexing_with_the_first_key():
        forget_all_codes()
        count = reindex_customers(names=names_given)
        reindex_messages()
    moved: dict[UUID, set[str]] = {}
    for business_id, digests in former.items():
        for customer_id in erased_customers(business_id=business_id):
            if erasure_digest(business_id=business_id, customer_id=customer_id) in digests:
                with indexing_with_the_first_key():
                    fresh = erasure_digest(business_id=business_id, customer_id=customer_id)
                moved.setdefault(business_id, set()).add(fresh)
    erasures.add_digests(moved)
    return count


def clean_up(*, now: datetime, days: Mapping[str, int], dry_run: bool = False) -> dict[str, int]:
    """Let go of what is older than its retention period (SPEC K3): ``messages``, ``people`` without a booking since, lines of
    the ``audit`` trail. ``days`` of 0 keep for ever. How many of each; with ``dry_run`` how many it would be.

    A transaction for each person and each chain: it may be stopped at any time, and goes on the next day.
    """
    done = dict.fromkeys(("messages", "people", "audit"), 0)
    if days.get("messages"):
        before = now - timedelta(days=days["messages"])
        done["messages"] = forget_old_messages(before=before, dry_run=dry_run)
    if days.get("people"):
        for business_id, customer_id in idle_customers(since=now - timedelta(days=days["people"])):
            if live_entries(business_id=business_id, customer_id=customer_id):
                continue
            done["people"] += 1
            if not dry_run:
                _forget_idle(business_id=business_id, customer_id=customer_id, now=now)
    if days.get("audit"):
        before = now - timedelta(days=days["audit"])
        for business_id in sealing.chains():
            done["audit"] += sealing.cut_before(business_id=business_id, before=before, dry_run=dry_run)
    return done


@command
def _forget_idle(*, business_id: UUID, customer_id: UUID, now: datetime) -> None:
    _erase(business_id, customer_id, now)
    audit.add(
        actor=WORKER,
        action="privacy.erase_person",
        business_id=business_id,
        subject="customer",
        subject_id=customer_id,
        details={"values": {"retention": True}},
    )


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

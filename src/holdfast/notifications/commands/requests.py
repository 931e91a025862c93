"""Writing the messages about requests (S1): to whoever has to answer, with everything needed, and to who asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.businesses.queries import BusinessFacts
from holdfast.catalog.models import Resource
from holdfast.core.transactions import command
from holdfast.notifications.commands.announcing import _Fact, _load, _message, _write
from holdfast.notifications.models import Message
from holdfast.notifications.rules.delivery import distinct_addresses

Audience = Message.Audience
# Who hears of what: ``both`` sides, or the ``customer``, or those at the ``business`` who answer.
_BOTH, _CUSTOMER, _BUSINESS = "both", "customer", "business"


@command
def announce_request(*, booking_id: UUID, now: datetime) -> int:
    """A request came in: everything in it to those who answer, a receipt to the customer. How many messages are new."""
    return _announce(booking_id, Message.Kind.REQUESTED, (), now, to=_BOTH)


@command
def announce_unanswered(*, booking_id: UUID, now: datetime) -> int:
    """A request will expire soon: remind those who answer. How many messages are new."""
    return _announce(booking_id, Message.Kind.UNANSWERED, (), now, to=_BUSINESS)


@command
def announce_counter(*, booking_id: UUID, sequence: int, now: datetime) -> int:
    """The business offers something else: ask the customer. How many messages are new."""
    return _announce(booking_id, Message.Kind.COUNTERED, (sequence,), now, to=_CUSTOMER)


@command
def announce_declined(*, booking_id: UUID, sequence: int, by_staff: bool, now: datetime) -> int:
    """One side said no: tell the other. How many messages are new."""
    to = _CUSTOMER if by_staff else _BUSINESS
    return _announce(booking_id, Message.Kind.DECLINED, (sequence,), now, to=to, by_staff=by_staff)


@command
def announce_withdrawn(*, booking_id: UUID, sequence: int, by_staff: bool, now: datetime) -> int:
    """A request was taken back: tell both. How many messages are new."""
    return _announce(booking_id, Message.Kind.WITHDRAWN, (sequence,), now, to=_BOTH, by_staff=by_staff)


@command
def announce_expired(*, booking_id: UUID, challenged: bool, now: datetime) -> int:
    """Nobody answered in time, or an option was lost: tell both. How many messages are new."""
    return _announce(booking_id, Message.Kind.EXPIRED, (), now, to=_BOTH, challenged=challenged)


@command
def announce_option(*, booking_id: UUID, sequence: int, rank: int, now: datetime) -> int:
    """Another rank among the options on the date, or none any more: tell the customer. How many messages are new."""
    return _announce(booking_id, Message.Kind.OPTION, (sequence, rank), now, to=_CUSTOMER, rank=rank)


@command
def announce_challenge(*, booking_id: UUID, sequence: int, now: datetime) -> int:
    """The first option has to be confirmed: ask its holder. How many messages are new."""
    return _announce(booking_id, Message.Kind.CHALLENGED, (sequence,), now, to=_CUSTOMER)


def _announce(
    booking_id: UUID, kind: str, identity: tuple[object, ...], now: datetime, *, to: str, **context: Any
) -> int:
    found = _load(booking_id)
    if found is None:
        return 0
    booking, business = found
    readers: list[tuple[str, str]] = []
    if to in (_BOTH, _CUSTOMER) and booking.contact.email:
        readers.append((str(Audience.CUSTOMER), booking.contact.email))
    if to in (_BOTH, _BUSINESS):
        answering = _who_answers(business, booking.resource_ids)
        readers += [(str(Audience.STAFF), address) for address in answering]
    fact = _Fact(kind, identity, now, context)
    return _write(
        business, [_message(booking, business, fact, audience, reader) for audience, reader in readers]
    )


def _who_answers(business: BusinessFacts, resource_ids: Iterable[UUID]) -> list[str]:
    """The business's own address and the artists', whatever they want copies of: a request waits for them."""
    members = Resource.objects.filter(
        business_id=business.id,
        id__in=set(resource_ids),
        member__business_id=business.id,
        member__account__is_active=True,
    ).order_by("position", "id")
    return distinct_addresses([business.email, *members.values_list("member__account__email", flat=True)])

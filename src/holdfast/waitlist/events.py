"""Facts about the waitlist that other rooms react to. Ids only, never personal data."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EntryJoined:
    """Somebody waits for a place."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class EntryCalled:
    """Somebody who waits on the spot is called: their place is ready."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class EntryOff:
    """Somebody is off the list without a place; ``state`` says how: left, removed, expired or no_show.

    The event of leaving is due once it can no longer be undone.
    """

    entry_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class GapOpened:
    """A place came free, or is free still: the waitlist is to look whom to offer it."""

    gap_id: UUID


@dataclass(frozen=True, slots=True)
class OfferMade:
    """A place is put to somebody and held for them."""

    offer_id: UUID


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    offer_id: UUID


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """An offer came to nothing; ``state`` says how: declined, expired or withdrawn."""

    offer_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class OfferDue:
    """The time to answer an offer is over; due then."""

    offer_id: UUID

"""Who is asking: one small value that every command takes and authorises."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody is to one business, weakest first; ``operator`` is the installation's own (SPEC A2)."""

    GUEST = "guest"
    CUSTOMER = "customer"
    STAFF = "staff"
    MANAGER = "manager"
    ADMIN = "admin"
    OPERATOR = "operator"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    def includes(self, other: Role) -> bool:
        """Whether this role may do all that ``other`` may."""
        return self.rank >= other.rank


_RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or program behind a call, in one business, through one door.

    ``role`` holds for ``business_id`` only (an operator's for every business). ``booking_id`` is set when the actor
    proved, by a personal link or a reference with its email address, to be the holder of that one booking.
    ``entry_id`` is the same for one entry of the waitlist.
    ``via`` is the door (``page``, ``api``, ``command``, ``worker``), kept in the history of a change. ``name`` is
    a display name for colleagues' eyes and never a customer's.
    """

    role: Role = Role.GUEST
    business_id: UUID | None = None
    account_id: UUID | None = None
    token_id: UUID | None = None
    booking_id: UUID | None = None
    entry_id: UUID | None = None
    via: str = "api"
    address: str = ""
    name: str = ""

    @property
    def is_staff(self) -> bool:
        return self.role.includes(Role.STAFF)

    @property
    def label(self) -> str:
        """How the history names the actor: without personal data of customers."""
        if self.name:
            return self.name
        return (
            "customer"
            if self.booking_id or self.entry_id or self.role in (Role.GUEST, Role.CUSTOMER)
            else str(self.role)
        )

    def holding(self, booking_id: UUID) -> Actor:
        """The same actor, having proved to hold this booking."""
        return replace(self, booking_id=booking_id)

    def waiting_as(self, entry_id: UUID) -> Actor:
        """The same actor, having proved to be who waits with this entry."""
        return replace(self, entry_id=entry_id)


WORKER = Actor(role=Role.OPERATOR, via="worker", name="holdfast")
# Holds a place for whoever is next on the waitlist.
WAITLIST = Actor(role=Role.OPERATOR, via="worker", name="waitlist")
GUEST = Actor()

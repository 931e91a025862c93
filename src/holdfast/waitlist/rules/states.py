"""The states of an entry and of an offer, and what leads from one to the next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from holdfast.waitlist.errors import EntryOver, OfferOver

# (state, step) → state. What is not here is refused.
ENTRY_STEPS: Mapping[tuple[str, str], str] = {
    ("waiting", "call"): "called",
    ("called", "call"): "called",
    ("waiting", "book"): "booked",
    ("called", "book"): "booked",
    ("waiting", "leave"): "left",
    ("called", "leave"): "left",
    ("waiting", "remove"): "removed",
    ("called", "remove"): "removed",
    ("waiting", "no_show"): "no_show",
    ("called", "no_show"): "no_show",
    ("waiting", "expire"): "expired",
    ("called", "expire"): "expired",
    ("left", "undo"): "waiting",
}
LIVE = frozenset({"waiting", "called"})
UNDO_LEAVING = timedelta(minutes=2)
# An entry whose offers were left without an answer so often is not asked again.
MOST_UNANSWERED = 3
# So often the pages offer to pass and keep the place; after that, to accept, to leave or to let it run out (ux 4.7).
MOST_PASSES = 1


def next_entry_state(state: str, step: str) -> str:
    """Refusals: :class:`EntryOver` with the current state."""
    reached = ENTRY_STEPS.get((state, step))
    if reached is None:
        raise EntryOver(state=state)
    return reached


def offer_state_at(state: str, expires_at: datetime, now: datetime) -> str:
    """The state by the clock: what nobody answered in time is expired, tidied away or not."""
    return "expired" if state == "pending" and expires_at <= now else state


def check_open_offer(state: str, expires_at: datetime, now: datetime) -> None:
    """Refusals: :class:`OfferOver` with the state of an offer that can no longer be answered."""
    current = offer_state_at(state, expires_at, now)
    if current != "pending":
        raise OfferOver(state=current)

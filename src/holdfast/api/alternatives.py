"""A time that is gone is answered with the nearest other ones (SPEC C6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from holdfast.api.auth import Caller
from holdfast.api.schemas.availability import show_alternative
from holdfast.availability.queries import alternatives
from holdfast.bookings.commands import Wish
from holdfast.bookings.errors import SlotClosed, SlotFull, TimeTaken
from holdfast.lib.refusals import Conflict, Invalid, Missing


@contextmanager
def offering_alternatives(caller: Caller, wish: Wish) -> Iterator[None]:
    """Add ``alternatives`` to a :class:`TimeTaken`, :class:`SlotFull` or :class:`SlotClosed` that leaves the block,
    outside the refused command's transaction."""
    try:
        yield
    except (TimeTaken, SlotFull, SlotClosed) as refusal:
        offer_alternatives(refusal, caller, wish)
        raise


def offer_alternatives(refusal: Conflict, caller: Caller, wish: Wish) -> None:
    """Add ``alternatives`` to a refusal; none where the service itself is not offered any more."""
    try:
        found = alternatives(timetable=caller.timetable, wish=wish, now=caller.now)
    except (Missing, Invalid):
        found = []
    refusal.facts["alternatives"] = [show_alternative(alternative) for alternative in found]

"""Refusals of the availability app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from holdfast.lib.refusals import Conflict

if TYPE_CHECKING:
    from holdfast.availability.commands import Consequence


class WouldStrand(Conflict):
    """The change would strand bookings about which nothing was decided (SPEC C7).

    ``consequences`` has each with what else is free; the fact ``bookings`` their references.
    """

    code = "would_strand"

    def __init__(self, consequences: Sequence[Consequence]) -> None:
        self.consequences = tuple(consequences)
        super().__init__(bookings=[each.stranded.booking.shown_reference for each in self.consequences])


class NoOtherTime(Conflict):
    """A booking was to be moved to the nearest free time and there is none."""

    code = "no_other_time"

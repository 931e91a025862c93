"""Refusals of the schedule."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class SlotsOverlap(Conflict):
    """The resource has other slots then; ``count`` says how many are in the way, ``starts_at`` which is the first."""

    code = "slots_overlap"


class SlotExists(Conflict):
    """There is such a slot already: same service, resource and start. ``slot`` is its id."""

    code = "slot_exists"


class CapacityBelowTaken(Conflict):
    """More places are taken than the slot would have; ``taken`` says how many."""

    code = "capacity_below_taken"


class SlotInUse(Conflict):
    """The slot has bookings, or somebody is booking it now; ``taken`` says how many places that are."""

    code = "slot_in_use"


class SlotsLeftOut(Conflict):
    """Some of the slots cannot be changed so, hence none was; ``left_out`` names them with the reason."""

    code = "slots_left_out"

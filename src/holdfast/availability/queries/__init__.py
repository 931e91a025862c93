"""What is free, why not, and what else."""

from holdfast.availability.queries.answers import Alternative, DayCount, Explanation, OpenDay, OpenTime
from holdfast.availability.queries.asking import MOST_DAYS, FreeBoard, free_board
from holdfast.availability.queries.floors import party_bounds
from holdfast.availability.queries.freeing import Freeing, least_change
from holdfast.availability.queries.slots import (
    SlotDay,
    SlotTime,
    live_slot,
    live_slots,
    live_slots_of_day,
    slot_days,
)
from holdfast.availability.queries.times import (
    alternatives,
    explain,
    next_open_day,
    open_counts,
    open_times,
)
from holdfast.availability.queries.today import NextFree, OnDuty, Today, state_of_day

__all__ = [
    "MOST_DAYS",
    "Alternative",
    "DayCount",
    "Explanation",
    "FreeBoard",
    "Freeing",
    "NextFree",
    "OnDuty",
    "OpenDay",
    "OpenTime",
    "SlotDay",
    "SlotTime",
    "Today",
    "alternatives",
    "explain",
    "free_board",
    "least_change",
    "live_slot",
    "live_slots",
    "live_slots_of_day",
    "next_open_day",
    "open_counts",
    "open_times",
    "party_bounds",
    "slot_days",
    "state_of_day",
]

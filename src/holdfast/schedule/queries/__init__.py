"""Reads of time on offer: the timetable, its hours and exceptions, published slots."""

from holdfast.schedule.queries.slots import SlotFacts, slot_by_id, slot_facts
from holdfast.schedule.queries.timetable import (
    Timetable,
    exception_by_id,
    exception_value,
    exceptions_of,
    holidays_in,
    load_timetable,
    timetable_at,
    timetable_of,
    weekly_hours,
)

__all__ = [
    "SlotFacts",
    "Timetable",
    "exception_by_id",
    "exception_value",
    "exceptions_of",
    "holidays_in",
    "load_timetable",
    "slot_by_id",
    "slot_facts",
    "timetable_at",
    "timetable_of",
    "weekly_hours",
]

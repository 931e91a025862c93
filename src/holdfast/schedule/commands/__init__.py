"""Every write to time on offer: hours and exceptions, published slots, the series that publish them."""

from holdfast.schedule.commands.bulk import BulkChange, change_slots
from holdfast.schedule.commands.generating import Generation, SlotPlan, generate_slots
from holdfast.schedule.commands.hours import (
    ExceptionWish,
    add_exception,
    apply_hour_template,
    change_exception,
    remove_exception,
    replace_hours,
)
from holdfast.schedule.commands.series import (
    Published,
    change_series,
    create_series,
    delete_series,
    publish_series,
)
from holdfast.schedule.commands.slots import add_slot, change_slot, delete_slot

__all__ = [
    "BulkChange",
    "ExceptionWish",
    "Generation",
    "Published",
    "SlotPlan",
    "add_exception",
    "add_slot",
    "apply_hour_template",
    "change_exception",
    "change_series",
    "change_slot",
    "change_slots",
    "create_series",
    "delete_series",
    "delete_slot",
    "generate_slots",
    "publish_series",
    "remove_exception",
    "replace_hours",
]

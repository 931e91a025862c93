"""Every write to bookings, split by journey: booking, changing, the desk, tidying."""

from holdfast.bookings.commands.booking import (
    book,
    confirm_hold,
    extend_hold,
    hold_time,
    release_hold,
)
from holdfast.bookings.commands.changing import cancel_booking, move_booking, undo_change
from holdfast.bookings.commands.desk import change_notes, check_in, complete, mark_no_show
from holdfast.bookings.commands.keeping import keep_booking, propose_times
from holdfast.bookings.commands.making import Details
from holdfast.bookings.commands.placing import Wish
from holdfast.bookings.commands.tidying import tidy_dead_bookings

__all__ = [
    "Details",
    "Wish",
    "book",
    "cancel_booking",
    "change_notes",
    "check_in",
    "complete",
    "confirm_hold",
    "extend_hold",
    "hold_time",
    "keep_booking",
    "mark_no_show",
    "move_booking",
    "propose_times",
    "release_hold",
    "tidy_dead_bookings",
    "undo_change",
]

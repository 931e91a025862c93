"""Every write to bookings, split by journey: booking, changing, the desk, requests and their answers, tidying."""

from holdfast.bookings.commands.answering import (
    accept_offer,
    accept_request,
    counter_request,
    decline_offer,
    decline_request,
)
from holdfast.bookings.commands.booking import (
    book,
    confirm_hold,
    extend_hold,
    hold_time,
    release_hold,
)
from holdfast.bookings.commands.changing import cancel_booking, move_booking, undo_change
from holdfast.bookings.commands.checklist import answer_rider, check_line
from holdfast.bookings.commands.desk import change_notes, check_in, complete, mark_no_show, release_rest
from holdfast.bookings.commands.due import (
    charge_no_show,
    pay_due,
    refund_booking,
    stop_no_show,
    take_at_counter,
)
from holdfast.bookings.commands.group import GroupMember, book_group
from holdfast.bookings.commands.keeping import keep_booking, lapse, propose_times
from holdfast.bookings.commands.making import Details
from holdfast.bookings.commands.offered import book_for, confirm_for, end_hold, move_to_held
from holdfast.bookings.commands.options import challenge_option, give_option, withdraw_option
from holdfast.bookings.commands.paying import note_money, take_payment
from holdfast.bookings.commands.placing import Wish
from holdfast.bookings.commands.requesting import (
    RequestWish,
    remind_of_requests,
    request_date,
    withdraw_request,
)
from holdfast.bookings.commands.series import SeriesTime, book_series, cancel_together, undo_together
from holdfast.bookings.commands.swapping import swap_tables
from holdfast.bookings.commands.templates import change_template, delete_template, save_template
from holdfast.bookings.commands.tidying import tidy_dead_bookings

__all__ = [
    "Details",
    "GroupMember",
    "RequestWish",
    "SeriesTime",
    "Wish",
    "accept_offer",
    "accept_request",
    "answer_rider",
    "book",
    "book_for",
    "book_group",
    "book_series",
    "cancel_booking",
    "cancel_together",
    "challenge_option",
    "change_notes",
    "change_template",
    "charge_no_show",
    "check_in",
    "check_line",
    "complete",
    "confirm_for",
    "confirm_hold",
    "counter_request",
    "decline_offer",
    "decline_request",
    "delete_template",
    "end_hold",
    "extend_hold",
    "give_option",
    "hold_time",
    "keep_booking",
    "lapse",
    "mark_no_show",
    "move_booking",
    "move_to_held",
    "note_money",
    "pay_due",
    "propose_times",
    "refund_booking",
    "release_hold",
    "release_rest",
    "remind_of_requests",
    "request_date",
    "save_template",
    "stop_no_show",
    "swap_tables",
    "take_at_counter",
    "take_payment",
    "tidy_dead_bookings",
    "undo_change",
    "undo_together",
    "withdraw_option",
    "withdraw_request",
]

"""Every write to the waitlist: joining and leaving, what came free, offers and their answers, the desk's board."""

from holdfast.waitlist.commands.board import call_entry, remove_entry, reorder_entry, seat_entry
from holdfast.waitlist.commands.gaps import forget_gaps, match_gap, open_gap, sweep_business
from holdfast.waitlist.commands.joining import (
    Waiter,
    WaitWish,
    expire_entries,
    join_waitlist,
    leave_waitlist,
    undo_leaving,
)
from holdfast.waitlist.commands.offers import (
    accept_offer,
    decline_offer,
    expire_offer,
    offer_by_hand,
    withdraw_offer,
)
from holdfast.waitlist.commands.settling import end_earlier_wishes, put_first, settle_entries

__all__ = [
    "WaitWish",
    "Waiter",
    "accept_offer",
    "call_entry",
    "decline_offer",
    "end_earlier_wishes",
    "expire_entries",
    "expire_offer",
    "forget_gaps",
    "join_waitlist",
    "leave_waitlist",
    "match_gap",
    "offer_by_hand",
    "open_gap",
    "put_first",
    "remove_entry",
    "reorder_entry",
    "seat_entry",
    "settle_entries",
    "sweep_business",
    "undo_leaving",
    "withdraw_offer",
]

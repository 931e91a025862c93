"""Refusals of the waitlist."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class WaitlistClosed(Conflict):
    """The business, or this service, takes nobody on its waitlist now."""

    code = "waitlist_closed"


class WaitlistFull(Conflict):
    """As many wait for this service as its list takes; ``limit`` tells how many."""

    code = "waitlist_full"


class AlreadyWaiting(Conflict):
    """This person waits for the very same already."""

    code = "already_waiting"


class EntryOver(Conflict):
    """The entry is not on the list any more, or not in a state for this; ``state`` tells which it is in."""

    code = "entry_over"


class OfferOver(Conflict):
    """The offer was answered, withdrawn, or ran out; ``state`` tells which."""

    code = "offer_expired"


class OfferOut(Conflict):
    """This person has an offer that waits for an answer; ``until`` tells how long."""

    code = "offer_out"


class TooNear(Conflict):
    """The place begins too soon to ask anybody first; ``cutoff_minutes`` tells how near that is."""

    code = "too_near"

"""The operations, split by subject."""

from __future__ import annotations

from typing import Protocol, cast

from django.http import HttpRequest

from holdfast.api.auth import Caller
from holdfast.bookings.queries import BookingFacts
from holdfast.waitlist.queries import EntryFacts


class _Admitted(Protocol):
    auth: Caller


def caller_of(request: HttpRequest) -> Caller:
    """Who came through the door."""
    return cast("_Admitted", request).auth


def booking_of(caller: Caller) -> BookingFacts:
    """The booking that the address names; its door has found it."""
    if caller.booking is None:
        raise RuntimeError("this operation's door finds no booking")
    return caller.booking


def entry_of(caller: Caller) -> EntryFacts:
    """The entry that the address names; its door has found it."""
    if caller.entry is None:
        raise RuntimeError("this operation's door finds no entry")
    return caller.entry

"""Refusals about people's own data."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class StillBooked(Conflict):
    """The person has bookings ahead, listed in ``references``: they are cancelled first, or kept."""

    code = "still_booked"


class AlreadyErased(Conflict):
    """Nothing about this person is left."""

    code = "already_erased"

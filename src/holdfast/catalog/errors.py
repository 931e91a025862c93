"""Refusals of the catalog app."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class InUse(Conflict):
    """Bookings refer to this; it can be retired (made inactive), not deleted. ``bookings`` says how many."""

    code = "in_use"

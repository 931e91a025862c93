"""Refusals about money."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class NoSavedCard(Conflict):
    """There is no card on file to charge."""

    code = "no_saved_card"


class ChargeUnderWay(Conflict):
    """The charge cannot be stopped any more, or a refund cannot be tried again: it is on its way or done."""

    code = "charge_under_way"

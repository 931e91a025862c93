"""Refusals of setting up."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class AlreadySetUp(Conflict):
    """There is an account: whoever has it makes the others."""

    code = "already_set_up"

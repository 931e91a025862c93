"""Refusals about accounts and tokens."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class EmailTaken(Conflict):
    """There is an account with this address."""

    code = "email_taken"

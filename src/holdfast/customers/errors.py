"""Refusals about the people who book."""

from __future__ import annotations

from holdfast.lib.refusals import Forbidden


class EmailNotVerified(Forbidden):
    """The service is for people whose address is proven, and this booking's is not. 403."""

    code = "email_not_verified"

"""Refusals of the notifications app."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class MessageNotNeeded(Conflict):
    """What the message would say is not true any more; ``reason`` tells why it was dropped."""

    code = "message_not_needed"

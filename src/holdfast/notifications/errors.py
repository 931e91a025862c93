"""Refusals of the notifications app."""

from __future__ import annotations

from holdfast.lib.refusals import Conflict


class MessageNotNeeded(Conflict):
    """What the message would say is not true any more; ``reason`` tells why it was dropped."""

    code = "message_not_needed"


class NobodyToSendTo(Conflict):
    """A test goes to the account of whoever asks, and a program asks for nobody."""

    code = "nobody_to_send_to"


class AddressSuppressed(Conflict):
    """Nothing goes to this address any more; ``reason`` tells why: mail came back, or the person wants none."""

    code = "address_suppressed"


class StoppedByPerson(Conflict):
    """The person answered STOP; only their START takes it back."""

    code = "stopped_by_person"

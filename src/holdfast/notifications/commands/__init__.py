"""Every write of messages: announcing what happened, handing messages to a sender, recording its answer."""

from holdfast.notifications.commands.announcing import (
    announce_booking,
    announce_cancellation,
    announce_move,
    announce_proposal,
)
from holdfast.notifications.commands.codes import mail_code
from holdfast.notifications.commands.delivering import (
    TakenMessage,
    drop_message,
    postpone_message,
    record_failure,
    record_sent,
    resend_message,
    take_due_messages,
)

__all__ = [
    "TakenMessage",
    "announce_booking",
    "announce_cancellation",
    "announce_move",
    "announce_proposal",
    "drop_message",
    "mail_code",
    "postpone_message",
    "record_failure",
    "record_sent",
    "resend_message",
    "take_due_messages",
]

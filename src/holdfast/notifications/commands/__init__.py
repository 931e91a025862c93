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
from holdfast.notifications.commands.texting import note_answer, text_call, text_offer, text_reminder
from holdfast.notifications.commands.tracking import (
    Recorded,
    lift_suppression,
    record_news,
    start_texts,
    stop_texts,
    suppress,
)

__all__ = [
    "Recorded",
    "TakenMessage",
    "announce_booking",
    "announce_cancellation",
    "announce_move",
    "announce_proposal",
    "drop_message",
    "lift_suppression",
    "mail_code",
    "note_answer",
    "postpone_message",
    "record_failure",
    "record_news",
    "record_sent",
    "resend_message",
    "start_texts",
    "stop_texts",
    "suppress",
    "take_due_messages",
    "text_call",
    "text_offer",
    "text_reminder",
]

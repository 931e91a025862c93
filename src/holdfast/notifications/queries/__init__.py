"""Reads of messages: letters ready to go, what was sent about a booking, and the mail files of the demo."""

from holdfast.notifications.queries.letters import letter_of
from holdfast.notifications.queries.mail_files import (
    DeliveredAttachment,
    DeliveredMail,
    delivered_mail,
    delivered_mail_files,
)
from holdfast.notifications.queries.messages import (
    MessageFacts,
    failed_count,
    failed_count_of,
    failed_messages,
    message_by_id,
    messages_of_booking,
    messages_of_entry,
    queue_size,
    something_is_due,
    waitlist_messages,
)

__all__ = [
    "DeliveredAttachment",
    "DeliveredMail",
    "MessageFacts",
    "delivered_mail",
    "delivered_mail_files",
    "failed_count",
    "failed_count_of",
    "failed_messages",
    "letter_of",
    "message_by_id",
    "messages_of_booking",
    "messages_of_entry",
    "queue_size",
    "something_is_due",
    "waitlist_messages",
]

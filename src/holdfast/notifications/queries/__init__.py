"""Reads of messages: letters ready to go, what was sent about a booking, and the mail files of the demo."""

from holdfast.notifications.queries.found import LogLine, MessageFilter, delivery_rate, find_messages, log_of
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
from holdfast.notifications.queries.suppressions import (
    SuppressionFacts,
    reason_against,
    suppression_by_id,
    suppressions,
    suppressions_of,
)

__all__ = [
    "DeliveredAttachment",
    "DeliveredMail",
    "LogLine",
    "MessageFacts",
    "MessageFilter",
    "SuppressionFacts",
    "delivered_mail",
    "delivered_mail_files",
    "delivery_rate",
    "failed_count",
    "failed_count_of",
    "failed_messages",
    "find_messages",
    "letter_of",
    "log_of",
    "message_by_id",
    "messages_of_booking",
    "messages_of_entry",
    "queue_size",
    "reason_against",
    "something_is_due",
    "suppression_by_id",
    "suppressions",
    "suppressions_of",
    "waitlist_messages",
]

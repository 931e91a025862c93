"""Every write of webhooks: endpoints, what is to be told them, and what became of it."""

from holdfast.webhooks.commands.endpoints import (
    NewSecret,
    add_endpoint,
    change_endpoint,
    pause_endpoint,
    remove_endpoint,
    resume_endpoint,
    rotate_secret,
)
from holdfast.webhooks.commands.sending import (
    Taken,
    Tried,
    forget_deliveries,
    record_try,
    resend_delivery,
    send_test,
    take_due_deliveries,
)
from holdfast.webhooks.commands.telling import tell_of_booking, tell_of_entry, tell_of_offer

__all__ = [
    "NewSecret",
    "Taken",
    "Tried",
    "add_endpoint",
    "change_endpoint",
    "forget_deliveries",
    "pause_endpoint",
    "record_try",
    "remove_endpoint",
    "resend_delivery",
    "resume_endpoint",
    "rotate_secret",
    "send_test",
    "take_due_deliveries",
    "tell_of_booking",
    "tell_of_entry",
    "tell_of_offer",
]

"""Words for webhooks: the types of events, and what came of a try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.webhooks.rules import TEST_EVENT

EVENTS: Mapping[str, Any] = {
    "booking.requested": gettext_lazy("A date is requested"),
    "booking.countered": gettext_lazy("A counter-offer is made"),
    "booking.declined": gettext_lazy("A request is declined"),
    "booking.withdrawn": gettext_lazy("A request is taken back"),
    "booking.expired": gettext_lazy("A request ran out unanswered"),
    "booking.confirmed": gettext_lazy("A booking stands"),
    "booking.moved": gettext_lazy("A booking is moved"),
    "booking.cancelled": gettext_lazy("A booking is cancelled"),
    "booking.checked_in": gettext_lazy("Somebody has come"),
    "booking.completed": gettext_lazy("A visit is over"),
    "booking.no_show": gettext_lazy("Somebody did not come"),
    "payment.received": gettext_lazy("Money came in"),
    "payment.refunded": gettext_lazy("Money was given back"),
    "waitlist.joined": gettext_lazy("Somebody joins the waitlist"),
    "waitlist.called": gettext_lazy("Somebody who waits is called"),
    "waitlist.left": gettext_lazy("Somebody is off the waitlist"),
    "waitlist.offer_made": gettext_lazy("A place is offered"),
    "waitlist.offer_accepted": gettext_lazy("An offer is taken"),
    "waitlist.offer_ended": gettext_lazy("An offer came to nothing"),
    TEST_EVENT: gettext_lazy("A test"),
}
_ERRORS: Mapping[str, Any] = {
    "private_address": gettext_lazy("The address leads to a private network"),
    "tls": gettext_lazy("No secure connection: look at the certificate"),
    "timeout": gettext_lazy("No answer in time"),
    "unreachable": gettext_lazy("Nothing answers at that address"),
    "no_answer": gettext_lazy("The answer could not be read"),
}


def outcome(tried: Mapping[str, Any]) -> str:
    """What came of a try, in a few words; empty where there was none."""
    if not tried:
        return ""
    if tried["status"]:
        return _("Answered %(status)s") % {"status": tried["status"]}
    return str(_ERRORS.get(tried["error"], _ERRORS["no_answer"]))

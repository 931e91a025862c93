"""What the pages of a request say: the mistakes of its form, its states, its history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.bookings.queries import ChangeFacts
from holdfast.lib import text
from holdfast.web import formats
from holdfast.web.public import words

SECTIONS: Mapping[str, Promise] = {
    "technical": gettext_lazy("Technical"),
    "hospitality": gettext_lazy("Hospitality"),
    "travel": gettext_lazy("Travel"),
}
RANKS: Mapping[int, Promise] = {
    1: gettext_lazy("First option"),
    2: gettext_lazy("Second option"),
    3: gettext_lazy("Third option"),
}
# What the command calls a field, and what the form calls it.
_FORM_FIELDS = {"starts_at": "date", "ends_at": "until", "fee_minor": "fee"}
_FIELDS: Mapping[tuple[str, str], Promise] = {
    ("date", "required"): gettext_lazy("Choose the date of the event."),
    ("date", "in_past"): gettext_lazy("This date has passed. Choose a later one."),
    ("date", "too_soon"): gettext_lazy("This date is too near. Choose a later one."),
    ("date", "too_far_ahead"): gettext_lazy("This date is too far ahead. Choose an earlier one."),
    ("date", "closed"): gettext_lazy("No requests are taken for this time. Choose another."),
    ("date", "outside_hours"): gettext_lazy("This is longer than requests can be then. Choose other times."),
    ("from", "required"): gettext_lazy("Add when it begins, or leave out when it ends."),
    ("until", "before_start"): gettext_lazy("It must end after it begins."),
    ("until", "longer_than_a_day"): gettext_lazy("A request can be for 24 hours at most."),
    ("venue_name", "required"): gettext_lazy("Add the name of the venue."),
    ("venue_address", "required"): gettext_lazy("Add the address of the venue."),
    ("details", "required"): gettext_lazy("Tell something about the event."),
    ("fee", "required"): gettext_lazy("Add the fee you offer, 0 if none."),
    ("fee", "out_of_bounds"): gettext_lazy("The fee cannot be negative, nor that high."),
    ("fee", "not_an_amount"): gettext_lazy("Write an amount, like 800 or 800.50."),
}
_MISTAKES: Mapping[str, Promise] = {
    "wrong_date": gettext_lazy("Write a date that exists, like 2027-05-29."),
    "wrong_time": gettext_lazy("Write a time of day, like 20:00."),
}
_CONFLICTS: Mapping[str, Promise] = {
    "time_taken": gettext_lazy("This date is taken. Choose one of the free dates below, or another."),
    "option_held": gettext_lazy("Another request comes first on this date."),
    "nothing_to_answer": gettext_lazy("There is nothing to answer any more. Here it is as it stands now."),
    "too_many_templates": gettext_lazy("You keep as many templates as there can be. Delete one first."),
}


def form_mistakes(found: text.Mistakes) -> dict[str, list[str]]:
    """Sentences by the names of the form's fields."""
    said: dict[str, list[str]] = {}
    for name, problems in found.items():
        bare = name.rpartition(".")[2]
        field = _FORM_FIELDS.get(bare, bare)
        for code, facts in problems:
            line = _FIELDS.get((field, code)) or _MISTAKES.get(code)
            said.setdefault(field, []).append(str(line) if line else words.mistake(field, code, facts))
    return said


def conflict(code: str) -> str:
    """A sentence for what stands in the way, or nothing where the usual one will do."""
    return str(_CONFLICTS.get(code, ""))


def history_line(change: ChangeFacts, zone: str) -> str | None:
    """One line of what happened to a request, or None for what only matters inside."""
    by_customer = change.actor == "customer"
    rank = change.details.get("rank")
    lines: dict[str, str] = {
        "request": _("Requested"),
        "accept": _("Agreed"),
        "decline": _("Declined by the customer") if by_customer else _("Declined"),
        "counter": _("Another offer was made"),
        "withdraw": _("Withdrawn") if by_customer else _("Withdrawn by the business"),
        "expire": _("Expired"),
        "remind": _("Reminded"),
        "rider": _("Rider answered"),
        "check": _("A line of the rider was checked off"),
        "uncheck": _("A check was taken back"),
        "option": str(RANKS[rank]) if rank is not None and rank in RANKS else _("The option has ended"),
    }
    if change.action == "challenge":
        return _challenged(change.details, zone)
    return lines.get(change.action) or words.history_line(change, zone)


def _challenged(details: Mapping[str, Any], zone: str) -> str:
    try:
        until = datetime.fromisoformat(details["until"])
    except (KeyError, TypeError, ValueError):
        return _("Asked to confirm")
    return _("Asked to confirm by %(until)s") % {"until": formats.day_and_clock(formats.local(until, zone))}

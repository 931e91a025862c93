"""What the pages of the letters say: the names of events and variables, and what is wrong in which line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.lib.refusals import Invalid
from holdfast.notifications.rules.markup import TAGS
from holdfast.web.desk import words

GROUPS: Mapping[str, Promise] = {
    "bookings": gettext_lazy("Bookings"),
    "visit": gettext_lazy("Before and after the visit"),
    "money": gettext_lazy("Money"),
    "requests": gettext_lazy("Requests"),
    "waitlist": gettext_lazy("Waitlist"),
}
LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
EVENTS: Mapping[str, Promise] = {
    "booked": gettext_lazy("Booked"),
    "accepted": gettext_lazy("Request accepted"),
    "changed": gettext_lazy("Moved or changed"),
    "cancelled": gettext_lazy("Cancelled"),
    "proposed": gettext_lazy("Asked to choose another time"),
    "reminder": gettext_lazy("Reminder"),
    "come": gettext_lazy("Are you coming?"),
    "thanks": gettext_lazy("Thank you, and how was it"),
    "payment_due": gettext_lazy("Payment due"),
    "paid": gettext_lazy("Payment received"),
    "refunded": gettext_lazy("Refunded"),
    "fee": gettext_lazy("A fee for a missed visit"),
    "requested": gettext_lazy("Request received"),
    "unanswered": gettext_lazy("Request waits for an answer"),
    "declined": gettext_lazy("Request declined"),
    "countered": gettext_lazy("Another offer"),
    "challenged": gettext_lazy("Asked to confirm an option"),
    "withdrawn": gettext_lazy("Request withdrawn"),
    "expired": gettext_lazy("Request expired"),
    "option": gettext_lazy("Option on a date"),
    "joined": gettext_lazy("Joined the waitlist"),
    "offer": gettext_lazy("A place is offered"),
    "offer_over": gettext_lazy("Offer over"),
    "called": gettext_lazy("Called: the place is ready"),
    "off": gettext_lazy("Off the waitlist"),
}
VARIABLES: Mapping[str, Promise] = {
    "details": gettext_lazy("All the facts as a list. Stands for itself, between paragraphs."),
    "button": gettext_lazy("The next step as a button, and the other steps as links."),
    "link": gettext_lazy("The address of the next step."),
    "rebook_link": gettext_lazy("The address of the booking page."),
    "business": gettext_lazy("Your business’s name."),
    "business_phone": gettext_lazy("Your phone number."),
    "business_address": gettext_lazy("Your address."),
    "name": gettext_lazy("The customer’s first name, if it is known."),
    "customer": gettext_lazy("The customer’s whole name."),
    "what": gettext_lazy("Service and with whom. Of a discreet letter only “your booking”."),
    "service": gettext_lazy("The service. Empty in discreet letters."),
    "resource": gettext_lazy("The person, table or room."),
    "artist": gettext_lazy("The person, or your business."),
    "when": gettext_lazy("Day and time, short."),
    "day": gettext_lazy("The day in full."),
    "short_day": gettext_lazy("The day, short."),
    "time": gettext_lazy("The time of day."),
    "soon": gettext_lazy("When, as people say it: tomorrow at 10:30."),
    "is_today": gettext_lazy("For a section: it is today."),
    "is_tomorrow": gettext_lazy("For a section: it is tomorrow."),
    "reference": gettext_lazy("The booking’s reference."),
    "party": gettext_lazy("How many people, if more than one."),
    "price": gettext_lazy("The price, if there is one."),
    "changes": gettext_lazy("Until when moving and cancelling is possible."),
    "people": gettext_lazy("How many, where several are booked together."),
    "times": gettext_lazy("How many times, where it is a series."),
    "first": gettext_lazy("The first time of a series."),
    "old_when": gettext_lazy("The time it was before, if that changed; for the waitlist the booking kept."),
    "old_resource": gettext_lazy("With whom it was before, if that changed."),
    "by_staff": gettext_lazy("For a section: your business did it, not the customer."),
    "amount": gettext_lazy("The money that this is about."),
    "venue": gettext_lazy("The venue asked for."),
    "until": gettext_lazy("Until when there is time to answer."),
    "lost": gettext_lazy("For a section: an option was not confirmed in time."),
    "rank": gettext_lazy("Which option: first, second, third; empty for none."),
    "walk_in": gettext_lazy("For a section: they wait on the spot."),
    "last_chance": gettext_lazy("For a section: without an answer they are off the list."),
    "taken_back": gettext_lazy("For a section: you took the offer back."),
    "removed": gettext_lazy("For a section: you took them off the list."),
    "asked_often": gettext_lazy("For a section: several offers had no answer."),
}
HOW = gettext_lazy(
    "Write a variable in double braces and its value takes its place. What stands between {% if name %} and {% endif %} is"
    " there only if the variable has a value; {% else %} begins what is there otherwise."
)
_FLAGS = frozenset({"by_staff", "lost", "walk_in", "last_chance", "taken_back", "removed", "asked_often"})
_MISTAKES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "unknown_variable": lambda f: _("There is no variable “%(name)s” in this letter.") % f,
    "unknown_tag": lambda f: (
        _("“%(name)s” is not possible. Only if, elif, else and endif are, with one variable.") % f
    ),
    "unclosed": lambda f: _("The section “%(name)s” has no endif.") % {"name": f.get("name", "")},
    "not_open": lambda f: _("“%(name)s” without an if before it.") % f,
    "stray_braces": lambda _f: _("Braces that open or close nothing."),
    "too_deep": lambda _f: _("Too many sections inside each other."),
    "unknown_markup": lambda f: (
        _("<%(name)s> is not possible. These are: %(tags)s.") % {**f, "tags": ", ".join(sorted(TAGS))}
    ),
    "unknown_attribute": lambda f: _("“%(name)s” is not possible in a tag. Only href of a link is.") % f,
    "wrong_address": lambda _f: _(
        "A link leads to an address that begins with https://, mailto: or tel:, or to {{ link }} alone."
    ),
    "wrong_end": lambda f: _("</%(name)s> ends nothing that is open.") % f,
    "stray_angle": lambda _f: _("A lone <. Write &lt; for it."),
    "unclosed_markup": lambda f: _("<%(name)s> is not ended.") % f,
    "half_markup": lambda _f: _("A section begins and ends outside of tags, or holds them whole."),
    "no_newlines": lambda _f: _("The subject is one line."),
    "link_missing": lambda _f: _(
        "Nobody can answer this letter without its link. Put {{ link }} in, or {{ button }}."
    ),
}


def event(name: str) -> str:
    """What the letter is called; that of the copy for staff says so."""
    said = str(EVENTS[name.removesuffix("_staff")])
    return _("%(event)s (to staff)") % {"event": said} if name.endswith("_staff") else said


def mistakes(refusal: Invalid) -> dict[str, list[str]]:
    """What is wrong in each field, with the line."""
    return {name: [_one(code, facts) for code, facts in found] for name, found in refusal.fields.items()}


def _one(code: str, facts: Mapping[str, Any]) -> str:
    if code not in _MISTAKES:
        return words.mistake(code, facts)
    said = _MISTAKES[code](facts)
    if "line" not in facts:
        return said
    return _("Line %(line)s: %(mistake)s") % {"line": facts["line"], "mistake": said}


def is_flag(name: str) -> bool:
    """Whether a variable says only that something is so."""
    return name.startswith("is_") or name in _FLAGS

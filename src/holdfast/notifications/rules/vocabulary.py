"""The events that have a letter (SPEC H1), and what each may speak of. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes
from holdfast.notifications.rules import markup, substitution
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.substitution import names_in

CHANNELS: tuple[str, ...] = ("email", "sms")
SUBJECT_LIMIT = 200
SMS_LIMIT = 600
# Values that are HTML of ours and stand in a letter as they are.
BLOCKS = frozenset({"details", "button"})
# Values that are addresses: the only ones that may stand in a link.
LINKS = frozenset({"link"})

_ALWAYS = frozenset({"business", "business_phone", "business_address", "name", "link"}) | BLOCKS
_BOOKING = _ALWAYS | {
    "customer",
    "what",
    "service",
    "resource",
    "artist",
    "when",
    "day",
    "short_day",
    "time",
    "soon",
    "is_today",
    "is_tomorrow",
    "reference",
    "party",
    "price",
    "changes",
    "people",
    "times",
    "first",
}
_REQUEST = _ALWAYS | {"customer", "artist", "service", "venue", "short_day", "until", "reference"}
_WAITING = _ALWAYS | {"service", "resource", "party", "old_when"}


@dataclass(frozen=True, slots=True)
class Event:
    """One letter: which message it is of, who reads it, what it may speak of, and whether it is no use without a link."""

    name: str
    kind: str
    group: str
    variables: frozenset[str]
    needs_link: bool = False

    @property
    def for_staff(self) -> bool:
        return self.name.endswith("_staff")


def event_name(kind: str, audience: str) -> str:
    """``booked`` for the customer's letter, ``booked_staff`` for the copy."""
    return f"{kind}_staff" if audience == "staff" else kind


def _events() -> dict[str, Event]:
    found: dict[str, Event] = {}

    def add(group: str, base: frozenset[str], name: str, *more: str, needs_link: bool = False) -> None:
        kind = name.removesuffix("_staff")
        found[name] = Event(name, kind, group, base | frozenset(more), needs_link)

    for name in ("booked", "booked_staff", "accepted", "accepted_staff"):
        add("bookings", _BOOKING, name)
    for name in ("changed", "changed_staff"):
        add("bookings", _BOOKING, name, "old_when", "old_resource")
    for name in ("cancelled", "cancelled_staff"):
        add("bookings", _BOOKING, name, "by_staff")
    add("bookings", _BOOKING, "proposed", needs_link=True)
    add("visit", _BOOKING, "reminder")
    add("visit", _BOOKING, "come", needs_link=True)
    add("visit", _BOOKING, "thanks", "rebook_link", needs_link=True)
    for name in ("payment_due", "paid", "refunded", "fee"):
        add("money", _BOOKING, name, "amount", needs_link=name == "payment_due")
    for name in ("requested", "requested_staff", "unanswered_staff", "declined", "declined_staff"):
        add("requests", _REQUEST, name)
    for name in ("countered", "challenged"):
        add("requests", _REQUEST, name, needs_link=True)
    for name in ("withdrawn", "withdrawn_staff"):
        add("requests", _REQUEST, name)
    for name in ("expired", "expired_staff"):
        add("requests", _REQUEST, name, "lost")
    add("requests", _REQUEST, "option", "rank")
    add("waitlist", _WAITING, "joined", "walk_in", needs_link=True)
    add("waitlist", _WAITING, "offer", "when", "until", "last_chance", needs_link=True)
    add("waitlist", _WAITING, "offer_over", "when", "until", "taken_back")
    add("waitlist", _WAITING, "called")
    add("waitlist", _WAITING, "off", "removed", "asked_often")
    return found


EVENTS: dict[str, Event] = _events()
GROUPS: tuple[str, ...] = ("bookings", "visit", "money", "requests", "waitlist")


def links_of(event: Event) -> frozenset[str]:
    """Its variables that are addresses."""
    return LINKS | (event.variables & {"rebook_link"})


def check_source(event: Event, source: Source) -> None:
    """See that a letter can be sent as it is written, whatever its variables stand for.

    Refusals: :class:`Invalid` on ``subject``, ``body`` and ``sms``: ``required``, ``too_long``, ``no_newlines`` (of a
    subject), ``link_missing``, and those of :func:`substitution.parse` and :func:`markup.check`, each with its ``line``.
    """
    mistakes: Mistakes = {}
    for check in (_check_subject, _check_body, _check_sms):
        try:
            check(event, source)
        except Invalid as refusal:
            mistakes |= refusal.fields
    if mistakes:
        raise Invalid(mistakes)


def _check_subject(event: Event, source: Source) -> None:
    if not source.subject.strip():
        raise Invalid.field("subject", "required")
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", source.subject):
        raise Invalid.field("subject", "no_newlines")
    if len(source.subject) > SUBJECT_LIMIT * 3:
        raise Invalid.field("subject", "too_long", limit=SUBJECT_LIMIT * 3)
    substitution.parse(source.subject, field="subject", known=event.variables - BLOCKS)


def _check_body(event: Event, source: Source) -> None:
    if not source.body.strip():
        raise Invalid.field("body", "required")
    nodes = substitution.parse(source.body, field="body", known=event.variables)
    markup.check(nodes, field="body", links=links_of(event))
    if event.needs_link and not names_in(nodes) & {"link", "button"}:
        raise Invalid.field("body", "link_missing")


def _check_sms(event: Event, source: Source) -> None:
    if not source.sms.strip():
        raise Invalid.field("sms", "required")
    if len(source.sms) > SMS_LIMIT * 2:
        raise Invalid.field("sms", "too_long", limit=SMS_LIMIT * 2)
    nodes = substitution.parse(source.sms, field="sms", known=event.variables - BLOCKS)
    if event.needs_link and "link" not in names_in(nodes):
        raise Invalid.field("sms", "link_missing")

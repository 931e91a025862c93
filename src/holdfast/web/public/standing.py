"""How a booking stands for the person who holds it: what it is called, what may still be done, the terms in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts
from holdfast.web import formats
from holdfast.web.public import words
from holdfast.web.public.agreed import wall
from holdfast.web.public.frame import Visit
from holdfast.web.public.money_words import refund_stretches


@dataclass(frozen=True, slots=True)
class Greeting:
    """The head of the page: a title, a line, and a mark that never stands for itself."""

    title: str
    words: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the booking is now and what its holder may do."""

    state: str
    first_name: str
    email: str
    when: str
    is_on: bool
    may_move: bool
    may_cancel: bool
    due: str = ""

    def greeting(self, *, new: bool, said: str) -> Greeting:
        """The head of the page; ``new`` and ``said`` are what the visitor has just done."""
        if self.state == "confirmed" and (new or said in ("moved", "undone")):
            return self._after(said)
        title, line, tone, icon = {
            "confirmed": (
                _("You're booked, %(name)s"),
                _("We look forward to seeing you."),
                "tone-ok",
                "check",
            ),
            "awaiting_payment": (
                _("Nearly there, %(name)s"),
                _("We are holding your time. Pay to keep it.")
                if self.due != "card"
                else _("We are holding your time. Give a card to keep it."),
                "tone-warn",
                "clock",
            ),
            "checked_in": (_("Welcome, %(name)s"), _("You are checked in."), "tone-ok", "check"),
            "completed": (
                _("Thank you for coming, %(name)s"),
                _("This booking is completed."),
                "tone-mute",
                "check",
            ),
            "no_show": (
                _("We missed you, %(name)s"),
                _("This booking was marked as missed."),
                "tone-warn",
                "no-show",
            ),
            "cancelled": (_("Cancelled"), _("%(when)s is cancelled."), "tone-mute", "cancel"),
            "declined": (
                _("Declined"),
                _("The business could not take this booking."),
                "tone-mute",
                "cancel",
            ),
            "expired": (_("This hold has ended"), _("%(when)s was not booked."), "tone-warn", "clock"),
            "held": (
                _("Not booked yet"),
                _("%(when)s is held for you while you fill in your details."),
                "tone-warn",
                "clock",
            ),
        }.get(self.state, (_("Your booking"), "", "tone-mute", "clock"))
        facts = {"name": self.first_name, "when": self.when}
        return Greeting((title % facts).rstrip(", "), line % facts, tone, icon)

    def _after(self, said: str) -> Greeting:
        facts = {"name": self.first_name, "when": self.when}
        if said == "moved":
            return Greeting(
                _("Moved to %(when)s") % facts,
                _("Your old time is free for others again."),
                "tone-ok",
                "check",
            )
        if said == "undone":
            return Greeting(
                _("You're still booked, %(name)s") % facts,
                _("%(when)s is yours as before.") % facts,
                "tone-ok",
                "check",
            )
        mailed = (
            _("We are emailing the confirmation to %(email)s.") % {"email": self.email} if self.email else ""
        )
        return Greeting(_("You're booked, %(name)s") % facts, mailed, "tone-ok", "check")


@dataclass(frozen=True, slots=True)
class Term:
    """One stretch of the terms; ``is_now`` marks the one that holds at this moment."""

    title: str
    words: str
    is_now: bool


def standing(visit: Visit, booking: BookingFacts) -> Standing:
    """How it stands by the clock and by the terms it was made under (SPEC D11)."""
    state = booking.state_at(visit.now)
    until_move = booking.starts_at - timedelta(minutes=booking.policy.reschedule_notice_minutes)
    until_cancel = booking.starts_at - timedelta(minutes=booking.policy.cancellation_notice_minutes)
    ahead, asked = state == "confirmed", booking.proposed is not None
    waits = state == "awaiting_payment"
    return Standing(
        state=state,
        first_name=booking.contact.name.split()[0] if booking.contact.name.split() else "",
        email=booking.contact.email,
        when=formats.day_and_clock(wall(visit.timetable, booking.starts_at)),
        is_on=state in ("confirmed", "checked_in"),
        may_move=ahead and (asked or visit.now <= until_move),
        may_cancel=waits or (ahead and (asked or visit.now <= until_cancel)),
        due=booking.awaited.kind if waits else "",
    )


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time that the business proposes; ``value`` is what its button sends."""

    value: str
    words: str


def proposals(visit: Visit, booking: BookingFacts) -> list[Proposal] | None:
    """The times to choose from while the business asks for another one; None while it does not.

    What has passed meanwhile is left out; what was taken meanwhile is answered when it is chosen.
    """
    if booking.proposed is None or booking.state_at(visit.now) != "confirmed":
        return None
    found = []
    for starts_at, resource_id in booking.proposed:
        if starts_at > visit.now:
            when = formats.day_and_clock(wall(visit.timetable, starts_at))
            whom = words.with_resource(visit.timetable.taken_by([resource_id] if resource_id else []))
            value = f"{starts_at:%Y-%m-%dT%H:%MZ}/{resource_id or ''}"
            found.append(Proposal(value, f"{when} {whom}".strip()))
    return found


def terms(visit: Visit, booking: BookingFacts) -> list[Term]:
    """What changing and cancelling means now and later, in order of time."""
    policy = booking.policy
    until_move = booking.starts_at - timedelta(minutes=policy.reschedule_notice_minutes)
    until_cancel = booking.starts_at - timedelta(minutes=policy.cancellation_notice_minutes)
    first, last = sorted((until_move, until_cancel))
    call = words.call(visit.business) if visit.business.phone else _("Contact the business.")
    found = [Term(_until(booking, first), _("Move or cancel free"), visit.now <= first)]
    if first != last:
        still = _("You can still cancel free") if last == until_cancel else _("You can still move free")
        found.append(Term(_until(booking, last), still, first < visit.now <= last))
    found.append(Term(_("After that"), call, visit.now > last))
    return [*found, *_refund_terms(visit, booking)]


def _refund_terms(visit: Visit, booking: BookingFacts) -> list[Term]:
    """What of a payment comes back until when, where one was made."""
    found: list[Term] = []
    if booking.paid_minor <= 0:
        return found
    before = None
    for stretch in refund_stretches(booking.policy.money.refunds, booking.starts_at):
        is_now = visit.now <= stretch.until and (before is None or visit.now > before)
        found.append(Term(_until(booking, stretch.until), stretch.words, is_now))
        before = stretch.until
    return found


def _until(booking: BookingFacts, at: object) -> str:
    if at == booking.starts_at:
        return _("Until it begins")
    return _("Until %(when)s") % {"when": formats.day_and_clock(formats.local(at, booking.timezone))}  # type: ignore[arg-type]

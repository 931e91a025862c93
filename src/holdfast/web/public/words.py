"""What the public pages say: sentences for refusals, rules, states and history. Codes come in, people's language out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.bookings.queries import ChangeFacts
from holdfast.bookings.rules import Policy
from holdfast.businesses.queries import BusinessFacts
from holdfast.catalog.queries import ResourceFacts
from holdfast.lib.refusals import Invalid, Refusal
from holdfast.web import formats

PERSONS = frozenset({"staff", "artist"})

_FIELDS: Mapping[tuple[str, str], Promise] = {
    ("name", "required"): gettext_lazy("Add your name."),
    ("email", "required"): gettext_lazy("Add your email address: the confirmation goes there."),
    ("email", "invalid_email"): gettext_lazy("Write the whole email address, like name@example.com."),
    ("phone", "invalid_phone"): gettext_lazy("Add the rest of the number, or leave it empty."),
    ("email_code", "required"): gettext_lazy("Type the six digits from the mail."),
    ("email_code", "wrong_code"): gettext_lazy("This is not the code we sent. Check its digits."),
    ("email_code", "code_ended"): gettext_lazy("This code is not good any more. Ask for another below."),
    ("reference", "required"): gettext_lazy("Add the reference: ten letters and digits from your email."),
}
_MISTAKES: Mapping[str, Promise] = {
    "required": gettext_lazy("Fill this in."),
    "control_characters": gettext_lazy("Take out the characters that cannot be shown."),
    "no_time": gettext_lazy("Choose a time first."),
    "in_past": gettext_lazy("This time has passed. Choose a later one."),
    "too_soon": gettext_lazy("This time is too near to be booked online. Choose a later one."),
    "too_far_ahead": gettext_lazy("This day cannot be booked yet. Choose an earlier one."),
    "closed": gettext_lazy("The business is closed then. Choose another time."),
    "outside_hours": gettext_lazy("This would run past closing. Choose an earlier time."),
    "off_grid": gettext_lazy("Bookings do not start at this minute. Choose one of the times."),
    "whole_minutes": gettext_lazy("Choose one of the times."),
    "promo_unknown": gettext_lazy("There is no such code. Check its letters, or leave it empty."),
    "promo_expired": gettext_lazy("This code is no longer valid."),
    "promo_not_yet": gettext_lazy("This code is not valid yet."),
    "promo_other_service": gettext_lazy("This code is for other services."),
    "promo_used_up": gettext_lazy("This code has been used as often as it may be."),
    "wrong_type": gettext_lazy("Write a whole number."),
    "unknown_choice": gettext_lazy("Choose one of the list."),
    "series_length": gettext_lazy("A series has 2 to 52 times."),
    "paid_one_by_one": gettext_lazy("This is paid when it is booked: book each one by itself."),
    "no_slot": gettext_lazy("Nothing begins then. Choose one of the times."),
    "out_of_bounds": gettext_lazy("This is too many people for one booking."),
    "no_table": gettext_lazy("No table here is meant for so many. Choose another number of people."),
    "not_together": gettext_lazy("These tables are not given together. Choose one from the list."),
}
_CONFLICTS: Mapping[str, Promise] = {
    "online_booking_off": gettext_lazy("The business takes no bookings online at the moment."),
    "customer_blocked": gettext_lazy("This booking cannot be made online."),
    "nothing_due": gettext_lazy("There is nothing to pay for this booking now."),
    "hold_at_limit": gettext_lazy(
        "The time cannot be held any longer. Your details are kept: book when you are ready."
    ),
    "changed_meanwhile": gettext_lazy(
        "The booking was changed in the meantime. Here it is as it stands now."
    ),
    "undo_ended": gettext_lazy("The time to undo has passed."),
    "time_taken": gettext_lazy("Someone booked this time a moment ago."),
    "slot_full": gettext_lazy("This time has been filled a moment ago."),
    "slot_closed": gettext_lazy("This time takes no bookings any more."),
    "pacing_reached": gettext_lazy("So many guests arrive then that nobody more can be welcomed."),
    "waitlist_closed": gettext_lazy("Nobody can join this waitlist at the moment."),
    "waitlist_full": gettext_lazy("This waitlist is full: as many wait as it takes."),
    "already_waiting": gettext_lazy(
        "You wait for exactly this already. The link to your place is in the mail we sent when you joined."
    ),
    "offer_out": gettext_lazy("You have an offer already. Answer that one first."),
    "too_near": gettext_lazy("It begins too soon to be offered to anybody."),
    "busy": gettext_lazy("Too many people are booking at this moment. Nothing was changed: try again."),
}


def mistake(field: str, code: str, facts: Mapping[str, Any]) -> str:
    """What to do about one wrong field."""
    if code == "out_of_bounds" and field != "party_size" and {"least", "most"} <= set(facts):
        return _("Write a number from %(least)s to %(most)s.") % dict(facts)
    if code == "too_long":
        return _("Use at most %(limit)s characters.") % {"limit": facts.get("limit", "")}
    words = _FIELDS.get((field, code)) or _MISTAKES.get(code)
    return str(words) if words else _("Check this.")


def mistakes(refusal: Invalid) -> dict[str, list[str]]:
    """The sentences of a refusal by the names of our fields (``customer.name`` is ``name`` here)."""
    found: dict[str, list[str]] = {}
    for name, problems in refusal.fields.items():
        field = name.rpartition(".")[2]
        found[field] = [mistake(field, code, facts) for code, facts in problems]
    return found


def conflict(refusal: Refusal, business: BusinessFacts) -> str:
    """One sentence about what stands in the way, with what to do next where it is known."""
    said = _SENTENCES.get(refusal.code)
    if said is not None:
        words = said(refusal.facts)
    else:
        words = str(_CONFLICTS.get(refusal.code, _("Something changed in the meantime. Nothing was done.")))
    if (
        refusal.code
        in ("online_booking_off", "customer_blocked", "limit_reached", "too_late", "waitlist_full")
        and business.phone
    ):
        return f"{words} {call(business)}"
    return words


def call(business: BusinessFacts) -> str:
    """``Call 0113 496 0182.``"""
    return _("Call %(phone)s.") % {"phone": business.phone}


def _limit_reached(facts: Mapping[str, Any]) -> str:
    if facts.get("per") == "slot":
        return _("You have a place at this time already.")
    if facts.get("per") == "day":
        return _("You have as many bookings on that day as the business allows.")
    return _("You have as many upcoming bookings as the business allows.")


def _illegal_step(facts: Mapping[str, Any]) -> str:
    return _("That is not possible any more: the booking is %(state)s.") % {
        "state": STATES.get(str(facts.get("state")), facts.get("state", ""))
    }


def _entry_over(facts: Mapping[str, Any]) -> str:
    said = {
        "booked": _("You have a place already, so there is nothing to wait for."),
        "left": _("You have left the list, and the time to undo that has passed."),
        "cancelled": _("The booking this was about is cancelled."),
    }
    return said.get(str(facts.get("state")), _("You are not on the list any more."))


def _offer_over(facts: Mapping[str, Any]) -> str:
    said = {
        "accepted": _("This offer was accepted already."),
        "declined": _("You passed this offer, so it went on."),
        "withdrawn": _("This offer was taken back."),
    }
    return said.get(str(facts.get("state")), _("This offer was not answered in time, so it went on."))


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "limit_reached": _limit_reached,
    "illegal_step": _illegal_step,
    "entry_over": _entry_over,
    "offer_expired": _offer_over,
    "too_late": lambda _facts: _("It is too late to change this online."),
}

STATES: Mapping[str, Promise] = {
    "held": gettext_lazy("held for you"),
    "awaiting_payment": gettext_lazy("waiting for its payment"),
    "requested": gettext_lazy("requested"),
    "confirmed": gettext_lazy("booked"),
    "checked_in": gettext_lazy("under way"),
    "completed": gettext_lazy("completed"),
    "no_show": gettext_lazy("missed"),
    "cancelled": gettext_lazy("cancelled"),
    "declined": gettext_lazy("declined"),
    "expired": gettext_lazy("expired"),
}


def anyone(business: BusinessFacts) -> str:
    """Nobody in particular, in the business's own noun."""
    return _("Any barber") if business.blueprint == "barbershop" else _("Anyone")


def with_anyone(business: BusinessFacts) -> str:
    return _("with any barber") if business.blueprint == "barbershop" else _("with anyone")


def called(resource: ResourceFacts) -> str:
    """How a resource is spoken of in passing: people by their first name."""
    return resource.name.split()[0] if resource.kind in PERSONS else resource.name


def with_resource(resource: ResourceFacts | None, *, in_full: bool = True) -> str:
    """``with Theo Marsh`` for people, ``at Chair 2`` for anything else, nothing where nothing has a name."""
    if resource is None:
        return ""
    name = resource.name if in_full else called(resource)
    return (
        _("with %(name)s") % {"name": name} if resource.kind in PERSONS else _("at %(name)s") % {"name": name}
    )


def zone(name: str) -> str:
    """``London time``."""
    return _("%(place)s time") % {"place": formats.zone_city(name)}


def general_policy(policy: Policy) -> str:
    """The terms before a time is chosen."""
    cancel, move = policy.cancellation_notice_minutes, policy.reschedule_notice_minutes
    if not cancel and not move:
        return _("Change or cancel free until it begins.")
    if cancel == move:
        return _("Free changes and cancellation up to %(notice)s before.") % {
            "notice": formats.notice(cancel)
        }
    return _("Free changes up to %(move)s before, cancellation up to %(cancel)s before.") % {
        "move": formats.notice(move),
        "cancel": formats.notice(cancel),
    }


def policy_for(policy: Policy, starts_at: datetime, zone_name: str, now: datetime) -> str:
    """The terms of a chosen time, with clock times instead of lengths."""
    cancel_by = starts_at - timedelta(minutes=policy.cancellation_notice_minutes)
    move_by = starts_at - timedelta(minutes=policy.reschedule_notice_minutes)
    last = max(cancel_by, move_by)
    if last <= now:
        return _("This is so soon that it cannot be changed or cancelled online any more.")
    until = formats.day_and_clock(formats.local(last, zone_name))
    if cancel_by == move_by:
        return _("Change or cancel free until %(until)s.") % {"until": until}
    if cancel_by > move_by:
        return _("Cancel free until %(until)s.") % {"until": until}
    return _("Change free until %(until)s.") % {"until": until}


def _paid_line(change: ChangeFacts) -> str:
    """``Paid £10.00``, or that a card was given."""
    if not change.details.get("amount_minor"):
        return _("A card was given")
    amount = formats.money(change.details["amount_minor"], change.details.get("currency", ""))
    return _("Paid %(amount)s") % {"amount": amount}


def history_line(change: ChangeFacts, zone_name: str) -> str | None:
    """One line of what happened to a booking, or None for what only matters inside."""
    lines: dict[str, str] = {
        "book": _("Booked") if change.actor == "customer" else _("Booked by the business"),
        "cancel": _("Cancelled") if change.actor == "customer" else _("Cancelled by the business"),
        "undo": _("Taken back"),
        "pay": _paid_line(change),
        "repay": _("Payment given back"),
        "refund": _("Money given back"),
        "fee": _("A fee for the missed visit was announced"),
        "no_fee": _("The fee was dropped"),
        "check_in": _("Checked in"),
        "complete": _("Completed"),
        "no_show": _("Marked as missed"),
        "coming": _("You said that you are coming"),
        "rated": _("You rated your visit"),
    }
    if change.action == "move":
        return _moved(change.details, zone_name)
    return lines.get(change.action)


def _moved(details: Mapping[str, Any], zone_name: str) -> str:
    try:
        before = datetime.fromisoformat(details["from"]["starts_at"])
        after = datetime.fromisoformat(details["to"]["starts_at"])
    except (KeyError, TypeError, ValueError):
        return _("Moved")
    return _("Moved from %(before)s to %(after)s") % {
        "before": formats.day_and_clock(formats.local(before, zone_name)),
        "after": formats.day_and_clock(formats.local(after, zone_name)),
    }

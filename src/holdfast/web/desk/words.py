"""What the desk says: sentences for refusals, words for states and faces. Codes come in, people's language goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from holdfast.lib.actors import Role
from holdfast.lib.refusals import Invalid, Refusal

_ROLES: Mapping[Role, Promise] = {
    Role.STAFF: gettext_lazy("Staff"),
    Role.MANAGER: gettext_lazy("Manager"),
    Role.ADMIN: gettext_lazy("Admin"),
    Role.OPERATOR: gettext_lazy("Operator"),
}

# The door through which a change came, see lib.actors.Actor.
DOORS: Mapping[str, Promise] = {
    "page": gettext_lazy("on the pages"),
    "api": gettext_lazy("by the API"),
    "command": gettext_lazy("by a command"),
    "worker": gettext_lazy("by itself"),
    "admin": gettext_lazy("in the operator's admin"),
}
# How a booking stands on the board, see board.face_of.
FACES: Mapping[str, Promise] = {
    "booked": gettext_lazy("Booked"),
    "late": gettext_lazy("Late"),
    "unmarked": gettext_lazy("Not marked"),
    "arrived": gettext_lazy("Arrived"),
    "here": gettext_lazy("Here now"),
    "done": gettext_lazy("Done"),
    "no_show": gettext_lazy("No-show"),
    "held": gettext_lazy("Held online"),
    "paying": gettext_lazy("Paying now"),
}
STATES: Mapping[str, Promise] = {
    "held": gettext_lazy("Held online"),
    "awaiting_payment": gettext_lazy("Awaiting payment"),
    "requested": gettext_lazy("Requested"),
    "confirmed": gettext_lazy("Booked"),
    "checked_in": gettext_lazy("Checked in"),
    "completed": gettext_lazy("Done"),
    "no_show": gettext_lazy("No-show"),
    "cancelled": gettext_lazy("Cancelled"),
    "declined": gettext_lazy("Declined"),
    "expired": gettext_lazy("Expired"),
}
# face or state → (tone, icon): a colour never stands alone.
LOOKS: Mapping[str, tuple[str, str]] = {
    "booked": ("mute", "clock"),
    "confirmed": ("mute", "clock"),
    "late": ("bad", "clock"),
    "unmarked": ("mute", "clock"),
    "arrived": ("accent", "check"),
    "here": ("accent", "check"),
    "checked_in": ("accent", "check"),
    "done": ("ok", "check"),
    "completed": ("ok", "check"),
    "no_show": ("bad", "no-show"),
    "held": ("info", "lock"),
    "paying": ("info", "lock"),
    "awaiting_payment": ("warn", "clock"),
    "requested": ("info", "bell"),
    "cancelled": ("mute", "cancel"),
    "declined": ("mute", "cancel"),
    "expired": ("mute", "clock"),
}

_CONFLICTS: Mapping[str, Promise] = {
    "address_suppressed": gettext_lazy(
        "Nothing goes to this address any more. Ask the customer for another, or let it be written to again first."
    ),
    "stopped_by_person": gettext_lazy("They answered STOP. Only their own START takes it back."),
    "time_taken": gettext_lazy("Someone took this time a moment ago. Nothing was changed."),
    "slot_full": gettext_lazy("This slot has not enough places left. Nothing was changed."),
    "slot_closed": gettext_lazy("This slot is closed. Open it first, or say why it does not hold this time."),
    "slot_exists": gettext_lazy("There is such a slot already."),
    "slot_in_use": gettext_lazy("There are people in this slot. Cancel or move them first, or close it."),
    "slots_overlap": gettext_lazy(
        "These slots would overlap others of the same place. Choose other times, or another place."
    ),
    "capacity_below_taken": gettext_lazy("More places than that are taken. Nothing was changed."),
    "pacing_reached": gettext_lazy(
        "As many guests as the service takes at once arrive then. Book it all the same with a reason."
    ),
    "changed_meanwhile": gettext_lazy(
        "Someone changed this booking a moment ago. Here it is as it stands now."
    ),
    "illegal_step": gettext_lazy("That is not possible from where this booking stands now."),
    "too_early": gettext_lazy("It is too early for that."),
    "too_late": gettext_lazy("The notice this booking asks for has passed."),
    "undo_ended": gettext_lazy("The time to undo has passed."),
    "too_many_endpoints": gettext_lazy("There are as many webhooks as there can be. Remove one first."),
    "endpoint_paused": gettext_lazy("The webhook is paused. Resume it first."),
    "limit_reached": gettext_lazy("This customer has as many bookings as your rules allow."),
    "customer_blocked": gettext_lazy("This customer is blocked."),
    "online_booking_off": gettext_lazy("Online booking is switched off."),
    "option_held": gettext_lazy(
        "Another request has the first option on this date. Challenge it, or take it back."
    ),
    "nothing_due": gettext_lazy("There is nothing to pay for this booking now."),
    "no_saved_card": gettext_lazy("There is no card on file for this booking."),
    "charge_under_way": gettext_lazy("This cannot be stopped any more: it is on its way, or done."),
    "option_challenged": gettext_lazy("The holder of the first option is being asked already."),
    "no_option": gettext_lazy("There is no option that allows this."),
    "no_option_left": gettext_lazy("All options on this date are given."),
    "nothing_to_answer": gettext_lazy("There is nothing to answer any more. Here it is as it stands now."),
    "too_many_templates": gettext_lazy("There are as many templates as can be kept. Delete one first."),
    "still_booked": gettext_lazy(
        "They still have bookings ahead. Cancel those first, or wait until they are over."
    ),
    "already_erased": gettext_lazy("This person was forgotten already."),
    "no_other_time": gettext_lazy("No other time is free to move it to. Nothing was changed."),
    "hold_ended": gettext_lazy("The hold has ended."),
    "hold_at_limit": gettext_lazy("A hold cannot be made any longer."),
    "in_use": gettext_lazy("Bookings refer to this. Retire it instead of deleting it."),
    "busy": gettext_lazy("The system is busy. Nothing was changed: try again in a moment."),
    "waitlist_closed": gettext_lazy("The waitlist is closed for this service."),
    "waitlist_full": gettext_lazy("As many wait for this service as its list takes."),
    "already_waiting": gettext_lazy("This person waits for the very same already."),
    "entry_over": gettext_lazy("That is not possible any more: they are not on the list."),
    "offer_expired": gettext_lazy("This offer is over."),
    "offer_out": gettext_lazy("They have an offer that waits for an answer. Withdraw it first."),
    "too_near": gettext_lazy("This begins too soon to ask anybody first."),
    "already_member": gettext_lazy("Somebody with this address works here already."),
    "already_invited": gettext_lazy("An invitation to this address is open. Send it again, or withdraw it."),
    "too_many_invitations": gettext_lazy("There are as many open invitations as can be. Withdraw one first."),
    "sent_just_now": gettext_lazy(
        "It was sent a moment ago. Give the mail a minute before you send it again."
    ),
    "other_address": gettext_lazy(
        "This invitation is for another address. Sign in with the one it was sent to."
    ),
    "last_admin": gettext_lazy(
        "This is the only admin. Make somebody else an admin first, or nobody could let anybody in any more."
    ),
    "nobody_to_send_to": gettext_lazy("A test goes to your own address: sign in with an account."),
    "conflict": gettext_lazy("Something changed in the meantime. Nothing was done."),
}
# Why a message was dropped, see notifications.rules.delivery; anything else is what the mail server answered.
_PROBLEMS: Mapping[str, Promise] = {
    "cancelled": gettext_lazy("The booking was cancelled."),
    "not_cancelled": gettext_lazy("The booking is not cancelled any more."),
    "not_booked": gettext_lazy("The booking does not stand."),
    "not_needed": gettext_lazy("It was settled in the meantime."),
    "moved": gettext_lazy("The booking was moved."),
    "moved_again": gettext_lazy("The booking was moved again."),
    "arrived": gettext_lazy("The customer had arrived."),
    "started": gettext_lazy("The booking had begun."),
    "quiet_hours": gettext_lazy("The quiet hours ended too late for it."),
    "gone": gettext_lazy("The booking is gone."),
    "expired": gettext_lazy("It had run out."),
    "answered": gettext_lazy("It was answered meanwhile."),
    "not_so_any_more": gettext_lazy("It is not so any more."),
    "not_waiting": gettext_lazy("They do not wait any more."),
    "waits_again": gettext_lazy("They are on the list again."),
    "offer_late": gettext_lazy("The time to answer was over before it could go."),
    "offer_over": gettext_lazy("The offer was answered or withdrawn before it could go."),
    "offered_again": gettext_lazy("They have another offer meanwhile."),
    "not_told": gettext_lazy("They had not been told of the offer."),
    "not_called": gettext_lazy("They are not called any more."),
    "called_again": gettext_lazy("They were called again meanwhile."),
    "seated": gettext_lazy("They have their place."),
    "coming": gettext_lazy("They had said that they come."),
    "not_completed": gettext_lazy("The visit is not done."),
    "too_late": gettext_lazy("It was too long ago."),
    "UnusableAddress": gettext_lazy("The address cannot be used."),
    "suppressed_bounced": gettext_lazy("Mail to this address came back before. Nothing more goes there."),
    "suppressed_complained": gettext_lazy("Our mail was reported as spam. Nothing more goes there."),
    "suppressed_stopped": gettext_lazy("They answered STOP."),
    "no_sms_provider": gettext_lazy("This installation cannot send texts."),
}
_FIELDS: Mapping[str, Promise] = {
    "required": gettext_lazy("Fill this in."),
    "no_slots": gettext_lazy("Tick the slots that are meant, or choose all."),
    "no_slot": gettext_lazy("No slot begins then."),
    "not_by_slot": gettext_lazy("This service is not booked by slot."),
    "does_not_give": gettext_lazy("This place does not give the service."),
    "has_slots": gettext_lazy("There are slots of it. Delete them first, or make another service."),
    "control_characters": gettext_lazy("Take out the characters that cannot be shown."),
    "invalid_email": gettext_lazy("Write an address like name@example.com."),
    "invalid_phone": gettext_lazy("Write a phone number with 5 to 15 digits."),
    "wrong_type": gettext_lazy("Write a whole number."),
    "wrong_format": gettext_lazy("This is not written as it should be."),
    "not_an_amount": gettext_lazy("Write an amount like 32 or 32.50."),
    "wrong_date": gettext_lazy("Choose a date that exists."),
    "invalid_date": gettext_lazy("Choose a date that exists."),
    "with_date": gettext_lazy("Leave this out where a whole day is meant."),
    "longer_than_a_day": gettext_lazy("It can last 24 hours at most."),
    "nothing_offered": gettext_lazy("Offer another fee, another time, or both."),
    "wrong_code": gettext_lazy("This is not the code that was sent. Check its digits."),
    "code_ended": gettext_lazy("This code is not good any more. Ask for another."),
    "differs_from_hold": gettext_lazy("This is not what is held."),
    "pair_of_two": gettext_lazy("Choose two tables."),
    "wrong_time": gettext_lazy("Write a time like 09:30."),
    "no_table": gettext_lazy("No table here is meant for so many."),
    "not_together": gettext_lazy("These tables are not given together."),
    "not_rising": gettext_lazy("Write the parties from small to large."),
    "wrong_turns": gettext_lazy("Write parties and minutes like “2: 90, 4: 120”."),
    "repeated": gettext_lazy("Choose two different ones."),
    "same_tables": gettext_lazy("Another combination has the same tables."),
    "unknown": gettext_lazy("Choose one of the list."),
    "unknown_choice": gettext_lazy("Choose one of the list."),
    "twice": gettext_lazy("This is there already."),
    "less_than_least": gettext_lazy("Write a number that is not below the least."),
    "same_as_from": gettext_lazy("Choose another end than the beginning."),
    "invalid_promo_code": gettext_lazy("Use letters, digits and dashes, 2 to 40 of them."),
    "not_allowed": gettext_lazy("This does not go with the kind chosen."),
    "before_start": gettext_lazy("The end has to be after the start."),
    "all_zero": gettext_lazy("At least one of these has to weigh something."),
    "today_only": gettext_lazy("Who waits here waits for today."),
    "no_such_day": gettext_lazy("None of these days of the week lies between the dates."),
    "not_waited_for": gettext_lazy("They do not wait for this service."),
    "overlaps": gettext_lazy("These hours overlap with others of the same day."),
    "more_than_price": gettext_lazy("A deposit cannot be more than the price."),
    "less_than_seats_min": gettext_lazy("The most seats cannot be fewer than the fewest."),
    "whole_minutes": gettext_lazy("Choose a time on a whole minute."),
    "unknown_country": gettext_lazy(
        "No holidays are known for this code. Write a country like GB or GB-ENG."
    ),
    "in_past": gettext_lazy("This time has passed. Choose a later one."),
    "too_soon": gettext_lazy("This is sooner than your notice allows."),
    "too_far_ahead": gettext_lazy("This is further ahead than bookings are taken."),
    "beyond_role": gettext_lazy(
        "The role does not allow all that is ticked. Choose a higher role, or untick it."
    ),
    "unusable": gettext_lazy("Use up to 100 ordinary characters."),
    "closed": gettext_lazy("Closed at this time."),
    "outside_hours": gettext_lazy("It would not end within opening hours."),
    "off_grid": gettext_lazy("Bookings of this service do not start at this minute."),
    "no_time": gettext_lazy("Choose a time."),
    "promo_unknown": gettext_lazy("There is no such code."),
    "promo_expired": gettext_lazy("This code is no longer valid."),
    "promo_not_yet": gettext_lazy("This code is not valid yet."),
    "promo_other_service": gettext_lazy("This code is for other services."),
    "invalid_url": gettext_lazy(
        "Give a whole address, such as https://till.example.com/hooks, without a password or #."
    ),
    "needs_https": gettext_lazy("The address must begin with https://."),
    "private_address": gettext_lazy("This leads to a private network. Webhooks go to public addresses only."),
    "no_such_host": gettext_lazy("Nobody knows this host. Check the spelling."),
    "promo_used_up": gettext_lazy("This code has been used as often as it may be."),
    "series_length": gettext_lazy("A series has 2 to 52 times."),
    "group_size": gettext_lazy("A group has 2 to 10 people."),
    "paid_one_by_one": gettext_lazy("This is paid when it is booked: book each one by itself."),
    "not_set_up": gettext_lazy("This installation is not set up for that. Choose another way."),
    "more_than_paid": gettext_lazy("This is more than is left of what was paid."),
    "not_positive": gettext_lazy("Write an amount above zero."),
    "not_a_rate": gettext_lazy("Write a percentage such as 20 or 7.5."),
    "time_taken": gettext_lazy("This time is taken."),
    "too_large": gettext_lazy("This file is too large. Choose one of at most 2 MB."),
    "not_a_picture": gettext_lazy(
        "This is no PNG, JPEG or WebP picture. Choose one, or save yours as PNG first."
    ),
    "too_many_pixels": gettext_lazy("This picture is too large. Choose one of at most 6000 by 2600 pixels."),
    "more_than_a_picture": gettext_lazy(
        "This file holds more than a picture. Open it and save it anew as PNG, then choose that."
    ),
}
_MEASURED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "too_long": lambda f: _("Use at most %(limit)s characters.") % {"limit": f.get("limit", "")},
    "too_many": lambda f: _("At most %(limit)s are possible.") % {"limit": f.get("limit", "")},
    "too_few": lambda f: _("At least %(limit)s are needed.") % {"limit": f.get("limit", "")},
    "too_many_slots": lambda f: (
        _("That makes more than %(limit)s slots. Choose fewer dates.") % {"limit": f.get("limit", "")}
    ),
    "gives_slots": lambda f: (
        _("%(name)s gives slots, and can give nothing else.") % {"name": f.get("name", "")}
    ),
    "gives_no_slots": lambda f: (
        _("%(name)s gives other services, which are not booked by slot.") % {"name": f.get("name", "")}
    ),
    "too_far": lambda f: _("At most %(limit)s days are possible.") % {"limit": f.get("limit", "")},
    "out_of_bounds": lambda f: (
        _("Write a number from %(least)s to %(most)s.")
        % {"least": f.get("least", ""), "most": f.get("most", "")}
    ),
    "out_of_range": lambda f: (
        _("Write a number from %(least)s to %(most)s.")
        % {"least": f.get("minimum", ""), "most": f.get("maximum", "")}
    ),
}


def role(of: Role) -> str:
    """The role as people say it."""
    return str(_ROLES.get(of, of))


def mistake(code: str, facts: Mapping[str, Any]) -> str:
    """What to do about one wrong field."""
    if code in _MEASURED:
        return _MEASURED[code](facts)
    return str(_FIELDS.get(code, _("Check this.")))


def mistakes(refusal: Invalid, *, prefix: str = "") -> dict[str, list[str]]:
    """The sentences of a refusal by field; ``prefix`` is taken off the names."""
    return {
        name.removeprefix(prefix): [mistake(code, facts) for code, facts in found]
        for name, found in refusal.fields.items()
    }


def sentence(refusal: Refusal) -> str:
    """One sentence about a refusal that no field explains."""
    if refusal.code == "illegal_step":
        state = str(STATES.get(str(refusal.facts.get("state")), refusal.facts.get("state", "")))
        return _("That is not possible any more: this booking is %(state)s.") % {"state": state.lower()}
    if refusal.code == "message_not_needed":
        return _("Not sent: it is not true any more. %(why)s") % {
            "why": problem(str(refusal.facts.get("reason", "")))
        }
    if refusal.code == "slots_left_out":
        count = int(refusal.facts.get("count", 0))
        return ngettext(
            "%(count)s slot cannot be changed so, because of the people in it. None was changed.",
            "%(count)s slots cannot be changed so, because of the people in them. None was changed.",
            count,
        ) % {"count": count}
    if refusal.code == "in_use":
        return in_use(int(refusal.facts.get("bookings", 0)))
    return str(_CONFLICTS.get(refusal.code, _CONFLICTS["conflict"]))


def problem(code: str) -> str:
    """Why a message did not go; empty for none."""
    if not code:
        return ""
    if code.startswith("Twilio"):
        return _("The text could not be delivered (%(answer)s).") % {"answer": code}
    return str(_PROBLEMS.get(code) or _("Mail could not be delivered (%(answer)s).") % {"answer": code})


def in_use(bookings: int) -> str:
    """Why something cannot be deleted."""
    return ngettext(
        "%(count)s booking refers to this. Retire it instead: it keeps its past and takes no new bookings.",
        "%(count)s bookings refer to this. Retire it instead: it keeps its past and takes no new bookings.",
        bookings,
    ) % {"count": bookings}


def ago(then: datetime, now: datetime) -> str:
    """``20 s ago``, ``3 min ago``, ``2 h ago``: how long since a colleague's change."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < 60:
        return _("%(count)s s ago") % {"count": seconds}
    if seconds < 3600:
        return _("%(count)s min ago") % {"count": seconds // 60}
    return _("%(count)s h ago") % {"count": seconds // 3600}

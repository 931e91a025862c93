"""What the API says about a refusal: a title and a sentence for each code, in the reader's language.

The codes are the contract; the words may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

# code → (title, detail). ``{name}`` takes a fact of the refusal.
PROBLEMS: dict[str, tuple[Words, Words]] = {
    "invalid": (_("Some values are wrong"), _("See “fields” for what is wrong with each.")),
    "malformed_json": (_("The body is not valid JSON"), _("Send one JSON object, encoded in UTF-8.")),
    "body_too_large": (_("The body is too large"), _("A request may carry at most one megabyte.")),
    "bad_request": (_("The request cannot be read"), _("The request is not well-formed HTTP for this API.")),
    "unauthorized": (
        _("Credentials are needed"),
        _("Send a valid token as “Authorization: Bearer …”, sign in, or use the personal “token”."),
    ),
    "forbidden": (_("Not allowed"), _("Your role does not allow this.")),
    "csrf_failed": (
        _("The request could not be tied to your session"),
        _("With a session cookie, writes need the X-CSRFToken header."),
    ),
    "second_factor_missing": (
        _("A second step is needed"),
        _("What you may do here needs one. Set it up on the page “Your sign-in”, then try again."),
    ),
    "email_not_verified": (
        _("The address is not proven"),
        _("Ask for a code at “verifications” and send it as “customer.email_code”."),
    ),
    "not_found": (_("Not found"), _("There is no such thing here, or it is not yours to see.")),
    "method_not_allowed": (_("Method not allowed"), _("See the “Allow” header for what this address takes.")),
    "rate_limited": (_("Too many requests"), _("Try again in {retry_after} seconds.")),
    "busy": (_("Busy"), _("Somebody else is changing the same thing. Try again in a moment.")),
    "internal": (_("Something went wrong on our side"), _("It was recorded. Nothing was changed.")),
    "conflict": (_("Not possible now"), _("The situation is not what the request assumed.")),
    "time_taken": (
        _("This time is taken"),
        _("Choose one of the alternatives or ask for the free times again."),
    ),
    "message_not_needed": (
        _("The message is not needed any more"),
        _("What it says is not true any more: {reason}."),
    ),
    "address_suppressed": (
        _("Nothing goes to this address"),
        _("Mail came back from it, was reported as spam, or the person wants none: {reason}."),
    ),
    "would_strand": (
        _("The change would strand bookings"),
        _("Say what becomes of each: “decisions” by reference, or “stranded” for all of them."),
    ),
    "still_booked": (
        _("There are bookings ahead"),
        _("Cancel the bookings in “references” first, or wait until they are over."),
    ),
    "already_erased": (_("Already forgotten"), _("Nothing about this person is left.")),
    "no_other_time": (_("No other time is free"), _("The booking {booking} cannot be moved by itself.")),
    "slot_full": (
        _("The slot is full"),
        _("It has {remaining} places left. Choose one of the alternatives or ask for the free times again."),
    ),
    "slot_closed": (_("The slot is closed"), _("It takes no bookings now. Choose another one.")),
    "slot_exists": (
        _("There is such a slot already"),
        _("Same service, same resource, same start. Change that one."),
    ),
    "slots_overlap": (
        _("The slots would overlap others"),
        _("The resource has other slots then: {count} would overlap, the first at {starts_at}."),
    ),
    "capacity_below_taken": (
        _("More places are taken"),
        _("{taken} places are taken. The capacity cannot be less."),
    ),
    "slot_in_use": (
        _("Somebody is in this slot"),
        _("{taken} places are taken. Close it instead, or cancel its bookings first."),
    ),
    "slots_left_out": (
        _("Not possible for all of them"),
        _("{count} of the slots cannot be changed so, hence none was. See “left_out”."),
    ),
    "already_set_up": (_("Somebody can sign in already"), _("Whoever has an account makes the others.")),
    "pacing_reached": (
        _("Too many guests would arrive at once"),
        _(
            "At most {pacing_covers} guests may start within {interval_minutes} minutes. Choose one of the"
            " alternatives."
        ),
    ),
    "hold_ended": (_("The hold has ended"), _("The time is no longer held. Choose a time again.")),
    "hold_at_limit": (_("The hold cannot be extended further"), _("It stays alive until {expires_at}.")),
    "illegal_step": (_("Not possible in this state"), _("The booking is “{state}”.")),
    "nothing_due": (_("Nothing to pay"), _("Nothing is to be paid for this now.")),
    "no_saved_card": (_("No card on file"), _("No card was kept for this booking.")),
    "charge_under_way": (_("Too late to stop"), _("It is on its way, or done.")),
    "nothing_to_answer": (
        _("Nothing to answer"),
        _("There is no counter-offer and no challenge. The business has the next word."),
    ),
    "no_option": (_("No such option"), _("The request has no option that allows this.")),
    "no_option_left": (_("No option left"), _("There are {most} options on this date already.")),
    "option_held": (
        _("Another request comes first"),
        _("The first option on this date is another’s. Challenge it, or take it back."),
    ),
    "option_challenged": (
        _("Already challenged"),
        _("The holder of the first option has until {until} to confirm."),
    ),
    "too_many_templates": (_("Too many templates"), _("{most} can be kept. Delete one first.")),
    "too_late": (_("Too late to change"), _("This could be changed until {until}.")),
    "too_early": (_("Too early"), _("This can be done from {from} on.")),
    "undo_ended": (_("Nothing to undo"), _("The time to undo has passed.")),
    "too_many_endpoints": (
        _("Too many webhooks"),
        _("A business can have {limit}. Remove one that is not needed."),
    ),
    "endpoint_paused": (_("The webhook is paused"), _("Nothing is sent to it. Resume it first.")),
    "limit_reached": (
        _("The limit is reached"),
        _("This customer already has {limit} bookings, as many as allowed."),
    ),
    "customer_blocked": (
        _("No online booking"),
        _("The business takes no online bookings from this customer."),
    ),
    "online_booking_off": (_("Online booking is switched off"), _("Please contact the business directly.")),
    "changed_meanwhile": (
        _("Changed meanwhile"),
        _("Somebody changed this since you read it. Read it again."),
    ),
    "waitlist_closed": (_("The waitlist is closed"), _("Nobody can join it for this now.")),
    "waitlist_full": (_("The waitlist is full"), _("{limit} wait for this already, as many as allowed.")),
    "already_waiting": (
        _("Already waiting"),
        _("This person waits for the very same already. The link they were given leads there."),
    ),
    "entry_over": (_("Not possible in this state"), _("What it is about is “{state}”.")),
    "offer_expired": (
        _("The offer is over"),
        _("It is “{state}”: the place was let go. Whoever still waits keeps their place in line."),
    ),
    "offer_out": (_("An offer is out"), _("This person has until {until} to answer another offer.")),
    "too_near": (_("Too near to ask"), _("It begins too soon to ask somebody first and wait for an answer.")),
    "in_use": (_("Still in use"), _("{bookings} bookings refer to it. Make it inactive instead.")),
    "slug_taken": (_("This address is taken"), _("Another business already uses it.")),
    "already_member": (_("Already a member"), _("This account already has a role here.")),
    "already_invited": (
        _("Already invited"),
        _("An invitation to this address is open. Send it again or withdraw it."),
    ),
    "too_many_invitations": (_("Too many invitations"), _("{most} can be open. Withdraw one first.")),
    "sent_just_now": (_("Sent a moment ago"), _("It can be sent again from {from} on.")),
    "other_address": (
        _("The invitation is another’s"),
        _("Sign in with the address it was sent to."),
    ),
    "last_admin": (
        _("The last admin"),
        _("Without this one nobody could let anybody in. Make somebody else an admin first."),
    ),
    "email_taken": (_("This address is taken"), _("There is already an account with this email address.")),
    "idempotency_key_reused": (
        _("The Idempotency-Key was used before"),
        _("It belongs to another request. Use a fresh key for a new request."),
    ),
    "idempotency_key_unusable": (
        _("The Idempotency-Key cannot be used"),
        _("A key is 1 to 255 printable characters."),
    ),
}

# code of one field → sentence.
FIELDS: dict[str, Words] = {
    "all_zero": _("At least one of the weights must count for something."),
    "before_start": _("Must not be before the start."),
    "beyond_role": _("“{scope}” needs the role “{needs}”."),
    "closed": _("The business is closed then."),
    "code_ended": _(
        "Is not good any more: it ran out, was used, or was tried wrongly too often. Ask for another."
    ),
    "control_characters": _("Must not contain control characters."),
    "differs_from_hold": _("Must be left out or agree with what is held."),
    "differs_from_slot": _("Must be left out or agree with the slot."),
    "gives_no_slots": _("{name} gives other services, which are not booked by slot."),
    "gives_slots": _("{name} gives slots, and can give nothing else."),
    "has_slots": _("There are slots of it. Delete them first, or make another service."),
    "in_past": _("Must not be in the past."),
    "invalid": _("Is not valid."),
    "invalid_cursor": _("Is not a cursor of this list."),
    "invalid_date": _("Must be a date that exists, like 2026-11-20."),
    "invalid_email": _("Must be an email address."),
    "invalid_instant": _("Must be a date and time with an offset, like 2026-11-20T10:00:00Z."),
    "invalid_phone": _("Must be a phone number."),
    "invalid_slug": _("May hold small letters, digits and hyphens."),
    "longer_than_a_day": _("Must be within {hours} hours of the start."),
    "less_than_seats_min": _("Must not be less than the fewest seats."),
    "more_than_price": _("Must not be more than the price."),
    "no_such_day": _("No such weekday lies between these dates."),
    "no_slot": _("No slot begins then."),
    "no_table": _("No table here is meant for so many."),
    "not_waited_for": _("Is not what this person waits for."),
    "not_allowed": _("Is not allowed here."),
    "not_rising": _("Parties must rise from one step to the next."),
    "not_together": _("These tables are not given together to such a party."),
    "not_a_length": _("Must be 1 to 1440 minutes after the start."),
    "not_by_slot": _("Is not booked by slot."),
    "more_than_paid": _("Must be at most {most}: what is left of what was paid."),
    "not_positive": _("Must be more than nothing."),
    "not_set_up": _("This installation is set up for: {choices}."),
    "nothing_offered": _("Must be given, or another time."),
    "off_grid": _("Starts lie on a grid of {interval_minutes} minutes."),
    "offset_required": _("Needs an offset, like Z or +01:00: a wall time alone is no instant."),
    "out_of_bounds": _("Must be between {least} and {most}."),
    "out_of_range": _("Must be between {minimum} and {maximum}."),
    "outside_hours": _("Does not fit into the opening hours."),
    "overlaps": _("Overlaps with another window."),
    "paid_one_by_one": _("Is paid when it is booked: book each one by itself."),
    "pair_of_two": _("Must name two tables."),
    "repeated": _("Must not be named twice."),
    "required": _("Is required."),
    "reused": _("Was used before for another request."),
    "same_tables": _("Another combination already has these tables."),
    "today_only": _("Who waits on the spot waits for today alone."),
    "too_far": _("Is too far from the start: {limit} days at most."),
    "too_far_ahead": _("Can be booked {furthest_ahead_days} days ahead at most."),
    "too_few": _("Must hold at least {limit}."),
    "too_long": _("Must be at most {limit} characters."),
    "too_many": _("Must hold at most {limit}."),
    "too_many_slots": _("Makes more than {limit} slots. Choose fewer dates."),
    "too_short": _("Must be at least {limit} characters."),
    "too_soon": _("Must be at least {earliest_notice_minutes} minutes from now."),
    "group_size": _("A group has {least} to {most} members."),
    "invalid_promo_code": _("May hold letters, digits and dashes, 2 to 40 of them."),
    "less_than_least": _("Must not be less than the least."),
    "promo_expired": _("This code was valid until {until}."),
    "promo_not_yet": _("This code is valid from {from} on."),
    "promo_other_service": _("This code is for other services."),
    "promo_unknown": _("There is no such code."),
    "invalid_url": _(
        "Give a whole address, such as https://till.example.com/hooks, without a password or #."
    ),
    "needs_https": _("The address must begin with https://."),
    "private_address": _("This leads to a private network. Webhooks go to public addresses only."),
    "no_such_host": _("Nobody knows this host. Check the spelling."),
    "promo_used_up": _("This code has been used as often as it may be."),
    "same_as_from": _("Must differ from the beginning."),
    "series_length": _("A series has {least} to {most} times."),
    "time_taken": _("Somebody has this time."),
    "twice": _("Is there already."),
    "unknown": _("Names nothing that exists here."),
    "unknown_choice": _("Must be one of: {choices}."),
    "unknown_field": _("Is not known here."),
    "unknown_timezone": _("Must be a time zone like Europe/London."),
    "unusable": _("Cannot be used."),
    "too_large": _("Must be at most 2 MB."),
    "not_a_picture": _("Must be a PNG, JPEG or WebP picture."),
    "too_many_pixels": _("Must be at most 6000 pixels a side and 16 million in all."),
    "more_than_a_picture": _("Must end where the picture ends: save it anew."),
    "whole_minutes": _("Must be a whole minute."),
    "wrong_code": _("Is not the code that was mailed."),
    "wrong_format": _("Is not written as expected."),
    "unknown_variable": _("Line {line}: there is no variable “{name}”."),
    "unknown_tag": _("Line {line}: “{name}” is no section."),
    "unclosed": _("Line {line}: a section is not ended."),
    "not_open": _("Line {line}: “{name}” ends or divides nothing."),
    "stray_braces": _("Line {line}: braces that open or close nothing."),
    "too_deep": _("Line {line}: too many sections inside each other."),
    "unknown_markup": _("Line {line}: the tag “{name}” is not possible."),
    "unknown_attribute": _("Line {line}: the attribute “{name}” is not possible."),
    "wrong_address": _("Line {line}: a link leads to https, mailto, tel or to a variable that is a link."),
    "wrong_end": _("Line {line}: “{name}” ends nothing that is open."),
    "stray_angle": _("Line {line}: a lone “<”."),
    "unclosed_markup": _("Line {line}: “{name}” is not ended."),
    "half_markup": _("Line {line}: a section cuts a tag."),
    "no_newlines": _("Must be one line."),
    "link_missing": _("Must hold the link."),
    "with_date": _("Must be left out where a date is given."),
    "wrong_type": _("Is of the wrong kind."),
}

AT_LEAST, AT_MOST = _("Must be at least {least}."), _("Must be at most {most}.")


def title_and_detail(code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """The words for a refusal; an unknown code speaks for itself."""
    title, detail = PROBLEMS.get(code, (code, ""))
    return str(title), _filled(detail, facts)


def field_sentence(code: str, facts: Mapping[str, Any]) -> str:
    """The words for one field's mistake."""
    if code == "out_of_bounds" and not {"least", "most"} <= set(facts):
        return _filled(AT_LEAST if "least" in facts else AT_MOST, facts)
    return _filled(FIELDS.get(code, FIELDS["invalid"]), facts)


def _filled(words: Words, facts: Mapping[str, Any]) -> str:
    return str(words).format_map(_Facts(facts))


class _Facts(dict[str, Any]):
    """Facts as a sentence shows them; a missing one is an ellipsis, not a fault."""

    def __getitem__(self, name: str) -> str:
        value = dict.get(self, name, "…")
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    def __missing__(self, name: str) -> str:
        return "…"

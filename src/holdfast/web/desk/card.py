"""A booking as the desk shows it: opened beside the board, and as a page of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.bookings.queries import BookingFacts, ChangeFacts, booking_by_reference, history_of
from holdfast.bookings.rules import CHECK_IN_EARLY_HOURS, TRANSITIONS
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Refusal
from holdfast.notifications.queries.messages import MessageFacts, messages_of_booking
from holdfast.notifications.queries.suppressions import suppressions_of
from holdfast.notifications.rules.states import GONE, UNREACHED
from holdfast.schedule.queries import Timetable
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk
from holdfast.web.desk.board import face_of
from holdfast.web.desk.others import together_context
from holdfast.web.desk.picture import Visit
from holdfast.web.questions import shown_answers

UNDO_SECONDS = 10


def visit_of(booking: BookingFacts) -> Visit:
    """What the board needs of a booking."""
    return Visit(
        reference=booking.reference,
        state=booking.state,
        resource_ids=booking.resource_ids,
        service_id=booking.service_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        sequence=booking.sequence,
        name=booking.contact.name,
        has_notes=bool(booking.notes),
        releases_at=booking.releases_at,
        slot_id=booking.slot_id,
        places=booking.party_size,
    )


def name_of(booking: BookingFacts) -> str:
    """The customer's name, or a word for nobody yet."""
    return booking.contact.name or _("Online customer")


def for_staff(timetable: Timetable) -> Timetable:
    """The timetable as the desk may use it: no notice to keep, and as far ahead as can be set."""
    settings = replace(timetable.business.settings, earliest_notice_minutes=0, furthest_ahead_days=730)
    return replace(timetable, business=replace(timetable.business, settings=settings))


def read_booking(desk: Desk, reference: str) -> BookingFacts:
    """The booking of the address. Refusals: :class:`Missing`."""
    return booking_by_reference(business_id=desk.business.id, reference=reference)


def card_context(desk: Desk, booking: BookingFacts) -> dict[str, Any]:
    """All that a card shows and offers."""
    zone, slug = desk.business.timezone, desk.business.slug
    starts, ends = formats.local(booking.starts_at, zone), formats.local(booking.ends_at, zone)
    resource = desk.timetable.taken_by(booking.resource_ids)
    service = desk.timetable.services.get(booking.service_id)
    face = face_of(
        visit_of(booking), desk.now, desk.business.settings.late_after_minutes
    ) or booking.state_at(desk.now)
    return {
        "booking": booking,
        "name": name_of(booking),
        "service": service.name if service else "",
        "resource": resource.name if resource else "",
        "on": booking.local_on,
        "when": _("%(starts)s to %(ends)s") % {"starts": formats.clock(starts), "ends": formats.clock(ends)},
        "day": formats.day(starts.date()),
        "price": price_words(booking),
        "status": _status(desk, booking, face),
        "actions": _actions(desk, booking),
        "person_url": person_url(desk, booking),
        "card_url": reverse("desk:booking", args=[slug, booking.reference]),
        "day_url": f"{reverse('desk:day', args=[slug])}?date={booking.local_on.isoformat()}",
        "is_changeable": desk.may(Action.CHANGE_BOOKINGS),
        "answers": shown_answers(booking.answers),
    }


def price_words(booking: BookingFacts) -> str:
    """The price, and what of it was paid where something was."""
    price = formats.money(booking.price_minor, booking.currency, brief=True)
    if not booking.paid_minor:
        return price
    paid = formats.money(booking.paid_minor, booking.currency, brief=True)
    return _("%(price)s · %(paid)s paid") % {"price": price, "paid": paid}


def person_url(desk: Desk, booking: BookingFacts) -> str:
    """The page of the customer; empty while nobody is known, or for who may not see it."""
    if booking.customer_id is None or not desk.may(Action.SEE_CUSTOMERS):
        return ""
    return reverse("desk:person", args=[desk.business.slug, booking.customer_id])


def record_context(desk: Desk, booking: BookingFacts) -> dict[str, Any]:
    """What the page of a booking adds: its history and its messages."""
    business_id, zone = desk.business.id, desk.business.timezone
    history = history_of(business_id=business_id, booking_id=booking.id)
    return {
        "history": [
            {
                "what": _change_words(desk, change),
                "who": change.actor if change.actor != "customer" else _("the customer"),
                "when": formats.day_and_clock(formats.local(change.at, zone)),
                "via": str(words.DOORS.get(change.via, change.via)),
                "reason": change.details.get("reason", ""),
            }
            for change in reversed(history)
        ],
        "messages_sent": [
            {
                "what": message.kind_label,
                "url": reverse("desk:message", args=[desk.business.slug, message.id]),
                "is_off": message.state in UNREACHED,
                "to": message.recipient,
                "state": message.state_label,
                "problem": words.problem(message.problem),
                "resend_url": resend_url(desk, message) if message.state in GONE | UNREACHED else "",
                "when": formats.day_and_clock(formats.local(message.sent_at or message.send_after, zone)),
            }
            for message in messages_of_booking(business_id=business_id, booking_id=booking.id)
        ],
        "held": suppressions_of(
            business_id=business_id, email=booking.contact.email, phone=booking.contact.phone
        ),
        "made": formats.day_and_clock(formats.local(booking.created_at, zone)),
        **together_context(desk, booking),
    }


def resend_url(desk: Desk, message: MessageFacts) -> str:
    """Where a message is sent again from; empty for who may not."""
    if not desk.may(Action.CHANGE_BOOKINGS):
        return ""
    return reverse("desk:resend", args=[desk.business.slug, message.id])


def show_card(
    desk: Desk,
    booking: BookingFacts,
    *,
    refusal: Refusal | None = None,
    toast: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
) -> HttpResponse:
    """The card: beside the board for htmx, else as a page. A refusal is shown with the card as it stands now."""
    context = card_context(desk, booking) | {"section": "day", "toast": toast, "errors": errors or {}}
    if refusal is not None:
        context["refused"] = refused_words(desk, booking, refusal)
    status = 422 if errors else 409 if refusal is not None else 200
    if desk.is_fragment:
        return desk.render("desk/card_fragment.html", context, status=status)
    from holdfast.web.desk.money import money_context

    context |= record_context(desk, booking) | money_context(desk, booking, errors or {})
    return desk.render("desk/booking.html", context, status=status)


def refused_words(desk: Desk, booking: BookingFacts, refusal: Refusal) -> str:
    """Why it was not done; when a colleague was faster, who did what and how long ago."""
    if refusal.code in ("changed_meanwhile", "illegal_step"):
        history = history_of(business_id=desk.business.id, booking_id=booking.id)
        if history:
            last = history[-1]
            who = last.actor if last.actor != "customer" else _("The customer")
            facts = {
                "who": who,
                "what": _change_words(desk, last).lower(),
                "ago": words.ago(last.at, desk.now),
            }
            return _("%(who)s, %(ago)s: %(what)s. Here is the booking as it stands now.") % facts
    return words.sentence(refusal)


def toast_for(desk: Desk, booking: BookingFacts, did: str) -> dict[str, Any] | None:
    """The words after an action, with its undo while there is one; None for an action that is unknown or long past."""
    name = name_of(booking)
    sentences = {
        "check_in": _("%(name)s is checked in."),
        "complete": _("%(name)s is done."),
        "no_show": _("%(name)s marked as a no-show."),
        "cancel": _("%(name)s is cancelled."),
        "undo": _("%(name)s is back as before."),
        "move": _("Moved %(name)s to %(when)s with %(resource)s."),
        "book": _("Booked %(name)s for %(when)s with %(resource)s."),
        "notes": _("Notes saved."),
        "take": _("Written down as paid."),
        "refund": _("The money goes back."),
        "fee": _("The fee is planned. Until it is charged you can drop it."),
        "no-fee": _("The fee is dropped."),
        "resend": _("The message goes out again now."),
    }
    if did not in sentences:
        return None
    resource = desk.timetable.taken_by(booking.resource_ids)
    when = formats.day_and_clock(formats.local(booking.starts_at, desk.business.timezone))
    facts = {"name": name, "when": when, "resource": resource.name if resource else ""}
    toast: dict[str, Any] = {"sentence": sentences[did] % facts, "seconds": UNDO_SECONDS, "undo_url": ""}
    route = {"move": "desk:move_back"}.get(did, "desk:undo")
    if did == "move" and _last_move_is_fresh(desk, booking):
        toast["undo_url"] = reverse(route, args=[desk.business.slug, booking.reference])
    elif did in ("check_in", "complete", "no_show", "cancel") and booking.undo_until:
        left = (booking.undo_until - desk.now).total_seconds()
        if left > 0:
            toast |= {
                "seconds": int(left + 0.999),
                "undo_url": reverse(route, args=[desk.business.slug, booking.reference]),
            }
    return toast


def _last_move_is_fresh(desk: Desk, booking: BookingFacts) -> bool:
    history = history_of(business_id=desk.business.id, booking_id=booking.id)
    return bool(history) and history[-1].action == "move" and desk.now - history[-1].at < timedelta(minutes=1)


def _status(desk: Desk, booking: BookingFacts, face: str) -> dict[str, str]:
    tone, icon = words.LOOKS.get(face, ("mute", "clock"))
    label = str(words.FACES.get(face) or words.STATES.get(face) or face)
    if face == "late":
        minutes = int((desk.now - booking.starts_at).total_seconds() // 60)
        label = _("%(count)s min late") % {"count": minutes}
    return {"label": label, "tone": tone, "icon": icon}


def _actions(desk: Desk, booking: BookingFacts) -> dict[str, bool]:
    """Which steps are possible now, so that a button never leads to a refusal the page could foresee."""
    if not desk.may(Action.CHANGE_BOOKINGS):
        return {}
    possible = {step for state, step in TRANSITIONS if state == booking.state}
    soon = desk.now >= booking.starts_at - timedelta(hours=CHECK_IN_EARLY_HOURS)
    return {
        "check_in": "check_in" in possible and soon,
        "complete": "complete" in possible,
        "no_show": "no_show" in possible and desk.now >= booking.starts_at,
        "move": "move" in possible,
        "tables": "move" in possible and _is_at_table(desk, booking),
        "cancel": "cancel" in possible,
        "undo": bool(booking.undo_until and booking.undo_until > desk.now and booking.undo_state),
    }


def _is_at_table(desk: Desk, booking: BookingFacts) -> bool:
    service = desk.timetable.services.get(booking.service_id)
    return service is not None and service.mode == "table"


def _change_words(desk: Desk, change: ChangeFacts) -> str:
    """One line of history in words."""
    if change.action == "move":
        return _moved_words(desk, change)
    plain = {
        "hold": _("Held online"),
        "book": _("Booked"),
        "release": _("Hold released"),
        "expire": _("Hold ended"),
        "check_in": _("Checked in"),
        "complete": _("Completed"),
        "no_show": _("Marked as a no-show"),
        "cancel": _("Cancelled"),
        "undo": _("Taken back"),
        "notes": _("Notes changed"),
        "coming": _("Said that they are coming"),
        "rated": _("Rated the visit"),
        "pay": _("Paid"),
        "repay": _("Payment given back"),
        "refund": _("Money given back"),
        "fee": _("No-show fee planned"),
        "no_fee": _("No-show fee dropped"),
    }
    return plain.get(change.action, change.action)


def _moved_words(desk: Desk, change: ChangeFacts) -> str:
    try:
        starts = datetime.fromisoformat(change.details["to"]["starts_at"])
    except (KeyError, TypeError, ValueError):
        return _("Moved")
    when = formats.day_and_clock(formats.local(starts, desk.business.timezone))
    names = {str(id): resource.name for id, resource in desk.timetable.resources.items()}
    resource = names.get(str(change.details["to"].get("resource")), "")
    return _("Moved to %(when)s with %(resource)s") % {"when": when, "resource": resource}

"""Messages that could not be sent, what became of those to people who wait, and sending one again (SPEC F6, H3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from holdfast.bookings.queries import booking_by_id
from holdfast.businesses.rules import Action
from holdfast.lib.references import show_reference
from holdfast.lib.refusals import Conflict
from holdfast.notifications.commands import resend_message
from holdfast.notifications.errors import MessageNotNeeded
from holdfast.notifications.queries import (
    MessageFacts,
    failed_count_of,
    failed_messages,
    message_by_id,
    waitlist_messages,
)
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import resend_url, show_card

_MOST = 100
_LATELY = timedelta(days=7)


@require_safe
@at_desk
def messages(desk: Desk) -> HttpResponse:
    """What could not be delivered and still matters; of the waitlist everything lately, with what was not sent and why."""
    desk.require(Action.SEE_BOOKINGS)
    return _page(desk)


@require_POST
@at_desk
def resend(desk: Desk, message: UUID) -> HttpResponse:
    """Send one message again, and back to where the button was."""
    desk.require(Action.CHANGE_BOOKINGS)
    business_id, slug = desk.business.id, desk.business.slug
    found = message_by_id(business_id=business_id, message_id=message)
    from_list = desk.request.POST.get("from") == "list"
    try:
        resend_message(actor=desk.actor, business_id=business_id, message_id=message, now=desk.now)
    except MessageNotNeeded as refusal:
        if from_list or found.booking_id is None:
            return _page(desk, refusal=refusal)
        booking = booking_by_id(business_id=business_id, booking_id=found.booking_id)
        return show_card(desk, booking, refusal=refusal)
    if from_list or not found.reference:
        return redirect(f"{reverse('desk:messages', args=[slug])}?did=resend")
    return redirect(f"{reverse('desk:booking', args=[slug, found.reference])}?did=resend")


def _page(desk: Desk, *, refusal: Conflict | None = None) -> HttpResponse:
    rows = failed_messages(business_id=desk.business.id, now=desk.now, limit=_MOST)
    total = failed_count_of(business_id=desk.business.id, now=desk.now)
    waiting = _of_the_waitlist(desk, {row.id for row in rows})
    toast = None
    if desk.request.GET.get("did") == "resend":
        toast = {"sentence": _("The message goes out again now."), "seconds": 10, "undo_url": ""}
    context = {
        "section": "bookings",
        "title": _("Messages not sent") if rows or not waiting else _("Messages"),
        "rows": [_row(desk, row) for row in rows],
        "waiting": waiting,
        "more": max(0, total - len(rows)),
        "toast": toast,
        "refused": words.sentence(refusal) if refusal else "",
    }
    return desk.render("desk/messages.html", context, status=409 if refusal else 200)


def _row(desk: Desk, message: MessageFacts) -> dict[str, Any]:
    slug = desk.business.slug
    return {
        "what": message.kind_label,
        "to": message.recipient,
        "when": formats.day_and_clock(formats.local(message.send_after, desk.business.timezone)),
        "problem": words.problem(message.problem),
        "reference": show_reference(message.reference) if message.reference else "",
        "booking_url": reverse("desk:booking", args=[slug, message.reference]) if message.reference else "",
        "resend_url": resend_url(desk, message),
    }


def _of_the_waitlist(desk: Desk, shown: set[UUID]) -> list[dict[str, Any]]:
    """What was written to those who wait, the latest first, without what stands above; empty for who may not see the
    waitlist."""
    if not desk.may(Action.SEE_WAITLIST):
        return []
    found = waitlist_messages(business_id=desk.business.id, since=desk.now - _LATELY, limit=_MOST)
    return [
        {
            **_row(desk, message),
            "state": message.state_label,
            "is_off": message.state in ("failed", "dropped"),
            "resend_url": resend_url(desk, message) if message.state == "sent" else "",
        }
        for message in found
        if message.id not in shown
    ]

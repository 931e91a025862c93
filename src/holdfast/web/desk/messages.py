"""Messages: what could not be sent, all of them by filters, one with its log, sending one again, and the addresses that
nothing goes to any more (SPEC F6, H3, H4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from holdfast.bookings.queries import booking_by_id
from holdfast.businesses.rules import Action
from holdfast.lib.references import show_reference
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.notifications.commands import lift_suppression, resend_message
from holdfast.notifications.models import Channel, Message
from holdfast.notifications.queries import (
    MessageFacts,
    MessageFilter,
    failed_count_of,
    failed_messages,
    find_messages,
    log_of,
    message_by_id,
    suppressions,
    suppressions_of,
    waitlist_messages,
)
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.card import resend_url, show_card
from holdfast.web.desk.fields import Errors, Field, choices, summary

_MOST = 100
_PAGE = 50
_LATELY = timedelta(days=7)
_NAMES = ("q", "state", "kind", "channel")
TONES = {
    "failed": "bad", "bounced": "bad", "complained": "bad", "queued": "mute", "dropped": "mute", "delivered": "ok",
    "opened": "ok",
}  # fmt: skip


@require_safe
@at_desk
def messages(desk: Desk) -> HttpResponse:
    """What could not be delivered and still matters, and of the waitlist everything lately; with a filter all that fit."""
    desk.require(Action.SEE_BOOKINGS)
    if any(name in desk.request.GET for name in _NAMES):
        return _found(desk)
    return _page(desk)


@require_safe
@at_desk
def message(desk: Desk, message: UUID) -> HttpResponse:
    """One message: to whom, about what, and everything that became of it."""
    desk.require(Action.SEE_BOOKINGS)
    return _one(desk, message_by_id(business_id=desk.business.id, message_id=message))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def suppressed(desk: Desk) -> HttpResponse:
    """The addresses and numbers nothing goes to; a POST has one written to again."""
    desk.require(Action.SEE_CUSTOMERS)
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CUSTOMERS)
        return _lift(desk)
    return _suppressed(desk)


@require_POST
@at_desk
def resend(desk: Desk, message: UUID) -> HttpResponse:
    """Send one message again, and back to where the button was."""
    desk.require(Action.CHANGE_BOOKINGS)
    business_id, slug = desk.business.id, desk.business.slug
    found = message_by_id(business_id=business_id, message_id=message)
    came_from = desk.request.POST.get("from")
    from_list = came_from == "list"
    try:
        went = resend_message(actor=desk.actor, business_id=business_id, message_id=message, now=desk.now)
    except Conflict as refusal:
        if came_from == "message":
            return _one(desk, found, refusal=refusal)
        if from_list or found.booking_id is None:
            return _page(desk, refusal=refusal)
        booking = booking_by_id(business_id=business_id, booking_id=found.booking_id)
        return show_card(desk, booking, refusal=refusal)
    if came_from == "message":
        return redirect(f"{reverse('desk:message', args=[slug, went])}?did=resend")
    if from_list or not found.reference:
        return redirect(f"{reverse('desk:messages', args=[slug])}?did=resend")
    return redirect(f"{reverse('desk:booking', args=[slug, found.reference])}?did=resend")


def _page(desk: Desk, *, refusal: Conflict | None = None) -> HttpResponse:
    rows = failed_messages(business_id=desk.business.id, now=desk.now, limit=_MOST)
    total = failed_count_of(business_id=desk.business.id, now=desk.now)
    waiting = _of_the_waitlist(desk, {row.id for row in rows})
    context = {
        **_filters(desk, {}),
        "section": "bookings",
        "title": _("Messages not sent") if rows or not waiting else _("Messages"),
        "rows": [_row(desk, row) for row in rows],
        "waiting": waiting,
        "more": max(0, total - len(rows)),
        "toast": _toast(desk),
        "refused": words.sentence(refusal) if refusal else "",
    }
    return desk.render("desk/messages.html", context, status=409 if refusal else 200)


def _row(desk: Desk, message: MessageFacts) -> dict[str, Any]:
    slug = desk.business.slug
    return {
        "what": message.kind_label,
        "url": reverse("desk:message", args=[slug, message.id]),
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
            "resend_url": resend_url(desk, message)
            if message.state in ("sent", "delivered", "opened")
            else "",
        }
        for message in found
        if message.id not in shown
    ]


def _found(desk: Desk) -> HttpResponse:
    """The messages that fit the filters, the latest first, page by page."""
    values = {name: desk.request.GET.get(name, "").strip()[:200] for name in _NAMES}
    errors: Errors = {}
    rows: list[MessageFacts] = []
    next_cursor = None
    wanted = MessageFilter(
        state=values["state"], kind=values["kind"], channel=values["channel"], text=values["q"]
    )
    try:
        page = find_messages(
            business_id=desk.business.id,
            wanted=wanted,
            cursor=desk.request.GET.get("cursor", ""),
            limit=_PAGE,
        )
        rows, next_cursor = page.items, page.next_cursor
    except Invalid as refusal:
        errors = words.mistakes(refusal)
    base = reverse("desk:messages", args=[desk.business.slug])
    kept = {name: values[name] for name in _NAMES}
    context = {
        **_filters(desk, values),
        "section": "bookings",
        "title": _("Messages"),
        "found": [_line(desk, row) for row in rows],
        "is_found": True,
        "mistakes": summary(errors),
        "first_url": f"{base}?{urlencode(kept)}" if desk.request.GET.get("cursor") else "",
        "next_url": f"{base}?{urlencode(kept | {'cursor': next_cursor})}" if next_cursor else "",
        "toast": _toast(desk),
    }
    return desk.render("desk/messages.html", context, status=422 if errors else 200)


def _filters(desk: Desk, values: dict[str, str]) -> dict[str, Any]:
    """The form above the list, and the way to the addresses nothing goes to."""
    states = {str(state): str(label) for state, label in Message.State.choices}
    kinds = {str(kind): str(label) for kind, label in Message.Kind.choices}
    channels = {str(channel): str(label) for channel, label in Channel.choices}
    every = {"": _("All")}

    def select(name: str, label: str, options: dict[str, str]) -> Field:
        return Field(name, label, kind="select", choices=choices(options, values.get(name, "")))

    return {
        "q": values.get("q", ""),
        "fields": [
            select("state", _("Status"), every | {"unreached": _("Did not reach anybody")} | states),
            select("kind", _("About"), every | kinds),
            select("channel", _("By"), every | channels),
        ],
        "suppressed": len(suppressions(business_id=desk.business.id))
        if desk.may(Action.SEE_CUSTOMERS)
        else 0,
    }


def _line(desk: Desk, message: MessageFacts) -> dict[str, Any]:
    """One row of the list."""
    when = formats.local(message.sent_at or message.send_after, desk.business.timezone)
    return _row(desk, message) | {
        "when": formats.day_and_clock(when),
        "state": message.state_label,
        "tone": TONES.get(message.state, ""),
        "channel": message.channel,
        "resend_url": "",
    }


def _one(desk: Desk, message: MessageFacts, *, refusal: Conflict | None = None) -> HttpResponse:
    zone = desk.business.timezone

    def said(what: str, at: Any, detail: str = "") -> dict[str, str]:
        return {"what": what, "when": formats.day_and_clock(formats.local(at, zone)), "detail": detail}

    answers = {"accept": _("1: accepted"), "pass": _("9: passed")}
    log = [said(_("Written"), message.created_at)]
    if message.sent_at is not None:
        log.append(said(_("Sent"), message.sent_at))
    elif message.state in ("failed", "dropped"):
        log.append(said(message.state_label, message.next_attempt_at or message.send_after))
    log += [
        said(
            line.label,
            line.at,
            " · ".join(filter(None, [answers.get(line.detail, line.detail), line.provider])),
        )
        for line in log_of(business_id=desk.business.id, message_id=message.id)
    ]
    is_mail = message.channel == Channel.EMAIL
    address = {"email" if is_mail else "phone": message.recipient}
    context = {
        "section": "bookings",
        "title": message.kind_label,
        "message": message,
        "row": _line(desk, message),
        "by": str(Channel(message.channel).label),
        "waits_until": said("", message.next_attempt_at)["when"] if message.next_attempt_at else "",
        "problem": words.problem(message.problem),
        "log": log,
        "held": suppressions_of(business_id=desk.business.id, **address),
        "resend_url": resend_url(desk, message)
        if message.state != "dropped" and message.kind != "code"
        else "",
        "refused": words.sentence(refusal) if refusal else "",
        "toast": _toast(desk),
    }
    return desk.render("desk/message.html", context, status=409 if refusal else 200)


def _suppressed(desk: Desk, *, refusal: Conflict | None = None) -> HttpResponse:
    rows = [
        {
            "id": one.id,
            "address": one.address,
            "why": one.reason_label,
            "since": formats.day_and_clock(formats.local(one.since, desk.business.timezone)),
            "may_be_lifted": one.may_be_lifted and desk.may(Action.CHANGE_CUSTOMERS),
            "search": urlencode({"q": one.address}),
        }
        for one in suppressions(business_id=desk.business.id)
    ]
    context = {
        "section": "bookings",
        "title": _("Not written to"),
        "rows": rows,
        "refused": words.sentence(refusal) if refusal else "",
        "toast": _toast(desk),
    }
    return desk.render("desk/suppressed.html", context, status=409 if refusal else 200)


def _lift(desk: Desk) -> HttpResponse:
    """Have one address written to again. Refusals: :class:`Missing`."""
    try:
        chosen = UUID(desk.request.POST.get("which", ""))
    except ValueError as error:
        raise Missing(what="suppression") from error
    try:
        lift_suppression(actor=desk.actor, business_id=desk.business.id, suppression_id=chosen, now=desk.now)
    except Conflict as refusal:
        return _suppressed(desk, refusal=refusal)
    return redirect(f"{reverse('desk:suppressed', args=[desk.business.slug])}?did=lift")


def _toast(desk: Desk) -> dict[str, Any] | None:
    sentences = {
        "resend": _("The message goes out again now."),
        "lift": _("The address is written to again."),
    }
    sentence = sentences.get(desk.request.GET.get("did", ""))
    return {"sentence": sentence, "seconds": 10, "undo_url": ""} if sentence else None

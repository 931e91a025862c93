"""Webhooks: a business's own systems are told of its events; each telling can be seen and sent again (SPEC H7)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.lib.retries import MOST_ATTEMPTS
from holdfast.web import formats
from holdfast.web.desk import webhook_words, words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Choice, Errors, Field
from holdfast.web.desk.settings_pages import Group, saved, settings_page
from holdfast.web.recency import recently_signed_in
from holdfast.webhooks import commands
from holdfast.webhooks.commands import NewSecret
from holdfast.webhooks.jobs import problem_of
from holdfast.webhooks.queries import (
    DeliveryFacts,
    EndpointFacts,
    deliveries_of,
    delivery_of_business,
    endpoint_of,
    endpoints_of,
)
from holdfast.webhooks.rules import EVENTS, LONGEST_DESCRIPTION, LONGEST_URL

_USUAL = ("booking.confirmed", "booking.moved", "booking.cancelled")
_SHOWN = 30


@require_safe
@at_desk
def webhooks(desk: Desk) -> HttpResponse:
    """The endpoints and what was sent lately."""
    desk.require(Action.CHANGE_WEBHOOKS)
    rows = [_shown(desk, one) for one in endpoints_of(business_id=desk.business.id, now=desk.now)]
    latest = deliveries_of(business_id=desk.business.id, limit=_SHOWN).items
    context = {
        "rows": rows,
        "deliveries": [_line(desk, one) for one in latest],
        "sent": sum(row["sent"] for row in rows),
        "failing": sum(row["failing"] for row in rows),
        "new_url": reverse("desk:new_webhook", args=[desk.business.slug]),
    }
    return _page(desk, "desk/settings_webhooks.html", _("Webhooks"), context)


@recently_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new(desk: Desk) -> HttpResponse:
    """Where to send what, and then the secret that signs it."""
    desk.require(Action.CHANGE_WEBHOOKS)
    if desk.request.method != "POST":
        return _form(desk, {"url": "", "description": "", "events": list(_USUAL)}, {})
    values = _given(desk)
    problem, plain_allowed = problem_of(values["url"])
    try:
        made = commands.add_endpoint(
            actor=desk.actor,
            business_id=desk.business.id,
            now=desk.now,
            problem=problem,
            plain_allowed=plain_allowed,
            **values,
        )
    except Invalid as refusal:
        return _form(desk, values, words.mistakes(refusal))
    except Conflict as refusal:
        return _form(desk, values, {"": [words.sentence(refusal)]})
    return _secret(desk, made)


@recently_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def webhook(desk: Desk, webhook: UUID) -> HttpResponse:
    """One endpoint: what it wants, how it goes, and what can be done with it."""
    desk.require(Action.CHANGE_WEBHOOKS)
    found = endpoint_of(business_id=desk.business.id, endpoint_id=webhook)
    if desk.request.method != "POST":
        return _one(desk, found)
    do = desk.request.POST.get("do", "")
    if do == "rotate":
        return _secret(
            desk,
            commands.rotate_secret(
                actor=desk.actor, business_id=desk.business.id, endpoint_id=found.id, now=desk.now
            ),
        )
    if do == "remove":
        commands.remove_endpoint(actor=desk.actor, business_id=desk.business.id, endpoint_id=found.id)
        return saved(desk, "webhooks")
    if do in _ACTS:
        try:
            _ACTS[do](actor=desk.actor, business_id=desk.business.id, endpoint_id=found.id, now=desk.now)
        except Conflict as refusal:
            return _one(desk, found, {"": [words.sentence(refusal)]})
        return saved(desk, "webhook", found.id, query=f"did={do}")
    return _change(desk, found)


_ACTS: Mapping[str, Callable[..., Any]] = {
    "pause": commands.pause_endpoint,
    "resume": commands.resume_endpoint,
    "test": commands.send_test,
}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def delivery(desk: Desk, delivery: UUID) -> HttpResponse:
    """One delivery, word for word, with its tries; to be sent again."""
    desk.require(Action.CHANGE_WEBHOOKS)
    found = delivery_of_business(business_id=desk.business.id, delivery_id=delivery)
    errors: Errors = {}
    if desk.request.method == "POST":
        try:
            commands.resend_delivery(
                actor=desk.actor, business_id=desk.business.id, delivery_id=found.id, now=desk.now
            )
        except Conflict as refusal:
            errors = {"": [words.sentence(refusal)]}
        else:
            return saved(desk, "webhook_delivery", found.id, query="did=resend")
    context = {
        "delivery": _line(desk, found),
        "body": json.dumps(json.loads(found.body), ensure_ascii=False, indent=2),
        "tries": [
            {
                "when": _moment(desk, datetime.fromisoformat(tried["at"])),
                "outcome": webhook_words.outcome(tried),
                "took": tried["milliseconds"],
            }
            for tried in reversed(found.log)
        ],
        "back": reverse("desk:webhook", args=[desk.business.slug, found.endpoint_id]),
        **({"saved": _("It goes out again now.")} if desk.request.GET.get("did") and not errors else {}),
    }
    title = str(webhook_words.EVENTS.get(found.event, found.event))
    return _page(desk, "desk/settings_delivery.html", title, context, errors)


def _change(desk: Desk, found: EndpointFacts) -> HttpResponse:
    values = _given(desk)
    problem, plain_allowed = problem_of(values["url"])
    try:
        commands.change_endpoint(
            actor=desk.actor,
            business_id=desk.business.id,
            endpoint_id=found.id,
            problem=problem,
            plain_allowed=plain_allowed,
            **values,
        )
    except Invalid as refusal:
        return _one(desk, found, words.mistakes(refusal), values)
    return saved(desk, "webhook", found.id)


def _given(desk: Desk) -> dict[str, Any]:
    given = desk.request.POST
    return {
        "url": given.get("url", "").strip(),
        "description": given.get("description", "").strip(),
        "events": given.getlist("events"),
    }


def _shown(desk: Desk, one: EndpointFacts) -> dict[str, Any]:
    return {
        "url": one.url,
        "description": one.description,
        "page": reverse("desk:webhook", args=[desk.business.slug, one.id]),
        "events": len(one.events),
        "sent": one.sent,
        "failing": one.failing,
        "paused": one.pause_label if one.paused_at else "",
        "by_itself": one.pause_reason not in ("", "by_hand"),
        "failing_since": _moment(desk, one.failing_since) if one.failing_since else "",
        "former_until": _moment(desk, one.former_until)
        if one.former_until and one.former_until > desk.now
        else "",
    }


def _line(desk: Desk, one: DeliveryFacts) -> dict[str, Any]:
    tried = one.last_try
    again = one.state == "queued" and one.attempts > 0 and one.next_attempt_at is not None
    return {
        "event": one.event,
        "host": one.url.partition("://")[2],
        "state": one.state,
        "state_label": one.state_label,
        "status": tried.get("status", 0),
        "outcome": webhook_words.outcome(tried),
        "took": tried.get("milliseconds", 0),
        "when": _moment(desk, one.created_at),
        "again": _("Try %(number)s of %(most)s, next at %(when)s")
        % {
            "number": one.attempts + 1,
            "most": MOST_ATTEMPTS,
            "when": _moment(desk, one.next_attempt_at),
        }
        if again and one.next_attempt_at
        else "",
        "page": reverse("desk:webhook_delivery", args=[desk.business.slug, one.id]),
    }


def _fields(values: Mapping[str, Any], errors: Errors) -> list[Group]:
    where = [
        Field(
            "url",
            _("Address"),
            values["url"],
            "url",
            _("Where events are sent to, such as https://till.example.com/hooks."),
            required=True,
            limit=LONGEST_URL,
            errors=errors.get("url", ()),
        ),
        Field(
            "description",
            _("Name"),
            values["description"],
            hint=_("What listens there, such as Till at the bar. You may leave it empty."),
            limit=LONGEST_DESCRIPTION,
            errors=errors.get("description", ()),
        ),
    ]
    boxes = [Choice(event, str(webhook_words.EVENTS[event]), event in values["events"]) for event in EVENTS]
    wanted = Field("events", _("Events"), kind="boxes", choices=boxes, errors=errors.get("events", ()))
    about = _("Events say what happened to which booking, never to whom. Programs ask the API for that.")
    return [Group(_("Where"), where), Group(_("What to send"), [wanted], about)]


def _form(desk: Desk, values: Mapping[str, Any], errors: Errors) -> HttpResponse:
    context = {
        "groups": _fields(values, errors),
        "back": reverse("desk:webhooks", args=[desk.business.slug]),
        "save_words": _("Add the webhook"),
    }
    return _page(desk, "desk/settings_form.html", _("New webhook"), context, errors)


def _one(
    desk: Desk, found: EndpointFacts, errors: Errors | None = None, typed: Mapping[str, Any] | None = None
) -> HttpResponse:
    values = typed or {"url": found.url, "description": found.description, "events": found.events}
    page = deliveries_of(
        business_id=desk.business.id,
        endpoint_id=found.id,
        state=_state(desk),
        cursor=desk.request.GET.get("cursor", ""),
        limit=_SHOWN,
    )
    did = {"test": _("A test is on its way."), "pause": _("Paused."), "resume": _("It is sent to again.")}
    context = {
        "endpoint": _shown(desk, found),
        "groups": _fields(values, errors or {}),
        "deliveries": [_line(desk, one) for one in page.items],
        "next_cursor": page.next_cursor,
        "states": [("", _("All")), ("sent", _("Sent")), ("queued", _("Waiting")), ("failed", _("Failed"))],
        "state": _state(desk),
        "back": reverse("desk:webhooks", args=[desk.business.slug]),
    }
    said = did.get(desk.request.GET.get("did", ""))
    if said and not errors:
        context["saved"] = said
    title = found.description or found.url.partition("://")[2]
    return _page(desk, "desk/settings_webhook.html", title, context, errors)


def _state(desk: Desk) -> str:
    wanted = desk.request.GET.get("state", "")
    return wanted if wanted in ("sent", "queued", "failed") else ""


def _secret(desk: Desk, made: NewSecret) -> HttpResponse:
    """The only page that ever shows the secret; browsers do not keep it (no-store)."""
    context = {
        "secret": made.secret,
        "url": made.endpoint.url,
        "overlaps": made.endpoint.former_until is not None,
        "back": reverse("desk:webhook", args=[desk.business.slug, made.endpoint.id]),
    }
    return _page(desk, "desk/settings_webhook_secret.html", _("The secret of the webhook"), context)


def _moment(desk: Desk, at: datetime) -> str:
    return formats.day_and_clock(formats.local(at, desk.business.timezone))


def _page(
    desk: Desk, template: str, title: str, context: Mapping[str, Any], errors: Errors | None = None
) -> HttpResponse:
    return settings_page(
        desk, template, "webhooks", title, context, action=Action.CHANGE_WEBHOOKS, errors=errors
    )

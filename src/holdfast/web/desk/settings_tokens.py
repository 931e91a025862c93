"""Tokens: the keys of programs. A secret is shown once, when it is made (SPEC J4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.accounts.commands import LONGEST_TOKEN_NAME, NewToken
from holdfast.accounts.queries import TokenFacts, token_of, tokens_of
from holdfast.businesses.commands import issue_token, rotate_token, withdraw_token
from holdfast.businesses.rules import LONGEST_OVERLAP_HOURS, PERMISSIONS, Action
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Invalid
from holdfast.web import formats
from holdfast.web.desk import roles_words, words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Choice, Errors, Field, Mistakes, as_errors, choices, whole_number
from holdfast.web.desk.settings_pages import Group, saved, settings_page
from holdfast.web.recency import recently_signed_in

_USUAL_OVERLAP = "24"


@require_safe
@at_desk
def tokens(desk: Desk) -> HttpResponse:
    """The tokens that work now."""
    desk.require(Action.CHANGE_TOKENS)
    rows = [
        shown(desk, one) | {"url": reverse("desk:token", args=[desk.business.slug, one.id])}
        for one in tokens_of(business_id=desk.business.id, now=desk.now)
    ]
    context = {"rows": rows, "new_url": reverse("desk:new_token", args=[desk.business.slug])}
    return _settings(desk, "desk/settings_tokens.html", _("Tokens"), context, {})


@recently_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def new(desk: Desk) -> HttpResponse:
    """What a program is to be let do, and then its secret."""
    desk.require(Action.CHANGE_TOKENS)
    values: dict[str, Any] = {"name": "", "role": "staff", "ends": "365", "scopes": []}
    if desk.request.method != "POST":
        return _form(desk, values, {})
    given = desk.request.POST
    values = {name: given.get(name, "").strip() for name in ("name", "role", "ends")}
    values["scopes"] = given.getlist("scopes")
    if values["ends"] not in _ends():
        return _form(desk, values, {"ends": [words.mistake("unknown_choice", {})]})
    days = int(values["ends"])
    try:
        made = issue_token(
            actor=desk.actor,
            business_id=desk.business.id,
            role=values["role"],
            name=values["name"],
            scopes=values["scopes"],
            expires_at=desk.now + timedelta(days=days) if days else None,
            now=desk.now,
        )
    except Invalid as refusal:
        return _form(desk, values, words.mistakes(refusal))
    return _made(desk, made)


@recently_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def token(desk: Desk, token: UUID) -> HttpResponse:
    """One token: what it may, when it was used; to be replaced or revoked."""
    desk.require(Action.CHANGE_TOKENS)
    found = token_of(business_id=desk.business.id, token_id=token, now=desk.now)
    if desk.request.method != "POST":
        return _one(desk, found, _USUAL_OVERLAP, {})
    if desk.request.POST.get("do") == "revoke":
        withdraw_token(actor=desk.actor, business_id=desk.business.id, token_id=found.id, now=desk.now)
        return saved(desk, "tokens")
    typed = desk.request.POST.get("overlap_hours", "")
    mistakes: Mistakes = {}
    hours = whole_number(typed, "overlap_hours", mistakes)
    if hours is None:
        return _one(desk, found, typed, as_errors(mistakes))
    try:
        made = rotate_token(
            actor=desk.actor,
            business_id=desk.business.id,
            token_id=found.id,
            overlap_hours=hours,
            now=desk.now,
        )
    except Invalid as refusal:
        return _one(desk, found, typed, words.mistakes(refusal))
    return _made(desk, made)


def shown(desk: Desk, one: TokenFacts) -> dict[str, Any]:
    """A token in words."""
    return {
        "name": one.name,
        "prefix": f"hf_{one.prefix}_…",
        "role": words.role(one.role),
        "may": [roles_words.action(scope) for scope in one.scopes],
        "maker": one.maker,
        "made": _day(desk, one.created_at),
        "used": _day(desk, one.last_used_at) if one.last_used_at else _("never"),
        "ends": _moment(desk, one.expires_at) if one.expires_at else _("never"),
    }


def _day(desk: Desk, at: datetime) -> str:
    return formats.full_date(at.astimezone(desk.timetable.tz).date())


def _moment(desk: Desk, at: datetime) -> str:
    local = at.astimezone(desk.timetable.tz)
    return f"{formats.full_date(local.date())}, {formats.clock(local)}"


def _ends() -> dict[str, str]:
    return {
        "30": _("After 30 days"),
        "90": _("After 90 days"),
        "365": _("After a year"),
        "0": _("Never, until somebody revokes it"),
    }


def _form(desk: Desk, values: Mapping[str, Any], errors: Errors) -> HttpResponse:
    scopes = [
        Choice(str(each), str(roles_words.ACTIONS[each]), str(each) in values["scopes"])
        for each, least in PERMISSIONS.items()
        if least is not Role.GUEST or each is Action.BOOK
    ]
    fields = [
        Field(
            "name",
            _("Name"),
            values["name"],
            hint=_("What the program is, such as Till at the bar."),
            required=True,
            limit=LONGEST_TOKEN_NAME,
            errors=errors.get("name", ()),
        ),
        Field(
            "role",
            _("Role"),
            kind="select",
            choices=choices(roles_words.roles(), values["role"]),
            errors=errors.get("role", ()),
        ),
        Field(
            "ends",
            _("Ends"),
            kind="select",
            choices=choices(_ends(), values["ends"]),
            errors=errors.get("ends", ()),
        ),
    ]
    boxes = Field("scopes", _("Only these"), kind="boxes", choices=scopes, errors=errors.get("scopes", ()))
    context = {
        "groups": [
            Group(_("Token"), fields),
            Group(_("What it may"), [boxes], _("Tick nothing to let it do all that its role may.")),
        ],
        "back": reverse("desk:tokens", args=[desk.business.slug]),
        "save_words": _("Make the token"),
    }
    return _settings(desk, "desk/settings_form.html", _("New token"), context, errors)


def _one(desk: Desk, found: TokenFacts, typed: str, errors: Errors) -> HttpResponse:
    overlap = Field(
        "overlap_hours",
        _("Hours the old one goes on working"),
        typed,
        "number",
        _("Time to change the program over, 0 to %(most)s. With 0 the old one ends at once.")
        % {"most": LONGEST_OVERLAP_HOURS},
        required=True,
        least="0",
        most=str(LONGEST_OVERLAP_HOURS),
        errors=errors.get("overlap_hours", ()),
    )
    context = {
        "token": shown(desk, found),
        "overlap": overlap,
        "back": reverse("desk:tokens", args=[desk.business.slug]),
    }
    return _settings(desk, "desk/settings_token.html", found.name, context, errors)


def _made(desk: Desk, made: NewToken) -> HttpResponse:
    """The only page that ever shows the secret; it is not kept by browsers (no-store)."""
    context = {
        "secret": made.secret,
        "name": made.token.name,
        "back": reverse("desk:tokens", args=[desk.business.slug]),
    }
    return _settings(desk, "desk/settings_token_made.html", _("The token is made"), context, {})


def _settings(
    desk: Desk, template: str, title: str, context: Mapping[str, Any], errors: Errors
) -> HttpResponse:
    return settings_page(desk, template, "tokens", title, context, action=Action.CHANGE_TOKENS, errors=errors)

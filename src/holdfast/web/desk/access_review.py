"""Who can come in, as what, and when they last did: a page and a file (SPEC J8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from holdfast.accounts.queries import AccountFacts, accounts_by_id, tokens_of
from holdfast.businesses.queries import MemberFacts, members_of
from holdfast.businesses.rules import Action
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.files import csv_file
from holdfast.web.desk.settings_pages import settings_page
from holdfast.web.desk.settings_tokens import shown
from holdfast.web.recency import recently_signed_in

_NOBODY = AccountFacts(None, has_second_factor=False, connections=())


@require_safe
@at_desk
def review(desk: Desk) -> HttpResponse:
    """Members with their second step and when they were last seen, tokens with their use, other sign-in services."""
    desk.require(Action.SEE_MEMBERS)
    people = _people(desk)
    context = {
        "people": [
            {
                "name": one.name or one.email,
                "email": one.email,
                "role": words.role(one.role),
                "seen": _day(desk, facts.last_seen_at) if facts.last_seen_at else _("never"),
                "has_second_factor": facts.has_second_factor,
                "is_off": not one.is_active,
                "connections": ", ".join(facts.connections),
            }
            for one, facts in people
        ],
        "tokens": [shown(desk, one) for one in tokens_of(business_id=desk.business.id, now=desk.now)],
        "has_connections": any(facts.connections for _one, facts in people),
        "export_url": reverse("desk:access_export", args=[desk.business.slug]),
    }
    return settings_page(
        desk,
        "desk/access_review.html",
        "access_review",
        _("Access review"),
        context,
        action=Action.SEE_MEMBERS,
    )


@recently_signed_in(reading=True)
@require_safe
@at_desk
def export(desk: Desk) -> HttpResponseBase:
    """The same as CSV for spreadsheets; instants in UTC."""
    desk.require(Action.SEE_MEMBERS)
    head = [
        _("Kind"), _("Name"), _("Email"), _("Role"), _("May only"), _("Can sign in"), _("Second step"),
        _("Last seen"), _("Made by"), _("Since"), _("Until"), _("Other sign-in services"),
    ]  # fmt: skip
    yes, no = _("yes"), _("no")
    rows: list[list[Any]] = [
        [
            _("Member"), one.name, one.email, words.role(one.role), "", yes if one.is_active else no,
            yes if facts.has_second_factor else no, _stamp(facts.last_seen_at), "", _stamp(one.created_at), "",
            ", ".join(facts.connections),
        ]
        for one, facts in _people(desk)
    ]  # fmt: skip
    rows += [
        [
            _("Token"), one.name, "", words.role(one.role), ", ".join(one.scopes), "", "",
            _stamp(one.last_used_at), one.maker, _stamp(one.created_at), _stamp(one.expires_at), "",
        ]
        for one in tokens_of(business_id=desk.business.id, now=desk.now)
    ]  # fmt: skip
    return csv_file(desk, "access", head, rows)


def _people(desk: Desk) -> list[tuple[MemberFacts, AccountFacts]]:
    found = members_of(business_id=desk.business.id)
    facts = accounts_by_id(account_ids=[one.account_id for one in found])
    return [(one, facts.get(one.account_id, _NOBODY)) for one in found]


def _day(desk: Desk, at: datetime) -> str:
    return formats.full_date(at.astimezone(desk.timetable.tz).date())


def _stamp(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""

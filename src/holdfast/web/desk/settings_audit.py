"""The audit trail at the desk: who did what, narrowed, page by page, and as a file (SPEC J7)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from holdfast.accounts.queries import names_of_accounts
from holdfast.businesses.queries import member_accounts
from holdfast.businesses.rules import Action
from holdfast.core.trail import TrailFilter, TrailLine, accounts_of, every_line, trail
from holdfast.insights.commands import Exported, note_export
from holdfast.lib.actors import Role
from holdfast.lib.timeline import instant_of
from holdfast.lib.walltime import minute_at
from holdfast.web import formats
from holdfast.web.desk import audit_words, words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, Mistakes, as_errors, choices, identity, typed_date
from holdfast.web.desk.files import csv_file
from holdfast.web.desk.settings_pages import settings_page
from holdfast.web.recency import recently_signed_in

_NAMES = ("who", "what", "from", "to", "about")
_SHOWN = 50


@require_safe
@at_desk
def audit(desk: Desk) -> HttpResponse:
    """The latest first, as the address narrows them."""
    desk.require(Action.SEE_AUDIT)
    values, wanted, errors = _asked(desk)
    lines = [] if errors else trail(
        business_id=desk.business.id, wanted=wanted, before=_before(desk), limit=_SHOWN + 1
    )  # fmt: skip
    more, lines = len(lines) > _SHOWN, lines[:_SHOWN]
    names = names_of_accounts(ids=[line.account_id for line in lines if line.account_id])
    asked = {name: value for name, value in values.items() if value}
    here = reverse("desk:audit", args=[desk.business.slug])
    context = {
        "rows": [_row(desk, line, names) for line in lines],
        "fields": _fields(desk, values, errors),
        "is_filtered": bool(asked),
        "all_url": here,
        "export_url": f"{reverse('desk:audit_csv', args=[desk.business.slug])}?{urlencode(asked)}",
        "next_url": _next(here, asked, lines[-1]) if more else "",
        "first_url": f"{here}?{urlencode(asked)}" if desk.request.GET.get("before") else "",
    }
    return settings_page(
        desk,
        "desk/settings_audit.html",
        "audit",
        _("Audit trail"),
        context,
        action=Action.SEE_AUDIT,
        errors=errors,
    )


@recently_signed_in(reading=True)
@require_safe
@at_desk
def audit_csv(desk: Desk) -> HttpResponseBase:
    """What the filters leave, the earliest first, for spreadsheets."""
    desk.require(Action.SEE_AUDIT)
    _values, wanted, errors = _asked(desk)
    if errors:
        return audit(desk.request, desk.business.slug)
    note_export(actor=desk.actor, business_id=desk.business.id, what=Exported.AUDIT)
    names = names_of_accounts(ids=accounts_of(business_id=desk.business.id))
    head = [
        _("When"), _("Who"), _("Role"), _("What"), _("Through"), _("From"), _("Object"), _("Id"), _("Details"),
        _("Request"), _("Sealed"),
    ]  # fmt: skip
    return csv_file(desk, "audit", head, _cells(desk, wanted, names))


def _cells(desk: Desk, wanted: TrailFilter, names: Mapping[UUID, str]) -> Iterator[list[Any]]:
    for line in every_line(business_id=desk.business.id, wanted=wanted):
        yield [
            line.at.isoformat(timespec="seconds"),
            _who(line, names),
            line.role,
            line.action,
            line.via,
            line.origin,
            line.subject,
            str(line.subject_id or ""),
            json.dumps(line.details, ensure_ascii=False) if line.details else "",
            line.request_id,
            "yes" if line.is_sealed else "",
        ]


def _asked(desk: Desk) -> tuple[dict[str, str], TrailFilter, Errors]:
    values = {name: desk.request.GET.get(name, "").strip() for name in _NAMES}
    mistakes: Mistakes = {}
    if values["what"] and values["what"] not in audit_words.AREAS:
        mistakes["what"] = [("unknown_choice", {})]
    who, about = (identity(values[name]) if values[name] else None for name in ("who", "about"))
    if values["who"] and who is None:
        mistakes["who"] = [("unknown_choice", {})]
    if values["about"] and about is None:
        mistakes["about"] = [("unknown", {})]
    first = typed_date(values["from"], "from", mistakes, required=False)
    last = typed_date(values["to"], "to", mistakes, required=False)
    wanted = TrailFilter(
        account_id=who,
        action=values["what"],
        subject_id=about,
        since=_midnight(desk, first),
        until=_midnight(desk, last + timedelta(days=1)) if last else None,
    )
    return values, wanted, as_errors(mistakes)


def _midnight(desk: Desk, on: date | None) -> datetime | None:
    return instant_of(minute_at(on, 0, desk.timetable.tz)) if on else None


def _before(desk: Desk) -> tuple[datetime, int] | None:
    """Where the page before ended; a made-up place is the beginning."""
    at, _between, id = desk.request.GET.get("before", "").partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(id)) if moment.tzinfo and len(id) < 19 else None
    except ValueError:
        return None


def _next(here: str, asked: Mapping[str, str], last: TrailLine) -> str:
    return f"{here}?{urlencode({**asked, 'before': f'{last.at.isoformat()}_{last.id}'})}"


def _row(desk: Desk, line: TrailLine, names: Mapping[UUID, str]) -> dict[str, Any]:
    local = formats.local(line.at, desk.business.timezone)
    url = ""
    if line.subject == "customer" and line.subject_id and desk.may(Action.SEE_CUSTOMERS):
        url = reverse("desk:person", args=[desk.business.slug, line.subject_id])
    return {
        "when": formats.day_and_clock(local),
        "year": local.year if local.year != desk.today.year else "",
        "who": _who(line, names),
        "what": audit_words.action(line.action),
        "told": audit_words.told(line.details),
        "door": audit_words.door(line.via),
        "origin": line.origin,
        "url": url,
        "is_sealed": line.is_sealed,
    }


def _who(line: TrailLine, names: Mapping[UUID, str]) -> str:
    """A colleague by name; of customers no more than that they are."""
    account = None
    if line.account_id is not None and not line.actor:
        account = names.get(line.account_id) or _("a former account")
    role = words.role(Role(line.role)) if line.role in set(Role) else _("somebody")
    return audit_words.who(line.actor, role, account)


def _fields(desk: Desk, values: Mapping[str, str], errors: Errors) -> list[Field]:
    names = names_of_accounts(ids=member_accounts(business_id=desk.business.id))
    people = {"": _("Anybody")} | {
        str(id): name for id, name in sorted(names.items(), key=lambda one: one[1])
    }
    areas = {"": _("Anything")} | {name: str(label) for name, label in audit_words.AREAS.items()}
    return [
        Field(
            "who",
            _("Who"),
            kind="select",
            choices=choices(people, values["who"]),
            errors=errors.get("who", ()),
        ),
        Field(
            "what",
            _("What"),
            kind="select",
            choices=choices(areas, values["what"]),
            errors=errors.get("what", ()),
        ),
        Field("from", _("From"), values["from"], "date", errors=errors.get("from", ()), required=True),
        Field("to", _("Until"), values["to"], "date", errors=errors.get("to", ()), required=True),
    ]

"""What is held about a person, as a file for programs and as a page for people; and what became of it (SPEC K2)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.core.people import Fate
from holdfast.web import formats

_SUBJECTS: Mapping[str, Any] = {
    "business": gettext_lazy("Who holds this"),
    "person": gettext_lazy("About you"),
    "consents": gettext_lazy("What you agreed to"),
    "bookings": gettext_lazy("Bookings"),
    "ratings": gettext_lazy("Ratings"),
    "requests": gettext_lazy("Requests"),
    "payments": gettext_lazy("Payments"),
    "refunds": gettext_lazy("Money given back"),
    "cards": gettext_lazy("Cards on file"),
    "history": gettext_lazy("What was done with the bookings"),
    "waitlist": gettext_lazy("Waitlist"),
    "offers": gettext_lazy("Offers from the waitlist"),
    "messages": gettext_lazy("Messages"),
    "suppressions": gettext_lazy("Addresses we write to no more"),
}
_NAMES: Mapping[str, Any] = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("Email"),
    "phone": gettext_lazy("Phone"),
    "notes": gettext_lazy("Notes"),
    "tier": gettext_lazy("Tier"),
    "blocked_at": gettext_lazy("Blocked since"),
    "known_since": gettext_lazy("Known since"),
    "reference": gettext_lazy("Reference"),
    "state": gettext_lazy("Status"),
    "service": gettext_lazy("Service"),
    "with": gettext_lazy("With"),
    "starts_at": gettext_lazy("From"),
    "ends_at": gettext_lazy("Until"),
    "party_size": gettext_lazy("People"),
    "answers": gettext_lazy("Answers"),
    "price_minor": gettext_lazy("Price"),
    "deposit_minor": gettext_lazy("Deposit"),
    "fee_minor": gettext_lazy("Fee"),
    "amount_minor": gettext_lazy("Amount"),
    "paid_at": gettext_lazy("Paid"),
    "done_at": gettext_lazy("Done"),
    "saved_at": gettext_lazy("Saved"),
    "brand": gettext_lazy("Card"),
    "last4": gettext_lazy("Last digits"),
    "via": gettext_lazy("Through"),
    "made_at": gettext_lazy("Made"),
    "coming_at": gettext_lazy("Said that they come"),
    "stars": gettext_lazy("Stars"),
    "comment": gettext_lazy("Comment"),
    "rated_at": gettext_lazy("Rated"),
    "at": gettext_lazy("When"),
    "action": gettext_lazy("What"),
    "by": gettext_lazy("By"),
    "reason": gettext_lazy("Why"),
    "kind": gettext_lazy("Kind"),
    "version": gettext_lazy("Version"),
    "given_at": gettext_lazy("Given"),
    "withdrawn_at": gettext_lazy("Taken back"),
    "to": gettext_lazy("To"),
    "sent_at": gettext_lazy("Sent"),
    "written_at": gettext_lazy("Written"),
    "content": gettext_lazy("Content"),
}
_FATES: Mapping[str, Any] = {
    "person": gettext_lazy("Name, email, phone and notes"),
    "search_words": gettext_lazy("Entries of the search"),
    "consents": gettext_lazy("Consents"),
    "bookings": gettext_lazy("Bookings"),
    "waitlist": gettext_lazy("Entries of the waitlist"),
    "messages": gettext_lazy("Messages"),
    "suppressions": gettext_lazy("Addresses we write to no more"),
    "templates": gettext_lazy("Saved forms"),
    "payments": gettext_lazy("Payments"),
    "cards": gettext_lazy("Cards on file"),
}
_WHY: Mapping[str, Any] = {
    "proof": gettext_lazy("kept without the person: when which text was agreed to has to stay provable"),
    "accounts": gettext_lazy(
        "kept without the person: times and prices, because accounts must be kept and figures add up"
    ),
    "figures": gettext_lazy("kept without the person: how long people wait"),
}


def json_file(data: Mapping[str, Any], *, name: str) -> HttpResponse:
    """The data as a file for programs."""
    text = json.dumps(data, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    return _kept_by_nobody(response, f"{name}.json")


def html_file(request: HttpRequest, data: Mapping[str, Any], *, name: str, tz: ZoneInfo) -> HttpResponse:
    """The same as a page that needs nothing else: to be read, printed or sent on."""
    business = data.get("business", {}).get("name", "")
    context = {
        "business": business,
        "sections": _sections(data, tz),
        "title": _("Everything about one person"),
    }
    response = HttpResponse(render_to_string("person_data.html", context, request=request))
    return _kept_by_nobody(response, f"{name}.html")


def fates(found: Iterable[Fate]) -> list[dict[str, Any]]:
    """What became of what, in words: first what is gone, then what is kept and why."""
    ordered = sorted(found, key=lambda fate: fate.is_kept)
    return [
        {
            "what": str(_FATES.get(fate.what, fate.what)),
            "count": formats.number(fate.count),
            "why": str(_WHY.get(fate.why, fate.why)) if fate.is_kept else _("deleted"),
        }
        for fate in ordered
    ]


def _kept_by_nobody(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _sections(data: Mapping[str, Any], tz: ZoneInfo) -> list[dict[str, Any]]:
    return [
        {
            "title": str(_SUBJECTS.get(subject, subject)),
            "records": [_record(one, tz) for one in (rows if isinstance(rows, list) else [rows])],
        }
        for subject, rows in sorted(data.items(), key=lambda item: list(_SUBJECTS).index(item[0]))
    ]


def _record(row: Mapping[str, Any], tz: ZoneInfo) -> list[dict[str, str]]:
    currency = str(row.get("currency", ""))
    return [
        {"label": _label(name), "value": _said(name, value, tz, currency)}
        for name, value in row.items()
        if value not in (None, "", [], {}) and name != "currency"
    ]


def _label(name: str) -> str:
    return str(_NAMES.get(name, name.replace("_", " ").capitalize()))


def _said(name: str, value: Any, tz: ZoneInfo, currency: str) -> str:
    if isinstance(value, datetime):
        return value.astimezone(tz).isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if name.endswith("_minor") and isinstance(value, int):
        return formats.money(value, currency) if currency else str(value / 100)
    if isinstance(value, Mapping):
        return "; ".join(
            f"{_label(str(key))}: {_said(str(key), part, tz, currency)}" for key, part in value.items()
        )
    if isinstance(value, list):
        return " / ".join(_said(name, part, tz, currency) for part in value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)

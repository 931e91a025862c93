"""Why was nothing offered? What came free lately, what became of it, and who was not asked for which reason (SPEC F5, F6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from holdfast.waitlist.queries import GapReport, gap_reports
from holdfast.web import formats
from holdfast.web.desk import waitlist_words as said
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.waitlist import limits_of, told
from holdfast.web.desk.waitlist_entry import offer_row

_LATELY = timedelta(days=7)
_MOST = 50
# What is looked at without anything having come free just then.
_LOOKS = frozenset({"joined", "sweep", "offering"})


@require_safe
@at_desk
def gaps(desk: Desk) -> HttpResponse:
    """What came free within a week, the latest first."""
    found = gap_reports(
        actor=desk.actor, business_id=desk.business.id, since=desk.now - _LATELY, limit=4 * _MOST
    )
    # A look that nothing came free for, and that led to nothing, says nothing.
    reports = [
        one for one in found if one.cause not in _LOOKS or one.offers or one.outcome not in ("", "nobody")
    ]
    context = {
        "section": "waitlist",
        "title": _("What came free"),
        "rows": [_row(desk, one) for one in reports[:_MOST]],
        "is_cut": len(reports) > _MOST,
        "most": _MOST,
        "limits": limits_of(desk),
        "settings_url": reverse("desk:settings_waitlist", args=[desk.business.slug]),
    }
    return desk.render("desk/waitlist_gaps.html", context)


def _row(desk: Desk, report: GapReport) -> dict[str, Any]:
    tone, icon, label = said.outcome(report.outcome)
    settings = desk.business.settings
    service = desk.timetable.services.get(report.service_id) if report.service_id else None
    resource = desk.timetable.resources.get(report.resource_id) if report.resource_id else None
    when = _when(desk, report.starts_at, report.ends_at)
    freed = " · ".join(
        filter(None, [when, resource.name if resource else "", service.name if service else ""])
    )
    is_look = report.cause in _LOOKS
    return {
        "title": said.cause(report.cause) if is_look else freed,
        "about": freed if is_look else said.cause(report.cause),
        "opened": told(desk, report.opened_at),
        "tone": tone,
        "icon": icon,
        "outcome": label,
        "explained": said.explained(report.outcome, settings),
        "counts": said.counts(report.details, settings),
        "until": _until(desk, report),
        "offers": [offer_row(desk, one) for one in report.offers],
    }


def _when(desk: Desk, starts_at: datetime, ends_at: datetime) -> str:
    zone = desk.business.timezone
    starts, ends = formats.local(starts_at, zone), formats.local(ends_at, zone)
    if starts.date() == ends.date():
        return _("%(starts)s to %(ends)s") % {
            "starts": formats.day_and_clock(starts),
            "ends": formats.clock(ends),
        }
    if ends - starts > timedelta(days=32):
        return _("From %(day)s on") % {"day": formats.day(starts.date())}
    return _("%(starts)s to %(ends)s") % {
        "starts": formats.day_and_clock(starts),
        "ends": formats.day_and_clock(ends),
    }


def _until(desk: Desk, report: GapReport) -> str:
    """When it is looked at again, if that is known."""
    try:
        at = datetime.fromisoformat(report.details.get("until", ""))
    except (TypeError, ValueError):
        return ""
    return _("It is looked at again %(when)s.") % {"when": told(desk, at)}

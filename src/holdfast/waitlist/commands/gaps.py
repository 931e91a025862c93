"""What came free, and one idempotent look at whom to offer it (SPEC F3).

An event of another room opens a gap; the gap's own event has it looked at. A look makes one offer, or two that share a
stretch of time, and then has the rest looked at: each look is a transaction of its own, and finds what is so by then. A
gap says afterwards what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.bookings.commands import Wish
from holdfast.core import outbox
from holdfast.core.transactions import command
from holdfast.lib.quiet import quiet_until
from holdfast.schedule.queries import Timetable, timetable_of
from holdfast.waitlist import sql as hot
from holdfast.waitlist.commands.offers import tried
from holdfast.waitlist.commands.writing import locked_entry
from holdfast.waitlist.events import GapOpened
from holdfast.waitlist.models import Entry, Gap
from holdfast.waitlist.queries.entries import OfferFacts
from holdfast.waitlist.queries.matching import Matching, Region, matching
from holdfast.waitlist.queries.proposals import Proposal
from holdfast.waitlist.rules import MOST_PASSED_OVER

_PACE = timedelta(minutes=1)
_KEPT = timedelta(days=90)


@command
def open_gap(*, business_id: UUID, region: Region, cause: str, now: datetime) -> UUID | None:
    """Note that something came free, and have it looked at; None where nobody waits or it is over."""
    starts_at = max(region.starts_at, now)
    if starts_at >= region.ends_at or not hot.anybody_waits(
        business_id=business_id, since=now.date() - timedelta(days=2)
    ):
        return None
    gap = Gap.objects.create(
        business_id=business_id,
        service_id=region.service_id,
        resource_id=region.resource_id,
        starts_at=starts_at,
        ends_at=region.ends_at,
        cause=cause,
        opened_at=now,
    )
    _look_again(gap)
    return gap.id


@command
def match_gap(*, gap_id: UUID, now: datetime) -> list[OfferFacts]:
    """Look at a gap: offer what is free of it to whoever should be asked first, and have the rest looked at again.

    Looking twice offers nothing twice. What waits for the end of quiet hours, or of a busy minute, is looked at then.
    """
    gap = Gap.objects.select_for_update(no_key=True).filter(id=gap_id).first()
    if gap is None:
        return []
    hot.lock_waitlist(business_id=gap.business_id)
    timetable = timetable_of(business_id=gap.business_id)
    settings = timetable.business.settings
    if not (settings.waitlist and settings.online_booking):
        return _done(gap, "off", now)
    if gap.ends_at <= now:
        return _done(gap, "too_near" if gap.outcome != "offered" else "offered", now)
    if (
        hot.offers_since(business_id=gap.business_id, since=now - _PACE)
        >= settings.waitlist_messages_per_minute
    ):
        _look_again(gap, now + _PACE)
        return _done(gap, "paced", now)
    quiet = quiet_until(now, settings.quiet_hours, timetable.business.timezone)
    found = matching(timetable=timetable, region=region_of(gap), now=now, only_walk_ins=quiet is not None)
    made = _first_that_can(timetable, found, gap.id, now)
    if made:
        _pass_over(found, made)
        _look_again(gap)
        return _done(gap, "offered", now, found.reasons, made)
    if quiet is not None and quiet < gap.ends_at:
        _look_again(gap, quiet)
        return _done(gap, "quiet", now, {**found.reasons, "until": quiet.isoformat()})
    return _done(gap, _why_not(gap, found), now, found.reasons)


def sweep_business(*, business_id: UUID, now: datetime) -> UUID | None:
    """Look at everything that is free of what somebody waits for, date by date; the gap of the first that leads to an offer.

    The safety net under the events: whatever was missed is found within minutes. The search holds no transaction open; the
    look at the gap decides anew.
    """
    timetable = timetable_of(business_id=business_id)
    settings = timetable.business.settings
    if not (settings.waitlist and settings.online_booking):
        return None
    today = now.astimezone(timetable.tz).date()
    last = today + timedelta(days=settings.furthest_ahead_days)
    for on in hot.dates_waited_for(business_id=business_id, first=today, last=last):
        noon = datetime.combine(on, datetime.min.time(), tzinfo=timetable.tz)
        region = Region(max(noon, now), noon + timedelta(days=1, hours=6))
        if region.starts_at < region.ends_at and matching(timetable=timetable, region=region, now=now).plans:
            return open_gap(business_id=business_id, region=region, cause="sweep", now=now)
    return None


@command
def forget_gaps(*, now: datetime) -> int:
    """Delete what came free longer ago than anybody asks about; how many."""
    return Gap.objects.filter(opened_at__lt=now - _KEPT).delete()[0]


def region_of(gap: Gap) -> Region:
    """What came free, as the search takes it."""
    return Region(gap.starts_at, gap.ends_at, gap.resource_id, gap.service_id)


def _first_that_can(timetable: Timetable, found: Matching, gap_id: UUID, now: datetime) -> list[OfferFacts]:
    """The offers of the best plan that can be carried out, in whole or in part."""
    for plan in found.plans:
        made = [offer for one in plan if (offer := _offer(timetable, one, gap_id, now))]
        if made:
            return made
    return []


def _offer(timetable: Timetable, proposal: Proposal, gap_id: UUID, now: datetime) -> OfferFacts | None:
    row = locked_entry(business_id=timetable.business.id, entry_id=proposal.entry_id)
    if row.state != Entry.State.WAITING:
        return None
    return tried(
        row,
        timetable=timetable,
        wish=Wish(
            proposal.service_id,
            proposal.starts_at,
            proposal.resource_id,
            proposal.party_size,
            proposal.slot_id,
        ),
        until=proposal.until,
        score=proposal.score.as_json(),
        now=now,
        gap_id=gap_id,
    )


def _pass_over(found: Matching, made: list[OfferFacts]) -> None:
    """Whoever joined before somebody who was asked, and could have had the place, was passed over."""
    asked = {one.entry_id for one in made}
    latest = max(found.joined[id] for id in asked)
    passed = [id for id, joined_at in found.joined.items() if joined_at < latest and id not in asked]
    hot.pass_over(entry_ids=passed, most=MOST_PASSED_OVER)


def _why_not(gap: Gap, found: Matching) -> str:
    if gap.outcome == "offered":
        return "offered"
    return "taken" if found.plans else "nobody"


def _look_again(gap: Gap, at: datetime | None = None) -> None:
    outbox.record(GapOpened(gap.id), business_id=gap.business_id, subject_id=gap.id, due_at=at)


def _done(
    gap: Gap,
    outcome: str,
    now: datetime,
    reasons: Mapping[str, Any] | None = None,
    made: list[OfferFacts] | None = None,
) -> list[OfferFacts]:
    if outcome != "offered" or gap.outcome != "offered" or made:
        gap.outcome, gap.details = outcome, dict(reasons or {})
    gap.looked_at = now
    gap.save(update_fields=["outcome", "details", "looked_at"])
    return made or []

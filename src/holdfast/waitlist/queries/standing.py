"""Who stands where: everybody who waits by score, one person's place in line, and what became of what came free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from holdfast.businesses.rules import Action, authorise
from holdfast.customers.models import Customer
from holdfast.lib.actors import Actor
from holdfast.schedule.queries import Timetable
from holdfast.waitlist import sql as hot
from holdfast.waitlist.models import Gap, Offer
from holdfast.waitlist.queries.entries import EntryFacts, OfferFacts, live_entries, offer_facts
from holdfast.waitlist.rules import Score, Standing, Weights, score


@dataclass(frozen=True, slots=True)
class Ranked:
    """Somebody who waits, their score for a place that fits them well, and the offer they have out, if any."""

    entry: EntryFacts
    score: Score
    tier: int
    shows: int
    no_shows: int
    offer: OfferFacts | None


@dataclass(frozen=True, slots=True)
class GapReport:
    """What came free, and what became of it: ``details`` count why who was not asked."""

    id: UUID
    service_id: UUID | None
    resource_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    cause: str
    outcome: str
    details: dict[str, Any]
    opened_at: datetime
    offers: tuple[OfferFacts, ...]


def ranked_entries(
    *, timetable: Timetable, now: datetime, services: Sequence[UUID] | None = None
) -> list[Ranked]:
    """Everybody who waits, best score first; four statements, one where nobody waits. It authorises nobody: shells that show it do."""
    business_id = timetable.business.id
    entries = live_entries(business_id=business_id, services=services)
    if not entries:
        return []
    customers = {one.customer_id for one in entries}
    tiers = dict(Customer.objects.filter(business_id=business_id, id__in=customers).values_list("id", "tier"))
    visits = hot.visits_of(business_id=business_id, customer_ids=customers)
    out = {
        row.entry_id: offer_facts(row=row)
        for row in Offer.objects.filter(business_id=business_id, state="pending", expires_at__gt=now)
    }
    weights = Weights.of(timetable.business.settings)
    ranked = []
    for one in entries:
        shows, no_shows = visits.get(one.customer_id, (0, 0))
        standing = Standing.at(
            now,
            joined_at=one.joined_at,
            ends_at=one.ends_at,
            visits=(shows, no_shows),
            tier=tiers.get(one.customer_id, 0),
            passed_over=one.passed_over,
            boost=one.boost,
        )
        ranked.append(Ranked(one, score(standing, weights), standing.tier, shows, no_shows, out.get(one.id)))
    # Equals stand in the order in which they came; who is asked first for a place, the salt decides.
    return sorted(ranked, key=lambda one: (-one.score.total, one.entry.joined_at, one.entry.id))


def place_in_line(*, timetable: Timetable, entry: EntryFacts, now: datetime) -> int | None:
    """How many are before this person, themselves counted, among those who wait for the same services on the same dates;
    None for who does not wait."""
    ahead = ahead_in_line(timetable=timetable, entry=entry, now=now)
    return None if ahead is None else len(ahead) + 1


def ahead_in_line(*, timetable: Timetable, entry: EntryFacts, now: datetime) -> list[EntryFacts] | None:
    """Who is before this person, the first in line first; None for who does not wait. Shells say how many, not who."""
    if not entry.is_live:
        return None
    ahead: list[EntryFacts] = []
    for one in ranked_entries(timetable=timetable, now=now, services=entry.services):
        if one.entry.id == entry.id:
            break
        if could_meet(one=one.entry, other=entry):
            ahead.append(one.entry)
    return ahead


def could_meet(*, one: EntryFacts, other: EntryFacts) -> bool:
    """Whether two people who wait for the same service could want the same place."""
    if (
        one.resources is not None
        and other.resources is not None
        and not set(one.resources) & set(other.resources)
    ):
        return False
    return any(a.first <= b.last and b.first <= a.last for a in one.ranges for b in other.ranges)


def gap_reports(
    *,
    actor: Actor,
    business_id: UUID,
    since: datetime,
    limit: int = 50,
    before: tuple[datetime, UUID] | None = None,
) -> list[GapReport]:
    """What came free lately, the latest first, with the offers it led to (SPEC F5); ``before`` is the last one seen:
    when it opened, and its id.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, Action.SEE_WAITLIST, business_id)
    found = Gap.objects.filter(business_id=business_id, opened_at__gte=since)
    if before is not None:
        opened_at, id = before
        found = found.filter(Q(opened_at__lt=opened_at) | Q(opened_at=opened_at, id__lt=id))
    rows = list(found.order_by("-opened_at", "-id")[:limit])
    offers: dict[UUID, list[OfferFacts]] = {}
    for row in Offer.objects.filter(business_id=business_id, gap_id__in=[one.id for one in rows]).order_by(
        "made_at"
    ):
        offers.setdefault(row.gap_id, []).append(offer_facts(row=row))  # type: ignore[arg-type]
    return [
        GapReport(
            row.id,
            row.service_id,
            row.resource_id,
            row.starts_at,
            row.ends_at,
            row.cause,
            row.outcome,
            row.details,
            row.opened_at,
            tuple(offers.get(row.id, ())),
        )
        for row in rows
    ]

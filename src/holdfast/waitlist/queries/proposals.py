"""From what is free and who waits for it to plans: a score for everybody, and who goes where.

Appointments share the stretches of a resource's free time; a table or a slot's places go to one party.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from holdfast.availability.queries import OpenTime
from holdfast.bookings.commands.placing import shape_of
from holdfast.lib.timeline import Span, minute_of
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import Shape
from holdfast.waitlist.queries.runs import free_runs
from holdfast.waitlist.rules import (
    Candidate,
    Score,
    Standing,
    Weights,
    best_plan,
    offer_until,
    quick_score,
    score,
    tie_break,
)
from holdfast.waitlist.sql import Waiting

# Who is asked when the best cannot be: somebody booked meanwhile, a rule refuses them. A few are enough; the next look
# begins anew.
_FALLBACKS = 4


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place for one person: what to hold, until when, and why them."""

    entry_id: UUID
    customer_id: UUID
    service_id: UUID
    starts_at: datetime
    resource_id: UUID | None
    slot_id: UUID | None
    party_size: int
    until: datetime
    score: Score


@dataclass(frozen=True, slots=True)
class Chance:
    """A start that somebody who waits could have."""

    waiting: Waiting
    time: OpenTime


class Judge:
    """Scores, and ties, as of one moment."""

    def __init__(self, timetable: Timetable, now: datetime, visits: Mapping[UUID, tuple[int, int]]) -> None:
        self._timetable, self.now, self._visits = timetable, now, visits
        self._weights = Weights.of(timetable.business.settings)
        self._standings: dict[UUID, Standing] = {}

    def standing(self, waiting: Waiting) -> Standing:
        known = self._standings.get(waiting.entry_id)
        if known is None:
            known = self._standings[waiting.entry_id] = standing_of(waiting, self._visits, self.now)
        return known

    def quick(self, waiting: Waiting, used: int, wasted: int) -> float:
        return quick_score(self.standing(waiting), self._weights, used, wasted)

    def proposal(
        self, waiting: Waiting, time: OpenTime, resource_id: UUID | None, used: int, wasted: int
    ) -> Proposal:
        until = offer_until(
            self.now,
            time.starts_at,
            hold_minutes=self._timetable.business.settings.hold_minutes,
            cutoff_minutes=self._timetable.business.settings.waitlist_cutoff_minutes,
        )
        assert until is not None  # such starts were left out
        return Proposal(
            waiting.entry_id,
            waiting.customer_id,
            waiting.service_id,
            time.starts_at,
            resource_id,
            time.slot_id,
            waiting.party_size,
            until,
            score(self.standing(waiting), self._weights, used, wasted),
        )

    def tie(self, proposal: Proposal) -> bytes:
        return tie_break(
            settings.WAITLIST_PRIORITY_SALT, proposal.starts_at.isoformat(), str(proposal.entry_id)
        )


def standing_of(waiting: Waiting, visits: Mapping[UUID, tuple[int, int]], now: datetime) -> Standing:
    """What the score needs of somebody who waits."""
    shows, no_shows = visits.get(waiting.customer_id, (0, 0))
    minute = timedelta(minutes=1)
    return Standing(
        waited=(now - waiting.joined_at) // minute,
        tier=waiting.tier,
        shows=shows,
        no_shows=no_shows,
        left=(waiting.ends_at - now) // minute,
        passed_over=waiting.passed_over,
        boost=waiting.boost,
    )


def plans_by_run(
    timetable: Timetable, chances: Iterable[Chance], only: UUID | None, judge: Judge
) -> list[tuple[Proposal, ...]]:
    """Appointments: for every stretch of free time of a resource the best plan, and each other person alone."""
    by_resource: dict[UUID, list[Chance]] = {}
    for chance in chances:
        if timetable.service(chance.waiting.service_id).mode != "appointment":
            continue
        wanted = chance.waiting.resources
        for id in chance.time.resource_ids:
            if only in (None, id) and (wanted is None or str(id) in wanted):
                by_resource.setdefault(id, []).append(chance)
    plans: list[tuple[Proposal, ...]] = []
    for resource_id, mine in by_resource.items():
        times = [chance.time.starts_at for chance in mine]
        runs = free_runs(
            timetable=timetable, resource_id=resource_id, since=min(times), until=max(times), now=judge.now
        )
        for run in runs:
            plans += _plans_of_run(timetable, resource_id, run, mine, judge)
    return plans


def _plans_of_run(
    timetable: Timetable, resource_id: UUID, run: Span, chances: Sequence[Chance], judge: Judge
) -> list[tuple[Proposal, ...]]:
    shapes = {one.id: shape_of(one) for one in timetable.services.values() if resource_id in one.resource_ids}
    known: dict[tuple[UUID, UUID], Waiting] = {}
    times: dict[tuple[UUID, UUID], dict[int, OpenTime]] = {}
    for chance in chances:
        key = (chance.waiting.entry_id, chance.waiting.service_id)
        start = minute_of(chance.time.starts_at)
        # The visit lies in the stretch; its buffers may reach over what is open.
        if run.start <= start and start + shapes[chance.waiting.service_id].duration <= run.end:
            known[key] = chance.waiting
            times.setdefault(key, {})[start] = chance.time
    if not times:
        return []
    candidates = sorted(
        (_candidate(key, shapes[key[1]], sorted(starts)) for key, starts in times.items()),
        key=lambda one: tie_break(settings.WAITLIST_PRIORITY_SALT, str(run.start), str(one.entry)),
    )
    shortest = min(
        shape.footprint for id, shape in shapes.items() if timetable.services[id].mode == "appointment"
    )
    plans: list[tuple[Proposal, ...]] = []
    left = candidates
    while left and len(plans) < _FALLBACKS:
        placings = best_plan(
            run,
            left,
            shortest=shortest,
            weigh=lambda one, used, wasted: judge.quick(known[(one.entry, one.service)], used, wasted),
        )
        plans.append(
            tuple(
                judge.proposal(
                    known[key := (one.candidate.entry, one.candidate.service)],
                    times[key][one.start],
                    resource_id,
                    one.candidate.length,
                    one.wasted,
                )
                for one in placings
            )
        )
        gone = {one.candidate.entry for one in placings}
        left = [one for one in left if one.entry not in gone]
    return plans


def _candidate(key: tuple[UUID, UUID], shape: Shape, starts: list[int]) -> Candidate:
    return Candidate(key[0], key[1], tuple(starts), shape.footprint, shape.buffer_before)


def plans_by_place(
    timetable: Timetable, chances: Iterable[Chance], judge: Judge
) -> list[tuple[Proposal, ...]]:
    """Tables and slots: for everybody the place that wastes least, the earliest of equals."""
    best: dict[UUID, tuple[int, datetime, Chance, int]] = {}
    for chance in chances:
        used = _used(timetable, chance)
        if used is None:
            continue
        wasted = used - chance.waiting.party_size
        known = best.get(chance.waiting.entry_id)
        if known is None or (wasted, chance.time.starts_at) < known[:2]:
            best[chance.waiting.entry_id] = (wasted, chance.time.starts_at, chance, wasted)
    ranked = sorted(
        best.values(), key=lambda one: -judge.quick(one[2].waiting, one[2].waiting.party_size, one[3])
    )
    plans: list[tuple[Proposal, ...]] = []
    for wasted, _, chance, _ in ranked[:_FALLBACKS]:
        only = chance.waiting.resources
        resource_id = next((id for id in chance.time.resource_ids if only and str(id) in only), None)
        if chance.time.slot_id is not None:
            resource_id = None
        plans.append(
            (judge.proposal(chance.waiting, chance.time, resource_id, chance.waiting.party_size, wasted),)
        )
    return plans


def _used(timetable: Timetable, chance: Chance) -> int | None:
    """The seats or places that the visit would take up: those of its tables, or all that are left in its slot."""
    mode = timetable.service(chance.waiting.service_id).mode
    if mode == "table":
        return max(
            chance.waiting.party_size,
            sum(timetable.resource(id).seats_max for id in chance.time.resource_ids),
        )
    if mode == "slot":
        return max(chance.waiting.party_size, chance.time.remaining or 0)
    return None

"""From what is free and who waits for it to plans: a score for everybody, and who goes where.

Appointments share the stretches of a resource's free time; a table or a slot's places go to one party.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from holdfast.availability.queries import OpenTime
from holdfast.bookings.commands.placing import shape_of
from holdfast.lib.timeline import Span
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.queries.runs import free_runs
from holdfast.waitlist.rules import (
    Candidate,
    Placing,
    Score,
    Standing,
    Weights,
    best_plans,
    offer_until,
    quick_score,
    score,
    tie_break,
)
from holdfast.waitlist.sql import Waiting

# Who is asked when the best cannot be: somebody booked meanwhile, a rule refuses them. A few are enough; the next look
# begins anew.
_FALLBACKS = 4
_KEPT_TO_FALL_BACK = 12


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


# Whom to ask at once for one place: one person, or two who share its time; the one with the higher score first.
Plan = tuple[Proposal, ...]


class FreePlace(NamedTuple):
    """A free start: the date it is listed under, the minute of that date's day, and the minute it is."""

    on: date
    minute: int
    start: int
    time: OpenTime


class Chance(NamedTuple):
    """People who wait for the same, and the starts that each of them could have, in order."""

    people: Sequence[Waiting]
    places: tuple[FreePlace, ...]

    @property
    def wish(self) -> Waiting:
        """What they wait for: the first speaks for all of them."""
        return self.people[0]


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

    @property
    def most_of_fit(self) -> float:
        """How much of a score the fit can make."""
        return self._weights.fit / self._weights.total

    def tie(self, place: str, entry_id: UUID) -> bytes:
        """Orders equals: by the salt, differently for every place."""
        return tie_break(settings.WAITLIST_PRIORITY_SALT, place, str(entry_id))


def standing_of(waiting: Waiting, visits: Mapping[UUID, tuple[int, int]], now: datetime) -> Standing:
    """What the score needs of somebody who waits."""
    return Standing.at(
        now,
        joined_at=waiting.joined_at,
        ends_at=waiting.ends_at,
        visits=visits.get(waiting.customer_id, (0, 0)),
        tier=waiting.tier,
        passed_over=waiting.passed_over,
        boost=waiting.boost,
    )


def plans_by_run(
    timetable: Timetable, chances: Iterable[Chance], only: UUID | None, judge: Judge
) -> list[list[Plan]]:
    """Appointments: for every stretch of free time of a resource the best plan, and then some others to fall back on.

    With ``only``, for that resource alone.
    """
    by_resource: dict[UUID, list[Chance]] = {}
    for chance in chances:
        wish, places = chance.wish, chance.places
        if timetable.service(wish.service_id).mode != "appointment":
            continue
        for id in (
            (only,) if only else dict.fromkeys(id for place in places for id in place.time.resource_ids)
        ):
            wanted = wish.resources is None or str(id) in wish.resources
            mine = tuple(place for place in places if id in place.time.resource_ids) if wanted else ()
            if mine:
                by_resource.setdefault(id, []).append(Chance(chance.people, mine))
    plans: list[list[Plan]] = []
    for resource_id, mine_too in by_resource.items():
        begin = min(chance.places[0].time.starts_at for chance in mine_too)
        end = max(chance.places[-1].time.starts_at for chance in mine_too)
        runs = free_runs(timetable=timetable, resource_id=resource_id, since=begin, until=end, now=judge.now)
        best = _worth_a_look(mine_too, judge)
        plans += [_plans_of_run(timetable, resource_id, run, best, judge) for run in runs]
    return plans


def _plans_of_run(
    timetable: Timetable, resource_id: UUID, run: Span, chances: Sequence[Chance], judge: Judge
) -> list[Plan]:
    shapes = {
        one.id: shape_of(one)
        for one in timetable.services.values()
        if one.mode == "appointment" and resource_id in one.resource_ids
    }
    people: dict[Candidate, Chance] = {}
    for chance in chances:
        shape = shapes[chance.wish.service_id]
        # The visit lies in the stretch; its buffers may reach over what is open.
        starts = tuple(
            place.start
            for place in chance.places
            if run.start <= place.start and place.start + shape.duration <= run.end
        )
        if starts:
            wish = chance.wish
            people[
                Candidate(wish.entry_id, wish.service_id, starts, shape.footprint, shape.buffer_before)
            ] = chance
    plans = best_plans(
        run,
        sorted(people, key=lambda one: judge.tie(str(run.start), one.entry)),
        shortest=min(shape.footprint for shape in shapes.values()),
        weigh=lambda one, used, wasted: judge.quick(people[one].wish, used, wasted),
    )
    return [
        tuple(_proposal(people[one.candidate], one, resource_id, judge) for one in placings)
        for placings in islice(plans, _FALLBACKS)
    ]


def _worth_a_look(chances: Iterable[Chance], judge: Judge) -> list[Chance]:
    """Those who could be first, one by one: the fit can make no more of a score than its weight, so whoever is further
    behind the best cannot catch up with it. Some more are kept to fall back on."""
    everybody = [(one, chance.places) for chance in chances for one in chance.people]
    ranked = sorted(
        ((judge.quick(one, 1, 0), number) for number, (one, _) in enumerate(everybody)), reverse=True
    )
    enough = ranked[0][0] - judge.most_of_fit
    return [
        Chance([everybody[number][0]], everybody[number][1])
        for rank, (most, number) in enumerate(ranked)
        if most >= enough or rank < _KEPT_TO_FALL_BACK
    ]


def _proposal(chance: Chance, placing: Placing, resource_id: UUID, judge: Judge) -> Proposal:
    place = next(place for place in chance.places if place.start == placing.start)
    return judge.proposal(chance.wish, place.time, resource_id, placing.candidate.length, placing.wasted)


def plans_by_place(timetable: Timetable, chances: Iterable[Chance], judge: Judge) -> list[Plan]:
    """Tables and slots: for everybody the place that wastes least, the earliest of equals; the best few."""
    ranked: list[tuple[float, int, Waiting, OpenTime]] = []
    for chance in chances:
        party = chance.wish.party_size
        mode = timetable.service(chance.wish.service_id).mode
        if mode == "appointment":
            continue
        wasted, start = min(
            (_taken_up(timetable, mode, place.time, party) - party, place.start) for place in chance.places
        )
        time = next(place.time for place in chance.places if place.start == start)
        ranked += [(judge.quick(one, party, wasted), wasted, one, time) for one in chance.people]
    ranked.sort(key=lambda one: -one[0])
    plans: list[Plan] = []
    for _, wasted, waiting, time in ranked[:_FALLBACKS]:
        only = None if time.slot_id is not None else waiting.resources
        resource_id = next((id for id in time.resource_ids if only and str(id) in only), None)
        plans.append((judge.proposal(waiting, time, resource_id, waiting.party_size, wasted),))
    return plans


def _taken_up(timetable: Timetable, mode: str, time: OpenTime, party: int) -> int:
    """The seats or places that the visit would take up: those of its tables, or all that are left in its slot."""
    if mode == "slot":
        return max(party, time.remaining or 0)
    return max(party, sum(timetable.resource(id).seats_max for id in time.resource_ids))

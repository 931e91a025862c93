"""Whom a policy asks for a piece of open time, by the rules of the live waitlist. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from holdfast.lib.timeline import DAY_MINUTES, Span
from holdfast.waitlist.rules.plans import Candidate, Placing, best_plan, least_wasted
from holdfast.waitlist.rules.scores import (
    MOST_PASSED_OVER,
    URGENCY_HALF_MINUTES,
    Standing,
    fit,
    passed_over,
    quick_score,
    tie_break,
)
from holdfast.waitlist.rules.simulation.policies import Policy
from holdfast.waitlist.rules.simulation.spaces import Piece, Room, WantedBy
from holdfast.waitlist.rules.simulation.waiting import WAITING, Waiting
from holdfast.waitlist.rules.simulation.wishing import Kind
from holdfast.waitlist.rules.simulation.world import ANY_PARTY, Visit, World
from holdfast.waitlist.rules.windows import LEAST_OFFER_MINUTES

# As many of the best as best_plan looks at when it pairs.
_BEST = 8
# More than rounding two scores to four places, each twice, can make of what is between them.
_ROUNDING = 0.00025
_UNKNOWN = (-1, 0.0)
_NOTHING: Mapping[UUID, Visit] = {}


class Asking:
    """Finds who has room in a piece and, of those, whom to ask."""

    def __init__(self, world: World, policy: Policy, waiting: Waiting, salt: str) -> None:
        self.world, self.policy, self.waiting, self.salt = world, policy, waiting, salt
        # When a score for a place that fits exactly was worked out, and the score.
        self._known: list[tuple[int, float]] = [_UNKNOWN] * len(world.askers)
        weights = policy.weights
        self._fit_share = weights.fit / weights.total
        steepest = weights.waiting / weights.half_minutes + weights.urgency / URGENCY_HALF_MINUTES
        self._rise = steepest / weights.total + 1 / weights.ageing_minutes
        # What being passed over once more adds to it.
        self._steps = [
            (passed_over(times + 1) - passed_over(times)) * weights.passed_over / weights.total
            for times in range(MOST_PASSED_OVER)
        ]

    def rooms(self, piece: Piece, now: int) -> dict[int, Room]:
        """Everybody who waits, may be told, was not asked for this time, and has room in it.

        Who wants a piece is looked up once; when it is put up again only those who joined meanwhile are.
        """
        rooms = self._wanted_by(piece, now)
        state, full_on, asked, day = self.waiting.state, self.waiting.full_on, piece.asked, now // DAY_MINUTES
        askable = [
            number
            for number in rooms
            if state[number] == WAITING and number not in asked and full_on[number] != day
        ]
        earliest = self._earliest(now)
        if earliest <= piece.start:
            return {number: rooms[number][0] for number in askable}
        left = ((number, _not_before(earliest, rooms[number])) for number in askable)
        return {number: room for number, room in left if room}

    def _wanted_by(self, piece: Piece, now: int) -> dict[int, tuple[Room, ...]]:
        after, rooms = piece.wanted_by or (-1, {})
        for visit, starts in self._visits(piece, now):
            listed = self.waiting.listed(visit.service, piece.on, after)
            for number, room in self._could_be_asked(listed, visit, starts, piece):
                others = rooms.get(number)
                rooms[number] = (room,) if others is None else _longest_first((*others, room))
        piece.wanted_by = WantedBy(self.waiting.newest, rooms)
        return rooms

    def first_room(self, piece: Piece, now: int) -> dict[int, Room]:
        """Of those, who joined first."""
        first: dict[int, Room] = {}
        for visit, starts in self._visits(piece, now):
            full_on, day = self.waiting.full_on, now // DAY_MINUTES
            waiting = self.waiting.wanting(visit.service, piece.on)
            askable = (one for one in waiting if one not in piece.asked and full_on[one] != day)
            for number, room in self._could_be_asked(askable, visit, starts, piece):
                best = next(iter(first), number)
                if number < best or not first or (number == best and first[best].visit.length < visit.length):
                    first = {number: room}
                break
        return first

    def _could_be_asked(
        self, numbers: Iterable[int], visit: Visit, starts: tuple[int, ...], piece: Piece
    ) -> Iterator[tuple[int, Room]]:
        """Those of the people who wish for some of the starts, with these; people of a kind are looked at once."""
        askers, kind_of, kinds = self.world.askers, self.world.wishing.kind_of, self.world.wishing.kinds
        seats, has_seats = piece.seats, piece.seats < ANY_PARTY
        rooms: dict[int, Room | None] = {}
        for number in numbers:
            if has_seats and askers[number].party_size > seats:
                continue
            kind = kind_of[number]
            if kind is None:
                room = _room(visit, self._wished(number, piece, starts))
            elif kind in rooms:
                room = rooms[kind]
            else:
                room = rooms[kind] = _room(visit, _wished_alike(kinds[kind], piece, starts))
            if room is not None:
                yield number, room

    def room_of(self, number: int, piece: Piece, now: int) -> Room | None:
        """Where one person has room, whether or not they were asked: the longest of their visits that fits."""
        asker, earliest = self.world.askers[number], self._earliest(now)
        if piece.end <= earliest or asker.party_size > piece.seats:
            return None
        found, given = None, self.world.given.get(piece.resource, _NOTHING)
        for service in asker.services:
            visit = given.get(service)
            if visit is not None and (found is None or found.visit.length < visit.length):
                starts = piece.starts(visit, earliest)
                if starts and (wished := self._wished(number, piece, starts)):
                    found = Room(visit, wished)
        return found

    def _earliest(self, now: int) -> int:
        """The first start for which there is an offer yet."""
        return now + self.policy.cutoff_minutes + LEAST_OFFER_MINUTES

    def _visits(self, piece: Piece, now: int) -> list[tuple[Visit, tuple[int, ...]]]:
        earliest = self._earliest(now)
        if piece.end <= earliest:
            return []
        visits = self.world.given.get(piece.resource, _NOTHING).values()
        both = ((visit, piece.starts(visit, earliest)) for visit in visits)
        return [(visit, starts) for visit, starts in both if starts]

    def _wished(self, number: int, piece: Piece, starts: tuple[int, ...]) -> tuple[int, ...]:
        """Those of the starts that somebody wishes for."""
        asker = self.world.askers[number]
        if asker.resources is not None and piece.resource not in asker.resources:
            return ()
        begins, on, wants = piece.midnight, piece.on, asker.wants
        if len(starts) == 1:
            return starts if wants(on, starts[0] - begins) else ()
        return tuple([start for start in starts if wants(on, start - begins)])

    def least_waste(self, piece: Piece, room: Room) -> tuple[int, int]:
        """The minutes lost and the start that loses fewest."""
        return least_wasted(
            Span(piece.start, piece.end),
            room.starts,
            room.visit.before,
            room.visit.length,
            self.world.shortest[piece.resource],
        )

    def first_in_line(self, piece: Piece, rooms: Mapping[int, Room]) -> tuple[tuple[int, Placing], ...]:
        """Who joined first, at the start that wastes least."""
        if not rooms:
            return ()
        number = next(iter(rooms))
        return self._plan(piece, {number: rooms[number]}, [number], lambda *_: 0.0)

    def best(self, piece: Piece, rooms: Mapping[int, Room], now: int) -> tuple[tuple[int, Placing], ...]:
        """Whom the score chooses, one person or two, as the live waitlist would among all of these."""
        weights = self.policy.weights
        seats = piece.seats

        def weigh(number: int, used: int, wasted: int) -> float:
            if seats < ANY_PARTY:
                used = self.world.askers[number].party_size
                wasted = seats - used
            found = quick_score(self.standing(number, now), weights, used, wasted)
            self._known[number] = now, found + self._missed(used, wasted)
            return found

        place = f"{piece.resource}:{piece.start}"

        def plan_among(numbers: Iterable[int]) -> tuple[tuple[int, Placing], ...]:
            order = sorted(numbers, key=lambda number: tie_break(self.salt, place, str(number)))
            return self._plan(piece, rooms, order, weigh)

        if len(rooms) <= _BEST:
            return plan_among(rooms)
        bounds = self._bounds(piece, rooms, now)
        # Who wastes nothing is asked alone, whoever else there is; only otherwise is there a pair to be looked for.
        plan = plan_among(_not_behind(bounds, 1))
        if len(plan) == 1 and not plan[0][1].wasted:
            return plan
        return plan_among(_not_behind(bounds, _BEST))

    def _bounds(self, piece: Piece, rooms: Mapping[int, Room], now: int) -> list[tuple[int, float, float]]:
        """Everybody, with the least and the most their score for a piece can be; nobody is scored who was before.

        A score for a place that fits exactly, however long ago it was worked out, tells both: it never falls while they
        wait, rises by no more than ``self._rise`` a minute, and what this place takes from it can be said exactly.
        """
        known, rise, lost = self._known, self._rise, self._lost_to_fit(piece, rooms)
        bounds = []
        for number, less in zip(rooms, lost, strict=True):
            if known[number] is _UNKNOWN:
                known[number] = now, quick_score(self.standing(number, now), self.policy.weights)
            at, value = known[number]
            least = value - less
            bounds.append((number, least, least + (now - at) * rise + _ROUNDING))
        return bounds

    def _lost_to_fit(self, piece: Piece, rooms: Mapping[int, Room]) -> list[float]:
        """How much of a score for a place that fits exactly each of them loses in this one, in their order."""
        if piece.seats < ANY_PARTY:
            sizes = [self.world.askers[number].party_size for number in rooms]
            return [self._missed(size, piece.seats - size) for size in sizes]
        lost = {
            room: self._missed(room.visit.length, self.least_waste(piece, room)[0])
            for room in set(rooms.values())
        }
        return [lost[room] for room in rooms.values()]

    def _missed(self, used: int, wasted: int) -> float:
        """What a score for a place that fits exactly has more than one for a place of which so much is wasted."""
        return self._fit_share * (1 - fit(used, wasted))

    def pass_over(self, number: int) -> None:
        """Count that somebody waits on while another was served; what is known of their score is known still."""
        times = self.waiting.passed_over[number]
        if times < MOST_PASSED_OVER:
            self.waiting.passed_over[number] = times + 1
            known = self._known[number]
            if known is not _UNKNOWN:
                self._known[number] = known[0], known[1] + self._steps[times]

    def standing(self, number: int, now: int) -> Standing:
        """What the list knows of somebody at that minute."""
        one = self.world.askers[number]
        return Standing(
            now - one.joined,
            one.tier,
            one.shows,
            one.no_shows,
            one.ends - now,
            self.waiting.passed_over[number],
            one.boost,
        )

    def _plan(
        self,
        piece: Piece,
        rooms: Mapping[int, Room],
        order: Sequence[int],
        weigh: Callable[[int, int, int], float],
    ) -> tuple[tuple[int, Placing], ...]:
        numbers = {self.world.askers[number].id: number for number in order}
        candidates = [
            Candidate(
                self.world.askers[number].id,
                room.visit.service,
                room.starts,
                room.visit.length,
                room.visit.before,
            )
            for number in order
            for room in (rooms[number],)
        ]
        plan = best_plan(
            Span(piece.start, piece.end),
            candidates,
            shortest=self.world.shortest[piece.resource],
            weigh=lambda one, used, wasted: weigh(numbers[one.entry], used, wasted),
        )
        return tuple((numbers[placing.candidate.entry], placing) for placing in plan)


def _room(visit: Visit, starts: tuple[int, ...]) -> Room | None:
    return Room(visit, starts) if starts else None


def _wished_alike(kind: Kind, piece: Piece, starts: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the starts that everybody of a kind wishes for."""
    if kind.resources is not None and piece.resource not in kind.resources:
        return ()
    first, last = piece.midnight + kind.earliest, piece.midnight + kind.latest
    return starts[bisect_left(starts, first) : bisect_right(starts, last)]


def _not_before(earliest: int, rooms: Sequence[Room]) -> Room | None:
    """The first of the rooms that has starts from then on, with these."""
    for room in rooms:
        starts = room.starts[bisect_left(room.starts, earliest) :]
        if starts:
            return room if starts is room.starts else Room(room.visit, starts)
    return None


def _not_behind(bounds: Sequence[tuple[int, float, float]], best: int) -> list[int]:
    """Those of whom nobody can say yet that so many are before them."""
    floor = sorted([least for _, least, _ in bounds])[-best]
    return [number for number, _, most in bounds if most >= floor]


def _longest_first(rooms: tuple[Room, ...]) -> tuple[Room, ...]:
    return tuple(sorted(rooms, key=lambda room: -room.visit.length))

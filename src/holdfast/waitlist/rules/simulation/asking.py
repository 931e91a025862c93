"""Whom a policy asks for a piece of open time, by the rules of the live waitlist. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest

from holdfast.lib.timeline import DAY_MINUTES, Span
from holdfast.waitlist.rules.plans import Candidate, Placing, best_plan, wasted_in
from holdfast.waitlist.rules.scores import (
    MOST_PASSED_OVER,
    URGENCY_HALF_MINUTES,
    Standing,
    quick_score,
    tie_break,
)
from holdfast.waitlist.rules.simulation.policies import Policy
from holdfast.waitlist.rules.simulation.spaces import Piece, Room, WantedBy
from holdfast.waitlist.rules.simulation.waiting import WAITING, Waiting
from holdfast.waitlist.rules.simulation.world import ANY_PARTY, Visit, World
from holdfast.waitlist.rules.windows import LEAST_OFFER_MINUTES

# As many of the best as best_plan looks at when it pairs.
_BEST = 8
# For so many minutes a score that was worked out serves to tell who cannot be among the best.
_FRESH = 60
_ROUNDING = 0.0001
_NEVER = -(10**12)


class Asking:
    """Finds who has room in a piece and, of those, whom to ask."""

    def __init__(self, world: World, policy: Policy, waiting: Waiting, salt: str) -> None:
        self.world, self.policy, self.waiting, self.salt = world, policy, waiting, salt
        self._known = [(_NEVER, 0.0)] * len(world.askers)
        weights = policy.weights
        steepest = weights.waiting / weights.half_minutes + weights.urgency / URGENCY_HALF_MINUTES
        self._rise = _FRESH * (steepest / weights.total + 1 / weights.ageing_minutes) + 2 * _ROUNDING

    def rooms(self, piece: Piece, now: int) -> dict[int, Room]:
        """Everybody who waits, may be told, was not asked for this time, and has room in it.

        Who wants a piece is looked up once; when it is put up again only those who joined meanwhile are.
        """
        rooms = self._wanted_by(piece, now)
        state, full_on, asked, day = self.waiting.state, self.waiting.full_on, piece.asked, now // DAY_MINUTES
        earliest = self._earliest(now)
        found: dict[int, Room] = {}
        for number, those in rooms.items():
            if state[number] != WAITING or number in asked or full_on[number] == day:
                continue
            for room in those:
                if room.starts[0] >= earliest:
                    found[number] = room
                    break
                starts = tuple([start for start in room.starts if start >= earliest])
                if starts:
                    found[number] = Room(room.visit, starts)
                    break
        return found

    def _wanted_by(self, piece: Piece, now: int) -> dict[int, tuple[Room, ...]]:
        after, rooms = piece.wanted_by or (-1, {})
        for visit, starts in self._visits(piece, now):
            whole = Room(visit, starts)
            listed = self.waiting.listed(visit.service, piece.on, after)
            for number, wished in self._could_be_asked(listed, starts, piece):
                room = whole if wished is starts else Room(visit, wished)
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
            for number, wished in self._could_be_asked(askable, starts, piece):
                best = next(iter(first), number)
                if number < best or not first or (number == best and first[best].visit.length < visit.length):
                    first = {number: Room(visit, wished)}
                break
        return first

    def _could_be_asked(
        self, numbers: Iterable[int], starts: tuple[int, ...], piece: Piece
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Those of the people who wish for some of the starts, with the starts."""
        askers, only, windows = self.world.askers, self.waiting.only, self.waiting.windows
        resource, seats, has_seats = piece.resource, piece.seats, piece.seats < ANY_PARTY
        first, last = starts[0] - piece.midnight, starts[-1] - piece.midnight
        for number in numbers:
            those, window = only[number], windows[number]
            if those is not None and resource not in those:
                continue
            if has_seats and askers[number].party_size > seats:
                continue
            if window is not None and window[0] <= first and last <= window[1]:
                yield number, starts
            elif window is None or (window[0] <= last and first <= window[1]):
                wished = self._wished(number, piece, starts)
                if wished:
                    yield number, wished

    def room_of(self, number: int, piece: Piece, now: int) -> Room | None:
        """Where one person has room, whether or not they were asked: the longest of their visits that fits."""
        asker, gives = self.world.askers[number], self.world.gives.get(piece.resource, ())
        if asker.resources is not None and piece.resource not in asker.resources:
            return None
        if asker.party_size > piece.seats:
            return None
        found = None
        for service in asker.services:
            visit = self.world.visits[service]
            if service in gives and (found is None or found.visit.length < visit.length):
                starts = piece.starts(visit, self._earliest(now))
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
        visits = (self.world.visits[service] for service in self.world.gives.get(piece.resource, ()))
        both = ((visit, piece.starts(visit, earliest)) for visit in visits)
        return [(visit, starts) for visit, starts in both if starts]

    def _wished(self, number: int, piece: Piece, starts: tuple[int, ...]) -> tuple[int, ...]:
        """Those of the starts that somebody wishes for."""
        asker = self.world.askers[number]
        begins, on, wants = piece.midnight, piece.on, asker.wants
        if len(starts) == 1:
            return starts if wants(on, starts[0] - begins) else ()
        return tuple([start for start in starts if wants(on, start - begins)])

    def least_waste(self, piece: Piece, room: Room) -> tuple[int, int]:
        """The minutes lost and the start that loses fewest."""
        gap, shortest = Span(piece.start, piece.end), self.world.shortest[piece.resource]
        before, length = room.visit.before, room.visit.length
        return min(
            (wasted_in(gap, (Span(start - before, start - before + length),), shortest), start)
            for start in room.starts
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
            return quick_score(self.standing(number, now), weights, used, wasted)

        kept = list(rooms)
        if len(kept) > _BEST:
            kept = self._contenders(piece, rooms, now)
        place = f"{piece.resource}:{piece.start}"
        kept.sort(key=lambda number: tie_break(self.salt, place, str(number)))
        return self._plan(piece, rooms, kept, weigh)

    def _contenders(self, piece: Piece, rooms: Mapping[int, Room], now: int) -> list[int]:
        """Those of whom nobody can say yet that they come after the best; the others are left out unscored.

        A score for a place that fits exactly is the most somebody can have; it never falls while they wait, and in an
        hour it rises by no more than ``self.rise``. What fit can take from it is its own share of the part that is lost.
        """
        weights, known, fresh = self.policy.weights, self._known, now - _FRESH
        least: dict[int, float] = {}
        for number in rooms:
            at, value = known[number]
            if at < fresh:
                value = quick_score(self.standing(number, now), weights)
                known[number] = (now, value)
            least[number] = value
        shortest = min(room.visit.length for room in rooms.values())
        lost = 1.0 if piece.seats < ANY_PARTY else 1 - shortest / (piece.end - piece.start)
        floor = nlargest(_BEST, least.values())[-1] - lost * weights.fit / weights.total - self._rise
        return [number for number, value in least.items() if value >= floor]

    def forget_score(self, number: int) -> None:
        """What was known of a score counts no more: they were passed over."""
        self._known[number] = (_NEVER, 0.0)

    def standing(self, number: int, now: int) -> Standing:
        """What the list knows of somebody at that minute."""
        one = self.world.askers[number]
        return Standing(
            now - one.joined,
            one.tier,
            one.shows,
            one.no_shows,
            one.ends - now,
            min(self.waiting.passed_over[number], MOST_PASSED_OVER),
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


def _longest_first(rooms: tuple[Room, ...]) -> tuple[Room, ...]:
    return tuple(sorted(rooms, key=lambda room: -room.visit.length))

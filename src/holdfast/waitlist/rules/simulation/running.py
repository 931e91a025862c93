"""The event queue of a simulation: one policy, one world, minute by minute in order, nothing drawn on the way. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from heapq import heappop, heappush
from math import inf
from uuid import UUID

from holdfast.lib.timeline import DAY_MINUTES, Span, instant_of, minute_of
from holdfast.waitlist.rules.simulation.asking import Asking
from holdfast.waitlist.rules.simulation.course import ANSWER, FREED, JOIN, LAPSE, LEAVE, LOOK, course
from holdfast.waitlist.rules.simulation.policies import Policy, Way
from holdfast.waitlist.rules.simulation.spaces import Piece, Room, Spaces
from holdfast.waitlist.rules.simulation.waiting import (
    GONE,
    OFFERED,
    SERVED,
    SHELVED,
    TO_COME,
    WAITING,
    Waiting,
)
from holdfast.waitlist.rules.simulation.world import World, date_of, midnight
from holdfast.waitlist.rules.states import MOST_PASSES
from holdfast.waitlist.rules.windows import offer_until

# How often progress is told.
_STEP = 500
Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Visited:
    """A place that was taken: who, which resource, from when to when with buffers, when they had it for certain, whether they came."""

    asker: int
    resource: UUID
    start: int
    end: int
    at: int
    came: bool


@dataclass(slots=True)
class Outcome:
    """What became of a world under a policy: the places taken, the waits of those served, what was sent.

    ``in_vain`` counts those who said yes and found the place gone, ``declined`` and ``lapsed`` the offers passed and run out.
    """

    visited: list[Visited] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    never: list[int] = field(default_factory=list)
    messages: int = 0
    in_vain: int = 0
    declined: int = 0
    lapsed: int = 0


@dataclass(eq=False, slots=True)
class _Offer:
    asker: int
    piece: Piece
    span: Span
    room: Room
    others: set[int]
    is_open: bool = True


def run(
    world: World, policy: Policy, *, salt: str = "simulation", progress: Progress | None = None
) -> Outcome:
    """What becomes of a world under a policy. The same arguments give the same outcome."""
    return _Run(world, policy, salt).play(progress)


class _Run:
    def __init__(self, world: World, policy: Policy, salt: str) -> None:
        self.world, self.policy = world, policy
        self.waiting, self.spaces, self.outcome = Waiting(world), Spaces(), Outcome()
        self.asking = Asking(world, policy, self.waiting, salt)
        self.queue: list[tuple[int, int, int, Callable[[int], None]]] = []
        self.sequence = 0
        self.minute, self.sent = -1, 0

    def play(self, progress: Progress | None) -> Outcome:
        """All events in order."""
        happen = {
            LEAVE: self._leave, FREED: self._freed, JOIN: self._join, LOOK: self._sweep,
        }  # fmt: skip
        known = course(self.world)
        total = len(known)
        for done, (at, kind, number) in enumerate(known):
            self._catch_up(at, kind)
            happen[kind](number, at)
            if progress and done % _STEP == 0:
                progress(done, total)
        self._catch_up(inf, 0)
        if progress:
            progress(total, total)
        waited = self.waiting.waited
        self.outcome.waits = sorted(wait for wait in waited if wait is not None)
        askers = self.world.askers
        self.outcome.never = sorted(
            (one.ends if one.leaves is None else min(one.leaves, one.ends)) - one.joined
            for one, wait in zip(askers, waited, strict=True)
            if wait is None
        )
        return self.outcome

    def _catch_up(self, minute: float, kind: int) -> None:
        """What came up on the way and is due before a minute and kind."""
        queue = self.queue
        while queue and queue[0][:2] < (minute, kind):
            now, _, _, happen = heappop(queue)
            happen(now)

    def _at(self, minute: int, rank: int, happen: Callable[[int], None]) -> None:
        self.sequence += 1
        heappush(self.queue, (minute, rank, self.sequence, happen))

    # People and time come and go ----------------------------------------------------------------------------------

    def _join(self, number: int, now: int) -> None:
        if self.waiting.state[number] == TO_COME:
            self.waiting.join(number)
            self._seek(number, now)

    def _leave(self, number: int, now: int) -> None:  # noqa: ARG002
        if self.waiting.state[number] != SERVED:
            self.waiting.state[number] = GONE

    def _freed(self, number: int, now: int) -> None:
        freed = self.world.freed[number]
        piece = Piece(
            freed.resource,
            freed.on,
            midnight(freed.on),
            freed.start,
            freed.end,
            number,
            freed.start,
            freed.seats,
        )
        self._look(self.spaces.open(piece), now)

    def _sweep(self, day: int, now: int) -> None:  # noqa: ARG002
        """Once a day: look at everything that is open, forget what is over."""
        self.spaces.forget_before(date_of(now - DAY_MINUTES))
        for piece in list(self.spaces.everything()):
            self._look(piece, now)

    def _seek(self, number: int, now: int) -> None:
        """Somebody joins, or is free again: is there anything open for them?"""
        first, last = self.world.wishing.dates[number]
        for on in self.spaces.days():
            if first <= on <= last:
                for piece in self.spaces.on(on):
                    if number not in piece.asked and self.asking.room_of(number, piece, now):
                        self._look(piece, now)

    def _look_again(self, on: date, resource: UUID, now: int) -> None:
        for piece in self.spaces.of(on, resource):
            self._look(piece, now)

    # A piece of open time -----------------------------------------------------------------------------------------

    def _look(self, piece: Piece, now: int) -> None:
        """Put open time to whom the policy chooses, until nobody is left who fits or nothing is left of it."""
        speaks = self.policy.speaks_at(now)
        if speaks > now:
            self._at(speaks, LOOK, partial(self._look_again, piece.on, piece.resource))
            return
        if self.policy.way is Way.BROADCAST:
            self._tell_all(piece, now)
            return
        open_pieces = [piece]
        while open_pieces:
            piece = open_pieces.pop()
            is_scored = self.policy.way is Way.SCORE
            rooms = (self.asking.rooms if is_scored else self.asking.first_room)(piece, now)
            if not rooms:
                continue
            if not self._may_send(now):
                self._at(now + 1, LOOK, partial(self._look_again, piece.on, piece.resource))
                return
            if is_scored:
                plan = self.asking.best(piece, rooms, now)
            else:
                plan = self.asking.first_in_line(piece, rooms)
            left = [piece]
            chosen = {number for number, _ in plan}
            others = rooms.keys() - chosen
            for number, placing in plan:
                span = placing.candidate.taken(placing.start)
                holder = next(one for one in left if one.start <= span.start and span.end <= one.end)
                left.remove(holder)
                left += self.spaces.take(holder, span)
                self._offer(_Offer(number, holder, span, rooms[number], others), placing.start, now)
            open_pieces += left

    def _may_send(self, now: int) -> bool:
        return self.minute != now or self.sent < self.policy.messages_per_minute

    def _send(self, number: int, piece: Piece, now: int) -> None:
        self.sent = self.sent + 1 if self.minute == now else 1
        self.minute = now
        self.outcome.messages += 1
        self.waiting.tell(number, now // DAY_MINUTES, self.policy.messages_per_day)
        piece.asked.add(number)

    def _offer(self, offer: _Offer, start: int, now: int) -> None:
        until = offer_until(
            instant_of(now),
            instant_of(start),
            hold_minutes=self.policy.hold_minutes,
            cutoff_minutes=self.policy.cutoff_minutes,
        )
        assert until is not None  # rooms end where offers do
        self._send(offer.asker, offer.piece, now)
        self.waiting.state[offer.asker] = OFFERED
        expires = minute_of(until)
        answer = self.world.answer(offer.asker, offer.piece.freed, now, self.waiting.in_vain[offer.asker])
        if answer is not None:
            at, accepts = answer
            says_so = accepts or self.waiting.passes[offer.asker] < MOST_PASSES
            if at < expires and says_so:
                self._at(at, ANSWER, partial(self._accept if accepts else self._decline, offer))
                return
            if accepts and at < start - self.policy.cutoff_minutes:
                self._at(at, ANSWER, partial(self._answer_late, offer))
        self._at(expires, LAPSE, partial(self._lapse, offer))

    # Answers ------------------------------------------------------------------------------------------------------

    def _accept(self, offer: _Offer, now: int) -> None:
        if self.waiting.state[offer.asker] != OFFERED:
            self._give_back(offer, now)
            return
        self._serve(offer.asker, offer.piece, offer.span, now)
        for other in offer.others:
            if self.waiting.state[other] <= OFFERED:
                self.asking.pass_over(other)

    def _decline(self, offer: _Offer, now: int) -> None:
        self.waiting.passes[offer.asker] += 1
        self.outcome.declined += 1
        self._give_back(offer, now)

    def _lapse(self, offer: _Offer, now: int) -> None:
        self.waiting.left_unanswered(offer.asker)
        self.outcome.lapsed += 1
        self._give_back(offer, now)

    def _give_back(self, offer: _Offer, now: int) -> None:
        """The place is open again, and so is the person; the place first."""
        if self.waiting.state[offer.asker] == OFFERED:
            self.waiting.state[offer.asker] = WAITING
        piece = self.spaces.open(offer.piece.part(*offer.span))
        self._look(piece, now)
        if self.waiting.state[offer.asker] == WAITING:
            self._seek(offer.asker, now)

    def _answer_late(self, offer: _Offer, now: int) -> None:
        """Too late for the offer; the place is theirs all the same if it is still free and they are."""
        if self.waiting.state[offer.asker] not in (WAITING, SHELVED):
            return
        for piece in self.spaces.of(offer.piece.on, offer.piece.resource):
            if piece.start <= offer.span.start and offer.span.end <= piece.end:
                self.spaces.take(piece, offer.span)
                self._serve(offer.asker, piece, offer.span, now)
                return
        self._tell_gone(offer.asker)

    def _tell_gone(self, number: int) -> None:
        """They said yes, and the place is gone."""
        self.outcome.in_vain += 1
        self.waiting.in_vain[number] += 1

    def _serve(self, number: int, piece: Piece, span: Span, now: int) -> None:
        self.waiting.serve(number, now)
        came = self.world.comes(number, piece.freed)
        self.outcome.visited.append(Visited(number, piece.resource, span.start, span.end, now, came))

    # Telling everybody --------------------------------------------------------------------------------------------

    def _tell_all(self, piece: Piece, now: int) -> None:
        """Everybody who fits, at once, as fast as messages may go out; whoever answers first has it."""
        for number in sorted(self.asking.rooms(piece, now)):
            if not self._may_send(now):
                self._at(now + 1, LOOK, partial(self._look_again, piece.on, piece.resource))
                return
            self._send(number, piece, now)
            answer = self.world.answer(number, piece.freed, now, self.waiting.in_vain[number])
            if answer is not None and answer[1]:
                self._at(answer[0], ANSWER, partial(self._grab, number, piece.on, piece.resource))

    def _grab(self, number: int, on: date, resource: UUID, now: int) -> None:
        if self.waiting.state[number] != WAITING:
            return
        rooms = [
            (self.asking.least_waste(piece, room), piece, room)
            for piece in self.spaces.of(on, resource)
            if (room := self.asking.room_of(number, piece, now))
        ]
        if not rooms:
            self._tell_gone(number)
            return
        (_, start), piece, room = min(rooms, key=lambda one: one[0])
        span = Span(start - room.visit.before, start - room.visit.before + room.visit.length)
        self.spaces.take(piece, span)
        self._serve(number, piece, span, now)

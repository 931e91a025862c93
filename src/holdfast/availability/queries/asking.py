"""One question about free time: which starts, from when to when, and what is free of them.

The claims are read for every question. What does not change with them is kept in memory: the board of a timetable's hours
under that very timetable, and the free starts of a resource under the very claims they were worked out from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from holdfast.bookings import sql as hot
from holdfast.bookings.commands.placing import able_resources, agreed_service, offered_service, shape_of
from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import Span
from holdfast.schedule.queries import Timetable
from holdfast.schedule.rules import (
    Board,
    Columns,
    Shape,
    absences,
    board_of,
    columns_by_day,
    earliest_start,
    free_starts,
    last_date_reached,
    latest_start,
    patterns_on,
    starts_on,
    windows_by_resource,
)

MOST_DAYS = 62


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What a question stands on before anybody is busy: the board, and each resource's absences."""

    board: Board[UUID]
    absences: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class FreeBoard:
    """An answer before it is spelt out: by date with a window, the free starts as bitmaps on the board."""

    board: Board[UUID]
    days: dict[date, Columns]
    service: ServiceFacts

    @property
    def times(self) -> dict[date, dict[int, tuple[UUID, ...]]]:
        """By date: the free starts, each with the resources free then; a date that is missing is closed."""
        who = self.board.who
        return {
            on: {minute: who[pattern] for minute, pattern in patterns_on(self.board, on, columns)}
            for on, columns in self.days.items()
        }

    @property
    def counts(self) -> dict[date, int]:
        """By date: how many starts are free with anybody; a date that is missing is closed."""
        return {on: starts_on(columns) for on, columns in self.days.items()}


def free_board(
    *,
    timetable: Timetable,
    service_id: UUID,
    first: date,
    last: date,
    now: datetime,
    resource_id: UUID | None = None,
    party_size: int = 1,
    moving_booking_id: UUID | None = None,
) -> FreeBoard:
    """The free starts from ``first`` to ``last`` (62 dates at most).

    ``moving_booking_id`` leaves that booking's own claims out of account, for the picker of a move.
    Refusals: :class:`Missing` (service, resource), :class:`Invalid` on ``to`` or ``party_size``.
    """
    moving = moving_booking(timetable=timetable, booking_id=moving_booking_id)
    service = asked_service(timetable=timetable, service_id=service_id, moving=moving)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", "out_of_bounds", least=1, most=MOST_DAYS)
    resource_ids = able_resources(
        timetable=timetable,
        service=service,
        resource_id=resource_id,
        party_size=party_size,
        kept=moving.resource_id if moving else None,
    )
    board, days = board_with_claims(
        timetable=timetable,
        shape=shape_of(service),
        resource_ids=resource_ids,
        first=first,
        last=last,
        now=now,
        but=moving.id if moving else None,
    )
    return FreeBoard(board, days, service)


def board_with_claims(
    *,
    timetable: Timetable,
    shape: Shape,
    resource_ids: tuple[UUID, ...],
    first: date,
    last: date,
    now: datetime,
    but: UUID | None = None,
) -> tuple[Board[UUID], dict[date, Columns]]:
    """The board of these resources and, by date, the free starts of each; ``but`` is a booking whose claims are not
    counted."""
    ground = _ground(timetable, shape, resource_ids, first, last)
    settings = timetable.business.settings
    earliest = earliest_start(now, settings.earliest_notice_minutes)
    latest = latest_start(now, settings.furthest_ahead_days, timetable.tz)
    free = _free(timetable, ground, earliest, latest, now, but)
    return ground.board, columns_by_day(ground.board, free, earliest, latest)


def _free(
    timetable: Timetable, ground: _Ground, earliest: int, latest: int, now: datetime, but: UUID | None
) -> list[int]:
    """The free starts of each resource, as far as the limits matter: one statement, none if nothing is in reach."""
    board = ground.board
    start = max(board.frame.start, earliest - board.shape.buffer_before)
    end = min(board.frame.end, latest + board.shape.footprint)
    if start >= end:
        return [0] * len(board.resources)
    claims = hot.claims_in(
        business_id=timetable.business.id,
        resource_ids=board.resources,
        start=start,
        end=end,
        now=now,
        but=but,
    )
    return [_free_of(ground, column, claims.get(id)) for column, id in enumerate(board.resources)]


@lru_cache(maxsize=64)
def _ground(
    timetable: Timetable, shape: Shape, resource_ids: tuple[UUID, ...], first: date, last: date
) -> _Ground:
    hours = timetable.hours
    # A booking that starts on the last date may end in a window of the next.
    windows = windows_by_resource(hours, resource_ids, first, last_date_reached(last, shape))
    board = board_of(windows, shape, dates=(first, last))
    away = (tuple(absences(hours, id, *board.frame)) for id in resource_ids)
    return _Ground(board, tuple(away))


@lru_cache(maxsize=1024)
def _free_of(ground: _Ground, column: int, claims: hot.PackedClaims | None) -> int:
    taken = hot.spans_of(claims) if claims else []
    return free_starts(ground.board, column, [*taken, *ground.absences[column]])


def asked_service(
    *, timetable: Timetable, service_id: UUID, moving: BookingFacts | None = None
) -> ServiceFacts:
    """The service asked about: as it is offered, or as it was agreed for a booking that moves."""
    if moving is None:
        return offered_service(timetable=timetable, service_id=service_id)
    return agreed_service(timetable=timetable, booking=moving)


def moving_booking(*, timetable: Timetable, booking_id: UUID | None) -> BookingFacts | None:
    """The booking that is to move, if one is. Refusals: :class:`Missing`."""
    if booking_id is None:
        return None
    return booking_by_id(business_id=timetable.business.id, booking_id=booking_id)

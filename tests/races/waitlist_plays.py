"""What a client does in a round of a race for an offer. ``bookings`` of the stage holds the ids of each round."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.bookings.commands import Wish, hold_time
from holdfast.bookings.queries import BookingFacts
from holdfast.lib.actors import GUEST
from holdfast.lib.refusals import Missing
from holdfast.waitlist.commands import accept_offer, expire_offer, leave_waitlist, match_gap, withdraw_offer
from holdfast.waitlist.commands.offers import _end
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.rules import check_open_offer
from tests.races.plays import SECOND, Stage, attempt, client, take
from tests.races.weakening import pause


def match(stage: Stage, number: int, turn: int) -> str:
    """Every matcher looks at a gap of its own at once; all are about the same time."""
    gap_ids = stage.bookings[turn][1:]
    return "offered" if match_gap(gap_id=gap_ids[number % len(gap_ids)], now=stage.now) else "none"


def match_or_leave(stage: Stage, number: int, turn: int) -> str:
    """The only person who waits leaves, while the others look at the gaps."""
    entry_id = stage.bookings[turn][0]
    if number:
        return match(stage, number, turn)
    return attempt(
        lambda: leave_waitlist(
            actor=GUEST.waiting_as(entry_id),
            business_id=stage.timetable.business.id,
            entry_id=entry_id,
            now=stage.now,
        )
    )


def accept(stage: Stage, number: int, turn: int, now: Any = None) -> str:
    """The person who was asked says yes, with a finger that trembles."""
    offer_id, entry_id = stage.bookings[turn]
    return attempt(
        lambda: accept_offer(
            actor=GUEST.waiting_as(entry_id),
            timetable=stage.timetable,
            offer_id=offer_id,
            now=now or stage.now,
        )
    )


def accept_or_come_after(stage: Stage, number: int, turn: int) -> str:
    """One accepts a second before the offer ends; the others, whose clock is ahead, expire it or book the time."""
    offer = Offer.objects.get(id=stage.bookings[turn][0])
    if number == 0:
        return accept(stage, number, turn, offer.expires_at - SECOND)
    if number % 2:
        done = expire_offer(offer_id=offer.id, now=offer.expires_at + SECOND)
        return "expired" if done else "nothing"
    wish = Wish(offer.service_id, offer.starts_at, UUID(offer.resources[0]))
    return take(stage, client(number), wish, offer.expires_at + SECOND)


def accept_or_withdraw(stage: Stage, number: int, turn: int) -> str:
    """The person accepts while staff takes the offer back."""
    if number % 2:
        return accept(stage, number, turn)
    return attempt(
        lambda: withdraw_offer(
            actor=stage.desk,
            business_id=stage.timetable.business.id,
            offer_id=stage.bookings[turn][0],
            now=stage.now,
        )
    )


def entry_without_lock(*, business_id: UUID, entry_id: UUID) -> Entry:
    """What ``locked_entry`` would be without its lock."""
    row = Entry.objects.filter(business_id=business_id, id=entry_id).first()
    if row is None:
        raise Missing(what="entry")
    return row


def check_and_dawdle(state: str, expires_at: datetime, now: datetime) -> None:
    """``check_open_offer``, and time for somebody else; on SQLite nobody else can do anything meanwhile."""
    check_open_offer(state, expires_at, now)
    pause()


def dawdle_and_end(*told: Any, **more: Any) -> None:
    """What ends an offer, after time enough for somebody else to accept it."""
    for _ in range(4):
        pause()
    _end(*told, **more)


def dawdle_and_hold(**wanted: Any) -> BookingFacts:
    """``hold_time``, after a moment in which others act on what they saw."""
    pause()
    return hold_time(**wanted)

"""The waitlist: joining, one's place, leaving; for the desk, who waits and why in this order, and what came free."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from holdfast.api.answers import create_once, no_content, read_answer, write
from holdfast.api.auth import Caller, Door, EntryDoor, at_booking
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit
from holdfast.api.routes import booking_of, caller_of, entry_of
from holdfast.api.schemas.waitlist import EntryOut, GapList, WaitlistList, WaitNew, show_gap
from holdfast.api.values import known_id
from holdfast.api.waiting import shown_entry, shown_ranks
from holdfast.businesses.rules import Action
from holdfast.customers.commands import try_code
from holdfast.customers.rules import Contact
from holdfast.lib.pages import page_of
from holdfast.lib.refusals import Invalid, Missing
from holdfast.waitlist import commands
from holdfast.waitlist.commands import Waiter, WaitWish
from holdfast.waitlist.errors import EntryOver
from holdfast.waitlist.queries import GapReport, Ranked, gap_reports, ranked_entries
from holdfast.waitlist.rules import RangeWish

router = Router(tags=["Waitlist"])
SEE = Door(Action.SEE_WAITLIST)
# Cursors speak of instants: a score is as long before this one as it is high.
_HEIGHT = datetime(2100, 1, 1, tzinfo=UTC)
# As long as what came free is kept.
_LATELY = timedelta(days=90)


@operation(
    router,
    "POST",
    "/waitlist",
    door=Door(Action.BOOK),
    answers={201: EntryOut},
    body=True,
    creates=True,
    conflicts=(
        "waitlist_closed",
        "waitlist_full",
        "already_waiting",
        "entry_over",
        "customer_blocked",
        "online_booking_off",
    ),
)
def join_waitlist(request: HttpRequest, slug: str, body: WaitNew) -> HttpResponse:  # noqa: ARG001
    """Wait for a place.

    Whoever is next is asked when one comes free; it is held for them meanwhile. With `booking` and its `token`: for an
    earlier time than that booking has, which moves there when the offer is accepted. Staff add others, to a list that is
    closed or full, too.
    """
    caller = caller_of(request)
    if body.token is not None and body.booking is None:
        raise Invalid.field("booking", "required")
    if body.booking is not None:
        if not (body.token or caller.actor.is_staff or caller.actor.account_id):
            raise Invalid.field("token", "required")
        caller = at_booking(request, replace(caller, token=body.token or ""), body.booking)
    wish = _wish(caller, body)
    who = _waiter(caller, body)

    def create() -> str:
        with _plural():
            entry = commands.join_waitlist(
                actor=caller.actor, timetable=caller.timetable, wish=wish, who=who, now=caller.now
            )
        return write(shown_entry(caller, entry))

    return create_once(request, caller, create)


@operation(router, "GET", "/waitlist", door=SEE, answers={200: WaitlistList})
def list_waitlist(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    service: Annotated[
        str | None, Query(min_length=1, max_length=64, description="Who waits for it.")
    ] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Who waits, the best score first, with what each score is made of; continued by `next_cursor`.

    Scores are those for a place that fits well. What a place wastes, and who cannot have it, shows in its offers.
    """
    caller = caller_of(request)
    wanted = None
    if service is not None:
        wanted = [caller.timetable.service(known_id(service, "service")).id]
    line = [
        one
        for one in ranked_entries(timetable=caller.timetable, now=caller.now, services=wanted)
        if one.entry.ends_at > caller.now
    ]

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[Ranked]:
        return line[_place_after(line, instant, id) :][:count]

    page = page_of(cursor=cursor, limit=limit, after=after, key=_key)
    shown = {"items": shown_ranks(caller, page.items), "next_cursor": page.next_cursor}
    return read_answer(request, write(shown))


@operation(router, "GET", "/waitlist/gaps", door=SEE, answers={200: GapList})
def list_gaps(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = 50,
) -> HttpResponse:
    """What came free in the last 90 days, the latest first: whom it was offered, or why nobody."""
    caller = caller_of(request)

    def after(instant: datetime | None, id: UUID | None, count: int) -> list[GapReport]:
        return gap_reports(
            actor=caller.actor,
            business_id=caller.business_id,
            since=caller.now - _LATELY,
            limit=count,
            before=None if instant is None or id is None else (instant, id),
        )

    page = page_of(cursor=cursor, limit=limit, after=after, key=lambda gap: (gap.opened_at, gap.id))
    items = [show_gap(gap, caller.now) for gap in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(
    router,
    "GET",
    "/waitlist/{entry_id}",
    door=EntryDoor(Action.SEE_WAITLIST),
    answers={200: EntryOut},
)
def get_entry(request: HttpRequest, slug: str, entry_id: str) -> HttpResponse:  # noqa: ARG001
    """One’s place on the waitlist, and the offer that waits for an answer."""
    caller = caller_of(request)
    return read_answer(request, write(shown_entry(caller, entry_of(caller))))


@operation(
    router,
    "DELETE",
    "/waitlist/{entry_id}",
    door=EntryDoor(Action.CHANGE_WAITLIST),
    answers={204: None},
    conflicts=("entry_over",),
)
def leave_waitlist(request: HttpRequest, slug: str, entry_id: str) -> HttpResponse:  # noqa: ARG001
    """Leave the waitlist, at once; an offer that is out goes to the next. Leaving twice is no mistake."""
    caller = caller_of(request)
    try:
        commands.leave_waitlist(
            actor=caller.actor, business_id=caller.business_id, entry_id=entry_of(caller).id, now=caller.now
        )
    except EntryOver as refusal:
        if refusal.facts.get("state") != "left":
            raise
    return no_content()


def _wish(caller: Caller, body: WaitNew) -> WaitWish:
    with _plural():
        services = tuple(dict.fromkeys(known_id(text, "service") for text in body.services))
        resources = None
        if body.resources is not None:
            resources = tuple(dict.fromkeys(known_id(text, "resource") for text in body.resources))
            for id in resources:
                caller.timetable.resource(id)
    return WaitWish(
        services=services,
        ranges=tuple(
            RangeWish(one.from_, one.to, one.from_time or "", one.to_time or "", one.weekdays)
            for one in body.wishes
        ),
        party_size=body.party_size,
        resources=resources,
        earlier_than=booking_of(caller).id if body.booking is not None else None,
        walk_in=body.walk_in,
    )


def _waiter(caller: Caller, body: WaitNew) -> Waiter:
    """Who waits. A code is tried here, in a transaction of its own: wrong ones count."""
    said = body.customer
    code = said.email_code or ""
    if code and said.email:
        try_code(business_id=caller.business_id, email=said.email, code=code, now=caller.now)
    return Waiter(Contact(said.name, said.email or "", said.phone or ""), code)


@contextmanager
def _plural() -> Iterator[None]:
    """Name what does not exist as the body does: it lists several."""
    try:
        yield
    except Missing as refusal:
        what = refusal.facts.get("what")
        if what in ("service", "resource"):
            raise Missing(what=f"{what}s") from refusal
        raise


def _key(one: Ranked) -> tuple[datetime, UUID]:
    """Where a page ends: at somebody, and for when they are gone by then, at their score."""
    return _HEIGHT - timedelta(microseconds=_units(one)), one.entry.id


def _place_after(line: list[Ranked], instant: datetime | None, id: UUID | None) -> int:
    """Where the next page begins: after the last one shown, or, if they left meanwhile, at their score."""
    if instant is None:
        return 0
    for place, one in enumerate(line, start=1):
        if one.entry.id == id:
            return place
    units = (_HEIGHT - instant) // timedelta(microseconds=1)
    return next((place for place, one in enumerate(line) if _units(one) <= units), len(line))


def _units(one: Ranked) -> int:
    return round(one.score.total * 10_000)

"""Moving a booking: the valid gaps as buttons, by day and resource, and the way back (SPEC D7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from holdfast.availability.queries import DayCount, OpenTime, open_counts, open_times
from holdfast.bookings.commands import move_booking
from holdfast.bookings.errors import IllegalStep, UndoEnded
from holdfast.bookings.queries import BookingFacts, history_of
from holdfast.bookings.rules import next_state
from holdfast.businesses.rules import Action
from holdfast.lib.refusals import Conflict, Invalid, Missing
from holdfast.lib.timeline import instant_of, minute_of
from holdfast.lib.walltime import minute_at
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.booking import answer, nothing_chosen, typed_sequence
from holdfast.web.desk.card import card_context, for_staff, read_booking, show_card
from holdfast.web.desk.fields import Choice, Errors, Mistakes, identity, summary, typed_date, typed_minute

_DAYS = 10
# What the button of a time sends where the tables are chosen for the party.
_BEST = "any"


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def move(desk: Desk, reference: str) -> HttpResponse:
    """Choose another time, or take the one that was chosen."""
    desk.require(Action.CHANGE_BOOKINGS)
    booking = read_booking(desk, reference)
    try:
        next_state(booking.state, "move")
    except IllegalStep as refusal:
        return show_card(desk, booking, refusal=refusal)
    on = _chosen_date(desk, booking)
    if desk.request.method != "POST":
        return _picker(desk, booking, on)
    to, resource_id, slot_id, mistakes = _target(desk, booking)
    if to is None:
        return _picker(desk, booking, on, errors=nothing_chosen() | mistakes)
    try:
        done = move_booking(
            actor=desk.actor,
            timetable=desk.timetable,
            booking_id=booking.id,
            starts_at=to,
            now=desk.now,
            resource_id=resource_id,
            slot_id=slot_id,
            sequence=typed_sequence(desk),
            override_reason=desk.request.POST.get("override_reason", "").strip(),
            undo=True,
        )
    except Invalid as refusal:
        return _picker(desk, booking, on, errors=words.mistakes(refusal))
    except Conflict as refusal:
        fresh = read_booking(desk, reference)
        if refusal.code in ("time_taken", "slot_full", "slot_closed", "pacing_reached"):
            return _picker(desk, fresh, on, refused=words.sentence(refusal))
        return show_card(desk, fresh, refusal=refusal)
    return answer(desk, done, "move")


@require_POST
@at_desk
def move_back(desk: Desk, reference: str) -> HttpResponse:
    """Undo the last move by moving back; the old time may be gone by now."""
    desk.require(Action.CHANGE_BOOKINGS)
    booking = read_booking(desk, reference)
    try:
        history = history_of(business_id=desk.business.id, booking_id=booking.id)
        if not history or history[-1].action != "move":
            raise UndoEnded(state=booking.state)
        came_from = history[-1].details["from"]
        done = move_booking(
            actor=desk.actor,
            timetable=desk.timetable,
            booking_id=booking.id,
            starts_at=datetime.fromisoformat(came_from["starts_at"]),
            now=desk.now,
            resource_id=identity(came_from["resource"]),
            slot_id=identity(came_from.get("slot", "")),
            chosen=_tables_before(desk, booking, came_from),
            # Where it was it had been allowed to be, even if that time has passed by now.
            override_reason=_("A move taken back"),
            # Both moves wait for the end of the undo window, and together they are none: nobody is told.
            undo=True,
        )
    except Conflict as refusal:
        return show_card(desk, read_booking(desk, reference), refusal=refusal)
    return answer(desk, done, "undo")


def _tables_before(desk: Desk, booking: BookingFacts, came_from: Mapping[str, Any]) -> tuple[UUID, ...]:
    """The very tables a party came from; nothing for other bookings."""
    if desk.timetable.service(booking.service_id).mode != "table":
        return ()
    return tuple(UUID(id) for id in (came_from["resource"], *came_from.get("also", ())))


def _chosen_date(desk: Desk, booking: BookingFacts) -> date:
    """The day whose gaps are shown: the address's, else the booking's own, never one before today."""
    sent = desk.request.POST if desk.request.method == "POST" else desk.request.GET
    on = typed_date(sent.get("date", ""), "date", {}, required=False) or booking.local_on
    return min(max(on, desk.today), desk.today + timedelta(days=729))


def _target(
    desk: Desk, booking: BookingFacts
) -> tuple[datetime | None, UUID | None, UUID | None, dict[str, list[str]]]:
    """The time, resource and slot of the pressed button (``<resource id or any> <instant> [<slot id>]``), or of the
    typed time."""
    post = desk.request.POST
    resource_text, instant_text, slot_text = [*post.get("to", "").split(" "), "", "", ""][:3]
    resource_id = identity(resource_text)
    if (resource_id or resource_text == _BEST) and instant_text:
        try:
            instant = datetime.fromisoformat(instant_text)
        except ValueError:
            return None, None, None, {}
        return (instant, resource_id, identity(slot_text), {}) if instant.tzinfo else (None, None, None, {})
    found: Mistakes = {}
    on = typed_date(post.get("other_date", ""), "other_date", found)
    minute = typed_minute(post.get("other_time", ""), "other_time", found)
    if on is None or minute is None:
        mistakes = {
            name: [words.mistake(code, facts) for code, facts in each] for name, each in found.items()
        }
        return None, None, None, mistakes if post.get("other_date") or post.get("other_time") else {}
    resource_id = identity(post.get("other_resource", "")) or booking.resource_id
    return instant_of(minute_at(on, minute, desk.timetable.tz)), resource_id, None, {}


def _picker(
    desk: Desk, booking: BookingFacts, on: date, *, errors: Errors | None = None, refused: str = ""
) -> HttpResponse:
    """The gaps of one day, one row per resource, and the days around it."""
    context = card_context(desk, booking) | {
        "section": "day",
        "move_url": reverse("desk:move", args=[desk.business.slug, booking.reference]),
        "on_iso": on.isoformat(),
        "on_words": formats.day_in_full(on),
        "mistakes": summary(errors or {}),
        "refused": refused,
        "typed": desk.request.POST if desk.request.method == "POST" else {},
    }
    context |= _gaps(desk, booking, on)
    status = 422 if errors else 409 if refused else 200
    template = "desk/move_fragment.html" if desk.is_fragment else "desk/move.html"
    return desk.render(template, context, status=status)


def _gaps(desk: Desk, booking: BookingFacts, on: date) -> dict[str, Any]:
    """The days around one, and its free starts by resource; none when nobody gives the service any more."""
    first = max(desk.today, on - timedelta(days=2))
    timetable = for_staff(desk.timetable)
    asked: dict[str, Any] = {
        "timetable": timetable,
        "service_id": booking.service_id,
        "now": desk.now,
        "party_size": booking.party_size,
        "moving_booking_id": booking.id,
    }
    found: dict[str, Any] = {"days": [], "rows": [], "people": _people(desk, booking)}
    try:
        counts = open_counts(first=first, last=first + timedelta(days=_DAYS - 1), **asked)
        times = open_times(first=on, last=on, **asked)[0].times
    except (Missing, Invalid):  # the service is retired, or nobody gives it to so many any more
        return found
    step = timetable.services[booking.service_id].interval_minutes
    return found | {
        "days": _days(desk, booking, on, counts),
        "rows": _rows(desk, booking, times),
        "step": step,
    }


def _rows(desk: Desk, booking: BookingFacts, times: Sequence[OpenTime]) -> list[dict[str, Any]]:
    """The free starts of each resource, the booking's own first; staying where it is is no move."""
    if desk.timetable.services[booking.service_id].mode == "table":
        return _table_rows(desk, booking, times)
    owners: list[tuple[UUID | None, str]] = [(r.id, r.name) for r in desk.timetable.resources.values()]
    rows: list[dict[str, Any]] = []
    for id, name in [*owners, (None, _("Slots"))]:
        free = [
            {
                "value": f"{id or _BEST} {time.starts_at.isoformat()} {time.slot_id or ''}".strip(),
                "label": clock_words(time.local_time, time.second_pass),
                "minute": minute_of(time.starts_at),
            }
            for time in times
            if (id in time.resource_ids or (id is None and not time.resource_ids))
            and (time.starts_at, id) != (booking.starts_at, booking.resource_id)
        ]
        if free:
            rows.append({"id": id, "name": name, "times": free, "is_own": id == booking.resource_id})
    return sorted(rows, key=lambda row: not row["is_own"])


def _table_rows(desk: Desk, booking: BookingFacts, times: Sequence[OpenTime]) -> list[dict[str, Any]]:
    """The free starts of a party by the tables it would get, its own first."""
    rows: dict[tuple[UUID, ...], dict[str, Any]] = {}
    for time in times:
        if time.starts_at == booking.starts_at:
            continue
        table = desk.timetable.taken_by(time.resource_ids)
        row = rows.setdefault(
            time.resource_ids,
            {
                "id": time.resource_ids[0],
                "name": table.name if table else "",
                "times": [],
                "is_own": time.resource_ids == booking.resource_ids,
            },
        )
        row["times"].append(
            {
                "value": f"{_BEST} {time.starts_at.isoformat()}",
                "label": clock_words(time.local_time, time.second_pass),
                "minute": minute_of(time.starts_at),
            }
        )
    return sorted(rows.values(), key=lambda row: not row["is_own"])


def _days(desk: Desk, booking: BookingFacts, on: date, counts: Sequence[DayCount]) -> list[dict[str, Any]]:
    base = reverse("desk:move", args=[desk.business.slug, booking.reference])
    return [
        {
            "label": formats.short_weekday(count.on),
            "number": formats.short_month_day(count.on),
            "free": _("%(count)s free") % {"count": count.free} if count.open else _("Closed"),
            "is_none": not count.free,
            "is_chosen": count.on == on,
            "url": f"{base}?date={count.on.isoformat()}",
        }
        for count in counts
    ]


def _people(desk: Desk, booking: BookingFacts) -> list[Choice]:
    service = desk.timetable.services.get(booking.service_id)
    given = desk.timetable.giving(service) if service else ()
    return [Choice(str(id), desk.timetable.resources[id].name, id == booking.resource_id) for id in given]


def clock_words(local_time: str, second_pass: bool) -> str:
    """A free start in words; the hour that comes twice in a night says which of the two."""
    hours, minutes = local_time.split(":")
    clock = formats.clock(datetime(2000, 1, 1, int(hours), int(minutes)))
    return _("%(time)s (second)") % {"time": clock} if second_pass else clock

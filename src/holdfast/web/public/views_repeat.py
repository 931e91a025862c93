"""A booking that comes again (SPEC D9): its times one by one, each free or with others to choose, then all booked at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.availability.queries import Alternative
from holdfast.availability.queries.series import SeriesOccurrence, preview_series
from holdfast.bookings.commands import SeriesTime, Wish, book_series
from holdfast.bookings.errors import CustomerBlocked, HoldEnded, LimitReached, TimeTaken
from holdfast.bookings.queries import BookingFacts, manage_token
from holdfast.bookings.rules.together import MOST_TIMES
from holdfast.insights.rules import Step
from holdfast.lib.refusals import Invalid
from holdfast.web import formats
from holdfast.web.counting import count_done
from holdfast.web.once import done_once, once
from holdfast.web.public import words
from holdfast.web.public.agreed import agreed, wall
from holdfast.web.public.conflict import read_choice
from holdfast.web.public.details import Mistake, details_of, forget_draft, posted
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import read_date, read_instant
from holdfast.web.public.holding import check_all, check_code, details_page, form_of, hold_url, shared, who_of
from holdfast.web.public.views_hold import draft_path, keep, see, step, with_hold
from holdfast.web.public.views_times import read_id

SKIP = "skip"


@with_hold
@step
def repeat(visit: Visit, held: BookingFacts) -> HttpResponse:
    """The times of the series that was asked for, the conflicts each with other times."""
    values = posted(visit.request)
    try:
        check_all(visit, held, values)
        return keep(visit, _choose(visit, held, values), values)
    except Invalid as refusal:
        return keep(visit, _back_to_details(visit, held, values, refusal), values)


@with_hold
@step
@done_once
def book_repeat(visit: Visit, held: BookingFacts) -> HttpResponse:
    """Book all times that were chosen, or none."""
    values = posted(visit.request)
    times = _chosen(visit, held)
    try:
        check_code(visit, held, values)
        if len(times) < 2:
            said = _("Choose two times at least, or book just the one.")
            return keep(visit, _choose(visit, held, values, lines=[said], status=422), values)
        url = _booked_once(visit, held, values, times)
    except TimeTaken as refusal:
        number = int(refusal.facts.get("number", 1))
        when = formats.day_and_clock(wall(visit.timetable, times[number - 1].starts_at))
        said = _("Someone booked %(when)s a moment ago. Nothing was booked.") % {"when": when}
        return keep(visit, _choose(visit, held, values, lines=[said], status=409), values)
    except Invalid as refusal:
        if any(name.startswith("times") for name in refusal.fields):
            said = " ".join(line for lines in words.mistakes(refusal).values() for line in lines)
            return keep(visit, _choose(visit, held, values, lines=[said], status=422), values)
        return keep(visit, _back_to_details(visit, held, values, refusal), values)
    except (CustomerBlocked, LimitReached) as refusal:
        lines = [words.conflict(refusal, visit.business)]
        return keep(visit, _choose(visit, held, values, lines=lines, status=409), values)
    return forget_draft(see(url), draft_path(visit))


def _booked_once(visit: Visit, held: BookingFacts, values: Mapping[str, str], times: list[SeriesTime]) -> str:
    route, fields = f"repeat {held.id}", visit.request.POST.dict()

    def work(hold: BookingFacts) -> str:
        is_alive = hold.state_at(visit.now) == "held"
        booked = book_series(
            actor=visit.actor.holding(hold.id) if is_alive else visit.actor,
            timetable=visit.timetable,
            service_id=hold.service_id,
            times=times,
            details=details_of(values),
            now=visit.now,
            hold_id=hold.id if is_alive else None,
            party_size=hold.party_size,
        )
        count_done(visit.timetable, hold.service_id, Step.BOOKED, visit.now)
        return f"{reverse('manage', args=[manage_token(booking_id=booked[0].id)])}?new=1"

    asked: dict[str, Any] = {
        "business_id": visit.business.id,
        "route": route,
        "fields": fields,
        "verdict": visit.verdict,
    }
    try:
        return once(**asked, work=lambda: work(held))
    except HoldEnded:  # while the form was on its way
        return once(**asked, work=lambda: work(replace(held, state="expired")))


def _chosen(visit: Visit, held: BookingFacts) -> list[SeriesTime]:
    """The held time, and what was chosen for each of the others."""
    first = SeriesTime(held.starts_at, None if held.any_resource else held.resource_id)
    chosen = [first]
    for number in range(2, MOST_TIMES + 1):
        at, who = read_choice(visit.request.POST.get(f"time-{number}", SKIP))
        starts_at = read_instant(at)
        if starts_at is not None:
            chosen.append(SeriesTime(starts_at, read_id(who)))
    return chosen


def _choose(
    visit: Visit,
    held: BookingFacts,
    values: Mapping[str, str],
    *,
    lines: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the times. Refusals: :class:`Invalid` on how often and how long."""
    found = preview_series(
        actor=visit.actor,
        timetable=visit.timetable,
        wish=Wish(
            held.service_id,
            held.starts_at,
            None if held.any_resource else held.resource_id,
            held.party_size,
        ),
        now=visit.now,
        held=held if held.state_at(visit.now) == "held" else None,
        **_rhythm(visit),
    )
    given = visit.request.POST
    priced = check_code(visit, held, values)
    context = shared(visit, held) | {
        "form": form_of(visit, held, values),
        "agreed": agreed(visit.timetable, priced, before_minor=held.price_minor),
        "occurrences": [_shown(visit, held, one, given.get(f"time-{one.number}", "")) for one in found],
        "conflicts": sum(not one.is_free for one in found),
        "rhythm": {name: given.get(name, "") for name in ("every_weeks", "times", "until")},
        "mistakes": [Mistake(line) for line in lines or ()],
        "book_url": hold_url(visit, "hold-repeat-book", held),
        "edit_url": hold_url(visit, "hold-edit", held),
    }
    return visit.render("public/repeat.html", context, status=status, private=True)


def _rhythm(visit: Visit) -> dict[str, Any]:
    """How often and until when, as typed. Refusals: :class:`Invalid`."""
    given = visit.request.POST
    every, times = given.get("every_weeks", ""), given.get("times", "")
    if not (every.isascii() and every.isdigit() and len(every) < 4):
        raise Invalid.field("every_weeks", "unknown_choice")
    if given.get("until"):
        until = read_date(given["until"])
        if until is None:
            raise Invalid.field("until", "wrong_date")
        return {"every_weeks": int(every), "until": until}
    if not (times.isascii() and times.isdigit() and len(times) < 4):
        raise Invalid.field("times", "wrong_type")
    return {"every_weeks": int(every), "times": int(times)}


def _shown(visit: Visit, held: BookingFacts, one: SeriesOccurrence, typed: str) -> dict[str, Any]:
    """One time as the page offers it: itself, others in its stead, or leaving it out."""
    who = who_of(held)
    own = f"{one.starts_at:%Y-%m-%dT%H:%MZ}/{who}"
    offers = [{"value": own, "words": _("Book it")}] if one.is_free else []
    offers += [_offer(visit, other) for other in one.alternatives]
    known = [offer["value"] for offer in offers]
    chosen = typed if typed in known or typed == SKIP else own if one.is_free else ""
    return {
        "number": one.number,
        "name": f"time-{one.number}",
        "when": formats.day_and_clock(wall(visit.timetable, one.starts_at)),
        "is_free": one.is_free,
        "is_first": one.number == 1,
        "why": "" if one.is_free else words.mistake("starts_at", one.why, one.facts),
        "offers": [offer | {"is_chosen": offer["value"] == chosen} for offer in offers],
        "is_skipped": chosen == SKIP,
    }


def _offer(visit: Visit, other: Alternative) -> dict[str, str]:
    when = formats.day_and_clock(wall(visit.timetable, other.starts_at))
    taken = visit.timetable.taken_by([other.resource_id] if other.resource_id else [])
    whom = words.with_resource(taken, in_full=False)
    value = f"{other.starts_at:%Y-%m-%dT%H:%MZ}/{other.resource_id or ''}"
    return {"value": value, "words": f"{when} {whom}".strip()}


def _back_to_details(
    visit: Visit, held: BookingFacts, values: Mapping[str, str], refusal: Invalid
) -> HttpResponse:
    """The details again with what is wrong, the rhythm's own mistakes above the form."""
    found = words.mistakes(refusal)
    form = form_of(visit, held, values).with_errors(found)
    lines = [
        Mistake(line, "repeat") for name in ("every_weeks", "times", "until") for line in found.get(name, ())
    ]
    return details_page(visit, held, form, lines=[*form.mistakes, *lines], status=422)

"""What the waitlist's pages say: places in line, what somebody waits for, what happened so far, mistakes of the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from holdfast.businesses.queries import BusinessFacts
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.schedule.queries import Timetable
from holdfast.waitlist.queries import EntryChangeFacts, EntryFacts
from holdfast.waitlist.queries.around import Around
from holdfast.waitlist.rules import MOST_UNANSWERED, DateRange
from holdfast.web import formats
from holdfast.web.public import words

_FORM: Mapping[tuple[str, str], Promise] = {
    ("services", "choose_service"): gettext_lazy("Choose what you would like."),
    ("services", "out_of_bounds"): gettext_lazy("Choose ten services at most."),
    ("resources", "choose_person"): gettext_lazy("Choose somebody, or anybody at all."),
    ("resources", "unknown"): gettext_lazy("Choose people who give what you would like."),
    ("party_size", "wrong_type"): gettext_lazy("Write how many of you come."),
    ("from", "required"): gettext_lazy("Choose the first day that suits."),
    ("to", "before_start"): gettext_lazy("The last day must not be before the first."),
    ("to", "in_past"): gettext_lazy("These days have passed. Choose later ones."),
    ("to", "not_earlier"): gettext_lazy("Choose days up to that of your booking."),
    ("from", "too_far_ahead"): gettext_lazy("These days cannot be booked yet. Choose earlier ones."),
    ("before", "before_start"): gettext_lazy("The latest start must not be before the earliest."),
    ("days", "no_such_day"): gettext_lazy("None of these weekdays is among the days above."),
    ("email", "required"): gettext_lazy("Add your email address: your turn is told there."),
}
_CODES: Mapping[str, Promise] = {
    "wrong_date": gettext_lazy("Write a date that exists, like 2027-05-29."),
    "wrong_format": gettext_lazy("Write a time of day, like 10:00."),
}


def mistake(field: str, code: str, facts: Mapping[str, Any]) -> str:
    """What to do about one wrong field; ``field`` may carry the number of its range."""
    part = field.partition("-")[0]
    said = _FORM.get((part, code)) or _CODES.get(code)
    return str(said) if said else words.mistake(part, code, facts)


def ordinal(count: int) -> str:
    """``2nd``."""
    endings = {1: _("%(count)sst"), 2: _("%(count)snd"), 3: _("%(count)srd")}
    usual = _("%(count)sth")
    pattern = usual if count % 100 in (11, 12, 13) else endings.get(count % 10, usual)
    return pattern % {"count": count}


def place_words(place: int) -> str:
    """``2nd in line``."""
    return _("%(place)s in line") % {"place": ordinal(place)}


def terms(business: BusinessFacts) -> list[str]:
    """How the list works, in the order in which it happens."""
    minutes = business.settings.hold_minutes
    held = ngettext(
        "When a time comes free we mail you and hold it for you alone, %(count)s minute as a rule.",
        "When a time comes free we mail you and hold it for you alone, %(count)s minutes as a rule.",
        minutes,
    )
    return [
        held % {"count": minutes},
        _("Accept with one tap, or pass and keep your place."),
        _("Without an answer it goes to the next person and you keep your place. After %(count)s missed offers we take you off the list.")
        % {"count": MOST_UNANSWERED},
    ]  # fmt: skip


def people(count: int) -> str:
    """``2 people``."""
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def services_words(timetable: Timetable, services: Sequence[UUID]) -> str:
    """``Classic cut or Skin fade``."""
    names = [timetable.services[id].name for id in services if id in timetable.services]
    return _either(names)


def with_words(timetable: Timetable, resources: Sequence[UUID] | None) -> str:
    """``with Theo Marsh or Amara Osei``; with anybody where it does not matter."""
    names = [timetable.resources[id].name for id in resources or () if id in timetable.resources]
    return _("with %(name)s") % {"name": _either(names)} if names else words.with_anyone(timetable.business)


def _either(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(several)s or %(last)s") % {"several": ", ".join(names[:-1]), "last": names[-1]}


def range_words(one: DateRange) -> str:
    """``Sat 22 Nov, 10:00 to 14:00``; ``Mon 24 to Sun 30 Nov, any time, only Tue, Thu``."""
    dates = formats.day_in_full(one.first)
    if one.first != one.last:
        dates = _("%(first)s to %(last)s") % {"first": formats.day(one.first), "last": formats.day(one.last)}
    parts = [dates, _times(one)]
    if one.first != one.last and one.weekdays != 0b1111111:
        monday = date(2024, 1, 1)
        days = [formats.short_weekday(monday.replace(day=1 + n)) for n in range(7) if one.weekdays >> n & 1]
        parts.append(_("only %(days)s") % {"days": ", ".join(days)})
    return ", ".join(parts)


def _times(one: DateRange) -> str:
    starts, ends = one.from_minute, one.to_minute
    if starts == 0 and ends >= DAY_MINUTES:
        return _("any time")
    if ends >= DAY_MINUTES:
        return _("from %(time)s") % {"time": _clock(starts)}
    if starts == 0:
        return _("until %(time)s") % {"time": _clock(ends)}
    if starts == ends:
        return _clock(starts)
    return _("%(first)s to %(last)s") % {"first": _clock(starts), "last": _clock(ends)}


def _clock(minute: int) -> str:
    return formats.clock(datetime(2000, 1, 1, minute // 60 % 24, minute % 60))


def span(low: int, high: int) -> str:
    """A wait as a range, in the unit people think in: ``10 to 15 min``, ``2 to 4 hours``, ``3 to 5 days``."""
    low, high = max(low, 0), max(high, low, 1)
    if high < 120:
        return _range(low, high, _("%(low)s to %(high)s min"), _("%(high)s min"))
    if high < 48 * 60:
        return _range(low // 60, -(-high // 60), _("%(low)s to %(high)s hours"), _("%(high)s hours"))
    return _range(low // 1440, -(-high // 1440), _("%(low)s to %(high)s days"), _("%(high)s days"))


def _range(low: int, high: int, both: str, one: str) -> str:
    return (one if low == high else both) % {"low": low, "high": high}


def history_line(change: EntryChangeFacts, zone: str) -> str | None:
    """One line of what happened to an entry, or None for what only matters inside."""
    if change.action == "offer":
        return _offered(change.details, zone)
    own = change.actor == "customer"
    lines: dict[str, str] = {
        "join": _("You joined.") if own else _("The team put you on the list."),
        "call": _("Your turn: you were called."),
        "declined": _("You passed an offer and kept your place."),
        "expired": _("An offer was not answered in time and went on. You kept your place."),
        "withdrawn": "" if own else _("An offer was taken back. You kept your place."),
        "reorder": _("The team changed your place in line."),
        "leave": _("You left the list.") if own else _("You were taken off the list at your wish."),
        "undo": _("You came back to your place."),
        "remove": _("The team took you off the list."),
        "no_show": _("You did not come when you were called."),
        "book": _("You have your place."),
        "expire": _("You were taken off the list: several offers were not answered.")
        if change.details.get("why") == "unanswered"
        else _("The last day you waited for is over."),
    }
    return lines.get(change.action) or None


def _offered(details: Mapping[str, Any], zone: str) -> str:
    try:
        starts, until = (
            formats.local(datetime.fromisoformat(details[name]), zone) for name in ("starts_at", "until")
        )
    except (KeyError, TypeError, ValueError):
        return _("You were offered a place.")
    said = {"when": formats.day_and_clock(starts), "until": formats.clock(until)}
    return _("You were offered %(when)s, until %(until)s.") % said


def around_line(one: Around, entry: EntryFacts) -> str:
    """One line about somebody else: an initial among those who wait on the spot, nobody at all elsewhere."""
    if entry.walk_in:
        lines = {
            "served": _("%(who)s was seen."),
            "gone": _("%(who)s waits no more."),
            "moved_ahead": _("The team moved %(who)s before you."),
            "joined_ahead": _("%(who)s joined, whose turn is before yours."),
            "came_back": _("%(who)s came back to a place before yours."),
        }
        return lines[one.what] % {"who": f"{one.initial}."}
    lines = {
        "served": _("Somebody who waited longer has a place."),
        "gone": _("Somebody who waited longer waits no more."),
        "moved_ahead": _("The team moved somebody before you."),
        "joined_ahead": _("Somebody joined whose turn is before yours."),
        "came_back": _("Somebody came back to a place before yours."),
    }
    return lines[one.what]


def went_on(state: str, at: datetime) -> str:
    """What became of an offer that came to nothing; ``at`` is a wall time."""
    said = {
        "declined": _("You passed it at %(time)s."),
        "withdrawn": _("It was taken back at %(time)s."),
    }
    return said.get(state, _("It went on at %(time)s.")) % {"time": formats.clock(at)}

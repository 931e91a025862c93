"""The words of each letter to somebody who waits, in the active language: calm, what happened, until when, what is next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from holdfast.lib.money import Money
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.notifications.queries.words import Words
from holdfast.notifications.rules import formats
from holdfast.notifications.rules.letters import first_name
from holdfast.waitlist.queries import EntryFacts, OfferFacts
from holdfast.waitlist.rules import MOST_PASSES, MOST_UNANSWERED, DateRange

_ALL_DAYS = 0b1111111


@dataclass(frozen=True, slots=True)
class WaitLetterFacts:
    """Everything a letter to somebody who waits may speak of. Instants are UTC.

    ``offer`` is the one the letter is about, ``before`` the start of the booking that somebody would give up for an
    earlier time; ``price`` is None where a booking keeps its own.
    """

    kind: str
    language: str
    now: datetime
    timezone: str
    business_name: str
    business_address: str
    business_phone: str
    logo_url: str
    book_url: str
    entry_url: str
    entry: EntryFacts
    offer: OfferFacts | None
    service_names: tuple[str, ...]
    resource_names: tuple[str, ...]
    resource_is_person: bool
    price: Money | None
    before: datetime | None
    signature: str = ""
    has_code: bool = False

    def wall(self, at: datetime) -> datetime:
        """The instant on the business's clocks."""
        return formats.wall(at, self.timezone)

    def clock(self, at: datetime) -> str:
        """``12:24``, with the day where that is not today."""
        wall = self.wall(at)
        if wall.date() != self.wall(self.now).date():
            return self.moment(at)
        return formats.clock(wall, self.language)

    def moment(self, at: datetime) -> str:
        """``Sat 21 Nov, 10:30``."""
        wall = self.wall(at)
        return _("%(day)s, %(time)s") % {
            "day": formats.day(wall, self.language),
            "time": formats.clock(wall, self.language),
        }


def words_of_waiting(*, facts: WaitLetterFacts) -> Words:
    """The letter's values and facts."""
    link_label, link = _next_step(facts)
    return Words(
        values=_values(facts),
        rows=[row for row in _rows(facts) if row[1]],
        link_label=link_label,
        link=link,
        others=_other_steps(facts),
    )


def _values(facts: WaitLetterFacts) -> dict[str, str]:
    entry, offer = facts.entry, facts.offer
    stands = facts.before is not None and (facts.kind != "off" or facts.before > facts.now)
    flags = {
        "walk_in": entry.walk_in,
        "last_chance": entry.unanswered + 1 >= MOST_UNANSWERED,
        "taken_back": offer is not None and offer.state == "withdrawn",
        "removed": entry.state == "removed",
        "asked_often": entry.unanswered >= MOST_UNANSWERED,
    }
    return {
        "name": first_name(entry.contact.name),
        "service": _either(facts.service_names),
        "resource": (" + " if offer is not None else ", ").join(facts.resource_names),
        "party": _people(entry.party_size) if entry.party_size > 1 else "",
        "when": facts.moment(offer.starts_at) if offer is not None else "",
        "until": facts.clock(offer.expires_at) if offer is not None else "",
        "old_when": facts.moment(facts.before) if stands and facts.before is not None else "",
    } | {name: "1" if is_so else "" for name, is_so in flags.items()}


def _either(names: tuple[str, ...]) -> str:
    """``Skin fade, Beard trim or Restyle``."""
    if len(names) < 2:
        return "".join(names)
    return _("%(list)s or %(last)s") % {"list": ", ".join(names[:-1]), "last": names[-1]}


def _people(count: int) -> str:
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def _next_step(facts: WaitLetterFacts) -> tuple[str, str]:
    if facts.kind == "offer":
        return _("Accept this time"), facts.entry_url
    if facts.kind == "off":
        return _("Find another time"), facts.book_url
    return _("See your place in line"), facts.entry_url


def _other_steps(facts: WaitLetterFacts) -> list[tuple[str, str]]:
    """What else can be done, each by the page of the entry: a link alone, opened by a mail scanner, changes nothing."""
    leave = (_("Leave the list"), f"{facts.entry_url}#leave")
    if facts.kind == "offer":
        may_pass = facts.entry.passes < MOST_PASSES
        return [*([(_("Pass, and keep your place"), f"{facts.entry_url}#pass")] if may_pass else []), leave]
    return [] if facts.kind == "off" else [leave]


def _rows(facts: WaitLetterFacts) -> list[tuple[str, str]]:
    party = facts.entry.party_size
    rows = [*_when_rows(facts), (_("Service"), _either(facts.service_names)), *_place_rows(facts)]
    if party > 1:
        rows.append((_("Party"), _people(party)))
    rows.append((_("Expected wait"), _quoted(facts)))
    if facts.kind in ("offer", "called"):
        rows.append((_("Where"), facts.business_address))
    if facts.kind == "offer" and facts.price is not None and facts.price.minor:
        rows.append((_("Price"), formats.money(facts.price, facts.language)))
    return rows


def _when_rows(facts: WaitLetterFacts) -> list[tuple[str, str]]:
    if facts.offer is not None:
        rows = [(_("When"), _when(facts, facts.offer))]
        return (
            [*rows, (_("Held until"), facts.clock(facts.offer.expires_at))] if facts.kind == "offer" else rows
        )
    if facts.entry.walk_in:
        return []
    return [(_("You wait for"), "\n".join(_range(one, facts.language) for one in facts.entry.ranges))]


def _place_rows(facts: WaitLetterFacts) -> list[tuple[str, str]]:
    if not facts.resource_names:
        return []
    label = _("With") if facts.resource_is_person else _("Place")
    return [(label, (" + " if facts.offer is not None else ", ").join(facts.resource_names))]


def _quoted(facts: WaitLetterFacts) -> str:
    low, high = facts.entry.quoted_low, facts.entry.quoted_high
    if facts.kind != "joined" or low is None or high is None:
        return ""
    return _("%(low)s to %(high)s minutes") % {"low": low, "high": high}


def _when(facts: WaitLetterFacts, offer: OfferFacts) -> str:
    starts, ends = facts.wall(offer.starts_at), facts.wall(offer.ends_at)
    until = formats.clock(ends, facts.language)
    if ends.date() != starts.date():
        until = _("%(time)s on %(day)s") % {"time": until, "day": formats.weekday(ends, facts.language)}
    return _("%(day)s, %(from)s to %(until)s, %(place)s time (%(offset)s)") % {
        "day": formats.day_in_full(starts, facts.language),
        "from": formats.clock(starts, facts.language),
        "until": until,
        "place": formats.place_of_zone(facts.timezone, facts.language),
        "offset": formats.name_of_offset(starts, facts.language),
    }


def _range(one: DateRange, language: str) -> str:
    """``Sat 21 Nov to Sun 29 Nov, Saturday, Sunday, 10:00 to 12:00``: what is left out is any."""
    said = formats.day(_noon(one.first), language)
    if one.last != one.first:
        said = _("%(first)s to %(last)s") % {"first": said, "last": formats.day(_noon(one.last), language)}
        if one.weekdays != _ALL_DAYS:
            said = ", ".join(
                [said, *(_weekday(day, language) for day in range(7) if one.weekdays >> day & 1)]
            )
    if one.from_minute == 0 and one.to_minute >= DAY_MINUTES:
        return _("%(days)s, at any time") % {"days": said}
    times = {"days": said, "from": _clock(one.from_minute, language), "to": _clock(one.to_minute, language)}
    if one.to_minute >= DAY_MINUTES:
        return _("%(days)s, from %(from)s") % times
    if one.from_minute == 0:
        return _("%(days)s, until %(to)s") % times
    return _("%(days)s, %(from)s to %(to)s") % times


def _weekday(day: int, language: str) -> str:
    return formats.weekday(_noon(date(2024, 1, 1 + day)), language)  # the year 2024 began on a Monday


def _clock(minute: int, language: str) -> str:
    hour = minute // 60 % 24
    return formats.clock(datetime.combine(date(2024, 1, 1), time(hour, minute % 60)), language)


def _noon(on: date) -> datetime:
    return datetime.combine(on, time(12))

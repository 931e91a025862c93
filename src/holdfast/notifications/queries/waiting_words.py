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
    """The letter's sentences."""
    said = {
        "joined": _joined,
        "offer": _offer,
        "offer_over": _offer_over,
        "called": _called,
        "off": _off,
    }[facts.kind](facts)
    subject, heading, opening, closing = said
    link_label, link = _next_step(facts)
    return Words(
        subject=subject,
        heading=heading,
        opening=opening,
        rows=[row for row in _rows(facts) if row[1]],
        closing=closing,
        link_label=link_label,
        link=link,
        others=_other_steps(facts),
    )


Said = tuple[str, str, str, str]


def _joined(facts: WaitLetterFacts) -> Said:
    names = {"business": facts.business_name, "name": first_name(facts.entry.contact.name)}
    if facts.entry.walk_in:
        return (
            _("You are in line at %(business)s") % names,
            _("You are in line, %(name)s") % names,
            _(
                "We call you when your place is ready. Stay near, and follow your place in line with the link below."
            ),
            "",
        )
    closing = _("You can leave the list at any time, with the same link.")
    if facts.before is not None:
        kept = {"time": facts.moment(facts.before)}
        return (
            _("You asked for an earlier time at %(business)s") % names,
            _("We look for an earlier time, %(name)s") % names,
            _(
                "You keep your booking of %(time)s. As soon as an earlier time comes free that suits you, we offer it to you."
            )
            % kept,
            closing,
        )
    return (
        _("You are on the waitlist of %(business)s") % names,
        _("You are on the waitlist, %(name)s") % names,
        _(
            "As soon as a place comes free that suits you, and it is your turn, we hold it for you and write to you."
        ),
        closing,
    )


def _offer(facts: WaitLetterFacts) -> Said:
    assert facts.offer is not None  # the letter is about it
    names = {
        "name": first_name(facts.entry.contact.name),
        "time": facts.moment(facts.offer.starts_at),
        "until": facts.clock(facts.offer.expires_at),
        "business": facts.business_name,
    }
    heading = _("A place came free, %(name)s")
    opening = _("%(time)s is held for you until %(until)s. One tap, and it is yours.")
    if facts.before is not None:
        names["old"] = facts.moment(facts.before)
        heading = _("An earlier time came free, %(name)s")
        opening = _(
            "%(time)s is held for you until %(until)s, in place of %(old)s. One tap, and your booking moves there; its"
            " price and terms stay."
        )
    return (
        _("Yours until %(until)s: %(time)s at %(business)s") % names,
        heading % names,
        opening % names,
        _if_unanswered(facts) % names,
    )


def _if_unanswered(facts: WaitLetterFacts) -> str:
    if facts.entry.unanswered + 1 >= MOST_UNANSWERED:
        return _(
            "If you do not answer by %(until)s we offer it to the next. As earlier offers had no answer either, we then take"
            " you off the list."
        )
    return _("If you do not answer by %(until)s we offer it to the next and you keep your place.")


def _offer_over(facts: WaitLetterFacts) -> Said:
    assert facts.offer is not None  # the letter is about it
    names = {
        "time": facts.moment(facts.offer.starts_at),
        "until": facts.clock(facts.offer.expires_at),
        "business": facts.business_name,
    }
    kept = _("You keep your place on the list, and hear from us when something else comes free.")
    if facts.before is not None:
        kept = _("Your booking of %(old)s stands, and we go on looking.") % {
            "old": facts.moment(facts.before)
        }
    if facts.offer.state == "withdrawn":
        return (
            _("No longer on offer: %(time)s at %(business)s") % names,
            _("We had to take an offer back"),
            _("We are sorry: we cannot keep %(time)s for you any longer.") % names,
            kept,
        )
    return (
        _("Offer over: %(time)s at %(business)s") % names,
        _("The time to answer is over"),
        _("We held %(time)s for you until %(until)s. It goes to the next in line now.") % names,
        kept,
    )


def _called(facts: WaitLetterFacts) -> Said:
    names = {"business": facts.business_name, "name": first_name(facts.entry.contact.name)}
    return (
        _("Your place is ready at %(business)s") % names,
        _("Your place is ready, %(name)s") % names,
        _("It is your turn. Come to the desk now."),
        _(
            "If you cannot come any more, leave the line with the link below, so that the next person need not wait."
        ),
    )


def _off(facts: WaitLetterFacts) -> Said:
    names = {"business": facts.business_name}
    subject = _("You are off the waitlist of %(business)s") % names
    kept = ""
    if facts.before is not None and facts.before > facts.now:
        kept = _("Your booking of %(old)s stands as it is.") % {"old": facts.moment(facts.before)}
    if facts.entry.state == "removed":
        opening = _("%(business)s took you off the list. If that is a mistake, answer this mail.") % names
        return subject, _("You are off the list"), opening, kept
    if facts.entry.unanswered >= MOST_UNANSWERED:
        return (
            subject,
            _("You are off the list"),
            _(
                "We offered you a place several times and had no answer, so we ask you no more. You are welcome to join again."
            ),
            kept,
        )
    return (
        subject,
        _("Your wait is over"),
        _("We are sorry: no place came free for you by the end of the dates you gave."),
        kept or _("You are welcome to choose other dates."),
    )


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
    services = _("%(list)s or %(last)s") % {
        "list": ", ".join(facts.service_names[:-1]),
        "last": facts.service_names[-1],
    } if len(facts.service_names) > 1 else "".join(facts.service_names)  # fmt: skip
    party = facts.entry.party_size
    rows = [*_when_rows(facts), (_("Service"), services), *_place_rows(facts)]
    if party > 1:
        rows.append((_("Party"), ngettext("%(count)s person", "%(count)s people", party) % {"count": party}))
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

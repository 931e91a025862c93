"""The waitlist in words: why somebody stands where they stand, what they wait for, what became of what came free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from babel.numbers import format_decimal
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from holdfast.businesses.rules import Settings
from holdfast.lib.timeline import DAY_MINUTES
from holdfast.waitlist.models import Entry, Gap, Offer
from holdfast.waitlist.queries import Ranked
from holdfast.waitlist.rules import DateRange, Weights
from holdfast.web import formats

TIERS: Mapping[int, Promise] = {
    0: gettext_lazy("None"),
    1: gettext_lazy("Regular"),
    2: gettext_lazy("Valued"),
    3: gettext_lazy("VIP"),
}
# As the settings name them, in the order of :data:`waitlist.rules.FACTORS`.
FACTOR_NAMES: Mapping[str, Promise] = {
    "waiting": gettext_lazy("Time waited"),
    "tier": gettext_lazy("Tier"),
    "reliability": gettext_lazy("Visits kept"),
    "fit": gettext_lazy("How well the place fits"),
    "urgency": gettext_lazy("How soon the wish ends"),
    "passed_over": gettext_lazy("Times passed over"),
}
_CHANGES: Mapping[str, Promise] = {
    "join": gettext_lazy("Joined"),
    "call": gettext_lazy("Called"),
    "offer": gettext_lazy("Offered a place"),
    "accepted": gettext_lazy("Accepted"),
    "declined": gettext_lazy("Passed the offer"),
    "expired": gettext_lazy("Left the offer unanswered"),
    "withdrawn": gettext_lazy("Offer withdrawn"),
    "book": gettext_lazy("Has a place"),
    "leave": gettext_lazy("Left the list"),
    "undo": gettext_lazy("Came back"),
    "remove": gettext_lazy("Taken off"),
    "no_show": gettext_lazy("Did not come"),
    "expire": gettext_lazy("Over"),
    "reorder": gettext_lazy("Moved in line"),
}
OFFER_LOOKS: Mapping[str, tuple[str, str]] = {
    "pending": ("info", "clock"),
    "accepted": ("ok", "check"),
    "declined": ("mute", "undo"),
    "expired": ("mute", "clock"),
    "withdrawn": ("mute", "cancel"),
}


def span(minutes: int) -> str:
    """How long in one unit: ``12 minutes``, ``5 hours``, ``3 days``."""
    if minutes < 90:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if minutes < 2 * DAY_MINUTES:
        hours = round(minutes / 60)
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = minutes // DAY_MINUTES
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def points(share: float) -> str:
    """A part of a score in hundredths: ``41.3``."""
    return str(format_decimal(round(100 * share, 1), format="0.0", locale=formats.locale()))


def state(of: str) -> str:
    """An entry's state."""
    return str(Entry.State(of).label)


def offer_state(of: str) -> str:
    """An offer's state."""
    return str(Offer.State(of).label)


def change(action: str) -> str:
    """One line of an entry's history."""
    return str(_CHANGES.get(action, action))


def reasons(one: Ranked, weights: Weights, now: datetime) -> list[dict[str, str]]:
    """Why somebody stands where they stand: a sentence and the points it is worth for each part of the score."""
    entry, score = one.entry, one.score
    waited = max(0, int((now - entry.joined_at).total_seconds()) // 60)
    left = max(0, int((entry.ends_at - now).total_seconds()) // 60)
    said = {
        "waiting": _("waited %(span)s") % {"span": span(waited)},
        "tier": _("tier: %(tier)s") % {"tier": str(TIERS.get(one.tier, one.tier)).lower()},
        "reliability": _kept(one.shows, one.no_shows),
        "fit": _("a place that fits"),
        "urgency": _("the wish ends in %(span)s") % {"span": span(left)},
        "passed_over": _passed_over(entry.passed_over),
    }
    rows = [
        {"words": said[name], "points": points(getattr(weights, name) * factor / weights.total)}
        for name, factor in score.factors.items()
    ]
    aged = _("ageing: 100 more with every %(span)s, so nobody waits for ever") % {
        "span": span(weights.ageing_minutes)
    }
    rows.append({"words": aged, "points": points(score.ageing)})
    if score.boost:
        moved = _("moved up by staff") if score.boost > 0 else _("moved down by staff")
        rows.append({"words": moved, "points": points(score.boost)})
    return rows


def _kept(shows: int, no_shows: int) -> str:
    if not shows + no_shows:
        return _("no visits yet: taken for as reliable as usual")
    return ngettext(
        "kept %(shows)s of %(count)s visit", "kept %(shows)s of %(count)s visits", shows + no_shows
    ) % {"shows": shows, "count": shows + no_shows}


def _passed_over(times: int) -> str:
    if times == 0:
        return _("never passed over")
    if times == 1:
        return _("passed over once")
    if times == 2:
        return _("passed over twice")
    return _("passed over %(count)s times") % {"count": times}


def breakdown(stored: Mapping[str, float]) -> list[dict[str, str]]:
    """The score that an offer was made for, part by part; each factor lies between 0 and 100."""
    named = {
        **FACTOR_NAMES,
        "ageing": gettext_lazy("Ageing"),
        "boost": gettext_lazy("Moved by staff"),
    }
    rows = [
        {"words": str(named[name]), "points": points(value)}
        for name, value in stored.items()
        if name in named
    ]
    return rows if stored else []


def wish(one: DateRange) -> str:
    """``Mon 23 Nov to Fri 27 Nov, 15:00 to 18:00, Mon, Wed``."""
    when = formats.day(one.first)
    if one.last != one.first:
        when = _("%(first)s to %(last)s") % {"first": when, "last": formats.day(one.last)}
    parts = [when]
    if one.from_minute and one.to_minute < DAY_MINUTES:
        parts.append(
            _("%(first)s to %(last)s") % {"first": _clock(one.from_minute), "last": _clock(one.to_minute)}
        )
    elif one.from_minute:
        parts.append(_("from %(time)s") % {"time": _clock(one.from_minute)})
    elif one.to_minute < DAY_MINUTES:
        parts.append(_("until %(time)s") % {"time": _clock(one.to_minute)})
    days = [day for day in range(7) if one.weekdays >> day & 1]
    if len(days) < 7 and one.first != one.last:
        parts.append(weekdays(days))
    return ", ".join(parts)


def weekdays(days: Iterable[int]) -> str:
    """``Mon, Wed``, by number, 0 for Monday."""
    return ", ".join(short_weekday(day) for day in days)


def short_weekday(day: int) -> str:
    """``Mon`` of 0."""
    # 5 January 2026 was a Monday.
    return formats.short_weekday(datetime(2026, 1, 5 + day).date())


def _clock(minute: int) -> str:
    minute %= DAY_MINUTES
    return formats.clock(datetime.combine(datetime(2026, 1, 5), time(minute // 60, minute % 60)))


# ---- What came free ---------------------------------------------------------------------------------------------------


def cause(of: str) -> str:
    """How it came free."""
    return str(Gap.Cause(of).label)


def outcome(of: str) -> tuple[str, str, str]:
    """``(tone, icon, words)`` of what became of it."""
    tone, icon = {
        "offered": ("ok", "check"),
        "nobody": ("mute", "people"),
        "taken": ("mute", "booking"),
        "too_near": ("warn", "clock"),
        "quiet": ("warn", "evening"),
        "paced": ("warn", "clock"),
        "off": ("warn", "blocked"),
    }.get(of, ("info", "clock"))
    return tone, icon, str(Gap.Outcome(of).label)


def explained(of: str, settings: Settings) -> str:
    """What stood in the way, with the setting it comes from; empty where nothing did."""
    if of == "paced":
        return ngettext(
            "Not more than %(count)s offer is sent in a minute. It is looked at again in the next one.",
            "Not more than %(count)s offers are sent in a minute. It is looked at again in the next one.",
            settings.waitlist_messages_per_minute,
        ) % {"count": settings.waitlist_messages_per_minute}
    if of == "quiet":
        begins, ends = settings.quiet_hours or ("", "")
        return _("Quiet hours are from %(begins)s to %(ends)s. It is looked at again when they are over.") % {
            "begins": begins,
            "ends": ends,
        }
    if of == "too_near":
        return ngettext(
            "Nobody is asked less than %(count)s minute before the start.",
            "Nobody is asked less than %(count)s minutes before the start.",
            settings.waitlist_cutoff_minutes,
        ) % {"count": settings.waitlist_cutoff_minutes}
    if of == "off":
        return _("Nothing is offered while the waitlist, or online booking, is switched off.")
    return ""


def counts(details: Mapping[str, Any], settings: Settings) -> Sequence[str]:
    """Who was not asked and why, in numbers."""

    def number(name: str) -> int:
        value = details.get(name, 0)
        return value if isinstance(value, int) else 0

    most = settings.waitlist_messages_per_day
    waiting, no_room, had_it = number("waiting"), number("no_room"), number("had_it")
    lines = [
        (waiting, ngettext("%(count)s waits for about this time.", "%(count)s wait for about this time.", waiting)),
        (no_room, ngettext("For %(count)s it does not fit: another time, somebody else, or too short.", "For %(count)s it does not fit: another time, somebody else, or too short.", no_room)),
        (had_it, ngettext("%(count)s was offered it already.", "%(count)s were offered it already.", had_it)),
    ]  # fmt: skip
    said = [sentence % {"count": count} for count, sentence in lines if count]
    if limited := number("limit"):
        said.append(
            ngettext(
                "%(count)s had enough for today: one person gets %(most)s offers a day at most.",
                "%(count)s had enough for today: one person gets %(most)s offers a day at most.",
                limited,
            )
            % {"count": limited, "most": most}
        )
    return said

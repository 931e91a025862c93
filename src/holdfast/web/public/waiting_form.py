"""The form of a wish for the waitlist: services, people, up to five ranges of dates and times, party, who waits.

What was typed is read once into :class:`Asked`, right or wrong, and shown again as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from holdfast.catalog.queries import ServiceFacts
from holdfast.customers.rules import NAME_LIMIT, Contact
from holdfast.lib.text import Mistakes
from holdfast.schedule.rules import parse_hhmm
from holdfast.waitlist.commands import WaitWish
from holdfast.waitlist.rules import MOST_RANGES, DateRange, RangeWish, clean_ranges
from holdfast.web import formats
from holdfast.web.public.details import Field, Form, Mistake, texts_hint
from holdfast.web.public.frame import Visit
from holdfast.web.public.free import last_bookable, read_date
from holdfast.web.public.views_times import read_id

PERSON = ("name", "phone", "email")
_MOST_PARTY = 10_000
# What the command calls a part of a range, and what the form calls it.
_PARTS = {
    "from": "from",
    "to": "to",
    "from_time": "after",
    "to_time": "before",
    "weekdays": "days",
}


@dataclass(frozen=True, slots=True)
class AskedRange:
    """One range as typed."""

    first: str = ""
    last: str = ""
    after: str = ""
    before: str = ""
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything the form says, as typed."""

    services: tuple[str, ...]
    some: bool
    resources: tuple[str, ...]
    ranges: tuple[AskedRange, ...]
    party: str
    person: Mapping[str, str] = field(default_factory=dict)

    @property
    def contact(self) -> Contact:
        return Contact(*(self.person.get(name, "") for name in ("name", "email", "phone")))


@dataclass(frozen=True, slots=True)
class Tick:
    """One checkbox."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RangeView:
    """One range as its template shows it; ``number`` counts from 1 for people."""

    number: int
    fields: Mapping[str, Field]
    days: list[Tick]
    some_days: bool
    errors: Sequence[str]
    is_new: bool = False


def asked_of_query(visit: Visit, offered: Sequence[ServiceFacts], kept: Mapping[str, str]) -> Asked:
    """What the person was looking at, and what they typed before (``kept``)."""
    given = visit.request.GET
    service, who = given.get("service", ""), read_id(given.get("who", ""))
    on = read_date(given.get("date", ""))
    at = given.get("at", "")
    until = read_date(given.get("until", ""))
    first = max(on or visit.today, visit.today)
    last = max(until or (first if on else min(first + timedelta(days=13), last_bookable(visit))), first)
    if not service and len(offered) == 1:
        service = str(offered[0].id)
    return Asked(
        services=(service,) if service else (),
        some=who is not None,
        resources=(str(who),) if who else (),
        ranges=(AskedRange(first.isoformat(), last.isoformat(), at, at),),
        party=given.get("n", "") or ("2" if _is_for_tables(offered, service) else "1"),
        person={name: kept.get(name, "") for name in PERSON},
    )


def _is_for_tables(offered: Sequence[ServiceFacts], service: str) -> bool:
    return any(one.mode == "table" for one in offered if service in ("", str(one.id)))


def asked_of_post(given: QueryDict) -> Asked:
    """What was posted."""
    counted = given.get("ranges", "1")
    count = int(counted) if counted.isascii() and counted.isdigit() and len(counted) < 3 else 1
    return Asked(
        services=tuple(given.getlist("service")),
        some=given.get("people", "") == "some",
        resources=tuple(given.getlist("resource")),
        ranges=tuple(
            AskedRange(
                first=given.get(f"from-{n}", "").strip(),
                last=given.get(f"to-{n}", "").strip(),
                after=given.get(f"after-{n}", "").strip(),
                before=given.get(f"before-{n}", "").strip(),
                days=tuple(given.getlist(f"days-{n}")),
            )
            for n in range(min(max(count, 1), MOST_RANGES))
        ),
        party=given.get("n", "1").strip(),
        person={name: given.get(name, "") for name in PERSON},
    )


def changed_ranges(asked: Asked, given: QueryDict) -> Asked | None:
    """With one range more or one fewer, where that is what was asked for."""
    if "add" in given:
        last = asked.ranges[-1]
        more = AskedRange(after=last.after, before=last.before)
        return replace(asked, ranges=(*asked.ranges, more)[:MOST_RANGES])
    if "remove" in given:
        left = tuple(one for n, one in enumerate(asked.ranges) if str(n) != given["remove"])
        return replace(asked, ranges=left or (AskedRange(),))
    return None


def wish_of(asked: Asked, offered: Sequence[ServiceFacts]) -> tuple[WaitWish, Mistakes]:
    """What the command takes, and what this form alone can find wrong: things left out, dates that are none."""
    mistakes: Mistakes = {}
    known = {str(one.id): one for one in offered}
    services = [known[id] for id in dict.fromkeys(asked.services) if id in known]
    if not services:
        mistakes["services"] = [("choose_service", {})]
    people = tuple(found for one in dict.fromkeys(asked.resources) if (found := read_id(one)))
    if asked.some and not people:
        mistakes["resources"] = [("choose_person", {})]
    party = _party(asked.party, services, mistakes)
    ranges = tuple(_range(one, n, mistakes) for n, one in enumerate(asked.ranges))
    wish = WaitWish(
        services=tuple(one.id for one in services),
        ranges=tuple(one for one in ranges if one),
        party_size=party,
        resources=people if asked.some and people else None,
    )
    return wish, mistakes


def _party(given: str, services: Sequence[ServiceFacts], mistakes: Mistakes) -> int:
    if not counts_people(services):
        return 1
    if not (given.isascii() and given.isdigit() and len(given) < 6 and 1 <= int(given) <= _MOST_PARTY):
        mistakes["party_size"] = [("wrong_type", {})]
        return 1
    return int(given)


def counts_people(services: Sequence[ServiceFacts]) -> bool:
    """Whether it matters how many come."""
    return any(one.mode != "appointment" for one in services)


def _range(one: AskedRange, n: int, mistakes: Mistakes) -> RangeWish | None:
    first, last = read_date(one.first), read_date(one.last or one.first)
    if first is None:
        mistakes[f"wishes[{n}].from"] = [("wrong_date" if one.first else "required", {})]
    if last is None and one.last:
        mistakes[f"wishes[{n}].to"] = [("wrong_date", {})]
    for part, said in (("from_time", one.after), ("to_time", one.before)):
        try:
            parse_hhmm(said or "00:00")
        except ValueError:
            mistakes[f"wishes[{n}].{part}"] = [("wrong_format", {})]
    days = [int(day) for day in one.days if day.isascii() and day.isdigit() and len(day) == 1]
    if first is None or last is None:
        return None
    return RangeWish(first, last, one.after, one.before, days or None)


def usable_ranges(visit: Visit, wish: WaitWish) -> tuple[DateRange, ...]:
    """The ranges that make sense, for a look at what is free."""
    found: list[DateRange] = []
    for one in wish.ranges:
        found += clean_ranges([one], today=visit.today, last_bookable=last_bookable(visit), mistakes={})
    return tuple(found)


def by_field(found: Mistakes) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Mistakes by the names of the form's fields: ``wishes[1].to`` is ``to-1`` here, ``customer.name`` is ``name``."""
    named: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for name, problems in found.items():
        inner = name.removeprefix("customer.")
        if inner.startswith("wishes["):
            number, _bracket, part = inner.removeprefix("wishes[").partition("].")
            inner = f"{_PARTS.get(part, part)}-{number}"
        named.setdefault(inner, []).extend(problems)
    return named


def person_form(
    asked: Asked, *, proves: bool, errors: Mapping[str, Sequence[str]], texts: bool = False
) -> Form:
    """Who waits."""
    hint = _("We send a code there before you are on the list.") if proves else ""
    fields = (
        Field("name", _("Full name"), limit=NAME_LIMIT, autocomplete="name"),
        Field("phone", _("Mobile"), type="tel", limit=40, required=False, aside=_("optional"), autocomplete="tel", hint=texts_hint() if texts else ""),
        Field("email", _("Email"), type="email", aside=_("for your turn"), autocomplete="email", hint=hint),
    )  # fmt: skip
    return Form(
        {
            one.name: replace(one, value=asked.person.get(one.name, ""), errors=errors.get(one.name, ()))
            for one in fields
        }
    )


def range_views(
    asked: Asked, errors: Mapping[str, Sequence[str]], *, newest: int | None = None
) -> list[RangeView]:
    """The ranges as fields; ``newest`` is the one that was just added."""
    labels = {
        "from": (_("From"), "date", ""),
        "to": (_("To"), "date", ""),
        "after": (_("Earliest start"), "time", _("any")),
        "before": (_("Latest start"), "time", _("any")),
    }
    views = []
    for n, one in enumerate(asked.ranges):
        typed = {"from": one.first, "to": one.last, "after": one.after, "before": one.before}
        fields = {
            part: Field(
                f"{part}-{n}", label, typed[part], type=kind, limit=20, required=part == "from", aside=aside,
                errors=errors.get(f"{part}-{n}", ()),
            )
            for part, (label, kind, aside) in labels.items()
        }  # fmt: skip
        days = _week(one.days)
        wrong = errors.get(f"days-{n}", ())
        views.append(
            RangeView(
                n + 1, fields, days, any(day.is_chosen for day in days) or bool(wrong), wrong, n == newest
            )
        )
    return views


def _week(chosen: Sequence[str]) -> list[Tick]:
    """The weekdays in the order of the reader's calendar."""
    monday, first = date(2024, 1, 1), formats.first_weekday()
    return [
        Tick(str(day), formats.short_weekday(monday + timedelta(days=day)), str(day) in chosen)
        for day in ((first + n) % 7 for n in range(7))
    ]


def range_mistakes(views: Sequence[RangeView]) -> list[Mistake]:
    """What is wrong with the ranges, with where it is."""
    found = []
    for view in views:
        for one in view.fields.values():
            found += [Mistake(said, one.id) for said in one.errors]
        found += [Mistake(said, f"days-{view.number}") for said in view.errors]
    return found


def ticks(pairs: Sequence[tuple[UUID, str]], chosen: Sequence[str]) -> list[Tick]:
    """Checkboxes of things with a name."""
    return [Tick(str(id), name, str(id) in chosen) for id, name in pairs]

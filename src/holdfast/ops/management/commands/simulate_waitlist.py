"""``holdfast simulate-waitlist``: replay demand against the waitlist's rules and compare them with others (SPEC F9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.progress import Progress

from holdfast.businesses.rules import WEIGHT_NAMES, Settings, change_settings
from holdfast.core import clock
from holdfast.lib.refusals import Invalid
from holdfast.lib.timeline import instant_of, minute_before
from holdfast.lib.walltime import local_date, minute_at
from holdfast.ops.command import HoldfastCommand
from holdfast.schedule.queries import Timetable, timetable_at
from holdfast.waitlist.queries.accuracy import quoted
from holdfast.waitlist.queries.replay import recorded_world
from holdfast.waitlist.rules.estimates import accuracy
from holdfast.waitlist.rules.simulation import (
    NOTICES,
    WAITS,
    Policy,
    Shape,
    Way,
    World,
    compare,
    findings,
    shipped,
)

_USUAL_DAYS = 90
_MOST_DAYS = 3660
_MOST_ENTRIES = 1_000_000
_BAR = 40


class Command(HoldfastCommand):
    help = "Replay a period of the waitlist and compare its policy with first come first served and telling everybody"
    group = "Look after"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--business", dest="slug", default="", help="its address")
        parser.add_argument("--from", dest="first", help="the first date, such as 2026-01-01")
        parser.add_argument("--to", dest="last", help="the last date; without it, today")
        parser.add_argument("--weights", default="", help="such as waiting=40,fit=30; the others stay")
        parser.add_argument("--hold-minutes", type=int, help="how long an offer holds a place")
        parser.add_argument("--seed", type=int, default=1, help="what chance begins with: the same, the same")
        parser.add_argument("--entries", type=int, help="how many join, or at most the latest so many")
        parser.add_argument(
            "--scenario", choices=["shipped"], help="the documented scenario, not what happened"
        )

    def run_command(self, **options: Any) -> dict[str, Any]:
        timetable = timetable_at(slug=options["slug"]) if options["slug"] else None
        if timetable is None and not options["scenario"]:
            raise Invalid.field("business", "required")
        settings = _settings(timetable, options["weights"], options["hold_minutes"])
        first, last = _period(timetable, options)
        if options["entries"] is not None and not 0 < options["entries"] <= _MOST_ENTRIES:
            raise Invalid.field("entries", "out_of_bounds", least=1, most=_MOST_ENTRIES)
        world = _world(timetable, first, last, options)
        with Progress(console=Console(stderr=True), transient=True) as shown:
            bar = shown.add_task("simulating", total=None)
            found = compare(
                world,
                [Policy.of(settings, way) for way in Way],
                progress=lambda done, total: shown.update(bar, completed=done, total=total),
            )
        return {
            "business": timetable.business.slug if timetable else None,
            "scenario": options["scenario"],
            "from": first.isoformat(),
            "to": last.isoformat(),
            "seed": options["seed"],
            "hold_minutes": settings.hold_minutes,
            "weights": {name.removeprefix("weight_"): getattr(settings, name) for name in WEIGHT_NAMES},
            "policies": [one.as_json() for one in found],
            "findings": [asdict(one) for one in findings(found)],
            "accuracy": _accuracy(timetable, first, last),
        }

    def show(self, result: Any) -> None:
        self.stdout.write(
            f"{result['scenario'] or result['business']}, {result['from']} to {result['to']}, seed {result['seed']},"
            f" offers held {result['hold_minutes']} minutes, weights "
            + ", ".join(f"{name} {weight}" for name, weight in result["weights"].items())
        )
        policies = result["policies"]
        self.stdout.write(
            f"{policies[0]['freed']} places came free ({policies[0]['freed_minutes']} minutes),"
            f" {policies[0]['entries']} people joined\n"
        )
        self.show_table([_row(one) for one in policies])
        self._plot("\nfreed time filled", [(_NAMES[one["way"]], one["fill_rate"]) for one in policies])
        for number, most in enumerate(NOTICES):
            title = (
                f"of what came free within {_span(most)} of its start" if most else "of what came free before"
            )
            shares = [(_NAMES[one["way"]], one["by_notice"][number]) for one in policies]
            self._plot(title, [(name, share) for name, share in shares if share is not None])
        self._plot("waits of those served by score", _waits(policies[0]))
        for one in result["findings"]:
            self.stdout.write(f"\n{_sentence(one['code'], one['facts'])}")
        told = result["accuracy"]
        if told:
            self.stdout.write(
                f"\nwaits quoted: {told['count']}, {told['inside']:.0%} came true, {told['sooner']:.0%} were shorter,"
                f" {told['later']:.0%} longer, median error {told['median_error']:g} minutes"
            )

    def _plot(self, title: str, bars: Sequence[tuple[str, float]]) -> None:
        if not bars:
            return
        width = max(len(name) for name, _ in bars)
        self.stdout.write(title)
        for name, share in bars:
            self.stdout.write(f"  {name:<{width}}  {'█' * round(share * _BAR):<{_BAR}}  {share:6.1%}")


_NAMES = {Way.SCORE: "by score", Way.ORDER: "first come", Way.BROADCAST: "tell everybody"}


def _sentence(code: str, facts: dict[str, float]) -> str:
    """What a finding says."""
    if code.startswith("fills_"):
        facts = {name: share * 100 for name, share in facts.items()}
    elif code.startswith("longest_waits_"):
        facts = {name: minutes / 1440 for name, minutes in facts.items()}
    return _SENTENCES[code] % facts


_SENTENCES = {
    "too_little": "Too little happened to compare: %(freed)d places came free.",
    "fills_more_than_order": "It fills more than first come first served: %(ours).1f %% against %(other).1f %%.",
    "fills_same_than_order": "It fills as much as first come first served: %(ours).1f %% and %(other).1f %%.",
    "fills_less_than_order": "It fills less than first come first served: %(ours).1f %% against %(other).1f %%.",
    "fills_more_than_broadcast": "It fills more than telling everybody: %(ours).1f %% against %(other).1f %%.",
    "fills_same_than_broadcast": "It fills as much as telling everybody: %(ours).1f %% and %(other).1f %%.",
    "fills_less_than_broadcast": "It fills less than telling everybody: %(ours).1f %% against %(other).1f %%.",
    "fewer_messages": "Telling everybody sends %(times).1f times as many messages, and %(in_vain)d people say yes in vain.",
    "longest_waits_same": "The longest waits are those of first come first served: %(ours).1f and %(other).1f days (95th percentile).",
    "longest_waits_longer": "The longest waits are longer than first come first served: %(ours).1f against %(other).1f days (95th percentile).",
    "longest_waits_shorter": "The longest waits are shorter than first come first served: %(ours).1f against %(other).1f days (95th percentile).",
}


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "policy": _NAMES[one["way"]],
        "filled": f"{one['fill_rate']:.1%}",
        "served": one["served"],
        "never_served": one["never_served"],
        "did_not_come": one["missed"],
        "median_wait": _span(one["wait_median"]),
        "95th_percentile": _span(one["wait_p95"]),
        "messages": one["messages"],
        "yes_in_vain": one["in_vain"],
        "passed": one["declined"],
        "not_answered_in_time": one["lapsed"],
    }


def _span(minutes: int | None) -> str:
    if minutes is None:
        return "–"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes / 60:.1f} h" if minutes < 2880 else f"{minutes / 1440:.1f} d"


def _waits(one: dict[str, Any]) -> list[tuple[str, float]]:
    served = one["served"] or 1
    names = [f"up to {_span(most)}" if most else "longer" for most in WAITS]
    return [(name, count / served) for name, count in zip(names, one["by_wait"], strict=True)]


def _settings(timetable: Timetable | None, weights: str, hold_minutes: int | None) -> Settings:
    """The business's settings with what the command line puts in their place, within the same bounds."""
    wanted: dict[str, Any] = {} if hold_minutes is None else {"hold_minutes": hold_minutes}
    for part in filter(None, weights.split(",")):
        name, _, number = part.partition("=")
        if f"weight_{name.strip()}" not in WEIGHT_NAMES:
            names = ", ".join(known.removeprefix("weight_") for known in WEIGHT_NAMES)
            raise Invalid.field("weights", "unknown_choice", choices=names)
        try:
            wanted[f"weight_{name.strip()}"] = int(number)
        except ValueError as error:
            raise Invalid.field("weights", "wrong_type") from error
    return change_settings(timetable.business.settings if timetable else Settings(), wanted)


def _period(timetable: Timetable | None, options: dict[str, Any]) -> tuple[date, date]:
    if options["scenario"]:
        usual = Shape()
        first = _date("from", options["first"]) or usual.first
        last = _date("to", options["last"]) or first + timedelta(days=usual.days - 1)
    else:
        assert timetable is not None  # without a scenario there is a business
        last = _date("to", options["last"]) or local_date(minute_before(clock.now()), timetable.tz)
        first = _date("from", options["first"]) or last - timedelta(days=_USUAL_DAYS - 1)
    if last < first:
        raise Invalid.field("to", "before_start")
    if (last - first).days >= _MOST_DAYS:
        raise Invalid.field("to", "out_of_bounds", most_days=_MOST_DAYS)
    return first, last


def _world(timetable: Timetable | None, first: date, last: date, options: dict[str, Any]) -> World:
    if timetable is None or options["scenario"]:
        shape = Shape(first, (last - first).days + 1, entries=options["entries"])
        return shipped(options["seed"], shape)
    return recorded_world(
        timetable=timetable,
        first=first,
        last=last,
        seed=options["seed"],
        most_entries=options["entries"],
    )


def _accuracy(timetable: Timetable | None, first: date, last: date) -> dict[str, Any] | None:
    if timetable is None:
        return None
    since = instant_of(minute_at(first, 0, timetable.tz))
    until = instant_of(minute_at(last + timedelta(days=1), 0, timetable.tz))
    told = accuracy(quoted(business_id=timetable.business.id, since=since, until=until))
    return None if told is None else asdict(told)


def _date(name: str, given: str | None) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Invalid.field(name, "invalid_date") from error

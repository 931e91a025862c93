"""Reading the set-up forms: what was typed goes into the draft as it is, what is wrong into mistakes by field."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from holdfast.blueprints.queries import free_slug, is_free_slug
from holdfast.blueprints.rules import Blueprint, Giver, Offered
from holdfast.businesses.rules import may_be_slug
from holdfast.lib import text
from holdfast.lib.money import parse_minor
from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes
from holdfast.lib.walltime import zone_names
from holdfast.schedule.rules import HOUR_TEMPLATES, weekly_windows
from holdfast.web.setup.draft import OWN_HOURS, Draft, Row
from holdfast.web.setup.places import currencies, currency_at

MOST_ROWS = 40
_COLUMNS = {"resources": ("name", "seats"), "services": ("name", "minutes", "price")}


def read_about(post: QueryDict, draft: Draft) -> None:
    """Name, address, zone, currency and hours."""
    draft.name = post.get("name", "")[:400]
    draft.slug = post.get("slug", "").strip().lower()[:200]
    draft.timezone = post.get("timezone", "")[:64]
    draft.currency = post.get("currency", "")[:3]
    draft.hours = post.get("hours", "")[:30]
    draft.days = [
        {"opens": post.get(f"opens-{day}", "")[:5], "closes": post.get(f"closes-{day}", "")[:5]}
        for day in range(7)
    ]
    draft.is_described = True


def check_about(draft: Draft, on: date) -> Mistakes:
    """What is wrong with it. An address left empty is made of the name, a currency left open is the zone's."""
    mistakes: Mistakes = {}
    draft.name = text.line(draft.name, field="name", mistakes=mistakes, limit=120) or draft.name
    if draft.timezone not in zone_names():
        mistakes["timezone"] = [("unknown", {})]
    elif not draft.currency:
        draft.currency = currency_at(draft.timezone, on)
    if draft.currency not in currencies(on):
        mistakes["currency"] = [("no_currency", {})]
    if "name" not in mistakes and not draft.slug:
        draft.slug = free_slug(like=slug_of(draft.name))
    if "name" not in mistakes or draft.slug:
        _check_slug(draft, mistakes)
    if draft.hours == OWN_HOURS:
        _check_days(draft, mistakes)
    elif draft.hours not in HOUR_TEMPLATES:
        mistakes["hours"] = [("unknown", {})]
    return mistakes


def slug_of(name: str) -> str:
    """``fenwick-and-rowe`` of ``Fenwick & Rowe``; empty for a name without any Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", name.replace("&", " and ").replace("ß", "ss").replace("_", "-"))
    return slugify(plain.encode("ascii", "ignore").decode())[:63].strip("-")


def _check_slug(draft: Draft, mistakes: Mistakes) -> None:
    if not may_be_slug(draft.slug):
        mistakes["slug"] = [("invalid_slug", {})]
    elif not is_free_slug(slug=draft.slug):
        mistakes["slug"] = [("slug_taken", {"free": free_slug(like=draft.slug)})]


def _check_days(draft: Draft, mistakes: Mistakes) -> None:
    """Mistakes go to ``opens-<day>`` and ``closes-<day>``."""
    items = own_windows(draft)
    if not items:
        mistakes["hours"] = [("no_hours", {})]
    try:
        weekly_windows(items)
    except Invalid as refusal:
        for name, found in refusal.fields.items():
            index, _, edge = name.removeprefix("windows[").partition("].")
            mistakes[f"{edge or 'opens'}-{items[int(index)]['weekday']}"] = found


def own_windows(draft: Draft) -> list[dict[str, Any]]:
    """The days somebody wrote in."""
    return [
        {"weekday": day, "opens": row["opens"], "closes": row["closes"]}
        for day, row in enumerate(draft.days)
        if row["opens"] or row["closes"]
    ]


def read_services(post: QueryDict, draft: Draft) -> None:
    """Resources, services and, for slots, how many places each has."""
    draft.capacity = post.get("capacity", draft.capacity)[:12]
    draft.resources = _rows(post, "resources", draft.resources)
    draft.services = _rows(post, "services", draft.services)


def _rows(post: QueryDict, group: str, rows: list[Row]) -> list[Row]:
    return [
        row
        | {
            column: post.get(f"{group}-{index}-{column}", row.get(column, ""))[:400]
            for column in _COLUMNS[group]
        }
        for index, row in enumerate(rows)
    ]


def change_rows(do: str, draft: Draft) -> bool:
    """Add or remove a row if that was asked for: ``add-services``, ``remove-services-1``; whether it was."""
    what, _, rest = do.partition("-")
    group, _, number = rest.partition("-")
    if group not in _COLUMNS or what not in ("add", "remove"):
        return False
    rows: list[Row] = getattr(draft, group)
    if what == "add" and len(rows) < MOST_ROWS:
        rows.append(_new_row(group, rows, draft.blueprint))
    elif what == "remove" and number.isdecimal() and int(number) < len(rows) > 1:
        del rows[int(number)]
    return True


def _new_row(group: str, rows: list[Row], blueprint: Blueprint) -> Row:
    """A row like the last one of the kind, without a name."""
    if group == "resources":
        seats = rows[-1]["seats"] if rows else str(blueprint.givers[-1].seats_max)
        return {"name": "", "seats": seats, "like": str(len(blueprint.givers) - 1)}
    minutes = rows[-1]["minutes"] if rows else str(blueprint.services[-1].minutes)
    return {"name": "", "minutes": minutes, "price": "", "like": str(len(blueprint.services) - 1)}


def blueprint_of(draft: Draft) -> Blueprint:
    """The kind's blueprint with what was typed in its place.

    Refusals: :class:`Invalid` on ``capacity``, ``resources-0-seats``, ``services-0-name`` and the like.
    """
    mistakes: Mistakes = {}
    givers = tuple(_giver(index, row, draft.blueprint, mistakes) for index, row in enumerate(draft.resources))
    offered = tuple(_offered(index, row, draft, mistakes) for index, row in enumerate(draft.services))
    capacity = _number(draft.capacity, "capacity", 1, 10_000, mistakes) if takes_slots(draft.blueprint) else 1
    text.refuse(mistakes)
    windows: tuple[tuple[int, str, str], ...] = ()
    if draft.hours == OWN_HOURS:
        windows = tuple((item["weekday"], item["opens"], item["closes"]) for item in own_windows(draft))
    hours = draft.hours if draft.hours in HOUR_TEMPLATES else draft.blueprint.hours
    return replace(
        draft.blueprint, givers=givers, services=offered, capacity=capacity, windows=windows, hours=hours
    )


def takes_slots(blueprint: Blueprint) -> bool:
    """Whether its services are booked in slots with places."""
    return any(offered.mode == "slot" for offered in blueprint.services)


def has_seats(blueprint: Blueprint) -> bool:
    """Whether its resources have seats."""
    return any(giver.kind == "table" for giver in blueprint.givers)


def _giver(index: int, row: Mapping[str, str], blueprint: Blueprint, mistakes: Mistakes) -> Giver:
    like = blueprint.givers[int(row["like"])]
    place = f"resources-{index}"
    name = text.line(row["name"], field=f"{place}-name", mistakes=mistakes, limit=120)
    seats = _number(row["seats"], f"{place}-seats", 1, 10_000, mistakes) if has_seats(blueprint) else 1
    # A table as it came keeps its fewest guests; one that was made smaller takes anybody it holds.
    fewest = like.seats_min if seats == like.seats_max else min(like.seats_min, seats)
    return replace(like, name=name, seats_min=fewest, seats_max=seats)


def _offered(index: int, row: Mapping[str, str], draft: Draft, mistakes: Mistakes) -> Offered:
    like = draft.blueprint.services[int(row["like"])]
    place = f"services-{index}"
    name = text.line(row["name"], field=f"{place}-name", mistakes=mistakes, limit=120)
    minutes = _number(row["minutes"], f"{place}-minutes", 1, 1440, mistakes)
    price = 0
    try:
        price = parse_minor(row["price"] or "0", draft.currency)
    except ValueError:
        mistakes[f"{place}-price"] = [("not_an_amount", {})]
    interval = minutes if like.mode == "slot" else like.interval
    described = like.description if row["name"] == like.name else ""
    return replace(
        like,
        name=name,
        minutes=minutes,
        interval=interval,
        price_minor=price,
        description=described,
        givers=(),
    )


def _number(typed: str, field: str, least: int, most: int, mistakes: Mistakes) -> int:
    """A whole number in its bounds; ``least`` beside a mistake."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdigit()):
        mistakes[field] = [("required" if not typed else "wrong_type", {})]
    elif not least <= int(typed) <= most:
        mistakes[field] = [("out_of_bounds", {"least": least, "most": most})]
    else:
        return int(typed)
    return least

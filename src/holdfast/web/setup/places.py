"""Time zones and currencies as people choose them, and which currency goes with which zone."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from babel.core import get_global
from babel.numbers import get_currency_name, get_territory_currencies, list_currencies

from holdfast.lib.walltime import zone_names
from holdfast.web import formats

_CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


@lru_cache(maxsize=1)
def zones() -> dict[str, tuple[str, ...]]:
    """The zones that are places, by continent; and UTC."""
    listed = get_global("zone_territories")
    aliases = get_global("zone_aliases")
    grouped: dict[str, list[str]] = {continent: [] for continent in _CONTINENTS}
    for name in sorted(zone_names()):
        continent = name.partition("/")[0]
        if continent in grouped and (name in listed or aliases.get(name) in listed):
            grouped[continent].append(name)
    return {"UTC": ("UTC",)} | {continent: tuple(names) for continent, names in grouped.items() if names}


def place_of(zone: str) -> str:
    """``Buenos Aires`` of ``America/Argentina/Buenos_Aires``."""
    return zone.partition("/")[2].replace("_", " ").replace("/", ": ") or zone


@lru_cache(maxsize=512)
def currency_at(zone: str, on: date) -> str:
    """The currency people of that zone paid in on that date; empty where nobody lives or none is known."""
    territories = get_global("zone_territories")
    territory = territories.get(zone) or territories.get(get_global("zone_aliases").get(zone, ""))
    if not territory or territory == "001":
        return ""
    found = get_territory_currencies(territory, start_date=on, end_date=on)
    return str(found[0]) if found else ""


def currencies(on: date) -> dict[str, str]:
    """Every currency in use somewhere, by code, with its name in the active language: ``Euro (EUR)``."""
    codes = {
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, start_date=on, end_date=on)
    }
    locale = formats.locale()
    known = codes & set(list_currencies())
    named = {code: f"{get_currency_name(code, locale=locale)} ({code})" for code in known}
    return dict(sorted(named.items(), key=lambda item: item[1]))

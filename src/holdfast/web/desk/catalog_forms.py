"""The forms of services and resources: values in, fields out, and typed text back to columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from holdfast.catalog.models import Resource, Service
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.lib.money import Money
from holdfast.web.desk.access import Desk
from holdfast.web.desk.deposit_forms import NO_DEPOSIT, deposit_group, deposit_values, wanted_deposit
from holdfast.web.desk.fields import Choice, Errors, Field, Mistakes, amount, choices, identity, whole_number
from holdfast.web.desk.floor_forms import NO_TURNS, table_fields, table_values, wanted_table
from holdfast.web.desk.settings_pages import Group

# What a new resource of a kind of business is.
_KIND_OF = {"venue": "table", "artist": "artist", "counter": "counter"}
# What a new service of an artist is: asked for, and answered within three days.
ANSWER_AFTER = {"answer_within_hours": "72"}
# What a new service of a counter is: booked by slot, once by each person.
ONE_A_SLOT = {"places_per_customer": "1", "price_for": "booking"}
# What a new service is that people can wait for: open to everybody.
WAITED_FOR = {"waitlist_open": "on", "waitlist_limit": "0"}
_SERVICE_NUMBERS = ("duration_minutes", "interval_minutes", "buffer_before_minutes", "buffer_after_minutes")


def service_values(desk: Desk, item: ServiceFacts | None) -> dict[str, Any]:
    """A service as it stands in the form; a new one is half an hour given by everybody."""
    if item is None:
        everybody = [str(r.id) for r in desk.timetable.resources.values() if r.is_active]
        return {
            "name": "", "description": "", "duration_minutes": "30", "interval_minutes": "15", "price": "", **NO_DEPOSIT,
            "buffer_before_minutes": "0", "buffer_after_minutes": "0", "who_may_book": "anyone", "resources": everybody,
            **(NO_TURNS if desk.business.blueprint == "venue" else {}),
            **(ANSWER_AFTER if desk.business.blueprint == "artist" else {}),
            **(ONE_A_SLOT if desk.business.blueprint == "counter" else {}),
            **(WAITED_FOR if desk.business.blueprint != "artist" else {}),
        }  # fmt: skip
    values: dict[str, Any] = {name: str(getattr(item, name)) for name in _SERVICE_NUMBERS}
    currency = desk.business.currency
    return values | {
        "name": item.name,
        "description": item.description,
        "price": Money(item.price_minor, currency).decimal,
        **deposit_values(item, currency),
        "who_may_book": item.who_may_book,
        "resources": [str(id) for id in item.resource_ids],
        **table_values(item),
        **({"answer_within_hours": str(item.answer_within_hours)} if item.mode == "request" else {}),
        **(_slot_values(item) if item.mode == "slot" else {}),
        **(_waitlist_values(item) if item.mode != "request" else {}),
    }


def wanted_service(desk: Desk, values: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of a service as typed."""
    currency = desk.business.currency
    ids = [identity(text) for text in values["resources"]]
    if None in ids:
        mistakes["resources"] = [("unknown", {})]
    wanted: dict[str, Any] = {name: whole_number(values[name], name, mistakes) for name in _SERVICE_NUMBERS}
    return wanted | {
        "name": values["name"],
        "description": values["description"],
        "who_may_book": values["who_may_book"],
        "price_minor": amount(values["price"], currency, "price", mistakes),
        **wanted_deposit(values, currency, mistakes),
        "resources": [id for id in ids if isinstance(id, UUID)],
        **wanted_table(values, mistakes),
        **_wanted_request(values, mistakes),
        **_wanted_slot(values, mistakes),
        **_wanted_waitlist(values, mistakes),
    }


def _wanted_request(values: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of a service on request as typed; nothing for other modes."""
    if "answer_within_hours" not in values:
        return {}
    hours = whole_number(values["answer_within_hours"], "answer_within_hours", mistakes)
    return {"mode": "request", "answer_within_hours": hours}


def _slot_values(item: ServiceFacts) -> dict[str, str]:
    price_for = "person" if item.price_per_person else "booking"
    return {"places_per_customer": str(item.places_per_customer), "price_for": price_for}


def _wanted_slot(values: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of a service by slot as typed; nothing for other modes."""
    if "places_per_customer" not in values:
        return {}
    most = whole_number(values["places_per_customer"], "places_per_customer", mistakes)
    is_each = values["price_for"] == "person"
    return {"mode": "slot", "places_per_customer": most, "price_per_person": is_each}


def _waitlist_values(item: ServiceFacts) -> dict[str, str]:
    return {
        "waitlist_open": "on" if item.waitlist_open else "",
        "waitlist_limit": str(item.waitlist_limit),
    }


def _wanted_waitlist(values: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of what can be waited for as typed; nothing for requests, which nobody waits for."""
    if "waitlist_limit" not in values:
        return {}
    limit = whole_number(values["waitlist_limit"], "waitlist_limit", mistakes)
    return {"waitlist_open": bool(values["waitlist_open"]), "waitlist_limit": limit}


def _waitlist_group(values: Mapping[str, Any], errors: Errors, *, is_fixed: bool) -> list[Group]:
    if "waitlist_limit" not in values:
        return []
    is_open = Field(
        "waitlist_open",
        _("People can wait for this online"),
        kind="checkbox",
        hint=_("Off, only the desk puts people on the list."),
        is_checked=bool(values["waitlist_open"]),
        is_fixed=is_fixed,
    )
    limit = Field(
        "waitlist_limit",
        _("Waiting at most"),
        str(values["waitlist_limit"]),
        "number",
        _("0 means no limit. The desk may go over it."),
        _("people"),
        required=True,
        least="0",
        most="10000",
        errors=errors.get("waitlist_limit", ()),
        is_fixed=is_fixed,
    )
    return [Group(_("Waitlist"), [is_open, limit])]


def _slot_price(values: Mapping[str, Any]) -> list[Choice]:
    return choices({"booking": _("a booking"), "person": _("each person")}, values["price_for"])


def service_groups(desk: Desk, values: Mapping[str, Any], errors: Errors, *, is_fixed: bool) -> list[Group]:
    """The fields of a service."""

    def make(name: str, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
        return Field(
            name, label, str(values[name]), kind, hint, errors=errors.get(name, ()), is_fixed=is_fixed, **more
        )

    minutes, currency = _("minutes"), desk.business.currency
    who = {value: str(label) for value, label in Service.WhoMayBook.choices}
    people = [
        Choice(str(r.id), r.name, str(r.id) in values["resources"])
        for r in desk.timetable.resources.values()
        if r.is_active or str(r.id) in values["resources"]
    ]
    given = Field(
        "resources",
        _("Given by"),
        kind="boxes",
        choices=people,
        errors=errors.get("resources", ()),
        is_fixed=is_fixed,
    )
    return [
        Group(_("Service"), [
            make("name", _("Name"), required=True, limit=120),
            make("description", _("Description"), "textarea", _("A line or two for customers."), limit=500),
        ]),
        Group(_("Time"), [
            make("duration_minutes", _("Lasts"), "number", unit=minutes, required=True, least="1", most="1440"),
            make("interval_minutes", _("Starts every"), "number", _("Counted from opening. It need not equal the length."), unit=minutes, required=True, least="1", most="1440"),
            make("buffer_before_minutes", _("Kept free before"), "number", unit=minutes, required=True, least="0", most="480"),
            make("buffer_after_minutes", _("Kept free after"), "number", _("To clean up, for example. Customers do not see it."), unit=minutes, required=True, least="0", most="480"),
            *table_fields(values, errors, is_fixed=is_fixed),
            *([make("answer_within_hours", _("Answered within"), "number", _("Requests nobody answers in time expire. You are reminded before."), unit=_("hours"), required=True, least="1", most="720")] if "answer_within_hours" in values else []),
            *([make("places_per_customer", _("Bookings of one person in a slot"), "number", _("0: as many as they like."), required=True, least="0", most="100")] if "places_per_customer" in values else []),
        ]),
        Group(_("Price"), [
            make("price", _("Price"), "text", unit=currency, limit=14),
            *([make("price_for", _("The price is for"), "select", choices=_slot_price(values))] if "price_for" in values else []),
        ]),
        deposit_group(values, errors, currency, is_fixed=is_fixed),
        Group(_("Who"), [given, make("who_may_book", _("Who may book online"), "select", choices=choices(who, values["who_may_book"]))]),
        *_waitlist_group(values, errors, is_fixed=is_fixed),
    ]  # fmt: skip


def resource_values(desk: Desk, item: ResourceFacts | None) -> dict[str, str]:
    """A resource as it stands in the form."""
    if item is None:
        kind = _KIND_OF.get(desk.business.blueprint, "staff")
        return {"name": "", "detail": "", "kind": kind, "area": "", "seats_min": "1", "seats_max": "1"}
    return {
        name: str(getattr(item, name))
        for name in ("name", "detail", "kind", "area", "seats_min", "seats_max")
    }


def wanted_resource(values: Mapping[str, str], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of a resource as typed."""
    wanted: dict[str, Any] = {name: values[name] for name in ("name", "detail", "kind", "area")}
    return wanted | {name: whole_number(values[name], name, mistakes) for name in ("seats_min", "seats_max")}


def resource_groups(values: Mapping[str, str], errors: Errors, *, is_fixed: bool) -> list[Group]:
    """The fields of a resource."""

    def make(name: str, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
        return Field(
            name, label, values[name], kind, hint, errors=errors.get(name, ()), is_fixed=is_fixed, **more
        )

    kinds = {value: str(label) for value, label in Resource.Kind.choices}
    return [
        Group(_("Who or what"), [
            make("name", _("Name"), required=True, limit=120),
            make("detail", _("Line below the name"), hint=_("Such as Chair 2."), limit=120),
            make("kind", _("Kind"), "select", choices=choices(kinds, values["kind"])),
            make("area", _("Area"), hint=_("Where it stands, such as Bar or Terrace. Tables are shown by area."), limit=60),
        ]),
        Group(_("Seats"), [
            make("seats_min", _("Fewest people"), "number", required=True, least="1", most="10000"),
            make("seats_max", _("Most people"), "number", required=True, least="1", most="10000"),
        ], _("How many people one booking may be for.")),
    ]  # fmt: skip

"""The fields of a service about what is paid ahead: prepayment, the deposit and its conditions, the ladder's lower rungs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from holdfast.catalog.models import Service
from holdfast.catalog.queries import ServiceFacts
from holdfast.lib.money import Money
from holdfast.web.desk.fields import Choice, Errors, Field, Mistakes, amount, choices, whole_number
from holdfast.web.desk.settings_pages import Group

# What a new service asks: nothing ahead.
NO_DEPOSIT: Mapping[str, Any] = {
    "prepay": "", "deposit": "", "deposit_percent": "0", "deposit_person": "", "deposit_party_least": "1",
    "deposit_weekdays": [], "guard": "",
}  # fmt: skip


def deposit_values(item: ServiceFacts, currency: str) -> dict[str, Any]:
    """What a service asks ahead, as it stands in the form."""
    return {
        "prepay": "on" if item.prepay else "",
        "deposit": Money(item.deposit_minor, currency).decimal,
        "deposit_percent": str(item.deposit_percent),
        "deposit_person": Money(item.deposit_person_minor, currency).decimal,
        "deposit_party_least": str(item.deposit_party_least),
        "deposit_weekdays": [str(day) for day in item.deposit_weekdays],
        "guard": item.guard,
    }


def wanted_deposit(values: Mapping[str, Any], currency: str, mistakes: Mistakes) -> dict[str, Any]:
    """The columns as typed."""
    days = values["deposit_weekdays"]
    if not all(day in {"0", "1", "2", "3", "4", "5", "6"} for day in days):
        mistakes["deposit_weekdays"] = [("unknown", {})]
        days = []
    return {
        "prepay": bool(values["prepay"]),
        "deposit_minor": amount(values["deposit"], currency, "deposit", mistakes),
        "deposit_percent": whole_number(values["deposit_percent"], "deposit_percent", mistakes),
        "deposit_person_minor": amount(values["deposit_person"], currency, "deposit_person", mistakes),
        "deposit_party_least": whole_number(values["deposit_party_least"], "deposit_party_least", mistakes),
        "deposit_weekdays": sorted(int(day) for day in days),
        "guard": values["guard"],
    }


def deposit_group(values: Mapping[str, Any], errors: Errors, currency: str, *, is_fixed: bool) -> Group:
    """The fields."""

    def make(name: str, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
        return Field(
            name, label, str(values[name]), kind, hint, errors=errors.get(name, ()), is_fixed=is_fixed, **more
        )

    days = [
        Choice(str(number), str(name).capitalize(), str(number) in values["deposit_weekdays"])
        for number, name in WEEKDAYS.items()
    ]
    guards = {value: str(label) for value, label in Service.Guard.choices}
    return Group(
        _("Paid ahead"),
        [
            Field(
                "prepay", _("The whole price is paid when it is booked"), kind="checkbox", is_checked=bool(values["prepay"]),
                is_fixed=is_fixed,
            ),
            make("deposit", _("Deposit"), "text", _("What is paid ahead. Part of the price."), unit=currency, limit=14),
            make("deposit_percent", _("Deposit as a part of the price"), "number", unit="%", required=True, least="0", most="100"),
            make("deposit_person", _("Deposit for each person"), "text", _("Where the visit itself has no price, as at a table, it comes off the bill."), unit=currency, limit=14),
            make("deposit_party_least", _("For parties of at least"), "number", _("1: everybody pays it."), unit=_("people"), required=True, least="1", most="10000"),
            Field(
                "deposit_weekdays", _("Only on"), kind="boxes", choices=days, hint=_("None ticked: every day."),
                errors=errors.get("deposit_weekdays", ()), is_fixed=is_fixed,
            ),
            make("guard", _("If nothing is paid ahead, ask for"), "select", _("Against visits that are missed."), choices=choices(guards, values["guard"])),
        ],
        _("The parts of a deposit are added up. Nobody is asked for money online unless payments are switched on in the settings."),
    )  # fmt: skip

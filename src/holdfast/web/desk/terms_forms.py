"""The forms of questions, price rules and promotion codes: values in, fields out, typed text back to columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from holdfast.catalog.models import PriceRule, Promotion, Question
from holdfast.catalog.rules import PriceRuleFacts, PromotionFacts, QuestionFacts
from holdfast.lib.money import Money
from holdfast.web import formats
from holdfast.web.desk.access import Desk
from holdfast.web.desk.fields import (
    Choice,
    Errors,
    Field,
    Mistakes,
    amount,
    choices,
    identity,
    typed_date,
    typed_minute,
    whole_number,
)
from holdfast.web.desk.settings_pages import Group

_A_MONDAY = date(2024, 1, 1)
# What the domain calls a column, and which field of the form shows its mistakes.
SHOWN_AT = {
    "is_required": "required",
    "service_id": "service",
    "resource_id": "resource",
    "from_minute": "from_time",
    "until_minute": "until_time",
    "amount_minor": "amount",
    "service_ids": "services",
}


def _maker(values: Mapping[str, Any], errors: Errors, *, is_fixed: bool) -> Any:
    def make(name: str, label: str, kind: str = "text", hint: str = "", **more: Any) -> Field:
        value = str(values[name]) if kind != "checkbox" else "on"
        if kind == "checkbox":
            more["is_checked"] = bool(values[name])
        return Field(name, label, value, kind, hint, errors=errors.get(name, ()), is_fixed=is_fixed, **more)

    return make


def question_values(item: QuestionFacts | None) -> dict[str, Any]:
    """A question as it stands in the form."""
    if item is None:
        return {
            "label": "", "hint": "", "kind": "text", "choices": "", "least": "", "most": "", "required": "",
        }  # fmt: skip
    return {
        "label": item.label,
        "hint": item.hint,
        "kind": item.kind,
        "choices": "\n".join(item.choices),
        "least": "" if item.least is None else str(item.least),
        "most": "" if item.most is None else str(item.most),
        "required": "on" if item.is_required else "",
    }


def wanted_question(values: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of a question as typed; what its kind does not use is left empty."""
    kind = values["kind"]
    lines = [line.strip() for line in values["choices"].splitlines() if line.strip()]
    numbers = {
        name: whole_number(values[name], name, mistakes) if values[name].strip() else None
        for name in ("least", "most")
    }
    is_number = kind == "number"
    return {
        "label": values["label"],
        "hint": values["hint"],
        "kind": kind,
        "choices": lines if kind == "choice" else [],
        "least": numbers["least"] if is_number else None,
        "most": numbers["most"] if is_number else None,
        "is_required": bool(values["required"]),
    }


def question_groups(values: Mapping[str, Any], errors: Errors, *, is_fixed: bool) -> list[Group]:
    """The fields of a question."""
    make = _maker(values, errors, is_fixed=is_fixed)
    kinds = {value: str(label) for value, label in Question.Kind.choices}
    return [
        Group(_("Question"), [
            make("label", _("What you ask"), hint=_("For a consent: the sentence that people tick."), required=True, limit=200),
            make("hint", _("Line below it"), limit=200),
            make("kind", _("Kind of answer"), "select", choices=choices(kinds, values["kind"])),
            make("required", _("Must be answered"), "checkbox"),
        ]),
        Group(_("What can be answered"), [
            make("choices", _("Choices, one a line"), "textarea", _("For a choice: two at least.")),
            make("least", _("Smallest number"), "number", _("For a number.")),
            make("most", _("Largest number"), "number"),
        ]),
    ]  # fmt: skip


def price_rule_values(desk: Desk, item: PriceRuleFacts | None) -> dict[str, Any]:
    """A price rule as it stands in the form."""
    if item is None:
        return {
            "name": "", "service": "", "resource": "", "weekdays": [], "from_time": "", "until_time": "", "party_least": "",
            "party_most": "", "effect": "amount", "amount": "", "percent": "", "lower": "",
        }  # fmt: skip
    return {
        "name": item.name,
        "service": str(item.service_id or ""),
        "resource": str(item.resource_id or ""),
        "weekdays": [str(day) for day in item.weekdays],
        "from_time": clock_text(item.from_minute),
        "until_time": clock_text(None if item.until_minute == 1440 else item.until_minute),
        "party_least": "" if item.party_least is None else str(item.party_least),
        "party_most": "" if item.party_most is None else str(item.party_most),
        "effect": item.effect,
        "amount": Money(abs(item.amount_minor), desk.business.currency).decimal if item.amount_minor else "",
        "percent": str(abs(item.percent)) if item.percent else "",
        "lower": "on" if item.amount_minor < 0 or item.percent < 0 else "",
    }


def wanted_price_rule(desk: Desk, values: Mapping[str, Any], mistakes: Mistakes) -> dict[str, Any]:
    """The columns of a price rule as typed."""
    effect, sign = values["effect"], -1 if values["lower"] else 1

    def optional(name: str) -> int | None:
        return whole_number(values[name], name, mistakes) if values[name].strip() else None

    def minute(name: str) -> int | None:
        return typed_minute(values[name], name, mistakes) if values[name] else None

    money = amount(values["amount"], desk.business.currency, "amount", mistakes) or 0
    percent = optional("percent") or 0
    return {
        "name": values["name"],
        "service_id": identity(values["service"]),
        "resource_id": identity(values["resource"]),
        "weekdays": [int(day) for day in values["weekdays"] if day in "0123456" and day],
        "from_minute": minute("from_time"),
        "until_minute": minute("until_time"),
        "party_least": optional("party_least"),
        "party_most": optional("party_most"),
        "effect": effect,
        "amount_minor": 0 if effect == "percent" else money * (sign if effect == "amount" else 1),
        "percent": percent * sign if effect == "percent" else 0,
    }


def price_rule_groups(
    desk: Desk, values: Mapping[str, Any], errors: Errors, *, is_fixed: bool
) -> list[Group]:
    """The fields of a price rule."""
    make = _maker(values, errors, is_fixed=is_fixed)
    services = {"": _("All services")} | {str(s.id): s.name for s in desk.timetable.services.values()}
    people = {"": _("Anybody")} | {str(r.id): r.name for r in desk.timetable.resources.values()}
    effects = {value: str(label) for value, label in PriceRule.Effect.choices}
    days = [
        Choice(str(day), name, str(day) in values["weekdays"]) for day, name in enumerate(weekday_names())
    ]
    weekdays = Field(
        "weekdays", _("Days"), kind="boxes", choices=days, errors=errors.get("weekdays", ()), is_fixed=is_fixed
    )  # fmt: skip
    return [
        Group(_("Rule"), [make("name", _("Name"), hint=_("For you, such as Saturday."), required=True, limit=80)]),
        Group(_("When it holds"), [
            weekdays,
            make("from_time", _("From"), "time"),
            make("until_time", _("Until"), "time", _("Earlier than the beginning: until then the next day.")),
            make("service", _("Service"), "select", choices=choices(services, values["service"])),
            make("resource", _("With"), "select", choices=choices(people, values["resource"])),
            make("party_least", _("People, at least"), "number", least="1", most="10000"),
            make("party_most", _("People, at most"), "number", least="1", most="10000"),
        ], _("What is left empty does not narrow it.")),
        Group(_("What it does"), [
            make("effect", _("Effect"), "select", choices=choices(effects, values["effect"])),
            make("amount", _("Price or amount"), unit=desk.business.currency, limit=14),
            make("percent", _("Percent"), "number", unit="%", least="0", most="1000"),
            make("lower", _("Lowers the price"), "checkbox"),
        ], _("The first fixed price that holds counts. Then every amount and percent that holds is applied in order.")),
    ]  # fmt: skip


def promotion_values(desk: Desk, item: PromotionFacts | None) -> dict[str, Any]:
    """A promotion as it stands in the form."""
    if item is None:
        return {
            "code": "", "effect": "percent", "amount": "", "percent": "", "services": [], "valid_from": "", "valid_until": "",
            "most_uses": "0", "most_uses_per_customer": "0",
        }  # fmt: skip
    return {
        "code": item.code,
        "effect": item.effect,
        "amount": Money(item.amount_minor, desk.business.currency).decimal if item.amount_minor else "",
        "percent": str(item.percent) if item.percent else "",
        "services": [str(id) for id in item.service_ids],
        "valid_from": item.valid_from.isoformat() if item.valid_from else "",
        "valid_until": item.valid_until.isoformat() if item.valid_until else "",
        "most_uses": str(item.most_uses),
        "most_uses_per_customer": str(item.most_uses_per_customer),
    }


def wanted_promotion(
    desk: Desk, values: Mapping[str, Any], mistakes: Mistakes, *, is_new: bool
) -> dict[str, Any]:
    """The columns of a promotion as typed; the code only of a new one."""
    percent = whole_number(values["percent"], "percent", mistakes) if values["percent"].strip() else 0
    effect = values["effect"]
    money = amount(values["amount"], desk.business.currency, "amount", mistakes)
    wanted: dict[str, Any] = {
        "effect": effect,
        "amount_minor": money if effect == "amount" else 0,
        "percent": percent if effect == "percent" else 0,
        "service_ids": [id for text in values["services"] if (id := identity(text)) is not None],
        "valid_from": typed_date(values["valid_from"], "valid_from", mistakes, required=False),
        "valid_until": typed_date(values["valid_until"], "valid_until", mistakes, required=False),
    }
    for name in ("most_uses", "most_uses_per_customer"):
        wanted[name] = whole_number(values[name] or "0", name, mistakes)
    return wanted | ({"code": values["code"]} if is_new else {})


def promotion_groups(
    desk: Desk, values: Mapping[str, Any], errors: Errors, *, is_fixed: bool, is_new: bool
) -> list[Group]:
    """The fields of a promotion."""
    make = _maker(values, errors, is_fixed=is_fixed)
    effects = {value: str(label) for value, label in Promotion.Effect.choices}
    services = [
        Choice(str(s.id), s.name, str(s.id) in values["services"])
        for s in desk.timetable.services.values()
        if s.is_active or str(s.id) in values["services"]
    ]
    for_services = Field(
        "services", _("Only for"), kind="boxes", choices=services, errors=errors.get("services", ()), is_fixed=is_fixed
    )  # fmt: skip
    code = Field(
        "code", _("Code"), str(values["code"]), hint=_("Letters, digits and dashes. Capitals do not matter."), limit=40,
        errors=errors.get("code", ()), required=True, is_fixed=is_fixed or not is_new,
    )  # fmt: skip
    return [
        Group(_("Code"), [
            code,
            make("effect", _("Effect"), "select", choices=choices(effects, values["effect"])),
            make("amount", _("Amount off"), unit=desk.business.currency, limit=14),
            make("percent", _("Percent off"), "number", unit="%", least="0", most="100"),
        ]),
        Group(_("Where it holds"), [
            for_services,
            make("valid_from", _("First day"), "date"),
            make("valid_until", _("Last day"), "date"),
            make("most_uses", _("Uses in all"), "number", _("0 for no limit."), least="0", most="1000000"),
            make("most_uses_per_customer", _("Uses by one customer"), "number", _("0 for no limit."), least="0", most="1000"),
        ]),
    ]  # fmt: skip


def clock_text(minute: int | None) -> str:
    """A minute of the day as browsers send it."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def weekday_names() -> list[str]:
    """Monday to Sunday, in short."""
    return [formats.short_weekday(_A_MONDAY + timedelta(days=day)) for day in range(7)]

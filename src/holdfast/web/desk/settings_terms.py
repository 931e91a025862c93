"""What services ask and on which terms they are sold: questions, price rules, promotion codes (SPEC B6, B7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import Action
from holdfast.catalog import commands
from holdfast.catalog.errors import InUse
from holdfast.catalog.queries import price_rules_of, promotion_by_id, promotions_of, questions_of
from holdfast.lib.refusals import Invalid, Missing
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Mistakes, as_errors, identity
from holdfast.web.desk.settings_pages import Group, saved, settings_page
from holdfast.web.desk.terms_forms import (
    SHOWN_AT,
    price_rule_groups,
    price_rule_values,
    promotion_groups,
    promotion_values,
    question_groups,
    question_values,
    wanted_price_rule,
    wanted_promotion,
    wanted_question,
)
from holdfast.web.desk.terms_words import promotion_facts, question_facts, rule_facts
from holdfast.web.questions import question_fields

_LISTS = ("weekdays", "services")


@dataclass(frozen=True, slots=True)
class _Item:
    """What the page of one row shows of it beside its form."""

    name: str
    is_active: bool


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def questions(desk: Desk, service: UUID) -> HttpResponse:
    """The questions of a service in their order, and the form as customers see it."""
    found = desk.timetable.service(service)
    asked = questions_of(business_id=desk.business.id).get(service, ())
    if desk.request.method == "POST":
        change = _changer(desk, commands.change_question, "question_id")
        return _reorder(desk, [one.id for one in asked], change, "questions", service)
    slug = desk.business.slug
    rows = [
        {
            "id": one.id,
            "name": one.label,
            "is_active": one.is_active,
            "facts": question_facts(one),
            "url": reverse("desk:question", args=[slug, service, one.id]),
        }
        for one in asked
    ]
    context = {
        "rows": rows,
        "empty": {
            "icon": "note",
            "title": _("Nothing is asked"),
            "words": _(
                "Ask for what you need to know before somebody comes. Answers are kept with the booking."
            ),
        },
        "new_url": reverse("desk:new_question", args=[slug, service]),
        "new_words": _("New question"),
        "preview": question_fields(desk.timetable.questions.get(service, ()), {}, {}),
        "back": reverse("desk:service", args=[slug, service]),
        "back_words": found.name,
    }
    title = _("Questions of %(service)s") % {"service": found.name}
    return settings_page(
        desk, "desk/settings_terms.html", "services", title, context, action=Action.CHANGE_CATALOG
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def question(desk: Desk, service: UUID, question: UUID | None = None) -> HttpResponse:
    """One question: its form, and deleting."""
    desk.timetable.service(service)
    asked = questions_of(business_id=desk.business.id).get(service, ())
    item = _find(asked, question, "question")
    values = question_values(item)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        step = desk.request.POST.get("do", "")
        if item and step:
            change = _changer(desk, commands.change_question, "question_id")
            errors = _step(desk, step, item.id, change, commands.delete_question, "question_id")
        else:
            values = _typed(desk, values)
            mistakes: Mistakes = {}
            wanted = wanted_question(values, mistakes)
            errors = as_errors(mistakes) or _write(
                lambda: (
                    commands.change_question(
                        actor=desk.actor, business_id=desk.business.id, question_id=item.id, wanted=wanted
                    )
                    if item
                    else commands.add_question(
                        actor=desk.actor, business_id=desk.business.id, service_id=service, wanted=wanted
                    )
                )
            )
        if not errors:
            return saved(desk, "questions", service)
    groups = question_groups(values, errors, is_fixed=not desk.may(Action.CHANGE_CATALOG))
    shown = _Item(item.label, item.is_active) if item else None
    back = reverse("desk:questions", args=[desk.business.slug, service])
    return _item_page(desk, shown, "services", _("New question"), groups, errors, back)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def prices(desk: Desk) -> HttpResponse:
    """The price rules in the order in which they count."""
    found = price_rules_of(business_id=desk.business.id)
    if desk.request.method == "POST":
        change = _changer(desk, commands.change_price_rule, "rule_id")
        return _reorder(desk, [rule.id for rule in found], change, "prices")
    slug = desk.business.slug
    rows = [
        {
            "id": rule.id,
            "name": rule.name,
            "is_active": rule.is_active,
            "facts": rule_facts(desk, rule),
            "url": reverse("desk:price_rule", args=[slug, rule.id]),
        }
        for rule in found
    ]
    context = {
        "rows": rows,
        "empty": {
            "icon": "policy",
            "title": _("Every service has one price"),
            "words": _("A rule makes a day, a time, a person or a larger party cost more or less."),
        },
        "about": _("The first fixed price that holds counts. Then every amount and percent that holds is applied in order."),
        "new_url": reverse("desk:new_price_rule", args=[slug]),
        "new_words": _("New rule"),
    }  # fmt: skip
    return settings_page(
        desk, "desk/settings_terms.html", "prices", _("Price rules"), context, action=Action.CHANGE_CATALOG
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def price_rule(desk: Desk, rule: UUID | None = None) -> HttpResponse:
    """One price rule: its form, and deleting."""
    item = _find(price_rules_of(business_id=desk.business.id), rule, "price_rule")
    values = price_rule_values(desk, item)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        step = desk.request.POST.get("do", "")
        if item and step:
            change = _changer(desk, commands.change_price_rule, "rule_id")
            errors = _step(desk, step, item.id, change, commands.delete_price_rule, "rule_id")
        else:
            values = _typed(desk, values)
            mistakes: Mistakes = {}
            wanted = wanted_price_rule(desk, values, mistakes)
            who: dict[str, Any] = {"actor": desk.actor, "business_id": desk.business.id, "wanted": wanted}
            errors = as_errors(mistakes) or _write(
                lambda: (
                    commands.change_price_rule(rule_id=item.id, **who)
                    if item
                    else commands.create_price_rule(**who)
                )
            )
        if not errors:
            return saved(desk, "prices")
    groups = price_rule_groups(desk, values, errors, is_fixed=not desk.may(Action.CHANGE_CATALOG))
    shown = _Item(item.name, item.is_active) if item else None
    back = reverse("desk:prices", args=[desk.business.slug])
    return _item_page(desk, shown, "prices", _("New price rule"), groups, errors, back)


@require_http_methods(["GET", "HEAD"])
@at_desk
def codes(desk: Desk) -> HttpResponse:
    """The promotion codes, with how often each was used."""
    slug = desk.business.slug
    rows = [
        {
            "id": promotion.id,
            "name": promotion.code,
            "is_active": promotion.is_active,
            "facts": promotion_facts(desk, promotion),
            "url": reverse("desk:code", args=[slug, promotion.id]),
        }
        for promotion in promotions_of(business_id=desk.business.id).values()
    ]
    context = {
        "rows": rows,
        "in_no_order": True,
        "empty": {
            "icon": "key",
            "title": _("No codes yet"),
            "words": _("A code lowers the price for whoever knows it, as often as you allow."),
        },
        "new_url": reverse("desk:new_code", args=[slug]),
        "new_words": _("New code"),
    }
    return settings_page(
        desk, "desk/settings_terms.html", "codes", _("Promotion codes"), context, action=Action.CHANGE_CATALOG
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def code(desk: Desk, promotion: UUID | None = None) -> HttpResponse:
    """One promotion code: its form, and deleting while nobody uses it."""
    item = promotion_by_id(business_id=desk.business.id, promotion_id=promotion) if promotion else None
    values = promotion_values(desk, item)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        step = desk.request.POST.get("do", "")
        if item and step:
            change = _changer(desk, commands.change_promotion, "promotion_id")
            errors = _step(desk, step, item.id, change, commands.delete_promotion, "promotion_id")
        else:
            values = _typed(desk, values) | ({"code": item.code} if item else {})
            mistakes: Mistakes = {}
            wanted = wanted_promotion(desk, values, mistakes, is_new=item is None)
            who: dict[str, Any] = {"actor": desk.actor, "business_id": desk.business.id, "wanted": wanted}
            errors = as_errors(mistakes) or _write(
                lambda: (
                    commands.change_promotion(promotion_id=item.id, **who)
                    if item
                    else commands.create_promotion(**who)
                )
            )
        if not errors:
            return saved(desk, "codes")
    is_fixed = not desk.may(Action.CHANGE_CATALOG)
    groups = promotion_groups(desk, values, errors, is_fixed=is_fixed, is_new=item is None)
    shown = _Item(item.code, item.is_active) if item else None
    back = reverse("desk:codes", args=[desk.business.slug])
    return _item_page(desk, shown, "codes", _("New promotion code"), groups, errors, back)


def _find(rows: Any, id: UUID | None, what: str) -> Any:
    if id is None:
        return None
    for row in rows:
        if row.id == id:
            return row
    raise Missing(what=what)


def _typed(desk: Desk, values: Mapping[str, Any]) -> dict[str, Any]:
    given = desk.request.POST
    return {name: given.getlist(name) if name in _LISTS else given.get(name, "") for name in values}


def _write(work: Callable[[], object]) -> dict[str, list[str]]:
    """Do it, or say what has to be fixed."""
    try:
        work()
    except Invalid as refusal:
        return {SHOWN_AT.get(name, name): said for name, said in words.mistakes(refusal).items()}
    return {}


def _changer(desk: Desk, change: Callable[..., Any], id_name: str) -> Callable[[UUID, dict[str, Any]], Any]:
    def apply(id: UUID, wanted: dict[str, Any]) -> Any:
        return change(actor=desk.actor, business_id=desk.business.id, wanted=wanted, **{id_name: id})

    return apply


def _step(
    desk: Desk,
    step: str,
    id: UUID,
    change: Callable[[UUID, dict[str, Any]], Any],
    delete: Callable[..., Any],
    id_name: str,
) -> dict[str, list[str]]:
    """Switch it off or on, or delete it."""
    if step == "delete":
        try:
            delete(actor=desk.actor, business_id=desk.business.id, **{id_name: id})
        except InUse as refusal:
            return {"": [words.sentence(refusal)]}
    elif step in ("retire", "restore"):
        change(id, {"is_active": step == "restore"})
    return {}


def _reorder(
    desk: Desk, ids: list[UUID], change: Callable[[UUID, dict[str, Any]], Any], page: str, *args: object
) -> HttpResponse:
    """Swap one with its neighbour, as its arrow asks."""
    desk.require(Action.CHANGE_CATALOG)
    chosen = identity(desk.request.POST.get("id", ""))
    step = {"up": -1, "down": 1}.get(desk.request.POST.get("do", ""), 0)
    if chosen in ids and step:
        at = ids.index(chosen)
        to = min(max(at + step, 0), len(ids) - 1)
        ids[at], ids[to] = ids[to], ids[at]
        for position, id in enumerate(ids):
            change(id, {"position": position})
    return saved(desk, page, *args)


def _item_page(
    desk: Desk,
    item: _Item | None,
    tab: str,
    new_title: str,
    groups: list[Group],
    errors: Errors,
    back: str,
) -> HttpResponse:
    context = {"groups": groups, "item": item, "back": back}
    title = item.name if item else new_title
    return settings_page(
        desk, "desk/settings_term.html", tab, title, context, action=Action.CHANGE_CATALOG, errors=errors
    )

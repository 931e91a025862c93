"""Writes to price rules (SPEC B7). Bookings keep the price they were made for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.businesses.commands import offer_changed
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.models import PriceRule, Resource, Service
from holdfast.catalog.queries.terms import price_rule_facts
from holdfast.catalog.rules.prices import PriceRuleFacts, clean_price_rule, price_rule_contradictions
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.text import Mistakes, refuse

MOST_RULES = 200


@command
def create_price_rule(*, actor: Actor, business_id: UUID, wanted: dict[str, Any]) -> PriceRuleFacts:
    """A new price rule at the end of the list; ``name`` and ``effect`` are required.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    if "effect" not in wanted:
        raise Invalid.field("effect", "required")
    rule = PriceRule(business_id=business_id)
    rule.position = PriceRule.objects.filter(business_id=business_id).count()
    if rule.position >= MOST_RULES:
        raise Invalid.field("name", "too_many", limit=MOST_RULES)
    _apply(rule, {"name": "", **wanted})
    rule.save(force_insert=True)
    offer_changed(business_id=business_id)
    return price_rule_facts(rule=rule)


@command
def change_price_rule(
    *, actor: Actor, business_id: UUID, rule_id: UUID, wanted: dict[str, Any]
) -> PriceRuleFacts:
    """Change some columns of a price rule. Refusals as for creating."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    rule = PriceRule.objects.select_for_update().filter(business_id=business_id, id=rule_id).first()
    if rule is None:
        raise Missing(what="price_rule")
    _apply(rule, wanted)
    rule.save()
    offer_changed(business_id=business_id)
    return price_rule_facts(rule=rule)


@command
def delete_price_rule(*, actor: Actor, business_id: UUID, rule_id: UUID) -> None:
    """Delete a price rule. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    deleted, _ = PriceRule.objects.filter(business_id=business_id, id=rule_id).delete()
    if not deleted:
        raise Missing(what="price_rule")
    offer_changed(business_id=business_id)


def _apply(rule: PriceRule, wanted: dict[str, Any]) -> None:
    mistakes: Mistakes = {}
    wanted = dict(wanted)
    for name, model in (("service_id", Service), ("resource_id", Resource)):
        if name in wanted:
            id = wanted.pop(name)
            owned = id is None or model.objects.filter(business_id=rule.business_id, id=id).exists()
            if not owned:
                mistakes[name] = [("unknown", {})]
            setattr(rule, name, id if owned else None)
    columns = clean_price_rule(wanted, mistakes)
    refuse(mistakes)
    for name, value in columns.items():
        setattr(rule, name, value)
    refuse(
        price_rule_contradictions(
            {field.attname: getattr(rule, field.attname) for field in rule._meta.concrete_fields}
        )
    )

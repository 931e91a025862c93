"""Writes to promotion codes (SPEC B7). Their uses are counted where bookings are made (``bookings``)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from holdfast.businesses.commands import offer_changed
from holdfast.businesses.rules import Action, authorise
from holdfast.catalog.errors import InUse
from holdfast.catalog.models import Promotion, Service
from holdfast.catalog.queries.terms import promotion_facts
from holdfast.catalog.rules.promotions import PromotionFacts, clean_promotion, promotion_contradictions
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing
from holdfast.lib.text import Mistakes, refuse

MOST_PROMOTIONS = 500


@command
def create_promotion(*, actor: Actor, business_id: UUID, wanted: dict[str, Any]) -> PromotionFacts:
    """A new code; ``code`` and ``effect`` are required, ``service_ids`` narrows it to services.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field (``code`` taken: ``twice``).
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    missing = [name for name in ("code", "effect") if name not in wanted]
    if missing:
        raise Invalid({name: [("required", {})] for name in missing})
    if Promotion.objects.filter(business_id=business_id).count() >= MOST_PROMOTIONS:
        raise Invalid.field("code", "too_many", limit=MOST_PROMOTIONS)
    promotion = Promotion(business_id=business_id)
    _apply(promotion, wanted)
    try:
        with transaction.atomic():
            promotion.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid.field("code", "twice") from error
    offer_changed(business_id=business_id)
    return promotion_facts(promotion=promotion)


@command
def change_promotion(
    *, actor: Actor, business_id: UUID, promotion_id: UUID, wanted: dict[str, Any]
) -> PromotionFacts:
    """Change some columns of a promotion, but not its code: bookings name it.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    rows = Promotion.objects.select_for_update().filter(business_id=business_id, id=promotion_id)
    promotion = rows.first()
    if promotion is None:
        raise Missing(what="promotion")
    if "code" in wanted:
        raise Invalid.field("code", "not_allowed")
    _apply(promotion, wanted)
    promotion.save()
    offer_changed(business_id=business_id)
    return promotion_facts(promotion=promotion)


@command
def delete_promotion(*, actor: Actor, business_id: UUID, promotion_id: UUID) -> None:
    """Delete a promotion that no standing booking uses. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`InUse`."""
    authorise(actor, Action.CHANGE_CATALOG, business_id)
    rows = Promotion.objects.select_for_update().filter(business_id=business_id, id=promotion_id)
    promotion = rows.first()
    if promotion is None:
        raise Missing(what="promotion")
    if promotion.uses:
        raise InUse(what="promotion", bookings=promotion.uses)
    promotion.delete()
    offer_changed(business_id=business_id)


def _apply(promotion: Promotion, wanted: dict[str, Any]) -> None:
    mistakes: Mistakes = {}
    wanted = dict(wanted)
    if "service_ids" in wanted:
        asked = set(wanted.pop("service_ids"))
        owned = Service.objects.filter(business_id=promotion.business_id, id__in=asked)
        known = [str(id) for id in owned.order_by("position", "id").values_list("id", flat=True)]
        if len(known) != len(asked):
            mistakes["service_ids"] = [("unknown", {})]
        promotion.service_ids = known
    columns = clean_promotion(wanted, mistakes)
    refuse(mistakes)
    for name, value in columns.items():
        setattr(promotion, name, value)
    refuse(
        promotion_contradictions(
            {field.attname: getattr(promotion, field.attname) for field in promotion._meta.concrete_fields}
        )
    )

"""What a booking costs, worked out once when its time is held or booked, and kept with it (SPEC B7, D11, G1)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from holdfast.bookings.commands.placing import Place
from holdfast.bookings.queries import uses_by_customer
from holdfast.catalog import sql as hot
from holdfast.catalog.queries import ServiceFacts
from holdfast.catalog.rules import Occasion, PromotionFacts, discount, price_of, read_code
from holdfast.catalog.rules.promotions import refusal_of
from holdfast.lib.refusals import Invalid
from holdfast.schedule.queries import Timetable

FIELD = "promo_code"


def agreed_price(*, timetable: Timetable, place: Place, party_size: int) -> int:
    """What a place costs by the service's price and the price rules, in minor units of the business's currency."""
    return price_at(
        timetable=timetable,
        service=place.service,
        on=place.local_on,
        starts_at=place.starts_at,
        resource_ids=place.resource_ids,
        party_size=party_size,
    )


def price_at(
    *,
    timetable: Timetable,
    service: ServiceFacts,
    on: date,
    starts_at: datetime,
    resource_ids: tuple[UUID, ...],
    party_size: int,
) -> int:
    """The same for a start listed under ``on``; nothing is worked out where no rule can touch the service."""
    unit = service.price_minor
    rules = timetable.price_rules.get(service.id)
    if rules:
        wall = starts_at.astimezone(timetable.tz)
        occasion = Occasion(on, wall.date(), wall.hour * 60 + wall.minute, resource_ids, party_size)
        unit = price_of(unit, rules, occasion)
    return unit * party_size if service.price_per_person else unit


def promotion_for(*, timetable: Timetable, service_id: UUID, code: str, now: datetime) -> PromotionFacts:
    """The promotion of a typed code, if it holds for this service today on the business's calendar.

    Whether a use is left shows only when it is redeemed. Refusals: :class:`Invalid` on ``promo_code``:
    ``promo_unknown``, ``promo_expired``, ``promo_not_yet``, ``promo_other_service``, ``promo_used_up``.
    """
    promotion = timetable.promotions.get(read_code(code))
    today = now.astimezone(timetable.tz).date()
    problem = refusal_of(promotion, service_id=service_id, today=today)
    if problem is not None or promotion is None:
        reason, facts = problem or ("promo_unknown", {})
        raise Invalid.field(FIELD, reason, **facts)
    return promotion


def discounted(
    *, timetable: Timetable, service_id: UUID, price_minor: int, code: str, now: datetime
) -> tuple[str, int]:
    """``(code, price)``: what would be paid with a code, for showing it before it is redeemed. Refusals: as above."""
    promotion = promotion_for(timetable=timetable, service_id=service_id, code=code, now=now)
    return promotion.code, price_minor - discount(promotion, price_minor)


def redeemed(
    *,
    timetable: Timetable,
    service_id: UUID,
    customer_id: UUID,
    price_minor: int,
    code: str,
    now: datetime,
) -> tuple[str, int]:
    """Use a code for one booking, inside its transaction: ``(code, price)`` to be kept with it.

    The count is exact under any concurrency: a guarded update, after which the promotion's row stays locked, so that a
    customer's own uses can be counted, too. It goes last of all locks. Refusals: as above.
    """
    promotion = promotion_for(timetable=timetable, service_id=service_id, code=code, now=now)
    business_id = timetable.business.id
    if not hot.take_use(business_id=business_id, promotion_id=promotion.id):
        raise Invalid.field(FIELD, "promo_used_up")
    most = promotion.most_uses_per_customer
    if most:
        used = uses_by_customer(business_id=business_id, customer_id=customer_id, code=promotion.code)
        if used >= most:
            raise Invalid.field(FIELD, "promo_used_up", limit=most)
    return promotion.code, price_minor - discount(promotion, price_minor)

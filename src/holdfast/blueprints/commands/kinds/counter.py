"""What only a business of the kind ``counter`` has beside hours, resources, services and settings: published slots."""

from __future__ import annotations

from uuid import UUID

from holdfast.blueprints.rules import Blueprint, Furnished
from holdfast.businesses.models import Business
from holdfast.lib.actors import Actor
from holdfast.schedule.commands import SlotPlan, create_series
from holdfast.schedule.queries import load_timetable

DAYS_AHEAD = 30


def finish(*, actor: Actor, business: Business, blueprint: Blueprint, made: Furnished) -> None:
    """A series for every service by slot, published thirty days ahead. Runs inside the creating command."""
    timetable = load_timetable(business_id=business.id)
    now = business.created_at
    for plan in plans(blueprint, made):
        create_series(actor=actor, timetable=timetable, plan=plan, now=now, days_ahead=DAYS_AHEAD)


def plans(blueprint: Blueprint, made: Furnished) -> list[SlotPlan]:
    """What is published: for each service by slot, with each of its resources that gives nothing else.

    Resources that several services share give none of their slots: no two slots of a resource may overlap.
    """
    found = []
    for service, service_id in zip(blueprint.services, made.services, strict=True):
        if service.mode != "slot":
            continue
        alone = [made.resources[at] for at in _givers(blueprint, service.givers) if _gives_one(blueprint, at)]
        owners: list[UUID | None] = [*alone] or [None]
        found += [SlotPlan(service_id, service.minutes, blueprint.capacity, owner) for owner in owners]
    return found


def _givers(blueprint: Blueprint, positions: tuple[int, ...]) -> tuple[int, ...]:
    return positions or tuple(range(len(blueprint.givers)))


def _gives_one(blueprint: Blueprint, giver: int) -> bool:
    return sum(giver in _givers(blueprint, service.givers) for service in blueprint.services) == 1

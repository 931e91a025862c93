"""Creating a business that can take its first booking at once (SPEC A1)."""

from __future__ import annotations

from holdfast.blueprints.rules import BLUEPRINTS, Blueprint
from holdfast.businesses.commands import create_business
from holdfast.businesses.models import Business
from holdfast.catalog.commands import create_resource, create_service
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.money import exponent_of
from holdfast.lib.refusals import Invalid
from holdfast.schedule.commands import apply_hour_template, replace_hours
from holdfast.schedule.rules import HOUR_TEMPLATES


@command
def create_from_blueprint(
    *,
    actor: Actor,
    blueprint: str,
    slug: str,
    name: str,
    timezone: str,
    currency: str,
    language: str = "en",
    hours: str | None = None,
) -> Business:
    """A business of a kind, with its resources, services, hours and settings; ``hours`` names another hour template.

    Refusals: :class:`Forbidden`, :class:`Invalid` on ``blueprint``, ``hours`` and the rest, :class:`SlugTaken`.
    """
    chosen = BLUEPRINTS.get(blueprint)
    if chosen is None:
        raise Invalid.field("blueprint", "unknown_choice", choices=sorted(BLUEPRINTS))
    if hours is not None and hours not in HOUR_TEMPLATES:
        raise Invalid.field("hours", "unknown_choice", choices=sorted(HOUR_TEMPLATES))
    business = create_business(
        actor=actor,
        slug=slug,
        name=name,
        blueprint=blueprint,
        timezone=timezone,
        currency=currency,
        language=language,
        settings=dict(chosen.settings),
    )
    furnish(actor=actor, business=business, blueprint=chosen, hours=hours)
    return business


def furnish(*, actor: Actor, business: Business, blueprint: Blueprint, hours: str | None = None) -> None:
    """Give a business the hours, resources and services of a blueprint, inside the caller's command."""
    apply_hour_template(actor=actor, business_id=business.id, template=hours or blueprint.hours)
    givers = []
    for giver in blueprint.givers:
        wanted = {"name": giver.name, "detail": giver.detail, "kind": giver.kind}
        resource = create_resource(actor=actor, business_id=business.id, wanted=wanted)
        givers.append(resource.id)
        if giver.hours:
            windows = [
                {"weekday": weekday, "opens": opens, "closes": closes}
                for weekday, opens, closes in giver.hours
            ]
            replace_hours(actor=actor, business_id=business.id, windows=windows, resource_id=resource.id)
    unit = 10 ** exponent_of(business.currency)
    for service in blueprint.services:
        wanted_service = {
            "name": service.name,
            "description": service.description,
            "duration_minutes": service.minutes,
            "interval_minutes": 15,
            "buffer_after_minutes": service.buffer_after,
            "price_minor": service.price * unit,
            "resources": [givers[index] for index in service.givers] or givers,
        }
        create_service(actor=actor, business_id=business.id, wanted=wanted_service)

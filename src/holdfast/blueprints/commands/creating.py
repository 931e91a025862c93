"""Creating a business that can take its first booking at once (SPEC A1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from holdfast.blueprints.commands.kinds import FINISHING
from holdfast.blueprints.rules import BLUEPRINTS, Blueprint, Furnished, Giver, Offered
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
    changed: Blueprint | None = None,
) -> Business:
    """A business of a kind, with its resources, services, hours and settings; ``hours`` names another hour template.

    ``changed`` is the blueprint as somebody changed it, in place of the ready one.
    Refusals: :class:`Forbidden`, :class:`Invalid` on ``blueprint``, ``hours``, ``windows[i].opens``,
    ``resources[i].name``, ``services[i].name`` and the rest, :class:`SlugTaken`.
    """
    chosen = changed or BLUEPRINTS.get(blueprint)
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


def furnish(*, actor: Actor, business: Business, blueprint: Blueprint, hours: str | None = None) -> Furnished:
    """Give a business the hours, resources and services of a blueprint, and what only its kind has, inside the
    caller's command. ``hours`` names another hour template."""
    if blueprint.windows and hours is None:
        windows = _windows(blueprint.windows)
        replace_hours(actor=actor, business_id=business.id, windows=windows)
    else:
        apply_hour_template(actor=actor, business_id=business.id, template=hours or blueprint.hours)
    givers, services = [], []
    for index, giver in enumerate(blueprint.givers):
        with _at(f"resources[{index}]"):
            givers.append(_give(actor, business, giver))
    for index, service in enumerate(blueprint.services):
        with _at(f"services[{index}]"):
            services.append(_offer(actor, business, service, givers))
    made = Furnished(tuple(givers), tuple(services))
    FINISHING[blueprint.kind](actor=actor, business=business, blueprint=blueprint, made=made)
    return made


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Name mistakes by where in the blueprint they are."""
    try:
        yield
    except Invalid as refusal:
        raise Invalid({f"{place}.{name}": found for name, found in refusal.fields.items()}) from refusal


def _give(actor: Actor, business: Business, giver: Giver) -> UUID:
    wanted = {
        "name": giver.name,
        "detail": giver.detail,
        "kind": giver.kind,
        "seats_min": giver.seats_min,
        "seats_max": giver.seats_max,
        **giver.columns,
    }
    resource = create_resource(actor=actor, business_id=business.id, wanted=wanted)
    if giver.hours:
        windows = _windows(giver.hours)
        replace_hours(actor=actor, business_id=business.id, windows=windows, resource_id=resource.id)
    return resource.id


def _offer(actor: Actor, business: Business, service: Offered, givers: list[UUID]) -> UUID:
    unit = 10 ** exponent_of(business.currency)
    wanted = {
        "name": service.name,
        "description": service.description,
        "mode": service.mode,
        "duration_minutes": service.minutes,
        "interval_minutes": service.interval,
        "buffer_after_minutes": service.buffer_after,
        "price_minor": service.price * unit if service.price_minor is None else service.price_minor,
        "resources": [givers[index] for index in service.givers] or givers,
        **service.columns,
    }
    return create_service(actor=actor, business_id=business.id, wanted=wanted).id


def _windows(windows: tuple[tuple[int, str, str], ...]) -> list[dict[str, object]]:
    return [{"weekday": weekday, "opens": opens, "closes": closes} for weekday, opens, closes in windows]

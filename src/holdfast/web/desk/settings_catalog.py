"""Services and resources: create, edit, order, retire, and who gives what (SPEC B1, B2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from holdfast.availability.commands import change_resource, change_service
from holdfast.businesses.rules import Action
from holdfast.catalog.commands import create_resource, create_service, delete_resource, delete_service
from holdfast.catalog.errors import InUse
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.lib.refusals import Invalid
from holdfast.web import formats
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.catalog_forms import (
    resource_groups,
    resource_values,
    service_groups,
    service_values,
    wanted_resource,
    wanted_service,
)
from holdfast.web.desk.fields import Errors, Mistakes, as_errors, identity
from holdfast.web.desk.impact import care_of
from holdfast.web.desk.settings_pages import Group, saved, settings_page


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def services(desk: Desk) -> HttpResponse:
    """The services in their order."""
    found = list(desk.timetable.services.values())
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        return _reorder(desk, "services", [service.id for service in found], change_service, "service_id")
    slug, currency = desk.business.slug, desk.business.currency
    rows = [
        {
            "id": service.id,
            "name": service.name,
            "is_active": service.is_active,
            "facts": _service_facts(service, currency),
            "url": reverse("desk:service", args=[slug, service.id]),
        }
        for service in found
    ]
    empty = {
        "icon": "service",
        "title": _("Nothing to book yet"),
        "words": _("A service says how long it takes, what it costs and who gives it."),
    }
    context = {
        "rows": rows,
        "empty": empty,
        "new_url": reverse("desk:new_service", args=[slug]),
        "new_words": _("New service"),
    }
    return settings_page(
        desk, "desk/settings_catalog.html", "services", _("Services"), context, action=Action.CHANGE_CATALOG
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def resources(desk: Desk) -> HttpResponse:
    """The resources in their order: the lanes of the day view."""
    found = list(desk.timetable.resources.values())
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        return _reorder(
            desk, "resources", [resource.id for resource in found], change_resource, "resource_id"
        )
    slug = desk.business.slug
    given = {
        resource.id: sum(
            s.is_active and resource.id in s.resource_ids for s in desk.timetable.services.values()
        )
        for resource in found
    }
    rows = [
        {
            "id": resource.id,
            "name": resource.name,
            "is_active": resource.is_active,
            "facts": _resource_facts(resource, given[resource.id]),
            "url": reverse("desk:resource", args=[slug, resource.id]),
        }
        for resource in found
    ]
    empty = {
        "icon": "people",
        "title": _("Nobody to book with yet"),
        "words": _("Add whoever or whatever can be busy: a person, a chair, a room, a table."),
    }
    context = {
        "rows": rows,
        "empty": empty,
        "new_url": reverse("desk:new_resource", args=[slug]),
        "new_words": _("Add"),
    }
    return settings_page(
        desk,
        "desk/settings_catalog.html",
        "resources",
        _("People and places"),
        context,
        action=Action.CHANGE_CATALOG,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def service(desk: Desk, service: UUID | None = None) -> HttpResponse:
    """One service: its form, retiring and deleting."""
    item = desk.timetable.service(service) if service else None
    values = service_values(desk, item)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        step = desk.request.POST.get("do", "")
        if item and step:
            errors = _step(desk, step, change_service, delete_service, {"service_id": item.id})
        else:
            values = {name: desk.request.POST.get(name, "") for name in values} | {
                name: desk.request.POST.getlist(name) for name in ("resources", "deposit_weekdays")
            }
            mistakes: Mistakes = {}
            wanted = wanted_service(desk, values, mistakes)
            errors = as_errors(mistakes) or _write(
                desk, item, wanted, create_service, change_service, "service_id"
            )
        if not errors:
            return saved(desk, "services")
    groups = service_groups(desk, values, errors, is_fixed=not desk.may(Action.CHANGE_CATALOG))
    return _item_page(desk, item, "services", _("New service"), groups, errors)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def resource(desk: Desk, resource: UUID | None = None) -> HttpResponse:
    """One resource: its form, retiring and deleting."""
    item = desk.timetable.resource(resource) if resource else None
    values = resource_values(desk, item)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_CATALOG)
        step = desk.request.POST.get("do", "")
        if item and step:
            errors = _step(desk, step, change_resource, delete_resource, {"resource_id": item.id})
        else:
            values = {name: desk.request.POST.get(name, "") for name in values}
            mistakes: Mistakes = {}
            wanted = wanted_resource(values, mistakes)
            errors = as_errors(mistakes) or _write(
                desk, item, wanted, create_resource, change_resource, "resource_id"
            )
        if not errors:
            return saved(desk, "resources")
    groups = resource_groups(values, errors, is_fixed=not desk.may(Action.CHANGE_CATALOG))
    return _item_page(desk, item, "resources", _("Add a person or place"), groups, errors)


def _write(
    desk: Desk,
    item: ServiceFacts | ResourceFacts | None,
    wanted: dict[str, Any],
    create: Callable[..., Any],
    change: Callable[..., Any],
    id_name: str,
) -> dict[str, list[str]]:
    """Create or change it, or say what has to be fixed."""
    try:
        if item:
            change(
                actor=desk.actor,
                business_id=desk.business.id,
                wanted=wanted,
                care=care_of(desk),
                **{id_name: item.id},
            )
        else:
            create(actor=desk.actor, business_id=desk.business.id, wanted=wanted)
    except Invalid as refusal:
        shown_at = {
            "price_minor": "price",
            "deposit_minor": "deposit",
            "deposit_person_minor": "deposit_person",
        }
        return {shown_at.get(name, name): sentences for name, sentences in words.mistakes(refusal).items()}
    return {}


def _step(
    desk: Desk, step: str, change: Callable[..., Any], delete: Callable[..., Any], which: Mapping[str, UUID]
) -> dict[str, list[str]]:
    """Retire, offer again, or delete what was never booked."""
    if step == "delete":
        try:
            delete(actor=desk.actor, business_id=desk.business.id, **which)
        except InUse as refusal:
            return {"": [words.sentence(refusal)]}
    elif step in ("retire", "restore"):
        wanted = {"is_active": step == "restore"}
        change(actor=desk.actor, business_id=desk.business.id, wanted=wanted, care=care_of(desk), **which)
    return {}


def _reorder(
    desk: Desk, page: str, ids: list[UUID], change: Callable[..., Any], id_name: str
) -> HttpResponse:
    """Swap one with its neighbour, as its arrow asks."""
    chosen = identity(desk.request.POST.get("id", ""))
    step = {"up": -1, "down": 1}.get(desk.request.POST.get("do", ""), 0)
    if chosen in ids and step:
        at = ids.index(chosen)
        to = min(max(at + step, 0), len(ids) - 1)
        ids[at], ids[to] = ids[to], ids[at]
        for position, id in enumerate(ids):
            wanted = {"position": position}
            change(
                actor=desk.actor,
                business_id=desk.business.id,
                wanted=wanted,
                care=care_of(desk),
                **{id_name: id},
            )
    return saved(desk, page)


def _item_page(
    desk: Desk,
    item: ServiceFacts | ResourceFacts | None,
    tab: str,
    new_title: str,
    groups: list[Group],
    errors: Errors,
) -> HttpResponse:
    context = {"groups": groups, "item": item, "back": reverse(f"desk:{tab}", args=[desk.business.slug])}
    title = item.name if item else new_title
    return settings_page(
        desk, "desk/settings_item.html", tab, title, context, action=Action.CHANGE_CATALOG, errors=errors
    )


def _service_facts(service: ServiceFacts, currency: str) -> str:
    people = len(service.resource_ids)
    given = ngettext("%(count)s gives it", "%(count)s give it", people) % {"count": people}
    price = formats.money(service.price_minor, currency, brief=True)
    return " · ".join([formats.short_duration(service.duration_minutes), price, given])


def _resource_facts(resource: ResourceFacts, services: int) -> str:
    given = ngettext("%(count)s service", "%(count)s services", services) % {"count": services}
    return " · ".join(filter(None, [resource.detail, given]))

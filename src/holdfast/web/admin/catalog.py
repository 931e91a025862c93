"""What can be booked: resources and services."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from holdfast.availability.commands import change_resource, change_service
from holdfast.catalog.commands import create_resource, create_service, delete_resource, delete_service
from holdfast.catalog.models import Resource, Service
from holdfast.lib.actors import Actor
from holdfast.web.admin.carrying import (
    CommandAdmin,
    CommandForm,
    StrandedField,
    care_of,
    each,
)

_RESOURCE = ("name", "kind", "detail", "seats_min", "seats_max", "position", "is_active")
_SERVICE = (
    "name", "description", "mode", "duration_minutes", "interval_minutes", "buffer_before_minutes",
    "buffer_after_minutes", "price_minor", "deposit_minor", "prepay", "who_may_book", "position", "is_active",
)  # fmt: skip
_RETIRED = gettext_lazy("Off: it keeps its past and takes no new bookings.")


if TYPE_CHECKING:
    _One = forms.ModelChoiceField[Any]
    _Many = forms.ModelMultipleChoiceField[Any]
else:
    _One, _Many = forms.ModelChoiceField, forms.ModelMultipleChoiceField


class Offered(_One):
    """One thing of the catalog, with its business, since the list holds all of this installation's."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.business} · {obj}"


class GivenBy(_Many):
    """The same for several."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.business} · {obj}"


class ResourceForm(CommandForm):
    stranded = StrandedField()

    class Meta:
        model = Resource
        fields = _RESOURCE
        help_texts = {
            "detail": gettext_lazy("Shown under the name, such as a chair or an area."),
            "seats_min": gettext_lazy("The smallest party it is given to."),
            "seats_max": gettext_lazy("The largest party it is given to."),
            "position": gettext_lazy("Lower numbers come first."),
            "is_active": _RETIRED,
        }


class NewResourceForm(ResourceForm):
    stranded = None  # type: ignore[assignment]  # nothing can be booked with it yet

    class Meta(ResourceForm.Meta):
        fields = ("business", *_RESOURCE)  # type: ignore[assignment]


class ServiceForm(CommandForm):
    given_by = GivenBy(
        Resource.objects.select_related("business").order_by("business__name", "position", "id"),
        required=False,
        label=gettext_lazy("Given by"),
        help_text=gettext_lazy("Resources of the same business; others are refused."),
    )
    stranded = StrandedField()

    class Meta:
        model = Service
        fields = _SERVICE
        help_texts = {
            "mode": gettext_lazy("How it is booked."),
            "duration_minutes": gettext_lazy("1 to 1440."),
            "interval_minutes": gettext_lazy("Starts lie this far apart, from the opening."),
            "buffer_before_minutes": gettext_lazy("Kept free before each booking."),
            "buffer_after_minutes": gettext_lazy("Kept free after each booking."),
            "price_minor": gettext_lazy("In the smallest unit of the currency: 3200 is £32.00."),
            "deposit_minor": gettext_lazy("In the smallest unit, at most the price."),
            "who_may_book": gettext_lazy("Staff may always book for others."),
            "position": gettext_lazy("Lower numbers come first."),
            "is_active": _RETIRED,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial.setdefault("given_by", list(self.instance.resources.values_list("pk", flat=True)))


class NewServiceForm(ServiceForm):
    stranded = None  # type: ignore[assignment]  # nobody has booked it yet

    class Meta(ServiceForm.Meta):
        fields = ("business", *_SERVICE)  # type: ignore[assignment]


@admin.register(Resource)
class ResourceAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = ResourceForm, NewResourceForm
    add_fields = ("business", *_RESOURCE)
    fields = ("business", *_RESOURCE, "stranded", "member", "created_at")
    readonly_fields = ("business", "member", "created_at")
    list_display = ("name", "business", "kind", "seats_min", "seats_max", "is_active", "position")
    list_filter = ("business", "kind", "is_active")
    list_select_related = ("business",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    ordering = ("business__name", "position", "id")
    actions = ("retire", "bring_back")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        wanted = {name: values[name] for name in _RESOURCE}
        return create_resource(actor=actor, business_id=values["business"].pk, wanted=wanted).id

    def change(self, actor: Actor, row: Resource, values: dict[str, Any], now: datetime) -> None:
        wanted = {name: values[name] for name in _RESOURCE if values[name] != getattr(row, name)}
        change_resource(
            actor=actor,
            business_id=row.business_id,
            resource_id=row.pk,
            wanted=wanted,
            care=care_of(values, now),
        )

    def remove(self, actor: Actor, row: Resource, now: datetime) -> None:
        delete_resource(actor=actor, business_id=row.business_id, resource_id=row.pk)

    def _set(self, request: HttpRequest, rows: QuerySet[Resource], is_active: bool) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: change_resource(
                actor=actor,
                business_id=row.business_id,
                resource_id=row.pk,
                wanted={"is_active": is_active},
                care=care_of({}, now),
            ),
        )

    @admin.action(description=gettext_lazy("Retire: take no new bookings"))
    def retire(self, request: HttpRequest, rows: QuerySet[Resource]) -> None:
        self._set(request, rows, False)

    @admin.action(description=gettext_lazy("Bring back into use"))
    def bring_back(self, request: HttpRequest, rows: QuerySet[Resource]) -> None:
        self._set(request, rows, True)


@admin.register(Service)
class ServiceAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = ServiceForm, NewServiceForm
    add_fields = ("business", *_SERVICE, "given_by")
    fields = ("business", *_SERVICE, "given_by", "stranded", "created_at")
    readonly_fields = ("business", "created_at")
    list_display = ("name", "business", "mode", "duration_minutes", "price_minor", "is_active", "position")
    list_filter = ("business", "mode", "is_active", "who_may_book")
    list_select_related = ("business",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    ordering = ("business__name", "position", "id")
    actions = ("retire", "bring_back")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        wanted = {name: values[name] for name in _SERVICE} | _given_by(values)
        return create_service(actor=actor, business_id=values["business"].pk, wanted=wanted).id

    def change(self, actor: Actor, row: Service, values: dict[str, Any], now: datetime) -> None:
        wanted: dict[str, Any] = {
            name: values[name] for name in _SERVICE if values[name] != getattr(row, name)
        }
        change_service(
            actor=actor,
            business_id=row.business_id,
            service_id=row.pk,
            wanted=wanted | _given_by(values),
            care=care_of(values, now),
        )

    def remove(self, actor: Actor, row: Service, now: datetime) -> None:
        delete_service(actor=actor, business_id=row.business_id, service_id=row.pk)

    def _set(self, request: HttpRequest, rows: QuerySet[Service], is_active: bool) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: change_service(
                actor=actor,
                business_id=row.business_id,
                service_id=row.pk,
                wanted={"is_active": is_active},
                care=care_of({}, now),
            ),
        )

    @admin.action(description=gettext_lazy("Retire: take no new bookings"))
    def retire(self, request: HttpRequest, rows: QuerySet[Service]) -> None:
        self._set(request, rows, False)

    @admin.action(description=gettext_lazy("Bring back into use"))
    def bring_back(self, request: HttpRequest, rows: QuerySet[Service]) -> None:
        self._set(request, rows, True)


def _given_by(values: dict[str, Any]) -> dict[str, Any]:
    return {"resources": [resource.pk for resource in values["given_by"]]}

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
from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes
from holdfast.web.admin.carrying import (
    CommandAdmin,
    CommandForm,
    StrandedField,
    care_of,
    each,
)
from holdfast.web.desk import words
from holdfast.web.desk.floor_forms import typed_turns

_RESOURCE = ("name", "kind", "detail", "area", "seats_min", "seats_max", "position", "is_active")
_SERVICE = (
    "name", "description", "mode", "duration_minutes", "interval_minutes", "buffer_before_minutes",
    "buffer_after_minutes", "price_minor", "price_per_person", "deposit_minor", "deposit_percent",
    "deposit_person_minor", "deposit_party_least", "prepay", "guard", "pacing_covers",
    "places_per_customer", "answer_within_hours", "who_may_book", "waitlist_open", "waitlist_limit", "position", "is_active",
)  # fmt: skip
# As the form shows them: the turns are written as text.
_SHOWN = (*_SERVICE[:5], "turns_text", *_SERVICE[5:])
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
            "detail": gettext_lazy("Shown under the name, such as a chair or a view."),
            "area": gettext_lazy("Where a table stands, such as Terrace: guests may ask for one."),
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
    turns_text = forms.CharField(
        label=gettext_lazy("How long parties stay"),
        required=False,
        help_text=gettext_lazy("For tables: party and minutes, such as 2: 90, 4: 120. Empty: the duration."),
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
            "price_per_person": gettext_lazy("On: the price is for each of a party."),
            "pacing_covers": gettext_lazy("For tables: the most guests who may start at once. 0: any."),
            "places_per_customer": gettext_lazy("For slots: how many bookings one person may have in one."),
            "answer_within_hours": gettext_lazy("For requests: unanswered for so long, they lapse."),
            "waitlist_open": gettext_lazy(
                "On: people can wait for it online. Nobody waits for what is requested."
            ),
            "waitlist_limit": gettext_lazy("How many may wait at most; the desk may go over it. 0: any."),
            "deposit_minor": gettext_lazy("In the smallest unit, at most the price."),
            "who_may_book": gettext_lazy("Staff may always book for others."),
            "position": gettext_lazy("Lower numbers come first."),
            "is_active": _RETIRED,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial.setdefault("given_by", list(self.instance.resources.values_list("pk", flat=True)))
        steps = [f"{most}: {minutes}" for most, minutes in self.instance.turn_minutes]
        self.initial.setdefault("turns_text", ", ".join(steps))

    def clean_turns_text(self) -> list[list[int]]:
        mistakes: Mistakes = {}
        turns = typed_turns(self.cleaned_data["turns_text"], mistakes)
        if mistakes:
            raise forms.ValidationError(words.mistakes(Invalid(mistakes))["turn_minutes"])
        return turns


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
    add_fields = ("business", *_SHOWN, "given_by")
    fields = ("business", *_SHOWN, "given_by", "stranded", "created_at")
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
        wanted["turn_minutes"] = values["turns_text"]
        return create_service(actor=actor, business_id=values["business"].pk, wanted=wanted).id

    def change(self, actor: Actor, row: Service, values: dict[str, Any], now: datetime) -> None:
        wanted: dict[str, Any] = {
            name: values[name] for name in _SERVICE if values[name] != getattr(row, name)
        }
        if values["turns_text"] != row.turn_minutes:
            wanted["turn_minutes"] = values["turns_text"]
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

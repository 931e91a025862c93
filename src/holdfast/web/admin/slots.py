"""Published time slots: generated over a range of dates, opened, closed, resized; and the series that publish them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from holdfast.catalog.models import Resource, Service
from holdfast.core import clock
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Refusal
from holdfast.schedule.commands import (
    BulkChange,
    SlotPlan,
    change_series,
    change_slot,
    change_slots,
    create_series,
    delete_series,
    delete_slot,
    generate_slots,
    publish_series,
)
from holdfast.schedule.models import Slot, SlotSeries
from holdfast.schedule.queries import timetable_of
from holdfast.web import formats
from holdfast.web.admin.carrying import SAID, CommandAdmin, CommandForm, actor_of, each, sentence_of
from holdfast.web.admin.catalog import Offered
from holdfast.web.admin.schedule import weekdays_field

Slot._meta.verbose_name = gettext_lazy("time slot")
Slot._meta.verbose_name_plural = gettext_lazy("time slots")


def _services() -> Offered:
    rows = (
        Service.objects.filter(mode=Service.Mode.SLOT)
        .select_related("business")
        .order_by("business__name", "position")
    )
    return Offered(
        rows, label=gettext_lazy("Service"), help_text=gettext_lazy("Services that are booked by slot.")
    )


def _resources() -> Offered:
    rows = Resource.objects.select_related("business").order_by("business__name", "position")
    return Offered(
        rows,
        required=False,
        label=gettext_lazy("Resource"),
        help_text=gettext_lazy("Empty: none. It has to be one that gives the service."),
    )


class GenerateForm(CommandForm):
    """What it takes to publish the slots of a range of dates."""

    service = _services()
    resource = _resources()
    first = forms.DateField(label=gettext_lazy("First date"), widget=AdminDateWidget)
    last = forms.DateField(label=gettext_lazy("Last date"), widget=AdminDateWidget)
    slot_minutes = forms.IntegerField(label=gettext_lazy("Minutes of a slot"), min_value=1, max_value=1440)
    gap_minutes = forms.IntegerField(label=gettext_lazy("Minutes between slots"), min_value=0, initial=0)
    capacity = forms.IntegerField(label=gettext_lazy("Places in each"), min_value=1, initial=1)
    weekdays = weekdays_field()
    preview = forms.BooleanField(
        label=gettext_lazy("Only tell how many"),
        required=False,
        help_text=gettext_lazy("Nothing is published. Slots that exist already are never published twice."),
    )

    class Meta:
        model = Slot
        fields = ()


class SlotForm(CommandForm):
    resource = _resources()

    class Meta:
        model = Slot
        fields = ("capacity", "is_open")
        help_texts = {
            "capacity": gettext_lazy("Never fewer than are taken."),
            "is_open": gettext_lazy("Off: takes no new bookings. Who is in it stays in it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("resource", self.instance.resource_id)
        field = cast("forms.ModelChoiceField[Resource]", self.fields["resource"])
        field.queryset = Resource.objects.filter(business_id=self.instance.business_id).select_related(
            "business"
        )


class SlotActionForm(ActionForm):
    """The action bar's own field."""

    # Read by the action, which says what is wrong with it; the stock pages would only say that nothing was chosen.
    capacity = forms.CharField(
        label=gettext_lazy("Places"), required=False, widget=forms.NumberInput(attrs={"min": 1})
    )


@admin.register(Slot)
class SlotAdmin(CommandAdmin):
    """Adding means publishing a range of dates; ``change`` is of one slot."""

    makes = changes = removes = True
    form, add_form = SlotForm, GenerateForm
    add_fields = (
        "service",
        "resource",
        ("first", "last"),
        ("slot_minutes", "gap_minutes"),
        "capacity",
        "weekdays",
        "preview",
    )
    fields = (
        "business",
        "service",
        "when",
        "resource",
        "capacity",
        "taken",
        "is_open",
        "series",
        "created_at",
    )
    readonly_fields = ("business", "service", "when", "taken", "series", "created_at")
    list_display = ("when", "service", "resource", "taken", "capacity", "is_open", "business")
    list_filter = ("is_open", "business", "service", ("series", admin.EmptyFieldListFilter))
    list_select_related = ("business", "service", "resource")
    date_hierarchy = "local_on"
    ordering = ("starts_at", "id")
    search_fields = ("service__name", "resource__name")
    search_help_text = gettext_lazy("Name of a service or resource")
    actions = ("open_slots", "close_slots", "set_capacity", "delete_slots")
    action_form = SlotActionForm
    list_per_page = 200

    @admin.display(description=gettext_lazy("When"), ordering="starts_at")
    def when(self, row: Slot) -> str:
        starts, ends = (formats.local(at, row.business.timezone) for at in (row.starts_at, row.ends_at))
        return f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        values, service = form.cleaned_data, form.cleaned_data["service"]
        made = generate_slots(
            actor=actor_of(request),
            timetable=timetable_of(business_id=service.business_id),
            plan=_plan(values),
            first=values["first"],
            last=values["last"],
            now=clock.now(),
            preview=values["preview"],
        )
        if values["preview"]:
            # Back to the form with what would be done, by the way that refusals go.
            raise Refusal(new=len(made.new), existing=made.existing)
        said = ngettext("%(count)s time slot published", "%(count)s time slots published", made.created)
        there = _("%(count)s were there already.") % {"count": made.existing}
        messages.success(request, f"{said % {'count': made.created}}; {there}")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = (extra_context or {}) | {"title": _("Generate time slots")}
        return super().add_view(request, form_url, context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """A range of slots is no one row to write a line about; their events tell of them."""
        return None

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:schedule_slot_changelist"))

    def change(self, actor: Actor, row: Slot, values: dict[str, Any], now: datetime) -> None:
        resource = values["resource"]
        given = {
            "capacity": values["capacity"],
            "is_open": values["is_open"],
            "resource_id": resource.pk if resource else None,
        }
        wanted = {name: value for name, value in given.items() if value != getattr(row, name)}
        timetable = timetable_of(business_id=row.business_id)
        change_slot(actor=actor, timetable=timetable, slot_id=row.pk, wanted=wanted)

    def remove(self, actor: Actor, row: Slot, now: datetime) -> None:
        delete_slot(actor=actor, business_id=row.business_id, slot_id=row.pk)

    @admin.action(description=gettext_lazy("Open"))
    def open_slots(self, request: HttpRequest, rows: QuerySet[Slot]) -> None:
        _in_bulk(request, rows, "open")

    @admin.action(description=gettext_lazy("Close: take no new bookings"))
    def close_slots(self, request: HttpRequest, rows: QuerySet[Slot]) -> None:
        _in_bulk(request, rows, "close")

    @admin.action(description=gettext_lazy("Give the places written here"))
    def set_capacity(self, request: HttpRequest, rows: QuerySet[Slot]) -> None:
        written = request.POST.get("capacity", "")
        if not (written.isascii() and written.isdigit() and len(written) < 8):
            messages.error(request, _("Write how many places the slots are to have."))
            return
        _in_bulk(request, rows, "capacity", capacity=int(written))

    @admin.action(description=gettext_lazy("Delete those that nobody is in"))
    def delete_slots(self, request: HttpRequest, rows: QuerySet[Slot]) -> None:
        _in_bulk(request, rows, "delete")


class SeriesForm(CommandForm):
    weekdays = weekdays_field()

    class Meta:
        model = SlotSeries
        fields = ("slot_minutes", "gap_minutes", "capacity", "days_ahead", "ends_on", "is_active")
        help_texts = {
            "days_ahead": gettext_lazy("How far ahead slots are always published."),
            "ends_on": gettext_lazy("The last date. Empty: it goes on."),
            "is_active": gettext_lazy("Off: it publishes nothing more. What is published stays."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("weekdays", self.instance.weekdays)
        self.fields["ends_on"].required = False


class NewSeriesForm(SeriesForm):
    service = _services()
    resource = _resources()
    starts_on = forms.DateField(
        label=gettext_lazy("First date"),
        required=False,
        widget=AdminDateWidget,
        help_text=gettext_lazy("Empty: today."),
    )

    class Meta(SeriesForm.Meta):
        fields = ("slot_minutes", "gap_minutes", "capacity", "days_ahead", "ends_on")  # type: ignore[assignment]


@admin.register(SlotSeries)
class SlotSeriesAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = SeriesForm, NewSeriesForm
    add_fields = (
        "service", "resource", ("slot_minutes", "gap_minutes"), "capacity", "weekdays", "days_ahead", "starts_on", "ends_on",
    )  # fmt: skip
    fields = (
        "business", "service", "resource", ("slot_minutes", "gap_minutes"), "capacity", "weekdays", "days_ahead",
        "starts_on", "ends_on", "is_active", "published_on",
    )  # fmt: skip
    readonly_fields = ("business", "service", "resource", "starts_on", "published_on")
    list_display = (
        "service",
        "resource",
        "slot_minutes",
        "capacity",
        "days_ahead",
        "published_on",
        "is_active",
        "business",
    )
    list_filter = ("is_active", "business")
    list_select_related = ("business", "service", "resource")
    ordering = ("business__name", "created_at")
    actions = ("publish",)

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        timetable = timetable_of(business_id=values["service"].business_id)
        facts, _published = create_series(
            actor=actor,
            timetable=timetable,
            plan=_plan(values),
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            days_ahead=values["days_ahead"],
            now=now,
        )
        return facts.id

    def change(self, actor: Actor, row: SlotSeries, values: dict[str, Any], now: datetime) -> None:
        names = ("slot_minutes", "gap_minutes", "capacity", "weekdays", "days_ahead", "ends_on", "is_active")
        wanted = {name: values[name] for name in names if values[name] != getattr(row, name)}
        timetable = timetable_of(business_id=row.business_id)
        change_series(actor=actor, timetable=timetable, series_id=row.pk, wanted=wanted, now=now)

    def remove(self, actor: Actor, row: SlotSeries, now: datetime) -> None:
        delete_series(actor=actor, business_id=row.business_id, series_id=row.pk)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, SlotSeries.objects.get(pk=obj.pk), message)

    @admin.action(description=gettext_lazy("Publish what is due"))
    def publish(self, request: HttpRequest, rows: QuerySet[SlotSeries]) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: publish_series(
                actor=actor, timetable=timetable_of(business_id=row.business_id), series_id=row.pk, now=now
            ),
        )


def _plan(values: dict[str, Any]) -> SlotPlan:
    return SlotPlan(
        service_id=values["service"].pk,
        resource_id=values["resource"].pk if values["resource"] else None,
        slot_minutes=values["slot_minutes"],
        gap_minutes=values["gap_minutes"],
        capacity=values["capacity"],
        weekdays=tuple(values["weekdays"]),
    )


def _in_bulk(request: HttpRequest, rows: QuerySet[Slot], action: str, *, capacity: int | None = None) -> None:
    """One command for the chosen slots of each business; those that cannot be so are left out and named."""
    named = {row.pk: f"{row.service}, {row}" for row in rows.select_related("service")}
    by_business: dict[UUID, list[UUID]] = defaultdict(list)
    for pk, business_id in rows.values_list("pk", "business_id"):
        by_business[business_id].append(pk)
    for business_id, slot_ids in by_business.items():
        try:
            done = change_slots(
                actor=actor_of(request),
                business_id=business_id,
                action=action,
                slot_ids=slot_ids,
                capacity=capacity,
                leave_out=True,
            )
        except Refusal as refusal:
            messages.error(request, sentence_of(refusal))
        else:
            _tell(request, done, named)


def _tell(request: HttpRequest, done: BulkChange, named: dict[UUID, str]) -> None:
    said = ngettext("%(count)s time slot changed", "%(count)s time slots changed", done.changed)
    same = _("%(count)s were so already.") % {"count": done.unchanged}
    messages.success(request, f"{said % {'count': done.changed}}; {same}")
    for slot_id, reason in done.left_out[:10]:
        messages.error(request, f"{named.get(slot_id, slot_id)}: {SAID.get(reason, reason)}")

"""Riders: what an artist needs at an event, line by line under three headings (SPEC B4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy

from holdfast.catalog.commands.riders import change_rider, create_rider, delete_rider
from holdfast.catalog.models import Resource, RiderTemplate, Service
from holdfast.catalog.rules.riders import SECTIONS
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid
from holdfast.web.admin.carrying import CommandAdmin, CommandForm
from holdfast.web.admin.catalog import GivenBy

_ORDER = ("business__name", "position", "id")
_SAME = gettext_lazy("Of the same business; others are refused.")


def _section(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One requirement a line."),
    )


class RiderForm(CommandForm):
    technical = _section(RiderTemplate.Section.TECHNICAL.label)
    hospitality = _section(RiderTemplate.Section.HOSPITALITY.label)
    travel = _section(RiderTemplate.Section.TRAVEL.label)
    services = GivenBy(
        Service.objects.select_related("business").order_by(*_ORDER),
        required=False,
        label=gettext_lazy("Goes with services"),
        help_text=_SAME,
    )
    resources = GivenBy(
        Resource.objects.select_related("business").order_by(*_ORDER),
        required=False,
        label=gettext_lazy("Goes with resources"),
        help_text=_SAME,
    )

    class Meta:
        model = RiderTemplate
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in SECTIONS:
            texts = [line["text"] for line in self.instance.lines if line["section"] == section]
            self.initial.setdefault(section, "\n".join(texts))
        if not self.instance._state.adding:
            uses = self.instance.uses
            for name, column in (("services", "service_id"), ("resources", "resource_id")):
                used = uses.filter(**{f"{column}__isnull": False})
                self.initial.setdefault(name, list(used.values_list(column, flat=True)))

    def _shown_at(self, field: str) -> str | None:
        # Too many lines are too many of all sections: it is said once, at the first.
        return "technical" if field == "lines" else super()._shown_at(field)


class NewRiderForm(RiderForm):
    class Meta(RiderForm.Meta):
        fields = ("business", "name")  # type: ignore[assignment]


@admin.register(RiderTemplate)
class RiderTemplateAdmin(CommandAdmin):
    makes = changes = removes = True
    form, add_form = RiderForm, NewRiderForm
    add_fields = ("business", "name", *SECTIONS, "services", "resources")
    fields = ("business", "name", *SECTIONS, "services", "resources", "position", "created_at")
    readonly_fields = ("business", "position", "created_at")
    list_display = ("name", "business", "position", "created_at")
    list_filter = ("business",)
    list_select_related = ("business",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    ordering = ("business__name", "position", "id")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        business_id = values["business"].pk
        try:
            return create_rider(actor=actor, business_id=business_id, wanted=_wanted(values)).id
        except Invalid as refusal:
            raise _at_the_sections(refusal, values) from refusal

    def change(self, actor: Actor, row: RiderTemplate, values: dict[str, Any], now: datetime) -> None:
        try:
            change_rider(actor=actor, business_id=row.business_id, rider_id=row.pk, wanted=_wanted(values))
        except Invalid as refusal:
            raise _at_the_sections(refusal, values) from refusal

    def remove(self, actor: Actor, row: RiderTemplate, now: datetime) -> None:
        delete_rider(actor=actor, business_id=row.business_id, rider_id=row.pk)


def _lines(values: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"section": section, "text": text.strip()}
        for section in SECTIONS
        for text in values[section].splitlines()
        if text.strip()
    ]


def _wanted(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": values["name"],
        "lines": _lines(values),
        "services": [service.pk for service in values["services"]],
        "resources": [resource.pk for resource in values["resources"]],
    }


def _at_the_sections(refusal: Invalid, values: dict[str, Any]) -> Invalid:
    """What is wrong with a line, at the heading it was written under."""
    fields = dict(refusal.fields)
    for index, line in enumerate(_lines(values)):
        wrong = fields.pop(f"lines[{index}].text", None)
        if wrong:
            fields[line["section"]] = [*fields.get(line["section"], []), *wrong]
    return Invalid(fields)

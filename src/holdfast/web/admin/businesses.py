"""Businesses and their members."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.availability.commands import apply_hour_template
from holdfast.blueprints.commands import create_from_blueprint
from holdfast.businesses.commands import add_member, change_profile, change_role, remove_member
from holdfast.businesses.models import Business, Member
from holdfast.lib.actors import Actor, Role
from holdfast.schedule.rules import HOUR_TEMPLATES
from holdfast.web.admin.carrying import (
    CommandAdmin,
    CommandForm,
    StrandedField,
    care_of,
    each,
)

_PROFILE = ("name", "tagline", "email", "phone", "address")


class NewBusinessForm(CommandForm):
    hours = forms.ChoiceField(
        label=gettext_lazy("Opening hours"),
        required=False,
        choices=[("", gettext_lazy("As its kind usually has them"))]
        + [(name, name) for name in HOUR_TEMPLATES],
        help_text=gettext_lazy("They can be changed at once; this is only where to begin."),
    )

    class Meta:
        model = Business
        fields = ("name", "slug", "blueprint", "timezone", "currency", "language")
        help_texts = {
            "slug": gettext_lazy(
                "Its address: /b/slug/. Small letters, digits and dashes. It cannot be changed."
            ),
            "blueprint": gettext_lazy("The kind of business decides what it has to begin with."),
            "timezone": gettext_lazy("Such as Europe/London. It cannot be changed."),
            "currency": gettext_lazy("Three letters, such as GBP. It cannot be changed."),
            "language": gettext_lazy("Such as en."),
        }


class BusinessForm(CommandForm):
    class Meta:
        model = Business
        fields = _PROFILE
        help_texts = {
            "email": gettext_lazy("Customers' answers go here."),
            "phone": gettext_lazy("Shown where something can no longer be done online."),
        }


class HourTemplateForm(ActionForm):
    """The action bar's own fields."""

    template = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Hours"),
        choices=[("", "")] + [(name, name) for name in HOUR_TEMPLATES],
    )
    stranded = StrandedField()


@admin.register(Business)
class BusinessAdmin(CommandAdmin):
    makes = changes = True
    form = BusinessForm
    add_form = NewBusinessForm
    add_fields = ("name", "slug", "blueprint", "timezone", "currency", "language", "hours")
    list_display = ("name", "slug", "blueprint", "timezone", "currency", "created_at", "desk")
    list_filter = ("blueprint", "currency", "is_demo")
    search_fields = ("name", "slug", "email")
    search_help_text = gettext_lazy("Name, address or email")
    ordering = ("name",)
    actions = ("give_hours",)
    action_form = HourTemplateForm
    readonly_fields = (
        "slug", "blueprint", "timezone", "currency", "language", "settings", "version", "is_demo", "created_at", "desk",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": _PROFILE, "description": gettext_lazy("What the public sees.")}),
        (
            gettext_lazy("Foundation"),
            {"fields": ("slug", "blueprint", "timezone", "currency", "language", "is_demo", "created_at")},
        ),
        (
            gettext_lazy("Settings"),
            {
                "fields": ("settings", "version", "desk"),
                "description": gettext_lazy("Changed at the desk, where each one is explained and checked."),
            },
        ),
    )

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        return create_from_blueprint(
            actor=actor,
            blueprint=values["blueprint"],
            slug=values["slug"],
            name=values["name"],
            timezone=values["timezone"],
            currency=values["currency"],
            language=values["language"],
            hours=values["hours"] or None,
        ).pk

    def change(self, actor: Actor, row: Business, values: dict[str, Any], now: datetime) -> None:
        change_profile(
            actor=actor, business_id=row.pk, wanted={name: values[name] or "" for name in _PROFILE}
        )

    @admin.display(description=gettext_lazy("Desk"))
    def desk(self, row: Business) -> str:
        return format_html('<a href="{}">{}</a>', reverse("desk:day", args=[row.slug]), _("Open the desk"))

    @admin.action(description=gettext_lazy("Open with the hours chosen here"))
    def give_hours(self, request: HttpRequest, rows: QuerySet[Business]) -> None:
        template, values = request.POST.get("template", ""), {"stranded": request.POST.get("stranded", "")}
        each(
            request,
            rows,
            lambda actor, row, now: apply_hour_template(
                actor=actor, business_id=row.pk, template=template, care=care_of(values, now)
            ),
        )


class NewMemberForm(CommandForm):
    class Meta:
        model = Member
        fields = ("business", "account", "role")
        help_texts = {
            "role": gettext_lazy(
                "Staff works at the desk, a manager also changes what is offered, an admin also who works here."
            ),
        }


class MemberForm(CommandForm):
    class Meta:
        model = Member
        fields = ("role",)
        help_texts = NewMemberForm.Meta.help_texts


@admin.register(Member)
class MemberAdmin(CommandAdmin):
    makes = changes = removes = True
    form = MemberForm
    add_form = NewMemberForm
    add_fields = ("business", "account", "role")
    list_display = ("account", "business", "role", "created_at")
    list_filter = ("role", "business")
    list_select_related = ("account", "business")
    search_fields = ("account__email", "account__name")
    search_help_text = gettext_lazy("Name or email of the account")
    fields = ("business", "account", "role", "created_at")
    readonly_fields = ("business", "account", "created_at")

    def make(self, actor: Actor, values: dict[str, Any], now: datetime) -> Any:
        return add_member(
            actor=actor,
            business_id=values["business"].pk,
            account_id=values["account"].pk,
            role=Role(values["role"]),
        ).pk

    def change(self, actor: Actor, row: Member, values: dict[str, Any], now: datetime) -> None:
        change_role(actor=actor, business_id=row.business_id, member_id=row.pk, role=values["role"], now=now)

    def remove(self, actor: Actor, row: Member, now: datetime) -> None:
        remove_member(actor=actor, business_id=row.business_id, member_id=row.pk, now=now)

"""Bookings: searched, read, and taken through their steps by the same rules as at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.bookings.commands import (
    accept_request,
    cancel_booking,
    change_notes,
    check_in,
    complete,
    decline_request,
    mark_no_show,
)
from holdfast.bookings.models import Booking, BookingChange, Claim
from holdfast.bookings.queries import history_of, reference_key
from holdfast.customers.models import Customer
from holdfast.lib.actors import Actor
from holdfast.lib.money import Money
from holdfast.lib.references import read_reference, show_reference
from holdfast.schedule.queries import timetable_of
from holdfast.web import formats
from holdfast.web.admin.carrying import CommandAdmin, CommandForm, ReadOnlyAdmin, each
from holdfast.web.admin.customers import PEOPLE_SEARCH, people_matching

_OPEN = (
    "business", "shown_reference", "state", "service", "resource", "when", "timezone", "ends_at", "party_size",
    "price", "customer_link", "name", "email", "phone", "via", "created_at", "releases_at", "history",
)  # fmt: skip


class BookingForm(CommandForm):
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The customer sees these too."),
    )

    class Meta:
        model = Booking
        fields = ("notes",)


@admin.register(Booking)
class BookingAdmin(CommandAdmin):
    changes = True
    form = BookingForm
    list_display = (
        "shown_reference", "state", "when", "service", "resource", "name", "party_size", "price", "business",
    )  # fmt: skip
    list_filter = ("state", "business", "service__mode", "via", "currency")
    list_select_related = ("business", "service", "resource")
    date_hierarchy = "local_on"
    ordering = ("-starts_at", "id")
    search_fields = ("reference",)
    search_help_text = format_html("{}. {}.", gettext_lazy("A reference"), PEOPLE_SEARCH)
    fields = (*_OPEN, "notes")
    readonly_fields = _OPEN
    actions = ("confirm", "decline", "cancel", "check_in", "complete", "no_show")

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Booking],
        search_term: str,
    ) -> tuple[QuerySet[Booking], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        reference = read_reference(text, reference_key())
        if reference is not None:
            return queryset.filter(reference=reference), False
        return queryset.filter(Q(customer__in=_customers(text))), False

    def change(self, actor: Actor, row: Booking, values: dict[str, Any], now: datetime) -> None:
        change_notes(
            actor=actor, business_id=row.business_id, booking_id=row.pk, notes=values["notes"], now=now
        )

    @admin.display(description=gettext_lazy("Reference"), ordering="reference")
    def shown_reference(self, row: Booking) -> str:
        return show_reference(row.reference)

    @admin.display(description=gettext_lazy("When"), ordering="starts_at")
    def when(self, row: Booking) -> str:
        return row.local_start.replace("T", " ")

    @admin.display(description=gettext_lazy("Price"), ordering="price_minor")
    def price(self, row: Booking) -> str:
        return f"{Money(row.price_minor, row.currency).decimal} {row.currency}"

    @admin.display(description=gettext_lazy("Name"))
    def name(self, row: Booking) -> str:
        return _contact(row, "name")

    @admin.display(description=gettext_lazy("Email"))
    def email(self, row: Booking) -> str:
        return _contact(row, "email")

    @admin.display(description=gettext_lazy("Phone"))
    def phone(self, row: Booking) -> str:
        return _contact(row, "phone")

    @admin.display(description=gettext_lazy("Customer"))
    def customer_link(self, row: Booking) -> str:
        if row.customer_id is None:
            return ""
        url = reverse("admin:customers_customer_change", args=[row.customer_id])
        return format_html('<a href="{}">{}</a>', url, _("Open the customer"))

    @admin.display(description=gettext_lazy("History"))
    def history(self, row: Booking) -> str:
        lines = history_of(business_id=row.business_id, booking_id=row.pk)
        return format_html_join(
            "",
            "<div>{} · {} · {} · {}</div>",
            (
                (
                    formats.day_and_clock(formats.local(line.at, row.timezone)),
                    line.action,
                    line.actor,
                    line.via,
                )
                for line in lines
            ),
        )

    @admin.action(description=gettext_lazy("Confirm: accept what is requested"))
    def confirm(self, request: HttpRequest, rows: QuerySet[Booking]) -> None:
        each(request, rows, _in_its_business(accept_request))

    @admin.action(description=gettext_lazy("Decline what is requested"))
    def decline(self, request: HttpRequest, rows: QuerySet[Booking]) -> None:
        each(request, rows, _in_its_business(decline_request))

    @admin.action(description=gettext_lazy("Cancel"))
    def cancel(self, request: HttpRequest, rows: QuerySet[Booking]) -> None:
        each(request, rows, _in_its_business(cancel_booking))

    @admin.action(description=gettext_lazy("Check in"))
    def check_in(self, request: HttpRequest, rows: QuerySet[Booking]) -> None:
        each(request, rows, _step(check_in))

    @admin.action(description=gettext_lazy("Complete"))
    def complete(self, request: HttpRequest, rows: QuerySet[Booking]) -> None:
        each(request, rows, _step(complete))

    @admin.action(description=gettext_lazy("Mark as a no-show"))
    def no_show(self, request: HttpRequest, rows: QuerySet[Booking]) -> None:
        each(request, rows, _step(mark_no_show))


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = ("booking", "resource", "starts_at", "ends_at", "business")
    list_filter = ("business",)
    list_select_related = ("booking", "resource", "business")
    ordering = ("-starts_at",)
    fields = ("business", "booking", "resource", "starts_at", "ends_at")


@admin.register(BookingChange)
class BookingChangeAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "booking", "actor", "via", "business")
    list_filter = ("action", "via", "business")
    list_select_related = ("booking", "business")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("business", "booking", "at", "action", "actor", "via", "details")


def _customers(text: str) -> Any:
    return Customer.objects.filter(people_matching(text)).values("pk")


def _contact(row: Booking, part: str) -> str:
    return str((row.contact or {}).get(part, ""))


def _in_its_business(command: Callable[..., object]) -> Callable[[Actor, Booking, datetime], object]:
    return lambda actor, row, now: command(
        actor=actor, timetable=timetable_of(business_id=row.business_id), booking_id=row.pk, now=now
    )


def _step(command: Callable[..., object]) -> Callable[[Actor, Booking, datetime], object]:
    return lambda actor, row, now: command(
        actor=actor, business_id=row.business_id, booking_id=row.pk, now=now
    )

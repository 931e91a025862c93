"""Who books, found as at the desk: an exact address or phone, or words of a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from holdfast.businesses.queries import all_businesses
from holdfast.customers.commands import block_customer, change_tier, note_on_customer, unblock_customer
from holdfast.customers.models import Customer
from holdfast.customers.queries import matching
from holdfast.lib.actors import Actor
from holdfast.web.admin.carrying import CommandAdmin, CommandForm, each

PEOPLE_SEARCH = gettext_lazy("An email address or phone number in full, or whole words of a name")


def people_matching(text: str) -> Q:
    """Customers of any business whom the text means: each business has an index of its own."""
    found = Q(pk__in=[])
    for business in all_businesses():
        found |= Q(pk__in=matching(business_id=business.id, text=text).values("pk"))
    return found


class CustomerForm(CommandForm):
    class Meta:
        model = Customer
        fields = ("tier", "notes")
        help_texts = {
            "tier": gettext_lazy(
                "0 none, 1 regular, 2 valued, 3 VIP. It counts on the waitlist; customers never see it."
            ),
            "notes": gettext_lazy("For staff alone; customers never see these."),
        }


@admin.register(Customer)
class CustomerAdmin(CommandAdmin):
    changes = True
    form = CustomerForm
    list_display = ("name", "email", "phone", "business", "tier", "blocked_at", "created_at")
    list_filter = ("business", "tier", ("blocked_at", admin.EmptyFieldListFilter))
    list_select_related = ("business",)
    ordering = ("-created_at",)
    # Opened by get_search_results: the columns themselves cannot be compared.
    search_fields = ("email_index",)
    search_help_text = PEOPLE_SEARCH
    fields = ("business", "name", "email", "phone", "blocked_at", "created_at", "tier", "notes")
    readonly_fields = ("business", "name", "email", "phone", "blocked_at", "created_at")
    actions = ("block", "unblock")

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Customer],
        search_term: str,
    ) -> tuple[QuerySet[Customer], bool]:
        text = search_term.strip()
        return (queryset.filter(people_matching(text)) if text else queryset), False

    def change(self, actor: Actor, row: Customer, values: dict[str, Any], now: datetime) -> None:
        chosen: dict[str, Any] = {"actor": actor, "business_id": row.business_id, "customer_id": row.pk}
        if values["tier"] != row.tier:
            change_tier(**chosen, tier=values["tier"])
        note_on_customer(**chosen, notes=values["notes"] or "")

    @admin.action(description=gettext_lazy("Block: take no online bookings from them"))
    def block(self, request: HttpRequest, rows: QuerySet[Customer]) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: block_customer(
                actor=actor, business_id=row.business_id, customer_id=row.pk, now=now
            ),
        )

    @admin.action(description=gettext_lazy("Unblock"))
    def unblock(self, request: HttpRequest, rows: QuerySet[Customer]) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: unblock_customer(  # noqa: ARG005
                actor=actor, business_id=row.business_id, customer_id=row.pk
            ),
        )

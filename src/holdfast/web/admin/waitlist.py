"""The waitlist: who waits for what, what came free, and who was offered it. Read here; ended by the desk's own commands."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from holdfast.customers.models import Customer
from holdfast.waitlist.commands import remove_entry, withdraw_offer
from holdfast.waitlist.models import Entry, EntryChange, EntryWish, Gap, Offer
from holdfast.web.admin.carrying import ReadOnlyAdmin, each
from holdfast.web.admin.customers import PEOPLE_SEARCH, people_matching


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "state",
        "walk_in",
        "party_size",
        "passed_over",
        "joined_at",
        "ends_at",
        "business",
    )
    list_filter = ("state", "walk_in", "via", "business")
    list_select_related = ("business",)
    date_hierarchy = "joined_at"
    ordering = ("-joined_at", "-id")
    # Opened by get_search_results: names and addresses are sealed.
    search_fields = ("customer__email_index",)
    search_help_text = PEOPLE_SEARCH
    fields = (
        "business", "customer", "name", "email", "phone", "state", "services", "resources", "ranges", "party_size",
        "earlier_than", "walk_in", "quoted_low", "quoted_high", "boost", "passed_over", "unanswered", "passes", "via",
        "joined_at", "ends_at", "called_at", "closed_at", "booking",
    )  # fmt: skip
    actions = ("take_off",)

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Entry],
        search_term: str,
    ) -> tuple[QuerySet[Entry], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        found = Customer.objects.filter(people_matching(text)).values("pk")
        return queryset.filter(Q(customer__in=found)), False

    @admin.display(description=gettext_lazy("Name"))
    def name(self, row: Entry) -> str:
        return _contact(row, "name")

    @admin.display(description=gettext_lazy("Email"))
    def email(self, row: Entry) -> str:
        return _contact(row, "email")

    @admin.display(description=gettext_lazy("Phone"))
    def phone(self, row: Entry) -> str:
        return _contact(row, "phone")

    @admin.action(description=gettext_lazy("Take off the list"))
    def take_off(self, request: HttpRequest, rows: QuerySet[Entry]) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: remove_entry(
                actor=actor, business_id=row.business_id, entry_id=row.pk, now=now
            ),
        )


@admin.register(EntryChange)
class EntryChangeAdmin(ReadOnlyAdmin):
    """Without the reasons that staff gave, which are sealed."""

    list_display = ("at", "action", "entry", "actor", "via", "business")
    list_filter = ("action", "via", "business")
    list_select_related = ("entry", "business")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = ("business", "entry", "at", "action", "actor", "via", "details")


@admin.register(EntryWish)
class EntryWishAdmin(ReadOnlyAdmin):
    """The rows by which somebody is found when a place comes free; gone once nobody waits."""

    list_display = (
        "entry",
        "service",
        "first_on",
        "last_on",
        "from_minute",
        "to_minute",
        "weekdays",
        "business",
    )
    list_filter = ("business",)
    list_select_related = ("entry", "service", "business")
    ordering = ("first_on", "id")
    fields = ("business", "entry", "service", "first_on", "last_on", "from_minute", "to_minute", "weekdays")


@admin.register(Gap)
class GapAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "cause", "starts_at", "ends_at", "resource", "outcome", "business")
    list_filter = ("outcome", "cause", "business")
    list_select_related = ("resource", "business")
    date_hierarchy = "opened_at"
    ordering = ("-opened_at", "-id")
    fields = (
        "business", "service", "resource", "starts_at", "ends_at", "cause", "outcome", "details", "opened_at", "looked_at",
    )  # fmt: skip


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    list_display = ("starts_at", "service", "state", "score", "by_hand", "made_at", "expires_at", "business")
    list_filter = ("state", "business")
    list_select_related = ("service", "business")
    date_hierarchy = "made_at"
    ordering = ("-made_at", "-id")
    fields = (
        "business", "entry", "gap", "booking", "customer", "service", "state", "starts_at", "ends_at", "resources",
        "score", "breakdown", "by_hand", "made_at", "expires_at", "answered_at",
    )  # fmt: skip
    actions = ("withdraw",)

    @admin.action(description=gettext_lazy("Withdraw: let the place go to the next in line"))
    def withdraw(self, request: HttpRequest, rows: QuerySet[Offer]) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: withdraw_offer(
                actor=actor, business_id=row.business_id, offer_id=row.pk, now=now
            ),
        )


def _contact(row: Entry, part: str) -> str:
    return str((row.contact or {}).get(part, ""))

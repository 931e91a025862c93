"""Messages to customers and staff: what became of them, and once more."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from holdfast.bookings.queries import reference_key
from holdfast.lib.references import read_reference
from holdfast.notifications.commands import resend_message
from holdfast.notifications.models import Message
from holdfast.web.admin.carrying import ReadOnlyAdmin, each
from holdfast.web.desk import words


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = (
        "kind",
        "audience",
        "recipient",
        "state",
        "booking",
        "business",
        "send_after",
        "sent_at",
        "attempts",
        "why",
    )
    list_filter = ("state", "kind", "audience", "business")
    list_select_related = ("booking", "business")
    date_hierarchy = "send_after"
    ordering = ("-send_after",)
    search_fields = ("booking__reference",)
    search_help_text = gettext_lazy("Reference of the booking")
    fields = (
        "business", "booking", "entry", "kind", "audience", "recipient", "locale", "state", "send_after",
        "next_attempt_at", "attempts", "last_error", "why", "sent_at", "provider_message_id", "created_at",
    )  # fmt: skip
    actions = ("send_again",)

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Message],
        search_term: str,
    ) -> tuple[QuerySet[Message], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(
            Q(booking__reference=read_reference(search_term, reference_key()) or "")
        ), False

    @admin.display(description=gettext_lazy("why not sent"))
    def why(self, row: Message) -> str:
        """The reason of a failure or a drop, in words."""
        return words.problem(row.last_error)

    @admin.action(description=gettext_lazy("Send again"))
    def send_again(self, request: HttpRequest, rows: QuerySet[Message]) -> None:
        each(
            request,
            rows,
            lambda actor, row, now: resend_message(
                actor=actor, business_id=row.business_id, message_id=row.pk, now=now
            ),
        )

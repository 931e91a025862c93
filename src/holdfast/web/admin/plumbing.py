"""What keeps the installation going: events that wait, periodic work, workers, and the counts of the funnel."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.core.models import IdempotencyKey, OutboxEvent, PeriodicJob, RateWindow, WorkerHeartbeat
from holdfast.core.relay import replay_dead
from holdfast.insights.models import FunnelDay
from holdfast.web.admin.carrying import ReadOnlyAdmin


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """Facts that wait for their handlers; those that failed too often are dead until they are tried again."""

    list_display = ("kind", "business_id", "due_at", "attempts", "dead_at", "last_error")
    list_filter = (("dead_at", admin.EmptyFieldListFilter), "kind")
    search_fields = ("kind",)
    search_help_text = gettext_lazy("Kind of event")
    ordering = ("due_at",)
    fields = (
        "id", "kind", "business_id", "subject_id", "payload", "due_at", "attempts", "handled", "dead_at", "last_error",
        "created_at",
    )  # fmt: skip
    actions = ("try_again",)

    @admin.action(description=gettext_lazy("Try dead events again"))
    def try_again(self, request: HttpRequest, rows: QuerySet[OutboxEvent]) -> None:
        revived = sum(replay_dead(row.pk) for row in rows)
        said = _("%(count)s events will be tried again; the others were not dead.") % {"count": revived}
        messages.success(request, said)


@admin.register(PeriodicJob)
class PeriodicJobAdmin(ReadOnlyAdmin):
    list_display = ("name", "cron", "next_run_at", "last_started_at", "last_finished_at", "failures_in_a_row")
    list_filter = (("last_error", admin.EmptyFieldListFilter),)
    search_fields = ("name",)
    ordering = ("name",)
    fields = (
        "name", "cron", "next_run_at", "leased_until", "last_started_at", "last_finished_at", "failures_in_a_row",
        "last_error",
    )  # fmt: skip


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "started_at", "seen_at")
    ordering = ("-seen_at",)
    fields = ("name", "started_at", "seen_at")


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Without the stored answer, which is its caller's."""

    list_display = ("id", "business_id", "status", "created_at")
    list_filter = ("status",)
    fields = ("id", "business_id", "status", "created_at")


@admin.register(RateWindow)
class RateWindowAdmin(ReadOnlyAdmin):
    list_display = ("key", "hits", "ends_at")
    ordering = ("-hits",)
    fields = ("key", "hits", "ends_at")


@admin.register(FunnelDay)
class FunnelDayAdmin(ReadOnlyAdmin):
    list_display = ("on", "business", "channel", "views", "holds", "booked")
    list_filter = ("channel", "business")
    list_select_related = ("business",)
    date_hierarchy = "on"
    fields = ("business", "on", "service_id", "channel", "views", "holds", "booked")


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What operators did in this admin."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_filter = ("action_flag", "content_type")
    list_select_related = ("user", "content_type")
    date_hierarchy = "action_time"
    fields = (
        "action_time",
        "user",
        "content_type",
        "object_id",
        "object_repr",
        "action_flag",
        "change_message",
    )

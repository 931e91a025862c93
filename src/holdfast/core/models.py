"""Tables of the plumbing. None of them holds readable personal data: events carry ids, answers are encrypted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from holdfast.core.ids import uuid7


class OutboxEvent(models.Model):
    """A fact that waits for its handlers. The row is the queue: it is deleted when all of them are through."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=100)
    business_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    payload = models.TextField()
    due_at = models.DateTimeField()
    """When it may be taken next: the due time, the next try, or the end of a worker's lease."""
    lease = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    handled = models.TextField(default="", db_default="")
    """Names of handlers that are through, one per line; only the others run again."""
    dead_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(dead_at__isnull=True), name="outboxevent_due"),
            models.Index(
                fields=["business_id", "subject_id", "kind"],
                condition=Q(subject_id__isnull=False),
                name="outboxevent_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class PeriodicJob(models.Model):
    """When a periodic job runs next, and how it went. One row per job; the lease keeps two workers apart."""

    name = models.CharField(primary_key=True, max_length=100)
    cron = models.CharField(max_length=100)
    next_run_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    last_started_at = models.DateTimeField(null=True)
    last_finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="", db_default="")
    failures_in_a_row = models.PositiveIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return self.name


class WorkerHeartbeat(models.Model):
    """A worker process that is, or recently was, alive."""

    name = models.CharField(primary_key=True, max_length=100)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(models.Model):
    """One call with an ``Idempotency-Key``, and the encrypted answer a repeat of it gets."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business_id = models.UUIDField()
    scope = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["business_id", "scope"], name="idempotencykey_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotencykey_age")]

    def __str__(self) -> str:
        return str(self.id)


class RateWindow(models.Model):
    """How often one client knocked at one bucket since its window began. The key is a keyed digest of both."""

    key = models.CharField(primary_key=True, max_length=32)
    hits = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="ratewindow_end")]

    def __str__(self) -> str:
        return self.key

"""Tables of the plumbing. None of them holds readable personal data: events carry ids, answers are encrypted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from holdfast.core.ids import INSTALLATION, uuid7


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


class AuditRecord(models.Model):
    """One line of the audit trail: who did what to which object, when, from where (SPEC J7). Only ever added.

    People are named by the ids of their rows, never by what is known of them; ``origin`` is a network, not an address.
    ``source`` and ``source_id`` name the line of another room's history that it was copied from. ``position`` and ``seal``
    come from the sealing job: the place in the business's chain, and the digest of this line and the seal before it.
    """

    id = models.BigAutoField(primary_key=True)
    business_id = models.UUIDField(default=INSTALLATION)
    at = models.DateTimeField()
    action = models.CharField(max_length=80)
    actor = models.CharField(max_length=120)
    role = models.CharField(max_length=10, blank=True)
    account_id = models.UUIDField(null=True)
    token_id = models.UUIDField(null=True)
    via = models.CharField(max_length=10)
    origin = models.CharField(max_length=50, blank=True)
    subject = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=20, blank=True)
    source_id = models.BigIntegerField(null=True)
    position = models.BigIntegerField(null=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["business_id", "at", "id"], name="audit_by_time"),
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="audit_unsealed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["business_id", "position"],
                condition=Q(position__isnull=False),
                name="audit_position_once",
            ),
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=Q(source_id__isnull=False), name="audit_source_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%dT%H:%M}"


class AuditChain(models.Model):
    """The end of one business's chain, and where it begins since retention cut off what was old."""

    business_id = models.UUIDField(primary_key=True)
    position = models.BigIntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True)
    begins_after = models.BigIntegerField(default=0)
    begins_with = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.business_id} {self.position}"

"""Where a business's own systems are told of what happened, and every telling (SPEC H7)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.fields import EncryptedTextField
from holdfast.core.ids import uuid7


class Endpoint(models.Model):
    """One address that a business wants its events sent to.

    ``events`` are the types it wants. ``secret`` signs what is sent; ``former_secret`` does so, too, until
    ``former_until``, so that a receiver can change over. ``failing_since`` is the first failure since something last got
    through. ``paused_at`` is set while nothing is sent: by somebody, or, with ``pause_reason``, because nothing got through.
    """

    class Pause(models.TextChoices):
        BY_HAND = "by_hand", _("Paused by hand")
        FAILING = "failing", _("Paused: nothing got through for a day")
        GONE = "gone", _("Paused: the address answered that it is gone for good")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="endpoints")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=80, blank=True)
    events = models.JSONField(default=list)
    secret = EncryptedTextField()
    former_secret = EncryptedTextField(null=True, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=8, choices=Pause.choices, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=["business", "id"], name="endpoint_of_business"),)

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One event on its way to one endpoint. The row is the queue, and the log of what became of it.

    Its id is the ``webhook-id`` of every try, so a receiver knows a repetition. ``body`` is what is sent, word for word: ids,
    instants and sums, never who somebody is. ``next_attempt_at`` is when a worker may take it next, or the end of the
    lease of the one that has it. ``log`` has the latest tries: ``{at, status, error, milliseconds}``.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    log = models.JSONField(default=list)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = (
            models.Index(fields=["next_attempt_at", "id"], name="delivery_due", condition=Q(state="queued")),
            models.Index(fields=["business", "endpoint", "id"], name="delivery_of_endpoint"),
            models.Index(fields=["created_at"], name="delivery_age"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_when"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.id}"

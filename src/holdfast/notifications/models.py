"""Messages to people, as rows that wait to be sent (SPEC H1, H3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.fields import EncryptedJSONField, EncryptedTextField
from holdfast.core.ids import uuid7


class Message(models.Model):
    """One mail to one person about one booking, about one entry of the waitlist, or, a code, about none. The row is the
    queue, and the record of what became of the mail.

    ``send_after`` is when it was meant to go; ``next_attempt_at`` when a worker may take it next: the first time, the
    next try, or the end of the lease of the worker that has it now (``locked_until`` then says the same, and is empty
    otherwise). ``attempts`` counts the takings. ``told_at`` is the start of the booking, or of the place offered, that the
    message is about, so that a reminder of a time that was moved away is known as such; of a call it is its moment.
    ``dedupe_key`` says which fact is told to whom: a handler that runs twice writes one message.
    ``last_error`` names a failure or the reason it was dropped, without personal data; ``context`` holds what the text
    needs beyond the booking.
    """

    class Kind(models.TextChoices):
        BOOKED = "booked", _("Booked")
        CHANGED = "changed", _("Changed")
        CANCELLED = "cancelled", _("Cancelled")
        REMINDER = "reminder", _("Reminder")
        PROPOSED = "proposed", _("Asked to choose another time")
        CODE = "code", _("Code for an address")
        REQUESTED = "requested", _("Requested")
        UNANSWERED = "unanswered", _("Waiting for an answer")
        COUNTERED = "countered", _("Countered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")
        OPTION = "option", _("Option on a date")
        CHALLENGED = "challenged", _("Asked to confirm an option")
        JOINED = "joined", _("On the waitlist")
        OFFER = "offer", _("Offered a place")
        OFFER_OVER = "offer_over", _("Offer over")
        CALLED = "called", _("Called: the place is ready")
        OFF = "off", _("Off the waitlist")
        PAYMENT_DUE = "payment_due", _("To be paid")
        PAID = "paid", _("Paid")
        REFUNDED = "refunded", _("Refunded")
        COME = "come", _("Asked to confirm coming")
        THANKS = "thanks", _("Thanked")
        TEST = "test", _("Test of a letter")

    class Audience(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        STAFF = "staff", _("Staff")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Not needed any more")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="messages")
    booking = models.ForeignKey(
        "bookings.Booking", null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    entry = models.ForeignKey(
        "waitlist.Entry", null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    audience = models.CharField(max_length=10, choices=Audience.choices)
    recipient = EncryptedTextField()
    locale = models.CharField(max_length=10, default="en")
    context = EncryptedJSONField()
    told_at = models.DateTimeField(null=True, blank=True)
    dedupe_key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    send_after = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_message_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = (
            models.Index(fields=["next_attempt_at", "id"], name="message_due", condition=Q(state="queued")),
            models.Index(fields=["business", "booking", "id"], name="message_of_booking"),
            models.Index(fields=["business", "state", "id"], name="message_by_state"),
            models.Index(
                fields=["business", "entry", "id"],
                name="message_of_entry",
                condition=Q(entry__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["business", "dedupe_key"], name="message_once"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="message_sent_when"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Template(models.Model):
    """What one letter of a business says instead of the default: for an event, a channel and a language (SPEC H2).

    ``event`` is one of ``rules.vocabulary``; a text message has no subject. Checked when it is written, so that it can be
    sent as it stands; a row that is deleted gives the default back.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("Email")
        SMS = "sms", _("Text message")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=24)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=600, blank=True)
    body = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["business", "event", "language", "channel"], name="template_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.channel} {self.language}"


class ServiceReminders(models.Model):
    """When customers of one service are reminded, instead of when the business says: a list of minutes before the start,
    the largest first; an empty one reminds nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    service = models.OneToOneField("catalog.Service", on_delete=models.CASCADE, related_name="reminders")
    minutes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.service_id} {self.minutes}"

"""Messages to people, as rows that wait to be sent, and what became of them (SPEC H1, H3, H4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.encryption import blind_index
from holdfast.core.fields import EncryptedJSONField, EncryptedTextField
from holdfast.core.ids import uuid7
from holdfast.customers.queries import email_index
from holdfast.customers.rules import phone_key

if TYPE_CHECKING:
    _CharField = models.CharField[Any, Any]
else:
    _CharField = models.CharField


class Channel(models.TextChoices):
    """How a message reaches its reader."""

    EMAIL = "email", _("Email")
    SMS = "sms", _("SMS")


def reader_index(*, business_id: UUID, channel: str, address: str) -> str:
    """By what the messages to an address or number are found without reading anything encrypted; empty for none.

    That of a mail address is the customer's own, different in every business. One number may be texted by several
    businesses through one sender, and its answer names none of them: so that of a number is the same in all.
    """
    if channel == Channel.SMS:
        digits = phone_key(address)
        return blind_index(digits, purpose="message.phone", business_id=None) if digits else ""
    return email_index(business_id=business_id, email=address) if address.strip() else ""


class ReaderIndexField(_CharField):
    """The blind index of a message's reader, worked out when the row is written, whoever writes it."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        if add:
            index = reader_index(
                business_id=model_instance.business_id,
                channel=model_instance.channel,
                address=model_instance.recipient,
            )
            setattr(model_instance, self.attname, index)
        return super().pre_save(model_instance, add)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


class Message(models.Model):
    """One mail or text to one person about one booking, about one entry of the waitlist, or, a code, about none. The row is
    the queue, and the record of what became of it.

    ``send_after`` is when it was meant to go; ``next_attempt_at`` when a worker may take it next: the first time, the
    next try, or the end of the lease of the worker that has it now (``locked_until`` then says the same, and is empty
    otherwise). ``attempts`` counts the takings. ``told_at`` is the start of the booking, or of the place offered, that the
    message is about, so that a reminder of a time that was moved away is known as such; of a call it is its moment.
    ``dedupe_key`` says which fact is told to whom: a handler that runs twice writes one message.
    ``last_error`` names a failure or the reason it was dropped, without personal data; ``context`` holds what the text
    needs beyond the booking. ``reader_index`` finds the messages of one address.
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
        FEE = "fee", _("Told of a no-show fee")
        COME = "come", _("Asked to confirm coming")
        THANKS = "thanks", _("Thanked")
        TEST = "test", _("Test of a letter")

    class Audience(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        STAFF = "staff", _("Staff")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        OPENED = "opened", _("Opened")
        BOUNCED = "bounced", _("Came back")
        COMPLAINED = "complained", _("Reported as spam")
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
    channel = models.CharField(
        max_length=5, choices=Channel.choices, default=Channel.EMAIL, db_default=Channel.EMAIL
    )
    recipient = EncryptedTextField()
    reader_index = ReaderIndexField(max_length=32, blank=True, default="", db_default="", editable=False)
    locale = models.CharField(max_length=10, default="en")
    context = EncryptedJSONField()
    told_at = models.DateTimeField(null=True, blank=True)
    dedupe_key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
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
            models.Index(fields=["business", "reader_index", "id"], name="message_of_reader"),
            models.Index(
                fields=["reader_index", "-sent_at"], name="message_texted", condition=Q(channel="sms")
            ),
            models.Index(
                fields=["business", "sent_at"], name="message_sent", condition=Q(sent_at__isnull=False)
            ),
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


class DeliveryEvent(models.Model):
    """What a provider, or somebody by answering a text, told about a message: its delivery log (SPEC H4).

    ``event_id`` is the provider's: told twice, it is written once. ``happened_at`` is the provider's clock. ``detail`` is a
    code or a word of ours, never the provider's sentence, which may repeat the address.
    """

    class What(models.TextChoices):
        DEFERRED = "deferred", _("Held up, is tried again")
        SENT = "sent", _("Sent on")
        DELIVERED = "delivered", _("Delivered")
        OPENED = "opened", _("Opened")
        BOUNCED = "bounced", _("Came back")
        COMPLAINED = "complained", _("Reported as spam")
        FAILED = "failed", _("Failed")
        REPLIED = "replied", _("Answered")

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events")
    what = models.CharField(max_length=10, choices=What.choices)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    detail = models.CharField(max_length=60, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=["message", "happened_at"], name="delivery_event_of_message"),)
        constraints = (models.UniqueConstraint(fields=["provider", "event_id"], name="delivery_event_once"),)

    def __str__(self) -> str:
        return f"{self.what} {self.message_id}"


class Suppression(models.Model):
    """An address or number that a business writes to no more, and why (SPEC H4).

    One row an address; lifted, it keeps what it was for, and a new bounce puts it back. A person's own STOP is theirs to
    take back.
    """

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("Mail came back: the address does not take any")
        COMPLAINED = "complained", _("Our mail was reported as spam")
        STOPPED = "stopped", _("Answered STOP")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.EMAIL)
    reader_index = models.CharField(max_length=32)
    address = EncryptedTextField()
    reason = models.CharField(max_length=10, choices=Reason.choices)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["business", "-since", "id"], name="suppression_live", condition=Q(lifted_at=None)
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["business", "channel", "reader_index"], name="suppression_once"),
        )

    def __str__(self) -> str:
        return f"{self.reason} {self.id}"

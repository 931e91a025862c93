"""Money: attempts to collect it, what is given back, and the ledger, to which entries are only added (SPEC G1).

A booking is known by its id alone: its room stands above this one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.fields import EncryptedJSONField, EncryptedTextField
from holdfast.core.ids import uuid7


class Provider(models.TextChoices):
    STRIPE = "stripe", _("Stripe")
    DEMO = "demo", _("Demo")
    COUNTER = "counter", _("At the counter")


class SavedCard(models.Model):
    """A card kept at a provider for one booking: the provider's references, and what people know a card by."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    booking_id = models.UUIDField()
    provider = models.CharField(max_length=8, choices=Provider.choices)
    customer_ref = models.CharField(max_length=255)
    method_ref = models.CharField(max_length=255)
    brand = models.CharField(max_length=20, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["business", "booking_id"], name="card_once"),)

    def __str__(self) -> str:
        return f"{self.brand} {self.last4}"


class Payment(models.Model):
    """One attempt to collect money for a booking, or (kind ``card``, amount 0) to keep a card for it.

    The row's id is the key under which a provider does what is asked once, however often it is asked. ``asked`` is what
    a checkout is opened with (title, addresses, email), kept until the provider has answered. ``expires_at`` is when what
    it pays for is let go: the checkout is ended then. ``due_at`` is when a charge of ``card`` may be made, after the time
    to undo it. ``next_attempt_at`` is when a worker attends to it next: opens, polls, ends or charges; empty when there is
    nothing left to do. ``key_no`` counts the keys used: a provider whose
    own fault it was repeats its fault under the same key. ``paid_minor`` is what the provider says it took. ``failure`` is a code of the last refusal.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        PRICE = "price", _("Price")
        BALANCE = "balance", _("Balance")
        NO_SHOW_FEE = "no_show_fee", _("No-show fee")
        CARD = "card", _("Card on file")

    class State(models.TextChoices):
        OPENING = "opening", _("Being prepared")
        OPEN = "open", _("Waiting for payment")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    class Method(models.TextChoices):
        CASH = "cash", _("Cash")
        CARD = "card", _("Card")
        TRANSFER = "transfer", _("Bank transfer")
        OTHER = "other", _("Other")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    booking_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    provider = models.CharField(max_length=8, choices=Provider.choices)
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State.choices)
    method = models.CharField(max_length=8, choices=Method.choices, blank=True)
    card = models.ForeignKey(SavedCard, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked = EncryptedJSONField(null=True, blank=True)
    checkout_ref = models.CharField(max_length=255, blank=True)
    checkout_url = models.TextField(blank=True)
    charge_ref = models.CharField(max_length=255, blank=True)
    failure = models.CharField(max_length=60, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    paid_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    key_no = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["business", "booking_id"], name="payment_of_booking"),
            models.Index(fields=["business", "created_at", "id"], name="payment_by_time"),
            models.Index(
                fields=["next_attempt_at"], name="payment_due", condition=Q(next_attempt_at__isnull=False)
            ),
            models.Index(
                fields=["provider", "checkout_ref"], name="payment_by_checkout", condition=~Q(checkout_ref="")
            ),
            models.Index(
                fields=["provider", "charge_ref"], name="payment_by_charge", condition=~Q(charge_ref="")
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="payment_amount"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | Q(kind="card"), name="payment_of_something"
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_at__isnull=False), name="payment_paid_when"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Refund(models.Model):
    """Money to be given back, out of one payment. It goes to the provider at ``due_at``, under the row's id as key.

    ``sent`` is one the provider has taken and not yet finished. ``reason`` is a code; ``note`` what staff wrote.
    """

    class State(models.TextChoices):
        DUE = "due", _("To be sent")
        SENT = "sent", _("On its way")
        DONE = "done", _("Given back")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    booking_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=30)
    note = EncryptedTextField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    due_at = models.DateTimeField()
    provider_ref = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    key_no = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["business", "booking_id"], name="refund_of_booking"),
            models.Index(
                fields=["next_attempt_at"], name="refund_due", condition=Q(next_attempt_at__isnull=False)
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_of_something"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_at__isnull=False), name="refund_done_when"
            ),
            models.UniqueConstraint(
                fields=["payment", "provider_ref"], name="refund_ref_once", condition=~Q(provider_ref="")
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class LedgerEntry(models.Model):
    """Money that moved: taken (+) or given back (−). Entries are added, never changed; the database itself refuses.

    A refund that a bank sends back, long after it was made, gets an entry of its own, kind ``reversal`` (+).
    """

    class Kind(models.TextChoices):
        CHARGE = "charge", _("Charge")
        FEE = "fee", _("No-show fee")
        REFUND = "refund", _("Refund")
        REVERSAL = "reversal", _("Refund that came back")

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    booking_id = models.UUIDField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="entries")
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )

    class Meta:
        verbose_name_plural = "ledger entries"
        indexes = (
            models.Index(fields=["business", "booking_id"], name="entry_of_booking"),
            models.Index(fields=["business", "at"], name="entry_by_time"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["payment"], name="entry_of_payment_once", condition=Q(refund__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["refund", "kind"], name="entry_of_refund_once", condition=Q(refund__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(kind="refund", refund__isnull=False, amount_minor__lt=0)
                | Q(kind="reversal", refund__isnull=False, amount_minor__gt=0)
                | Q(kind__in=("charge", "fee"), refund__isnull=True, amount_minor__gt=0),
                name="entry_signed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"


class ProviderEvent(models.Model):
    """The inbox: what a provider told us, once by its own id. ``told`` is what of it counts: references, states and
    amounts, nothing about people.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=8, choices=Provider.choices)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=60)
    told = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["next_attempt_at"],
                name="provider_event_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
            models.Index(fields=["received_at"], name="provider_event_by_time"),
        )
        constraints = (models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"

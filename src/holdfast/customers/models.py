"""The people who book, as one business knows them. Personal data is encrypted; search goes by blind indexes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.fields import EncryptedJSONField, EncryptedTextField
from holdfast.core.ids import uuid7


class Customer(models.Model):
    """A person known to a business, found again by email address (SPEC L2, K1)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="customers")
    name = EncryptedTextField()
    email = EncryptedTextField(null=True, blank=True)
    phone = EncryptedTextField(null=True, blank=True)
    notes = EncryptedTextField(null=True, blank=True)
    # NULL, not empty, for somebody without an address: of those there may be many.
    email_index = models.CharField(max_length=32, null=True, blank=True)  # noqa: DJ001
    phone_index = models.CharField(max_length=32, blank=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    # How dear a customer is to the business, 0 to 3; it counts on the waitlist (SPEC F2, L2).
    tier = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    # When they were forgotten: nothing about the person is left in the row (SPEC K2).
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        indexes = (models.Index(fields=["business", "phone_index"], name="customer_phone"),)
        constraints = (
            models.UniqueConstraint(fields=["business", "email_index"], name="customer_email_once"),
            models.CheckConstraint(condition=models.Q(tier__lte=3), name="customer_tier"),
        )

    def __str__(self) -> str:
        return str(self.id)


class NameToken(models.Model):
    """One word of a customer's name as an HMAC, so that names can be searched without being readable."""

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="name_tokens")
    token = models.CharField(max_length=32)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["business", "token", "customer"], name="name_token_once"),
        )

    def __str__(self) -> str:
        return self.token


class EmailCode(models.Model):
    """A code by which a guest proves an address to one business (SPEC D1); a later one takes the place of an earlier.

    ``digest`` is an HMAC of the code; ``letter`` (``to``, ``code``) is what the mail needs, sealed, and wiped once the
    message is written. ``tries`` counts wrong codes; ``proved_at`` is set by the right one, and the booking it was
    for deletes the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    email_index = models.CharField(max_length=32)
    digest = models.CharField(max_length=32)
    letter = EncryptedJSONField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["business", "email_index"], name="email_code_once"),
            models.CheckConstraint(condition=models.Q(tries__lte=5), name="email_code_tries"),
        )

    def __str__(self) -> str:
        return str(self.id)


class Consent(models.Model):
    """What a person agreed to, when, by which text and through which door (SPEC D1, K3).

    ``version`` is that of the business's privacy text then; ``booking_id`` the booking it was given with, whose room
    lies above this one. A consent that is taken back keeps its row and gets ``withdrawn_at``.
    """

    class Kind(models.TextChoices):
        PRIVACY = "privacy", _("Privacy notice")
        NEWS = "news", _("News and offers")

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    booking_id = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    version = models.PositiveIntegerField()
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=10)

    class Meta:
        indexes = (models.Index(fields=["business", "customer", "kind"], name="consent_of_customer"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"

"""The people who book, as one business knows them. Personal data is encrypted; search goes by blind indexes."""

from __future__ import annotations

from django.db import models

from holdfast.core import clock
from holdfast.core.fields import EncryptedTextField
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
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=["business", "phone_index"], name="customer_phone"),)
        constraints = (
            models.UniqueConstraint(fields=["business", "email_index"], name="customer_email_once"),
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

"""Businesses (tenants) and their members."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.ids import uuid7


class Business(models.Model):
    """A tenant: one business with its own catalog, hours, bookings and people (SPEC A1).

    ``version`` rises with every change of what the business offers; processes cache a timetable under it.
    ``settings`` is the JSON of :class:`holdfast.businesses.rules.Settings`; ``privacy_version`` names the privacy text in
    force.
    """

    class Blueprint(models.TextChoices):
        VENUE = "venue", _("Nightclub or restaurant: tables")
        ARTIST = "artist", _("Artist: dates on request")
        BARBERSHOP = "barbershop", _("Barbershop or salon: services with staff")
        WAITLIST = "waitlist", _("Walk-in clinic or desk: a queue")
        COUNTER = "counter", _("Counter: slots with a capacity")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=120)
    blueprint = models.CharField(max_length=20, choices=Blueprint.choices)
    timezone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=10, default="en")
    tagline = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    logo = models.CharField(max_length=64, blank=True, editable=False)  # the name of an upload
    settings = models.JSONField(default=dict, blank=True)
    version = models.BigIntegerField(default=1, editable=False)
    privacy_version = models.PositiveIntegerField(default=1, editable=False)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "businesses"

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """An account's role in one business (SPEC A2)."""

    class MemberRole(models.TextChoices):
        STAFF = "staff", _("Staff")
        MANAGER = "manager", _("Manager")
        ADMIN = "admin", _("Admin")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="members")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=MemberRole.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["business", "account"], name="one_membership_per_account"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.account_id}"


class Invitation(models.Model):
    """A role offered to an address, until somebody takes it or it is withdrawn; then the row is gone (SPEC A2).

    The link in the mail is signed for ``link_id``, which is another one each time the invitation is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Member.MemberRole.choices)
    link_id = models.UUIDField(unique=True, default=uuid4, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["business", "email"], name="one_invitation_per_address"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.email}"


class PrivacyText(models.Model):
    """One version of what a business tells people about their details (SPEC K4); never changed, only followed.

    ``is_default`` while it is the text that Holdfast wrote from the business's name and contact.
    """

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="privacy_texts")
    version = models.PositiveIntegerField()
    text = models.TextField()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["business", "version"], name="privacy_text_once"),)

    def __str__(self) -> str:
        return f"{self.business_id} {self.version}"

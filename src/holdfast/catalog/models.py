"""What can be booked: resources and services (SPEC B1, B2)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.ids import uuid7


class Resource(models.Model):
    """Anything that can be busy: a barber, a table, a room, an artist, a counter."""

    class Kind(models.TextChoices):
        STAFF = "staff", _("Staff")
        TABLE = "table", _("Table")
        ROOM = "room", _("Room")
        ARTIST = "artist", _("Artist")
        COUNTER = "counter", _("Counter")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="resources")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.STAFF)
    detail = models.CharField(max_length=120, blank=True)
    area = models.CharField(max_length=60, blank=True)
    seats_min = models.PositiveIntegerField(default=1)
    seats_max = models.PositiveIntegerField(default=1)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    member = models.ForeignKey(
        "businesses.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="resources"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=["business", "position", "id"], name="resource_order"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(seats_min__gte=1) & Q(seats_max__gte=F("seats_min")), name="resource_seats"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """Something a business gives: how long it takes, on which grid it starts, what it costs, who can give it.

    What only some modes read: ``turn_minutes``, a list of ``[largest party, minutes]`` in rising order, and
    ``pacing_covers``, the most guests who may start in one interval (0: no limit), for tables; ``places_per_customer``,
    how many live bookings a person may have in one slot, for slots; ``answer_within_hours`` for requests.
    """

    class Mode(models.TextChoices):
        APPOINTMENT = "appointment", _("Appointment")
        TABLE = "table", _("Table")
        REQUEST = "request", _("Request")
        SLOT = "slot", _("Slot")

    class WhoMayBook(models.TextChoices):
        ANYONE = "anyone", _("Anyone")
        VERIFIED_EMAIL = "verified_email", _("People whose email address is verified")
        SIGNED_IN = "signed_in", _("People who are signed in")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="services")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.APPOINTMENT)
    duration_minutes = models.PositiveIntegerField()
    interval_minutes = models.PositiveIntegerField(default=15)
    buffer_before_minutes = models.PositiveIntegerField(default=0)
    buffer_after_minutes = models.PositiveIntegerField(default=0)
    price_minor = models.BigIntegerField(default=0)
    deposit_minor = models.BigIntegerField(default=0)
    prepay = models.BooleanField(default=False)
    price_per_person = models.BooleanField(default=False)
    turn_minutes = models.JSONField(default=list, blank=True)
    pacing_covers = models.PositiveIntegerField(default=0)
    places_per_customer = models.PositiveIntegerField(default=1)
    answer_within_hours = models.PositiveIntegerField(default=72)
    who_may_book = models.CharField(max_length=16, choices=WhoMayBook.choices, default=WhoMayBook.ANYONE)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    resources = models.ManyToManyField(Resource, through="ServiceResource", related_name="services")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=["business", "position", "id"], name="service_order"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=1) & Q(duration_minutes__lte=1440), name="service_duration"
            ),
            models.CheckConstraint(
                condition=Q(interval_minutes__gte=1) & Q(interval_minutes__lte=1440), name="service_interval"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0)
                & Q(deposit_minor__gte=0)
                & Q(deposit_minor__lte=F("price_minor")),
                name="service_price",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ServiceResource(models.Model):
    """This resource can give this service."""

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="giving")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="giving")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["business", "service", "resource"], name="service_resource_once"),
        )

    def __str__(self) -> str:
        return f"{self.service_id} by {self.resource_id}"


class RiderTemplate(models.Model):
    """What an artist needs at an event, to be copied into each request (SPEC B4).

    ``lines`` is a list of ``{section, text}`` in order; a section is ``technical``, ``hospitality`` or ``travel``.
    """

    class Section(models.TextChoices):
        TECHNICAL = "technical", _("Technical")
        HOSPITALITY = "hospitality", _("Hospitality")
        TRAVEL = "travel", _("Travel")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="riders")
    name = models.CharField(max_length=120)
    lines = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=["business", "position", "id"], name="rider_order"),)

    def __str__(self) -> str:
        return self.name


class RiderUse(models.Model):
    """This rider goes with everything asked of a service, or of an artist."""

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    rider = models.ForeignKey(RiderTemplate, on_delete=models.CASCADE, related_name="uses")
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="riders"
    )
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.CASCADE, related_name="riders"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(service__isnull=False, resource__isnull=True)
                | Q(service__isnull=True, resource__isnull=False),
                name="rider_use_of_one",
            ),
            models.UniqueConstraint(fields=["business", "rider", "service"], name="rider_service_once"),
            models.UniqueConstraint(fields=["business", "rider", "resource"], name="rider_resource_once"),
        )

    def __str__(self) -> str:
        return f"{self.rider_id} with {self.service_id or self.resource_id}"

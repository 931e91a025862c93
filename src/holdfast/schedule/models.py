"""When a business is open: weekly windows and dated exceptions, as wall time in the business's zone (SPEC C1, C2)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.fields import EncryptedTextField
from holdfast.core.ids import uuid7


class WeeklyHours(models.Model):
    """One window of an ordinary week, of the business (no resource) or of one resource.

    ``opens`` and ``closes`` are minutes of the day as entered; ``closes <= opens`` runs into the next day.
    """

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="weekly_hours")
    resource = models.ForeignKey(
        "catalog.Resource", null=True, blank=True, on_delete=models.CASCADE, related_name="weekly_hours"
    )
    weekday = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "weekly hours"
        ordering = ("weekday", "opens")
        indexes = (models.Index(fields=["business", "resource", "weekday"], name="weekly_hours_of"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & Q(opens__lt=1440) & Q(closes__lte=1440),
                name="weekly_hours_window",
            ),
        )

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens}–{self.closes}"


class DatedException(models.Model):
    """What differs from an ordinary week on certain dates, for the business or for one resource.

    ``closed``, ``hours`` (these windows instead), ``extra`` (these windows as well) hold for whole dates,
    ``starts_on`` to ``ends_on`` inclusive. An ``absence`` holds for dates, or from one instant to another.
    ``windows`` is a list of ``[opens, closes]`` in minutes of the day, as entered.
    """

    class Kind(models.TextChoices):
        CLOSED = "closed", _("Closed")
        HOURS = "hours", _("Different hours")
        EXTRA = "extra", _("Extra opening")
        ABSENCE = "absence", _("Absence")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="exceptions")
    resource = models.ForeignKey(
        "catalog.Resource", null=True, blank=True, on_delete=models.CASCADE, related_name="exceptions"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    windows = models.JSONField(default=list, blank=True)
    note = EncryptedTextField(default="", blank=True)  # why somebody is away may be nobody else's business
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("starts_on", "starts_at", "id")
        indexes = (
            models.Index(fields=["business", "ends_on"], name="exception_dates"),
            models.Index(fields=["business", "ends_at"], name="exception_instants"),
        )
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(starts_on__isnull=False, ends_on__gte=F("starts_on"), starts_at=None, ends_at=None)
                    | Q(kind="absence", starts_on=None, ends_on=None, ends_at__gt=F("starts_at"))
                ),
                name="exception_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_on or self.starts_at}"


class Slot(models.Model):
    """A published time with places: ``taken`` of ``capacity`` are gone (SPEC C3).

    ``local_on`` is the date it is listed under, in the business's zone. ``is_open`` false: published, but taking no
    bookings. The checks and the guard of ``schedule/sql.py`` are what makes overselling impossible.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="slots")
    service = models.ForeignKey("catalog.Service", on_delete=models.PROTECT, related_name="slots")
    resource = models.ForeignKey(
        "catalog.Resource", null=True, blank=True, on_delete=models.PROTECT, related_name="slots"
    )
    series = models.ForeignKey(
        "schedule.SlotSeries", null=True, blank=True, on_delete=models.SET_NULL, related_name="slots"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    local_on = models.DateField()
    capacity = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("starts_at", "id")
        indexes = (
            models.Index(fields=["business", "service", "starts_at"], name="slot_of_service"),
            models.Index(fields=["business", "local_on", "starts_at"], name="slot_by_day"),
            models.Index(
                fields=["business", "resource", "ends_at"],
                name="slot_of_resource",
                condition=Q(resource__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["business", "service", "resource", "starts_at"],
                condition=Q(resource__isnull=False),
                name="slot_once_with_resource",
            ),
            models.UniqueConstraint(
                fields=["business", "service", "starts_at"],
                condition=Q(resource__isnull=True),
                name="slot_once",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_lasts"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="slot_capacity"),
            models.CheckConstraint(
                condition=Q(taken__gte=0) & Q(taken__lte=F("capacity")), name="slot_never_oversold"
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%dT%H:%M} {self.taken}/{self.capacity}"


class SlotSeries(models.Model):
    """Slots that keep themselves published ``days_ahead`` days ahead, within the opening hours (SPEC C3).

    ``weekdays`` lists the days it publishes on (0 Monday; empty: every day). ``published_on`` is the last date that
    was looked at: what somebody deleted since is not published again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="slot_series")
    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="slot_series")
    resource = models.ForeignKey(
        "catalog.Resource", null=True, blank=True, on_delete=models.CASCADE, related_name="slot_series"
    )
    slot_minutes = models.PositiveIntegerField()
    gap_minutes = models.PositiveIntegerField(default=0)
    capacity = models.PositiveIntegerField()
    weekdays = models.JSONField(default=list, blank=True)
    days_ahead = models.PositiveIntegerField(default=30)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "slot series"
        ordering = ("created_at", "id")
        indexes = (models.Index(fields=["business", "created_at"], name="slot_series_of"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(slot_minutes__gte=1, slot_minutes__lte=1440, capacity__gte=1),
                name="slot_series_shape",
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_id} every {self.slot_minutes} minutes"

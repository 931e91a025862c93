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

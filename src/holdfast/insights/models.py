"""Figures that cannot be read off the bookings: how many looked, held and booked (SPEC M1)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FunnelDay(models.Model):
    """How often a service was looked at, held and booked on one local date through one door. Numbers alone: nothing in
    it, and nothing it is counted from, says who.

    The database does not check that the business and the service still exist: what was counted a moment ago must not
    fail because they were deleted since.
    """

    class Channel(models.TextChoices):
        PAGE = "page", _("Booking page")
        API = "api", _("API")
        DESK = "desk", _("Desk")

    business = models.ForeignKey(
        "businesses.Business", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    on = models.DateField()
    service_id = models.UUIDField()
    channel = models.CharField(max_length=4, choices=Channel.choices)
    views = models.PositiveBigIntegerField(default=0, db_default=0)
    holds = models.PositiveBigIntegerField(default=0, db_default=0)
    booked = models.PositiveBigIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("funnel day")
        verbose_name_plural = _("funnel days")
        constraints = (
            models.UniqueConstraint(
                fields=["business", "on", "service_id", "channel"], name="funnel_day_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.on} {self.channel}"

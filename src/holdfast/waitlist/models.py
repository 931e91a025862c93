"""Who waits for a place, what came free, and who was offered it (SPEC F)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from holdfast.core.fields import EncryptedJSONField
from holdfast.core.ids import uuid7


class Entry(models.Model):
    """One person's wish for a place, while they wait and afterwards.

    ``services`` and ``resources`` are lists of ids, ``resources`` None for any; ``ranges`` the dates and times as
    :class:`rules.DateRange` writes them; the last of them is over at ``ends_at``. ``earlier_than`` is the booking they would
    give up for an earlier time (SPEC F8), ``walk_in`` marks somebody who waits on the spot (SPEC F7) and may be called.
    ``boost`` is what staff added to the score by hand, ``passed_over`` counts the places that went to somebody else,
    ``unanswered`` and ``passes`` offers left without an answer and those passed. ``quoted_low`` and ``quoted_high`` are the
    minutes they were told to expect, kept to be held against what happened. ``booking`` is what became of it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CALLED = "called", _("Called")
        BOOKED = "booked", _("Booked")
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Taken off")
        NO_SHOW = "no_show", _("Did not come")
        EXPIRED = "expired", _("Over")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    services = models.JSONField()
    resources = models.JSONField(null=True, blank=True)
    ranges = models.JSONField()
    party_size = models.PositiveIntegerField(default=1)
    contact = EncryptedJSONField()
    wish_key = models.CharField(max_length=64)
    earlier_than = models.ForeignKey(
        "bookings.Booking", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    walk_in = models.BooleanField(default=False)
    boost = models.FloatField(default=0.0)
    passed_over = models.PositiveSmallIntegerField(default=0)
    unanswered = models.PositiveSmallIntegerField(default=0)
    passes = models.PositiveSmallIntegerField(default=0)
    quoted_low = models.PositiveIntegerField(null=True, blank=True)
    quoted_high = models.PositiveIntegerField(null=True, blank=True)
    joined_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    booking = models.ForeignKey(
        "bookings.Booking", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    via = models.CharField(max_length=10)

    class Meta:
        verbose_name_plural = "entries"
        indexes = (
            models.Index(
                fields=["business", "joined_at"],
                name="entry_live",
                condition=Q(state__in=["waiting", "called"]),
            ),
            models.Index(fields=["business", "customer", "id"], name="entry_of_customer"),
            models.Index(fields=["business", "closed_at"], name="entry_closed"),
            models.Index(fields=["ends_at"], name="entry_ends", condition=Q(state__in=["waiting", "called"])),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["business", "wish_key"],
                name="entry_once",
                condition=Q(state__in=["waiting", "called"]),
            ),
            models.CheckConstraint(condition=Q(party_size__gte=1), name="entry_party"),
        )

    def __str__(self) -> str:
        return str(self.id)


class EntryWish(models.Model):
    """One range of an entry for one service: the rows that are searched when a place comes free. Gone once nobody waits."""

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="wishes")
    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    first_on = models.DateField()
    last_on = models.DateField()
    from_minute = models.PositiveSmallIntegerField()
    to_minute = models.PositiveSmallIntegerField()
    weekdays = models.PositiveSmallIntegerField()

    class Meta:
        indexes = (
            models.Index(fields=["business", "service", "last_on", "first_on"], name="entry_wish_by_date"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="entry_wish_lasts"),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.first_on} {self.last_on}"


class EntryChange(models.Model):
    """One line of an entry's history: who did what, when, from where. No personal data."""

    id = models.BigAutoField(primary_key=True)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    actor = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["entry", "id"], name="change_of_entry"),)

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%dT%H:%M}"


class Gap(models.Model):
    """Time or places that came free, and what became of them on the waitlist (SPEC F3, F5).

    ``resource`` None is any, ``service`` None too. ``outcome`` says how it ended, ``details`` count why who was not asked.
    """

    class Cause(models.TextChoices):
        CANCELLED = "cancelled", _("A booking was cancelled")
        MOVED = "moved", _("A booking was moved")
        LAPSED = "lapsed", _("A time that was held was let go")
        NOT_KEPT = "not_kept", _("Somebody did not come")
        COMPLETED = "completed", _("A visit ended early")
        SLOTS = "slots", _("Places were published")
        OFFERING = "offering", _("Hours, people or services changed")
        ANSWER = "answer", _("An offer was not taken")
        JOINED = "joined", _("Somebody joined the waitlist")
        SWEEP = "sweep", _("A look at everything that is free")

    class Outcome(models.TextChoices):
        OPEN = "", _("Being looked at")
        OFFERED = "offered", _("Offered")
        NOBODY = "nobody", _("Nobody waits for it")
        TAKEN = "taken", _("Taken before anybody could be asked")
        TOO_NEAR = "too_near", _("Too near to ask anybody")
        QUIET = "quiet", _("Waits for the end of the quiet hours")
        PACED = "paced", _("Waits: enough was sent this minute")
        OFF = "off", _("The waitlist is switched off")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey("catalog.Service", null=True, on_delete=models.CASCADE, related_name="+")
    resource = models.ForeignKey("catalog.Resource", null=True, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=Cause.choices)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True, default=Outcome.OPEN)
    details = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["business", "opened_at"], name="gap_by_age"),
            models.Index(fields=["business", "starts_at"], name="gap_by_time"),
        )
        constraints = (models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="gap_lasts"),)

    def __str__(self) -> str:
        return f"{self.cause} {self.starts_at:%Y-%m-%dT%H:%M}"


class Offer(models.Model):
    """A place put to one person, held for them by ``booking`` until ``expires_at`` (SPEC F3).

    The hold is what keeps everybody else out, and ends by the clock; the offer says whom it is for and why:
    ``breakdown`` is the score as :class:`rules.Score` writes it. ``by_hand`` names the member of staff who chose.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Passed")
        EXPIRED = "expired", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="offers")
    gap = models.ForeignKey(Gap, null=True, on_delete=models.SET_NULL, related_name="offers")
    booking = models.ForeignKey("bookings.Booking", null=True, on_delete=models.SET_NULL, related_name="+")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    resources = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    score = models.FloatField(default=0.0)
    breakdown = models.JSONField(default=dict)
    by_hand = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["business", "made_at"], name="offer_by_age"),
            models.Index(fields=["business", "customer", "made_at"], name="offer_of_customer"),
            models.Index(fields=["entry", "made_at"], name="offer_of_entry"),
            models.Index(fields=["business", "starts_at"], name="offer_by_start"),
            models.Index(fields=["business", "starts_at"], name="offer_out", condition=Q(state="pending")),
        )
        constraints = (
            # Nobody has two places for one wish at the same time, whatever two matchers do.
            models.UniqueConstraint(
                fields=["entry"], name="one_offer_at_a_time", condition=Q(state="pending")
            ),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.starts_at:%Y-%m-%dT%H:%M}"

"""The agreement with a customer and the time it takes: bookings, claims, changes (DESIGN §2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from holdfast.core import clock
from holdfast.core.fields import EncryptedJSONField, EncryptedTextField
from holdfast.core.ids import uuid7


class Booking(models.Model):
    """A hold, a booking, or what is left of one.

    ``starts_at`` to ``ends_at`` is the service itself, without buffers; ``local_on`` is the date of the opening window
    it belongs to, so a booking at 01:00 of a club night is found under the evening before. ``releases_at`` is the
    instant its claims die: the end of a hold, or of a cancellation's undo. ``sequence`` rises with every change and
    serves as ETag, as guard against stale writes, and as the SEQUENCE of its calendar file. ``contact`` is
    what was given for this booking (name, email, phone), ``account`` who was signed in when booking it, ``policy`` the
    terms in force when it was made (SPEC D11). ``resource`` is what was booked, the first of several (``also`` lists the
    other ids: the tables of a combination), or nothing where a slot belongs to no resource. ``slot`` is taken from a
    booking that is over when its slot is deleted. ``series_id`` binds the bookings of a recurring one, ``group_id`` those made together for several resources. ``answers`` is a list of
    ``{question, label, answer}`` as given. ``proposed`` is set while the business asks the customer to choose
    another time: a list of ``[instant, resource id]``. ``coming_at`` is when the customer said that they are coming,
    ``coming_for`` the start they said it of. ``paid_minor`` is what the ledger of payments comes to, kept here for lists;
    the ledger is the truth.
    """

    class State(models.TextChoices):
        HELD = "held", _("Held")
        AWAITING_PAYMENT = "awaiting_payment", _("Awaiting payment")
        REQUESTED = "requested", _("Requested")
        CONFIRMED = "confirmed", _("Confirmed")
        CHECKED_IN = "checked_in", _("Checked in")
        COMPLETED = "completed", _("Completed")
        NO_SHOW = "no_show", _("No-show")
        CANCELLED = "cancelled", _("Cancelled")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="bookings")
    reference = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State.choices)
    service = models.ForeignKey("catalog.Service", on_delete=models.PROTECT, related_name="bookings")
    resource = models.ForeignKey(
        "catalog.Resource", null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    also = models.JSONField(null=True, blank=True)
    slot = models.ForeignKey(
        "schedule.Slot", null=True, blank=True, on_delete=models.SET_NULL, related_name="bookings"
    )
    series_id = models.UUIDField(null=True, blank=True)
    group_id = models.UUIDField(null=True, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    timezone = models.CharField(max_length=64)
    local_start = models.CharField(max_length=16)
    local_on = models.DateField()
    party_size = models.PositiveIntegerField(default=1)
    contact = EncryptedJSONField(null=True, blank=True)
    notes = EncryptedTextField(null=True, blank=True)
    answers = EncryptedJSONField(null=True, blank=True)
    proposed = models.JSONField(null=True, blank=True)
    promo_code = models.CharField(max_length=40, blank=True, db_default="", default="")
    price_minor = models.BigIntegerField()
    deposit_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0, db_default=0)
    currency = models.CharField(max_length=3)
    policy = models.JSONField(default=dict)
    any_resource = models.BooleanField(default=False)
    releases_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    undo_state = models.CharField(max_length=16, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    coming_at = models.DateTimeField(null=True, blank=True)
    coming_for = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=10)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = (
            models.Index(fields=["business", "starts_at", "id"], name="booking_by_time"),
            models.Index(fields=["business", "customer", "starts_at"], name="booking_by_customer"),
            models.Index(fields=["business", "local_on", "resource"], name="booking_by_day"),
            models.Index(
                fields=["business", "account", "starts_at"],
                name="booking_by_account",
                condition=Q(account__isnull=False),
            ),
            models.Index(
                fields=["business", "slot"], name="booking_by_slot", condition=Q(slot__isnull=False)
            ),
            models.Index(
                fields=["business", "series_id"],
                name="booking_by_series",
                condition=Q(series_id__isnull=False),
            ),
            models.Index(
                fields=["business", "group_id"], name="booking_by_group", condition=Q(group_id__isnull=False)
            ),
            models.Index(
                fields=["releases_at"], name="booking_releases", condition=Q(releases_at__isnull=False)
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["business", "reference"], name="booking_reference_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_lasts"),
            models.CheckConstraint(condition=Q(party_size__gte=1), name="booking_party"),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(releases_at__isnull=False), name="booking_hold_ends"
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Rating(models.Model):
    """How a visit was, in the words of whoever came: one to five stars, and a line if they like (SPEC M1)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="rating")
    stars = models.PositiveSmallIntegerField()
    comment = EncryptedTextField(null=True, blank=True)
    rated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["business", "rated_at", "id"], name="rating_by_time"),)
        constraints = (
            models.CheckConstraint(condition=Q(stars__gte=1) & Q(stars__lte=5), name="rating_stars"),
        )

    def __str__(self) -> str:
        return f"{self.stars} of 5"


class Claim(models.Model):
    """This resource is taken from ``starts_at`` to ``ends_at`` (half open, buffers included) for this booking.

    A live claim is a row; releasing deletes it. That no two claims of a resource overlap is the database's own
    guarantee: an exclusion constraint on PostgreSQL, triggers on SQLite (``bookings/sql.py``).
    """

    id = models.BigAutoField(primary_key=True)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="claims")
    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, related_name="claims")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["business", "resource", "ends_at", "starts_at"], name="claim_by_time"),
        )
        constraints = (models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="claim_lasts"),)

    def __str__(self) -> str:
        return f"{self.resource_id} {self.starts_at:%Y-%m-%dT%H:%M}"


class BookingChange(models.Model):
    """One line of a booking's history: who did what, when, from where (SPEC D12). No personal data."""

    id = models.BigAutoField(primary_key=True)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    actor = models.CharField(max_length=120)
    account_id = models.UUIDField(null=True, blank=True)
    via = models.CharField(max_length=10)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["booking", "id"], name="change_of_booking"),)

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%dT%H:%M}"


class Request(models.Model):
    """What is asked for with a booking that needs an answer (S1): the event, the fee offered, what was said since.

    The time is the booking's, and so is ``releases_at``, by when it must be answered. ``counter`` is how the latest
    counter-offer stands; its empty parts leave the request's own as they are. ``option`` orders the holders of options on
    one date, the lowest first; what rank that is depends on who else is alive. ``challenged_at`` is when the holder of the
    first option was asked to confirm by the booking's ``releases_at``, on behalf of ``challenger``.
    """

    class Counter(models.TextChoices):
        NONE = "", _("None")
        OPEN = "open", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="request")
    venue_name = EncryptedTextField()
    venue_address = EncryptedTextField()
    details = EncryptedTextField()
    fee_minor = models.BigIntegerField()
    whole_day = models.BooleanField(default=False)
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    decline_reason = EncryptedTextField(null=True, blank=True)
    counter = models.CharField(max_length=10, choices=Counter.choices, blank=True, default=Counter.NONE)
    counter_fee_minor = models.BigIntegerField(null=True, blank=True)
    counter_starts_at = models.DateTimeField(null=True, blank=True)
    counter_ends_at = models.DateTimeField(null=True, blank=True)
    counter_message = EncryptedTextField(null=True, blank=True)
    countered_at = models.DateTimeField(null=True, blank=True)
    option = models.PositiveIntegerField(null=True, blank=True)
    challenged_at = models.DateTimeField(null=True, blank=True)
    challenger = models.ForeignKey(
        Booking, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = (
            models.Index(fields=["remind_at"], name="request_remind", condition=Q(remind_at__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="request_fee"),
            models.CheckConstraint(
                condition=Q(counter_fee_minor__isnull=True) | Q(counter_fee_minor__gte=0),
                name="request_counter_fee",
            ),
        )

    def __str__(self) -> str:
        return str(self.booking_id)


class RiderLine(models.Model):
    """One requirement of a rider as it was copied into a request: the customer answers it, staff check it off."""

    class Answer(models.TextChoices):
        NONE = "", _("No answer")
        YES = "yes", _("Can provide")
        DIFFERENT = "different", _("Different")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="rider")
    position = models.PositiveIntegerField()
    section = models.CharField(max_length=12)
    text = models.CharField(max_length=300)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True, default=Answer.NONE)
    comment = EncryptedTextField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=["request", "position"], name="rider_line_position"),)

    def __str__(self) -> str:
        return self.text


class RequestTemplate(models.Model):
    """Event details that a signed-in customer keeps to fill the form with (SPEC B5). Times are of the day, ``HH:MM``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = EncryptedTextField()
    venue_name = EncryptedTextField()
    venue_address = EncryptedTextField()
    details = EncryptedTextField()
    fee_minor = models.BigIntegerField(null=True, blank=True)
    from_time = models.CharField(max_length=5, blank=True)
    to_time = models.CharField(max_length=5, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=["business", "account", "created_at"], name="request_template_of"),)

    def __str__(self) -> str:
        return str(self.id)

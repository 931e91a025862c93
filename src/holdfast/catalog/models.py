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
    The columns of the deposit are added up (``rules/deposits.py``); ``guard`` is what is asked against missed visits
    where neither a deposit nor prepayment is.
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

    class Guard(models.TextChoices):
        AS_BUSINESS = "", _("As the business does")
        NOTHING = "nothing", _("Nothing")
        CONFIRM = "confirm", _("Confirming by a link")
        CARD = "card", _("A card on file")

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
    deposit_percent = models.PositiveSmallIntegerField(default=0, db_default=0)
    deposit_person_minor = models.BigIntegerField(default=0, db_default=0)
    deposit_party_least = models.PositiveIntegerField(default=1, db_default=1)
    deposit_weekdays = models.JSONField(null=True, blank=True)
    prepay = models.BooleanField(default=False)
    guard = models.CharField(
        max_length=10, choices=Guard.choices, blank=True, default=Guard.AS_BUSINESS, db_default=""
    )
    price_per_person = models.BooleanField(default=False)
    turn_minutes = models.JSONField(default=list, blank=True)
    pacing_covers = models.PositiveIntegerField(default=0)
    places_per_customer = models.PositiveIntegerField(default=1)
    answer_within_hours = models.PositiveIntegerField(default=72)
    waitlist_open = models.BooleanField(default=True, db_default=True)
    waitlist_limit = models.PositiveIntegerField(default=0, db_default=0)
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


class Combination(models.Model):
    """Tables that may be put together for one party, as the business arranged them (SPEC B3)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="combinations")
    name = models.CharField(max_length=120)
    seats_min = models.PositiveIntegerField()
    seats_max = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    tables = models.ManyToManyField(Resource, through="CombinationTable", related_name="combinations")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=["business", "position", "id"], name="combination_order"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(seats_min__gte=1) & Q(seats_max__gte=F("seats_min")), name="combination_seats"
            ),
        )

    def __str__(self) -> str:
        return self.name


class CombinationTable(models.Model):
    """This table is part of this combination."""

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    combination = models.ForeignKey(Combination, on_delete=models.CASCADE, related_name="parts")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="parts")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["business", "combination", "resource"], name="combination_table_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.resource_id} in {self.combination_id}"


class Adjacency(models.Model):
    """Two tables that stand side by side: any tables connected in this way can seat one party. ``first < second``."""

    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "adjacencies"
        constraints = (
            models.UniqueConstraint(fields=["business", "first", "second"], name="adjacency_once"),
            models.CheckConstraint(condition=Q(second__gt=F("first")), name="adjacency_order"),
        )

    def __str__(self) -> str:
        return f"{self.first_id} beside {self.second_id}"


class Question(models.Model):
    """What a service asks of whoever books it (SPEC B6).

    ``choices`` is a list of texts for ``choice``; ``least`` and ``most`` bound a ``number``. A ``consent`` is a sentence
    to be ticked. What was answered is kept with the booking, with the words as they were asked.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Short text")
        PARAGRAPH = "paragraph", _("Long text")
        CHOICE = "choice", _("Choice")
        NUMBER = "number", _("Number")
        CONSENT = "consent", _("Consent")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="questions")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="questions")
    label = models.CharField(max_length=200)
    hint = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    least = models.IntegerField(null=True, blank=True)
    most = models.IntegerField(null=True, blank=True)
    is_required = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=["business", "service", "position", "id"], name="question_order"),)

    def __str__(self) -> str:
        return self.label


class PriceRule(models.Model):
    """When a price differs from the service's own (SPEC B7); see ``rules/prices.py`` for what the rules add up to.

    What is empty does not narrow: no service means all of them, no ``weekdays`` (0 is Monday) every day, no
    ``from_minute`` and ``until_minute`` (of the day; a window may cross midnight) any time.
    """

    class Effect(models.TextChoices):
        FIXED = "fixed", _("Fixed price")
        AMOUNT = "amount", _("Amount more or less")
        PERCENT = "percent", _("Percent more or less")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="price_rules")
    name = models.CharField(max_length=80)
    service = models.ForeignKey(
        Service, null=True, blank=True, on_delete=models.CASCADE, related_name="price_rules"
    )
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.CASCADE, related_name="price_rules"
    )
    weekdays = models.JSONField(default=list, blank=True)
    from_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    until_minute = models.PositiveSmallIntegerField(null=True, blank=True)
    party_least = models.PositiveIntegerField(null=True, blank=True)
    party_most = models.PositiveIntegerField(null=True, blank=True)
    effect = models.CharField(max_length=8, choices=Effect.choices)
    amount_minor = models.BigIntegerField(default=0)
    percent = models.IntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("position", "id")
        indexes = (models.Index(fields=["business", "position", "id"], name="price_rule_order"),)

    def __str__(self) -> str:
        return self.name


class Promotion(models.Model):
    """A code that lowers the price (SPEC B7). ``code`` is kept in capitals.

    ``service_ids`` is a list of ids, empty for all services; the dates are the business's own, both included; a limit
    of 0 means none. ``uses`` counts the bookings that stand: it rises and falls with them in the same transaction.
    """

    class Effect(models.TextChoices):
        AMOUNT = "amount", _("Amount off")
        PERCENT = "percent", _("Percent off")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    business = models.ForeignKey("businesses.Business", on_delete=models.CASCADE, related_name="promotions")
    code = models.CharField(max_length=40)
    effect = models.CharField(max_length=8, choices=Effect.choices)
    amount_minor = models.BigIntegerField(default=0)
    percent = models.IntegerField(default=0)
    service_ids = models.JSONField(default=list, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    most_uses = models.PositiveIntegerField(default=0)
    most_uses_per_customer = models.PositiveIntegerField(default=0)
    uses = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=["business", "code"], name="promotion_code_once"),
            models.CheckConstraint(
                condition=Q(most_uses=0) | Q(uses__lte=F("most_uses")), name="promotion_uses"
            ),
        )

    def __str__(self) -> str:
        return self.code

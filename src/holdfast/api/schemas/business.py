"""A business as others see it, and its settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.conf import settings as installation
from pydantic import BaseModel, ConfigDict, Field

from holdfast.businesses.queries import BusinessFacts
from holdfast.businesses.rules import BOUNDS, WEIGHT_NAMES, Settings, write_settings

STRICT = ConfigDict(extra="forbid", strict=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for described in schema.get("properties", {}).values():
        described.pop("default", None)


# For bodies that change some of a thing: what is left out stays, so the defaults mean nothing.
PARTIAL = ConfigDict(extra="forbid", strict=True, json_schema_extra=_without_defaults)


def described(*, example: dict[str, Any]) -> ConfigDict:
    """A strict body with an example for its readers."""
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [example]})


Payments = Literal["counter", "demo", "stripe"]
Blueprint = Literal["venue", "artist", "barbershop", "waitlist", "counter"]


class BusinessOut(BaseModel):
    """The public profile of a business."""

    slug: str
    name: str
    blueprint: Blueprint
    timezone: str
    currency: str
    language: str
    tagline: str
    email: str
    phone: str
    address: str
    logo_url: str | None
    online_booking: bool
    waitlist: bool
    accent: str


class ProfileChange(BaseModel):
    """What to change of the profile; what is left out stays."""

    model_config = PARTIAL

    name: Annotated[str, Field(max_length=120)] = ""
    tagline: Annotated[str, Field(max_length=160)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    address: Annotated[str, Field(max_length=300)] = ""


def _bounded(name: str, description: str | None = None) -> Any:
    least, most = BOUNDS[name]
    return Field(default=None, ge=least, le=most, description=description)


ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ReminderMinutes = Annotated[int, Field(ge=15, le=43200)]


class SettingsOut(BaseModel):
    """A business's choices. A limit of 0 means "no limit"."""

    online_booking: bool
    hold_minutes: int
    earliest_notice_minutes: int
    furthest_ahead_days: int
    cancellation_notice_minutes: int
    reschedule_notice_minutes: int
    maximum_tables: int
    bookings_per_customer_per_day: int
    upcoming_bookings_per_customer: int
    late_after_minutes: int
    challenge_hours: int
    requests_keep_hours: bool
    waitlist: bool
    waitlist_cutoff_minutes: int
    waitlist_messages_per_day: int
    waitlist_messages_per_minute: int
    waitlist_half_minutes: int
    waitlist_ageing_minutes: int
    weight_waiting: int
    weight_tier: int
    weight_reliability: int
    weight_fit: int
    weight_urgency: int
    weight_passed_over: int
    weights_total: Annotated[int, Field(description="The sum of the weights: a factor counts for its share.")]
    reminder_minutes: list[int]
    confirm_minutes: int
    thanks_minutes: int
    staff_copies: bool
    discreet_messages: bool
    signature: str
    sender_name: Annotated[str, Field(description="Whom mail is from; empty for the business’s name.")]
    reply_to: Annotated[str, Field(description="Where answers go; empty for the business’s address.")]
    messages_per_person_per_day: int
    messages_per_hour: int
    sms: Annotated[bool, Field(description="Reminders, offers and calls go by text as well.")]
    sms_prefix: Annotated[str, Field(description="The country of numbers without one, such as `+44`.")]
    require_second_factor: Annotated[
        bool, Field(description="Everybody who works here signs in with a second step.")
    ]
    quiet_hours: list[str] | None
    public_holidays: str | None
    payments: Annotated[Payments, Field(description="How money is taken: there, or on the pages.")]
    pay_within_minutes: int
    refund_full_minutes: int
    refund_part_minutes: int
    refund_part_percent: int
    refund_late_percent: int
    guard: Annotated[
        Literal["nothing", "confirm", "card"],
        Field(description="What is asked where a service asks for neither deposit nor prepayment."),
    ]
    missed_from: int
    missed_guard: Literal["confirm", "card", "deposit", "prepay"]
    kept_from: int
    no_show_fee_percent: int
    tax_basis_points: int
    tax_number: str
    accent: str


class SettingsChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = PARTIAL

    online_booking: bool = False
    hold_minutes: int = _bounded("hold_minutes")
    earliest_notice_minutes: int = _bounded("earliest_notice_minutes")
    furthest_ahead_days: int = _bounded("furthest_ahead_days")
    cancellation_notice_minutes: int = _bounded("cancellation_notice_minutes")
    reschedule_notice_minutes: int = _bounded("reschedule_notice_minutes")
    maximum_tables: int = _bounded("maximum_tables")
    bookings_per_customer_per_day: int = _bounded("bookings_per_customer_per_day")
    upcoming_bookings_per_customer: int = _bounded("upcoming_bookings_per_customer")
    late_after_minutes: int = _bounded("late_after_minutes")
    challenge_hours: int = _bounded("challenge_hours")
    requests_keep_hours: bool = True
    waitlist: bool = True
    waitlist_cutoff_minutes: int = _bounded(
        "waitlist_cutoff_minutes", "Nobody is asked for what begins sooner than this."
    )
    waitlist_messages_per_day: int = _bounded(
        "waitlist_messages_per_day", "Offers that one person is sent in a day at most."
    )
    waitlist_messages_per_minute: int = _bounded(
        "waitlist_messages_per_minute", "Offers that are sent to all in a minute at most."
    )
    waitlist_half_minutes: int = _bounded(
        "waitlist_half_minutes", "Who has waited so long has half of what waiting can count."
    )
    waitlist_ageing_minutes: int = _bounded(
        "waitlist_ageing_minutes", "Who has waited so long is before everybody who just came."
    )
    weight_waiting: int = _bounded("weight_waiting", "What the time somebody waited weighs.")
    weight_tier: int = _bounded("weight_tier", "What a customer’s tier weighs.")
    weight_reliability: int = _bounded("weight_reliability", "What visits kept and not kept weigh.")
    weight_fit: int = _bounded("weight_fit", "What it weighs to use a place well.")
    weight_urgency: int = _bounded("weight_urgency", "What it weighs that a wish ends soon.")
    weight_passed_over: int = _bounded("weight_passed_over", "What it weighs that others were asked first.")
    reminder_minutes: Annotated[list[ReminderMinutes], Field(max_length=5)] = []
    confirm_minutes: int = _bounded(
        "confirm_minutes", "How long before the start customers are asked whether they come; 0: never."
    )
    thanks_minutes: int = _bounded(
        "thanks_minutes", "How long after a visit customers are thanked and asked how it was; 0: never."
    )
    staff_copies: bool = False
    discreet_messages: Annotated[bool, Field(description="Messages to customers name no service.")] = False
    signature: Annotated[
        str, Field(max_length=500, description="What stands below a letter; empty: name, address and phone.")
    ] = ""
    sender_name: Annotated[str, Field(max_length=80, description="Without `<`, `>` and `@`.")] = ""
    reply_to: Annotated[str, Field(max_length=254)] = ""
    messages_per_person_per_day: int = _bounded(
        "messages_per_person_per_day", "Messages that one customer is sent in 24 hours at most."
    )
    messages_per_hour: int = _bounded(
        "messages_per_hour", "Messages of the business that are sent in an hour at most."
    )
    sms: bool = False
    sms_prefix: Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{0,3})?$")] = ""
    require_second_factor: bool = False
    quiet_hours: Annotated[list[ClockTime], Field(min_length=2, max_length=2)] | None = None
    public_holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$")] | None = None
    payments: Payments = "counter"
    pay_within_minutes: int = _bounded(
        "pay_within_minutes", "A time is kept so long for its payment, never beyond its start."
    )
    refund_full_minutes: int = _bounded(
        "refund_full_minutes", "Who cancels at least so long before the start gets everything back."
    )
    refund_part_minutes: int = _bounded(
        "refund_part_minutes", "Who cancels later, but so long before, gets a part back."
    )
    refund_part_percent: int = _bounded("refund_part_percent", "That part, in hundredths.")
    refund_late_percent: int = _bounded("refund_late_percent", "What comes back after that, in hundredths.")
    guard: Literal["nothing", "confirm", "card"] = "nothing"
    missed_from: int = _bounded(
        "missed_from", "Who missed so many visits in a year is asked for more; 0: nobody is."
    )
    missed_guard: Literal["confirm", "card", "deposit", "prepay"] = "prepay"
    kept_from: int = _bounded(
        "kept_from", "Who kept so many visits in a year and missed none is spared the deposit; 0: nobody is."
    )
    no_show_fee_percent: int = _bounded("no_show_fee_percent", "Of the price, as a no-show fee.")
    tax_basis_points: int = _bounded(
        "tax_basis_points", "The tax in all prices, in hundredths of a percent: 2000 is 20 %."
    )
    tax_number: Annotated[str, Field(max_length=40, description="Shown on receipts.")] = ""
    accent: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = ""


def show_business(business: BusinessFacts) -> dict[str, Any]:
    """The public profile."""
    return {
        "slug": business.slug,
        "name": business.name,
        "blueprint": business.blueprint,
        "timezone": business.timezone,
        "currency": business.currency,
        "language": business.language,
        "tagline": business.tagline,
        "email": business.email,
        "phone": business.phone,
        "address": business.address,
        "logo_url": f"{installation.BASE_URL}/logo/{business.logo}.png" if business.logo else None,
        "online_booking": business.settings.online_booking,
        "waitlist": business.settings.waitlist,
        "accent": business.settings.accent,
    }


def show_settings(settings: Settings) -> dict[str, Any]:
    """All settings, and what the weights of the waitlist come to."""
    total = sum(getattr(settings, name) for name in WEIGHT_NAMES)
    return write_settings(settings) | {"weights_total": total}

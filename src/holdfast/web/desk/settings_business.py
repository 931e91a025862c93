"""Settings of the business itself: what the public sees of it, and the rules of booking (SPEC A3)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.commands import (
    change_business_settings,
    change_logo,
    change_profile,
    remove_logo,
)
from holdfast.businesses.rules import BOUNDS, Action, Settings
from holdfast.lib.refusals import Invalid
from holdfast.schedule.queries import holidays_in
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, Mistakes, whole_number
from holdfast.web.desk.settings_pages import Group, saved, settings_page, write_settings
from holdfast.web.desk.settings_payments import PAYMENT_SETTINGS

_PROFILE = ("name", "tagline", "email", "phone", "address")
# The waitlist, payments and messages have pages of their own.
NUMBERS = tuple(
    name
    for name in BOUNDS
    if not name.startswith(("waitlist_", "weight_", "confirm_", "thanks_", "messages_"))
    and name not in PAYMENT_SETTINGS
)
_SWITCHES = ("online_booking", "staff_copies", "requests_keep_hours", "require_second_factor")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def profile(desk: Desk) -> HttpResponse:
    """Name and contact of the business, and its accent colour."""
    business = desk.business
    values: dict[str, str] = {name: getattr(business, name) for name in _PROFILE}
    values["accent"] = business.settings.accent
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        do = desk.request.POST.get("do", "")
        try:
            if do in ("logo", "no-logo"):
                _write_logo(desk, is_removed=do == "no-logo")
            else:
                values = {name: desk.request.POST.get(name, "") for name in values}
                _write_profile(desk, dict(values))
            return saved(desk, "profile")
        except Invalid as refusal:
            errors = words.mistakes(refusal)
            if refusal.fields.get("logo") == [("required", {})]:
                errors["logo"] = [_("Choose a picture.")]
    groups = _profile_groups(values, errors, is_fixed=not desk.may(Action.CHANGE_SETTINGS))
    context = {"groups": groups, "logo_errors": errors.get("logo", ())}
    return settings_page(desk, "desk/settings_profile.html", "profile", _("Business"), context, errors=errors)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def rules(desk: Desk) -> HttpResponse:
    """The rules of booking, each with its help and its bounds."""
    settings = desk.business.settings
    values = _typed(settings)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        values = {name: desk.request.POST.get(name, "") for name in values}
        mistakes: Mistakes = {}
        wanted = _read(values, mistakes, desk.today.year)
        errors = write_settings(desk, wanted, mistakes)
        if not errors:
            return saved(desk, "rules")
    groups = _rule_groups(values, errors, is_fixed=not desk.may(Action.CHANGE_SETTINGS))
    return settings_page(
        desk, "desk/settings_form.html", "rules", _("Booking rules"), {"groups": groups}, errors=errors
    )


def _write_logo(desk: Desk, *, is_removed: bool) -> None:
    """Refusals: :class:`Invalid` on ``logo``."""
    if is_removed:
        remove_logo(actor=desk.actor, business_id=desk.business.id)
        return
    sent = desk.request.FILES.get("logo")
    picture = sent.read() if sent is not None and not isinstance(sent, list) else b""
    change_logo(actor=desk.actor, business_id=desk.business.id, picture=picture)


def _write_profile(desk: Desk, values: dict[str, str]) -> None:
    accent = values.pop("accent").strip().lower()
    found: Mistakes = {}
    for change in (
        lambda: change_profile(actor=desk.actor, business_id=desk.business.id, wanted=values),
        lambda: change_business_settings(
            actor=desk.actor, business_id=desk.business.id, wanted={"accent": accent}
        ),
    ):
        if found:
            break
        try:
            change()
        except Invalid as refusal:
            found |= refusal.fields
    if found:
        raise Invalid(found)


def _profile_groups(values: dict[str, str], errors: Errors, *, is_fixed: bool) -> list[Group]:
    def text(name: str, label: str, hint: str = "", kind: str = "text", limit: int = 160) -> Field:
        return Field(
            name,
            label,
            values[name],
            kind,
            hint,
            limit=limit,
            required=name in ("name", "accent"),
            errors=errors.get(name, ()),
            is_fixed=is_fixed,
        )

    return [
        Group(
            _("What customers see"),
            [
                text("name", _("Name"), limit=120),
                text(
                    "tagline",
                    _("Line below the name"),
                    _("Such as what you do and where: Barbers, Briggate."),
                ),
                text("address", _("Address"), _("Shown on the booking page and in messages."), limit=300),
            ],
        ),
        Group(
            _("How customers reach you"),
            [
                text("email", _("Email"), _("Answers to your messages go here."), "email", 254),
                text("phone", _("Phone"), "", "tel", 40),
            ],
        ),
        Group(
            _("Colour"),
            [
                text(
                    "accent",
                    _("Accent colour"),
                    _(
                        "Its hue is kept; its brightness is set so that everything stays readable, by day and by night."
                    ),
                    "color",
                )
            ],
        ),
    ]


def _typed(settings: Settings) -> dict[str, str]:
    """Settings as they stand in the form."""
    values = {name: str(getattr(settings, name)) for name in NUMBERS}
    values |= {name: "on" if getattr(settings, name) else "" for name in _SWITCHES}
    values["reminder_minutes"] = ", ".join(f"{minutes / 60:g}" for minutes in settings.reminder_minutes)
    values["quiet_from"], values["quiet_to"] = settings.quiet_hours or ("", "")
    values["public_holidays"] = settings.public_holidays or ""
    return values


def _read(values: dict[str, str], mistakes: Mistakes, year: int) -> dict[str, Any]:
    wanted: dict[str, Any] = {name: bool(values[name]) for name in _SWITCHES}
    for name in NUMBERS:
        wanted[name] = whole_number(values[name], name, mistakes)
    wanted["reminder_minutes"] = _reminders(values["reminder_minutes"], mistakes)
    quiet = [values["quiet_from"].strip()[:5], values["quiet_to"].strip()[:5]]
    wanted["quiet_hours"] = quiet if any(quiet) else None
    if any(quiet) and not all(quiet):
        mistakes["quiet_hours"] = [("required", {})]
    place = values["public_holidays"].strip().upper()
    wanted["public_holidays"] = place or None
    if place and not holidays_in(place=place, year=year):
        mistakes["public_holidays"] = [("unknown_country", {})]
    return wanted


def _reminders(text: str, mistakes: Mistakes) -> list[int]:
    """Hours before the start, with commas between them, as minutes."""
    minutes: list[int] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            minutes.append(round(float(part) * 60))
        except (ValueError, OverflowError):
            mistakes["reminder_minutes"] = [("wrong_type", {})]
    return minutes


def _rule_groups(values: dict[str, str], errors: Errors, *, is_fixed: bool) -> list[Group]:
    def number(name: str, label: str, unit: str, hint: str) -> Field:
        least, most = BOUNDS[name]
        return Field(
            name, label, values[name], "number", hint, unit, required=True, least=str(least), most=str(most),
            errors=errors.get(name, ()), is_fixed=is_fixed,
        )  # fmt: skip

    def switch(name: str, label: str, hint: str) -> Field:
        return Field(
            name, label, kind="checkbox", hint=hint, is_checked=bool(values[name]), is_fixed=is_fixed
        )

    def text(name: str, label: str, hint: str, kind: str = "text") -> Field:
        found = errors.get(name, ()) or (errors.get("quiet_hours", ()) if name == "quiet_from" else ())
        return Field(name, label, values[name], kind, hint, errors=found, limit=60, is_fixed=is_fixed)

    minutes, days = _("minutes"), _("days")
    return [
        Group(_("Online booking"), [
            switch("online_booking", _("Customers can book online"), _("Off, the desk can still book, and nothing is lost.")),
            number("earliest_notice_minutes", _("Earliest notice"), minutes, _("How long before the start a customer can still book.")),
            number("furthest_ahead_days", _("Furthest ahead"), days, _("How many days ahead times are offered.")),
            number("hold_minutes", _("Hold"), minutes, _("How long a chosen time is kept while a customer fills in the details.")),
        ]),
        Group(_("Changes by customers"), [
            number("cancellation_notice_minutes", _("Notice to cancel"), minutes, _("1440 minutes are a day. Bookings keep the notice that held when they were made.")),
            number("reschedule_notice_minutes", _("Notice to move"), minutes, _("As for cancelling.")),
        ]),
        Group(_("Limits"), [
            number("bookings_per_customer_per_day", _("Bookings per customer and day"), "", _("0 means no limit.")),
            number("upcoming_bookings_per_customer", _("Upcoming bookings per customer"), "", _("0 means no limit.")),
            number("maximum_tables", _("Tables joined at most"), "", _("For parties that no single table holds.")),
        ]),
        Group(_("Requests"), [
            switch("requests_keep_hours", _("Only within opening hours"), _("Off, people can ask for any time of day.")),
            number("challenge_hours", _("Time to confirm an option"), _("hours"), _("When another option asks the first one to confirm or to let the date go.")),
        ]),
        Group(_("Signing in"), [
            switch("require_second_factor", _("Everybody who works here needs a second step"), _("An authenticator app or a passkey beside the password. Who has none sets one up at the next page.")),
        ]),
        Group(_("Desk and messages"), [
            number("late_after_minutes", _("Late after"), minutes, _("When the day view shows somebody as late.")),
            text("reminder_minutes", _("Reminders, hours before the start"), _("At most five, with commas: 24, 2. Empty for none.")),
            switch("staff_copies", _("Copy every message to the business"), _("Bookings, changes and cancellations, to the address of the business.")),
            text("quiet_from", _("Quiet from"), _("No reminders go out in quiet hours."), "time"),
            text("quiet_to", _("Quiet until"), "", "time"),
            text("public_holidays", _("Closed on public holidays of"), _("A country, or a part of one: GB, GB-ENG, DE-BY. Empty for none.")),
        ]),
    ]  # fmt: skip

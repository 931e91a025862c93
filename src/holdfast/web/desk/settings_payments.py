"""Settings of money: how it is taken, what comes back, what is asked against missed visits, the tax in prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import BOUNDS, TAX_NUMBER_LIMIT, Action, Settings
from holdfast.payments.queries import ways
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, Mistakes, choices, whole_number
from holdfast.web.desk.settings_pages import Group, saved, settings_page, write_settings

_NUMBERS = (
    "pay_within_minutes", "refund_full_minutes", "refund_part_minutes", "refund_part_percent",
    "refund_late_percent", "missed_from", "kept_from", "no_show_fee_percent",
)  # fmt: skip
_TEXTS = ("payments", "guard", "missed_guard", "tax_number")
PAYMENT_SETTINGS = (*_NUMBERS, *_TEXTS, "tax_basis_points")
WAYS = {
    "counter": gettext_lazy("At the counter"),
    "stripe": gettext_lazy("Online, through Stripe"),
    "demo": gettext_lazy("Online, played: no money moves"),
}
GUARDS = {
    "nothing": gettext_lazy("Nothing"),
    "confirm": gettext_lazy("Confirming by a link"),
    "card": gettext_lazy("A card on file"),
    "deposit": gettext_lazy("The deposit; half of the price where there is none"),
    "prepay": gettext_lazy("The whole price"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def payments(desk: Desk) -> HttpResponse:
    """How money is taken, each setting with its help and its bounds."""
    values = _typed(desk.business.settings)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        mistakes: Mistakes = {}
        values = {name: desk.request.POST.get(name, "") for name in values}
        wanted = _read(values, mistakes)
        errors = write_settings(desk, wanted, mistakes)
        if not errors:
            return saved(desk, "settings_payments")
    fixed = not desk.may(Action.CHANGE_SETTINGS)
    context = {"groups": _groups(values, errors, is_fixed=fixed)}
    return settings_page(
        desk, "desk/settings_form.html", "settings_payments", _("Payments"), context, errors=errors
    )


def _typed(settings: Settings) -> dict[str, str]:
    """The settings as they stand in the form."""
    values = {name: str(getattr(settings, name)) for name in (*_NUMBERS, *_TEXTS)}
    whole, part = divmod(settings.tax_basis_points, 100)
    return values | {"tax_basis_points": f"{whole}.{part:02}" if part else str(whole)}


def _read(values: Mapping[str, str], mistakes: Mistakes) -> dict[str, Any]:
    wanted: dict[str, Any] = {name: whole_number(values[name], name, mistakes) for name in _NUMBERS}
    wanted |= {name: values[name].strip() for name in _TEXTS}
    return wanted | {"tax_basis_points": _basis_points(values["tax_basis_points"], mistakes)}


def _basis_points(text: str, mistakes: Mistakes) -> int | None:
    """A typed rate such as ``20`` or ``7,5`` in hundredths of a percent."""
    whole, _dot, part = text.strip().replace(",", ".").partition(".")
    digits = f"{whole}{part}" or "0"
    if not (digits.isascii() and digits.isdecimal()) or len(whole) > 3 or len(part) > 2:
        mistakes["tax_basis_points"] = [("not_a_rate", {})]
        return None
    points = int(whole or 0) * 100 + int(part.ljust(2, "0") or 0)
    if points > BOUNDS["tax_basis_points"][1]:
        mistakes["tax_basis_points"] = [("not_a_rate", {})]
        return None
    return points


def _groups(values: Mapping[str, str], errors: Errors, *, is_fixed: bool) -> list[Group]:
    def make(name: str, label: str, kind: str, hint: str = "", **more: Any) -> Field:
        return Field(
            name, label, values[name], kind, hint, errors=errors.get(name, ()), is_fixed=is_fixed, **more
        )

    def number(name: str, label: str, unit: str, hint: str = "") -> Field:
        least, most = BOUNDS[name]
        return make(name, label, "number", hint, unit=unit, required=True, least=str(least), most=str(most))

    def select(name: str, label: str, options: Mapping[str, str], hint: str = "") -> Field:
        return make(name, label, "select", hint, choices=choices(options, values[name]))

    minutes, percent = _("minutes"), "%"
    here = {way: str(WAYS[way]) for way in WAYS if way in ways() or way == values["payments"]}
    low = {name: str(GUARDS[name]) for name in ("nothing", "confirm", "card")}
    high = {name: str(GUARDS[name]) for name in ("confirm", "card", "deposit", "prepay")}
    return [
        Group(_("How money is taken"), [
            select("payments", _("Customers pay"), here, _("Deposits and prepayment are asked for online only. What the installation is not set up for is not in the list.")),
            number("pay_within_minutes", _("A time is kept for its payment"), minutes, _("Never beyond its start. Unpaid times go back on sale. Stripe keeps a payment page open for at least 30 minutes.")),
        ]),
        Group(_("What comes back when a customer cancels"), [
            number("refund_full_minutes", _("Everything, until"), minutes, _("Before the start. 1440 minutes are a day.")),
            number("refund_part_minutes", _("A part, until"), minutes, _("Before the start. The same as above, or more: there is no such stretch.")),
            number("refund_part_percent", _("That part"), percent, _("Of what was paid.")),
            number("refund_late_percent", _("After that"), percent, _("Of what was paid, until the start. 0: it is kept.")),
        ], _("Bookings keep the terms they were made under. Whatever is cancelled by the business, or declined, is given back whole.")),
        Group(_("Against missed visits"), [
            select("guard", _("Of everybody, ask for"), low, _("Where a service asks for neither a deposit nor prepayment. A service can say otherwise.")),
            number("missed_from", _("Ask for more after"), _("missed visits"), _("In the last year, the customer's own. 0: never.")),
            select("missed_guard", _("Then ask for"), high, _("Never less than the service asks anyway.")),
            number("kept_from", _("Spare the deposit after"), _("kept visits"), _("In the last year, if none was missed. Prepayment stays. 0: never.")),
            number("no_show_fee_percent", _("No-show fee"), percent, _("Of the price. It is charged only when somebody at the desk says so, and only to a card on file.")),
        ]),
        Group(_("Tax"), [
            make("tax_basis_points", _("Tax in all prices"), "text", _("Prices are with tax; receipts show how much of them it is. 0: none is shown."), unit=percent, limit=6),
            make("tax_number", _("Tax number"), "text", _("Shown on receipts."), limit=TAX_NUMBER_LIMIT),
        ]),
    ]  # fmt: skip

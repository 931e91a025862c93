"""Settings of messages: whom they are from, how many go, and texts (SPEC H3, H5)."""

from __future__ import annotations

from typing import Any

from django.conf import settings as installation
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.rules import BOUNDS, Action, Settings
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, Mistakes, whole_number
from holdfast.web.desk.settings_pages import Group, saved, settings_page, write_settings

_NUMBERS = ("messages_per_person_per_day", "messages_per_hour")
_TEXTS = ("sender_name", "reply_to", "sms_prefix")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def messages(desk: Desk) -> HttpResponse:
    """Sender, limits and texts, each with its help and its bounds."""
    values = _typed(desk.business.settings)
    errors: Errors = {}
    if desk.request.method == "POST":
        desk.require(Action.CHANGE_SETTINGS)
        values = {name: desk.request.POST.get(name, "") for name in values}
        mistakes: Mistakes = {}
        wanted = _read(values, mistakes)
        errors = write_settings(desk, wanted, mistakes)
        if not errors:
            return saved(desk, "settings_messages")
    groups = _groups(desk, values, errors)
    return settings_page(
        desk, "desk/settings_form.html", "settings_messages", _("Messages"), {"groups": groups}, errors=errors
    )


def _typed(settings: Settings) -> dict[str, str]:
    """The settings as they stand in the form."""
    values = {name: str(getattr(settings, name)) for name in (*_NUMBERS, *_TEXTS)}
    return values | {"sms": "on" if settings.sms else ""}


def _read(values: dict[str, str], mistakes: Mistakes) -> dict[str, Any]:
    wanted: dict[str, Any] = {name: whole_number(values[name], name, mistakes) for name in _NUMBERS}
    wanted |= {name: values[name].strip() for name in _TEXTS}
    prefix = "".join(values["sms_prefix"].split())
    wanted["sms_prefix"] = f"+{prefix[2:]}" if prefix.startswith("00") else prefix
    return wanted | {"sms": bool(values["sms"])}


def _groups(desk: Desk, values: dict[str, str], errors: Errors) -> list[Group]:
    is_fixed = not desk.may(Action.CHANGE_SETTINGS)

    def number(name: str, label: str, hint: str) -> Field:
        least, most = BOUNDS[name]
        return Field(
            name, label, values[name], "number", hint, required=True, least=str(least), most=str(most),
            errors=errors.get(name, ()), is_fixed=is_fixed,
        )  # fmt: skip

    def text(name: str, label: str, hint: str, kind: str = "text", limit: int = 80) -> Field:
        return Field(
            name, label, values[name], kind, hint, errors=errors.get(name, ()), limit=limit, is_fixed=is_fixed
        )

    switch = Field(
        "sms", _("Send texts as well"), kind="checkbox", is_checked=bool(values["sms"]), is_fixed=is_fixed,
        hint=_("Reminders, offers of the waitlist and calls, to customers who gave a number. They can end it by answering STOP."),
    )  # fmt: skip
    about = (
        ""
        if installation.SMS_PROVIDER
        else _("This installation cannot send texts yet. Its operator can set that up.")
    )
    if installation.SMS_PROVIDER == "console":
        about = _("This installation prints texts instead of sending them.")
    return [
        Group(_("Whom mail is from"), [
            text("sender_name", _("Sender"), _("Empty for the name of the business. The address is the installation's.")),
            text("reply_to", _("Answers go to"), _("Empty for the email address of the business."), "email", 254),
        ]),
        Group(_("How much is sent"), [
            number("messages_per_person_per_day", _("Messages to one customer a day"), _("Whatever is more waits. Codes, and what you send again yourself, go all the same. 0 means no limit.")),
            number("messages_per_hour", _("Messages an hour"), _("Of the whole business. 0 means no limit.")),
        ], _("Reminders, quiet hours and copies to the desk are among the booking rules.")),
        Group(_("Texts"), [
            switch,
            text("sms_prefix", _("Country of numbers without one"), _("Such as +44: makes +44 113 496 0000 of 0113 496 0000. Empty, only numbers with a + are texted."), "tel", 6),
        ], about),
    ]  # fmt: skip

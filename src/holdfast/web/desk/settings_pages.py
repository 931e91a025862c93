"""What all settings pages share: their tabs, their form page, and the answer after a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from holdfast.availability.commands import change_settings
from holdfast.businesses.rules import PERMISSIONS, Action
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Invalid
from holdfast.web.desk import words
from holdfast.web.desk.access import Desk
from holdfast.web.desk.fields import Errors, Field, Mistakes, as_errors, summary
from holdfast.web.desk.impact import care_of


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, under a title."""

    title: str
    fields: Sequence[Field]
    about: str = ""


def tabs(desk: Desk) -> list[dict[str, str]]:
    """The settings pages in the order in which somebody sets a business up."""
    named = [
        ("profile", _("Business"), "business"),
        ("hours", _("Opening hours"), "hours"),
        ("exceptions", _("Days off and breaks"), "calendar"),
        ("services", _("Services"), "service"),
        ("resources", _("People and places"), "people"),
        *_tables_together(desk),
        ("prices", _("Prices"), "list"),
        ("codes", _("Promotion codes"), "key"),
        ("rules", _("Booking rules"), "policy"),
        ("settings_payments", _("Payments"), "card"),
        ("settings_waitlist", _("Waitlist"), "people"),
        ("letters", _("Letters"), "mail"),
        ("settings_messages", _("Sending"), "phone"),
        ("privacy", _("Privacy notice"), "lock"),
        *_people_let_in(desk),
        *([("audit", _("Audit trail"), "list")] if desk.may(Action.SEE_AUDIT) else []),
    ]
    if any(service.mode == "request" for service in desk.timetable.services.values()):
        named.insert(4, ("riders", _("Riders"), "list"))
    return [
        {
            "name": name,
            "label": label,
            "icon": icon,
            "url": reverse(f"desk:{name}", args=[desk.business.slug]),
        }
        for name, label, icon in named
    ]


def _people_let_in(desk: Desk) -> list[tuple[str, str, str]]:
    """The pages about who may come in, for whom may see them."""
    pages = [
        (Action.SEE_MEMBERS, ("members", _("Members"), "walk-in")),
        (Action.CHANGE_TOKENS, ("tokens", _("Tokens"), "code")),
        (Action.CHANGE_WEBHOOKS, ("webhooks", _("Webhooks"), "code")),
        (Action.SEE_MEMBERS, ("access_review", _("Access review"), "eye")),
    ]
    return [page for action, page in pages if desk.may(action)]


def _tables_together(desk: Desk) -> list[tuple[str, str, str]]:
    """The page of the floor, where there is one."""
    has_tables = any(resource.kind == "table" for resource in desk.timetable.resources.values())
    return [("floor", _("Tables together"), "resource")] if has_tables else []


def settings_page(
    desk: Desk,
    template: str,
    tab: str,
    title: str,
    context: Mapping[str, Any],
    *,
    action: Action = Action.CHANGE_SETTINGS,
    errors: Errors | None = None,
) -> HttpResponse:
    """A page of the settings: 422 with a summary when something has to be fixed.

    Staff see it and may not change it; ``action`` is what a change needs.
    """
    shared = {
        "section": "settings",
        "tabs": tabs(desk),
        "chosen_tab": tab,
        "title": title,
        "read_only": not desk.may(action),
        "read_only_words": _("You can read this. An admin can change it.")
        if PERMISSIONS[action] is Role.ADMIN
        else _("You can read this. A manager can change it."),
        "mistakes": summary(errors or {}),
        "saved": _("Saved.") if desk.request.GET.get("saved") and not errors else "",
        "save_words": _("Save"),
    }
    return desk.render(template, shared | dict(context), status=422 if errors else 200)


def write_settings(desk: Desk, wanted: Mapping[str, Any], mistakes: Mistakes) -> Errors:
    """Change the business's settings to what was typed, if it could be read; what is wrong with it, nothing once it is
    done. Refusals: :class:`WouldStrand`."""
    if mistakes:
        return as_errors(mistakes)
    try:
        change_settings(
            actor=desk.actor, business_id=desk.business.id, wanted=dict(wanted), care=care_of(desk)
        )
    except Invalid as refusal:
        return words.mistakes(refusal)
    return {}


def saved(desk: Desk, name: str, *args: object, query: str = "") -> HttpResponse:
    """Back to a settings page, which then says that it is saved."""
    address = reverse(f"desk:{name}", args=[desk.business.slug, *args])
    return redirect(f"{address}?{query}{'&' if query else ''}saved=1")

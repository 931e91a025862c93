"""Roles and what they may do, in words: for the desk's pages and for the guide (docs/guides/roles.md)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from holdfast.businesses.rules import MEMBER_ROLES, PERMISSIONS, Action
from holdfast.lib.actors import Role
from holdfast.web.desk import words

ABOUT: Mapping[Role, Promise] = {
    Role.STAFF: gettext_lazy("Works at the desk: bookings, customers, the waitlist."),
    Role.MANAGER: gettext_lazy("Also changes what is offered, and exports bookings."),
    Role.ADMIN: gettext_lazy("Also lets people and programs in."),
}
ACTIONS: Mapping[Action, Promise] = {
    Action.SEE_PROFILE: gettext_lazy("See what is offered and when it is free"),
    Action.BOOK: gettext_lazy("Book for oneself"),
    Action.SEE_BOOKINGS: gettext_lazy("See bookings"),
    Action.BOOK_FOR_OTHERS: gettext_lazy("Book for customers"),
    Action.CHANGE_BOOKINGS: gettext_lazy("Move, cancel, check in and complete bookings"),
    Action.OVERRIDE_RULES: gettext_lazy("Set a booking rule aside, with a reason"),
    Action.SEE_CUSTOMERS: gettext_lazy("See customers"),
    Action.CHANGE_CUSTOMERS: gettext_lazy("Change customers"),
    Action.SEE_SETTINGS: gettext_lazy("See the settings"),
    Action.CHANGE_SETTINGS: gettext_lazy("Change profile, rules and the privacy notice"),
    Action.CHANGE_CATALOG: gettext_lazy("Change services, people, places and prices"),
    Action.CHANGE_HOURS: gettext_lazy("Change opening hours and days off"),
    Action.CHANGE_SLOTS: gettext_lazy("Publish and change slots"),
    Action.EXPORT_BOOKINGS: gettext_lazy("Export bookings"),
    Action.SEE_MESSAGES: gettext_lazy("See messages that were not sent"),
    Action.SEE_PAYMENTS: gettext_lazy("See payments"),
    Action.REFUND: gettext_lazy("Give money back, and export revenue"),
    Action.SEE_WAITLIST: gettext_lazy("See the waitlist"),
    Action.CHANGE_WAITLIST: gettext_lazy("Change the waitlist"),
    Action.SEE_INSIGHTS: gettext_lazy("See figures"),
    Action.SEE_MEMBERS: gettext_lazy("See members and the access review"),
    Action.CHANGE_MEMBERS: gettext_lazy("Invite, change and remove members"),
    Action.CHANGE_TOKENS: gettext_lazy("Make, replace and revoke tokens"),
    Action.CHANGE_WEBHOOKS: gettext_lazy("Say which systems are told of events"),
    Action.SEE_AUDIT: gettext_lazy("See the audit trail"),
    Action.HANDLE_PRIVACY: gettext_lazy("Hand people their data, and forget them"),
}


def action(name: str) -> str:
    """What a scope allows; one of an older version is named as it is."""
    return str(ACTIONS[Action(name)]) if name in set(Action) else name


def roles() -> dict[str, str]:
    """The roles a member can have, each with what it is for."""
    return {str(role): f"{words.role(role)}: {ABOUT[role]}" for role in MEMBER_ROLES}


def permission_table() -> str:
    """The permission table as Markdown."""
    columns = [Role.GUEST, Role.CUSTOMER, *MEMBER_ROLES, Role.OPERATOR]
    lines = [
        "| action | scope | " + " | ".join(columns) + " |",
        "|---|---|" + "---|" * len(columns),
    ]
    for each, least in sorted(PERMISSIONS.items(), key=lambda pair: pair[1].rank):
        cells = ["yes" if role.includes(least) else "–" for role in columns]
        lines.append(f"| {ACTIONS[each]} | `{each}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)

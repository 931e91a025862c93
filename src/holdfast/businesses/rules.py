"""Who may do what, and what a business's settings may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from holdfast.lib.text import Mistakes


class Action(StrEnum):
    """Everything an actor can ask of a business; each has its least role in :data:`PERMISSIONS`."""

    SEE_PROFILE = "see_profile"
    BOOK = "book"
    SEE_BOOKINGS = "see_bookings"
    BOOK_FOR_OTHERS = "book_for_others"
    CHANGE_BOOKINGS = "change_bookings"
    OVERRIDE_RULES = "override_rules"
    SEE_CUSTOMERS = "see_customers"
    CHANGE_CUSTOMERS = "change_customers"
    SEE_SETTINGS = "see_settings"
    CHANGE_SETTINGS = "change_settings"
    CHANGE_CATALOG = "change_catalog"
    CHANGE_HOURS = "change_hours"
    CHANGE_SLOTS = "change_slots"
    EXPORT_BOOKINGS = "export_bookings"
    SEE_MESSAGES = "see_messages"
    SEE_PAYMENTS = "see_payments"
    REFUND = "refund"
    SEE_WAITLIST = "see_waitlist"
    CHANGE_WAITLIST = "change_waitlist"
    SEE_INSIGHTS = "see_insights"
    SEE_MEMBERS = "see_members"
    CHANGE_MEMBERS = "change_members"
    CHANGE_TOKENS = "change_tokens"
    CHANGE_WEBHOOKS = "change_webhooks"
    SEE_AUDIT = "see_audit"
    HANDLE_PRIVACY = "handle_privacy"


# The one permission table (SPEC J3): the least role for each action.
PERMISSIONS: dict[Action, Role] = {
    Action.SEE_PROFILE: Role.GUEST,
    Action.BOOK: Role.GUEST,
    Action.SEE_BOOKINGS: Role.STAFF,
    Action.BOOK_FOR_OTHERS: Role.STAFF,
    Action.CHANGE_BOOKINGS: Role.STAFF,
    Action.OVERRIDE_RULES: Role.STAFF,
    Action.SEE_CUSTOMERS: Role.STAFF,
    Action.CHANGE_CUSTOMERS: Role.STAFF,
    Action.EXPORT_BOOKINGS: Role.MANAGER,
    Action.SEE_MESSAGES: Role.STAFF,
    Action.SEE_PAYMENTS: Role.STAFF,
    Action.REFUND: Role.MANAGER,
    Action.SEE_WAITLIST: Role.STAFF,
    Action.CHANGE_WAITLIST: Role.STAFF,
    Action.SEE_INSIGHTS: Role.MANAGER,
    Action.SEE_SETTINGS: Role.STAFF,
    Action.CHANGE_SETTINGS: Role.MANAGER,
    Action.CHANGE_CATALOG: Role.MANAGER,
    Action.CHANGE_HOURS: Role.MANAGER,
    Action.CHANGE_SLOTS: Role.MANAGER,
    Action.SEE_MEMBERS: Role.MANAGER,
    Action.CHANGE_MEMBERS: Role.ADMIN,
    Action.CHANGE_TOKENS: Role.ADMIN,
    Action.CHANGE_WEBHOOKS: Role.ADMIN,
    Action.SEE_AUDIT: Role.ADMIN,
    Action.HANDLE_PRIVACY: Role.ADMIN,
}


def may(actor: Actor, action: Action, business_id: UUID) -> bool:
    """Whether the actor's role in this business is enough for the action.

    Guests and customers belong to no business; a member's role counts in the member's own business alone.
    """
    elsewhere = actor.business_id != business_id and (actor.is_staff or actor.business_id is not None)
    if elsewhere and actor.role is not Role.OPERATOR:
        return False
    return actor.role.includes(PERMISSIONS[action])


def authorise(actor: Actor, action: Action, business_id: UUID) -> None:
    """Refuse what the permission table does not grant.

    Refusals: :class:`Missing` when the actor belongs to another business (nothing of this one may be visible),
    :class:`Forbidden` when the role is known and too weak.
    """
    if may(actor, action, business_id):
        return
    if actor.business_id != business_id:
        raise Missing
    raise Forbidden(action=str(action), needs=str(PERMISSIONS[action]))


# The roles a member can have; the operator's is the installation's to give.
MEMBER_ROLES: tuple[Role, ...] = (Role.STAFF, Role.MANAGER, Role.ADMIN)
# An invitation can be accepted for a week; the same one is not mailed again within a minute.
INVITED_FOR = timedelta(days=7)
RESEND_AFTER = timedelta(minutes=1)
MOST_INVITATIONS = 100
# How long a token that was replaced may go on working.
LONGEST_OVERLAP_HOURS = 24 * 7


def member_role(text: str) -> Role:
    """The role a member is to have. Refusals: :class:`Invalid` on ``role``."""
    found = next((role for role in MEMBER_ROLES if role == text), None)
    if found is None:
        raise Invalid.field("role", "unknown_choice", choices=[str(role) for role in MEMBER_ROLES])
    return found


def token_scopes(scopes: Iterable[str], role: Role) -> tuple[str, ...]:
    """What a token of this role is to be limited to, each once; none for all that the role may.

    Refusals: :class:`Invalid` on ``scopes``: ``unknown_choice``, ``beyond_role``.
    """
    wanted = tuple(dict.fromkeys(scopes))
    if any(scope not in set(Action) for scope in wanted):
        raise Invalid.field("scopes", "unknown_choice", choices=[str(action) for action in Action])
    for scope in wanted:
        if not role.includes(PERMISSIONS[Action(scope)]):
            raise Invalid.field("scopes", "beyond_role", scope=scope, needs=str(PERMISSIONS[Action(scope)]))
    return wanted


def within(scopes: tuple[str, ...], granted: tuple[str, ...]) -> bool:
    """Whether a token with ``scopes`` may do no more than one with ``granted``; none means everything of the role."""
    return not granted or (bool(scopes) and set(scopes) <= set(granted))


def may_be_slug(text: str) -> bool:
    """Whether it can be a business's address: 1 to 63 small letters, digits and inner dashes, and no word of ours."""
    return bool(_SLUG.fullmatch(text)) and text not in RESERVED_SLUGS


@dataclass(frozen=True, slots=True)
class Settings:
    """A business's choices (SPEC A3). Whole numbers carry their unit and their bounds in :data:`BOUNDS`."""

    online_booking: bool = True
    hold_minutes: int = 10
    earliest_notice_minutes: int = 60
    furthest_ahead_days: int = 90
    cancellation_notice_minutes: int = 1440
    reschedule_notice_minutes: int = 1440
    maximum_tables: int = 2
    bookings_per_customer_per_day: int = 0
    upcoming_bookings_per_customer: int = 0
    late_after_minutes: int = 10
    challenge_hours: int = 48
    requests_keep_hours: bool = True
    waitlist: bool = True
    waitlist_cutoff_minutes: int = 15
    waitlist_messages_per_day: int = 5
    waitlist_messages_per_minute: int = 60
    waitlist_half_minutes: int = 2880
    waitlist_ageing_minutes: int = 20160
    weight_waiting: int = 40
    weight_tier: int = 10
    weight_reliability: int = 15
    weight_fit: int = 15
    weight_urgency: int = 10
    weight_passed_over: int = 10
    reminder_minutes: tuple[int, ...] = (1440,)
    confirm_minutes: int = 0
    thanks_minutes: int = 0
    staff_copies: bool = True
    discreet_messages: bool = False
    signature: str = ""
    sender_name: str = ""
    reply_to: str = ""
    messages_per_person_per_day: int = 20
    messages_per_hour: int = 5000
    sms: bool = False
    sms_prefix: str = ""
    require_second_factor: bool = False
    quiet_hours: tuple[str, str] | None = None
    public_holidays: str | None = None
    payments: str = "counter"
    pay_within_minutes: int = 30
    refund_full_minutes: int = 1440
    refund_part_minutes: int = 1440
    refund_part_percent: int = 50
    refund_late_percent: int = 0
    guard: str = "nothing"
    missed_from: int = 0
    missed_guard: str = "prepay"
    kept_from: int = 0
    no_show_fee_percent: int = 50
    tax_basis_points: int = 0
    tax_number: str = ""
    accent: str = "#2c6e49"


# Whole-number settings: smallest and largest value. A limit of 0 means "no limit".
BOUNDS: dict[str, tuple[int, int]] = {
    "hold_minutes": (1, 60),
    "earliest_notice_minutes": (0, 60 * 24 * 60),
    "furthest_ahead_days": (1, 730),
    "cancellation_notice_minutes": (0, 60 * 24 * 60),
    "reschedule_notice_minutes": (0, 60 * 24 * 60),
    "maximum_tables": (1, 8),
    "bookings_per_customer_per_day": (0, 100),
    "upcoming_bookings_per_customer": (0, 1000),
    "late_after_minutes": (1, 240),
    "challenge_hours": (1, 24 * 14),
    "confirm_minutes": (0, 60 * 24 * 30),
    "thanks_minutes": (0, 60 * 24 * 14),
    "messages_per_person_per_day": (0, 500),
    "messages_per_hour": (0, 1_000_000),
    "waitlist_cutoff_minutes": (0, 7 * 24 * 60),
    "waitlist_messages_per_day": (1, 100),
    "waitlist_messages_per_minute": (1, 10_000),
    "waitlist_half_minutes": (1, 365 * 24 * 60),
    "waitlist_ageing_minutes": (10, 365 * 24 * 60),
    "weight_waiting": (0, 100),
    "weight_tier": (0, 100),
    "weight_reliability": (0, 100),
    "weight_fit": (0, 100),
    "weight_urgency": (0, 100),
    "weight_passed_over": (0, 100),
    "pay_within_minutes": (10, 60 * 24 * 7),
    "refund_full_minutes": (0, 60 * 24 * 60),
    "refund_part_minutes": (0, 60 * 24 * 60),
    "refund_part_percent": (0, 100),
    "refund_late_percent": (0, 100),
    "missed_from": (0, 20),
    "kept_from": (0, 100),
    "no_show_fee_percent": (1, 100),
    "tax_basis_points": (0, 10_000),
}
# What is asked of a customer before their booking stands, from the least to the most (the no-show ladder).
GUARDS: tuple[str, ...] = ("nothing", "confirm", "card", "deposit", "prepay")
# Settings with a fixed set of answers; how online payments are taken depends on the installation, too.
CHOICES: dict[str, tuple[str, ...]] = {
    "payments": ("counter", "demo", "stripe"),
    "guard": ("nothing", "confirm", "card"),
    "missed_guard": GUARDS[1:],
}
TAX_NUMBER_LIMIT = 40
PRIVACY_LIMIT = 20_000
SIGNATURE_LIMIT = 500
SETTING_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Settings))
# What the factors of a place in the waitlist weigh (SPEC F2); at least one weighs something.
WEIGHT_NAMES: tuple[str, ...] = tuple(name for name in SETTING_NAMES if name.startswith("weight_"))

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
RESERVED_SLUGS = frozenset({"new", "admin", "api", "static", "accounts", "holdfast"})
_SWITCHES = frozenset(
    {
        "online_booking",
        "staff_copies",
        "requests_keep_hours",
        "waitlist",
        "require_second_factor",
        "discreet_messages",
        "sms",
    }
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ACCENT = re.compile(r"#[0-9a-f]{6}")
_HOLIDAYS = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,4})?")
# Settings that are text: what they may look like.
_TEXTS: dict[str, re.Pattern[str]] = {
    "accent": _ACCENT,
    "public_holidays": _HOLIDAYS,
    "sender_name": re.compile(r"[^\x00-\x1f\x7f<>@]{0,80}"),
    "reply_to": re.compile(r"|[^\s@,:;<>()\[\]\\\"\x00-\x1f\x7f]+@[^\s@,:;<>()\[\]\\\"\x00-\x1f\x7f]{1,190}"),
    "sms_prefix": re.compile(r"|\+[1-9]\d{0,3}"),
}


def read_settings(stored: dict[str, Any]) -> Settings:
    """Settings as stored: unknown keys of an older or newer version are left out, missing ones take their default."""
    known = {name: value for name, value in stored.items() if name in SETTING_NAMES}
    if "reminder_minutes" in known:
        known["reminder_minutes"] = tuple(known["reminder_minutes"])
    if known.get("quiet_hours"):
        known["quiet_hours"] = tuple(known["quiet_hours"])
    return Settings(**known)


def write_settings(settings: Settings) -> dict[str, Any]:
    """JSON-ready form of :class:`Settings`."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()
    }


def change_settings(
    settings: Settings,
    wanted: dict[str, Any],
    *,
    most_tables: int = 8,
    ways: tuple[str, ...] = CHOICES["payments"],
) -> Settings:
    """The settings with the wanted values in place; ``ways`` are those in which the installation can take money.

    Refusals: :class:`Invalid` naming every field that is unknown, of the wrong kind or out of bounds.
    """
    mistakes: Mistakes = {}
    accepted: dict[str, Any] = {}
    for name, value in wanted.items():
        problem = "unknown_field" if name not in SETTING_NAMES else _wrong(name, value)
        if problem:
            low, high = BOUNDS.get(name, (None, None))
            facts: dict[str, Any] = {"least": low, "most": high} if problem == "out_of_bounds" else {}
            facts |= {"limit": SIGNATURE_LIMIT} if problem == "too_long" else {}
            facts |= {"choices": list(CHOICES[name])} if problem == "unknown_choice" else {}
            mistakes[name] = [(problem, facts)]
        else:
            accepted[name] = tuple(value) if isinstance(value, list) else value
    if accepted.get("maximum_tables", 0) > most_tables:
        mistakes["maximum_tables"] = [("out_of_bounds", {"least": 1, "most": most_tables})]
    if accepted.get("payments", ways[0]) not in ways:
        mistakes["payments"] = [("not_set_up", {"choices": list(ways)})]
    changed = replace(settings, **accepted)
    if not any(getattr(changed, name) for name in WEIGHT_NAMES):
        mistakes |= {name: [("all_zero", {})] for name in WEIGHT_NAMES if name in accepted}
    if mistakes:
        raise Invalid(mistakes)
    if "reminder_minutes" in accepted:
        accepted["reminder_minutes"] = tuple(sorted(set(accepted["reminder_minutes"]), reverse=True))
    return replace(settings, **accepted)


def demands_second_factor(role: Role, settings: Settings, *, by_role: bool) -> bool:
    """Whether a member of this role must have a second step: by the business's wish, or by the installation's for roles."""
    if not role.includes(Role.STAFF):
        return False
    return settings.require_second_factor or (by_role and role.includes(Role.MANAGER))


def _wrong(name: str, value: Any) -> str | None:
    if name in _SWITCHES:
        return None if isinstance(value, bool) else "wrong_type"
    if name in BOUNDS:
        return _wrong_number(value, *BOUNDS[name])
    if name in CHOICES:
        return None if value in CHOICES[name] else "unknown_choice"
    if name == "tax_number":
        is_line = isinstance(value, str) and value.isprintable()
        return None if is_line and len(value) <= TAX_NUMBER_LIMIT else "wrong_format"
    if name == "reminder_minutes":
        if not isinstance(value, (list, tuple)) or len(value) > 5:
            return "wrong_type"
        return next(filter(None, (_wrong_number(minutes, 15, 60 * 24 * 30) for minutes in value)), None)
    if name == "quiet_hours":
        return None if value is None or _are_clock_times(value) else "wrong_format"
    if not isinstance(value, str):
        return None if name == "public_holidays" and value is None else "wrong_type"
    if name == "signature":
        return (
            "too_long" if len(value) > SIGNATURE_LIMIT else "wrong_format" if _CONTROL.search(value) else None
        )
    return None if len(value) <= 254 and _TEXTS[name].fullmatch(value) else "wrong_format"


def _wrong_number(value: Any, low: int, high: int) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "wrong_type"
    return None if low <= value <= high else "out_of_bounds"


def _are_clock_times(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and all(isinstance(text, str) and _CLOCK.fullmatch(text) for text in value)
    )

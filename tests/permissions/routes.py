"""Every address and what it takes to come in, written down once: what is not in here fails the suite (SPEC J3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from holdfast.api.docs import METHODS, openapi
from holdfast.api.urls import api
from holdfast.businesses.rules import Action

# Pages of the desk: the action that seeing takes, and the one that sending a form takes; None where there is no such thing.
PAGES: dict[str, tuple[Action | None, Action | None]] = {
    **dict.fromkeys(
        ("day", "board", "week", "bookings", "requests", "messages", "message", "ratings"), (Action.SEE_BOOKINGS, None)
    ),
    **dict.fromkeys(("booking", "request", "scan"), (Action.SEE_BOOKINGS, None)),
    **dict.fromkeys(("new", "new_group"), (Action.BOOK_FOR_OTHERS, Action.BOOK_FOR_OTHERS)),
    **dict.fromkeys(("move", "tables"), (Action.CHANGE_BOOKINGS, Action.CHANGE_BOOKINGS)),
    **dict.fromkeys(
        ("request_act", "resend", "move_back", "undo", "notes", "step"), (None, Action.CHANGE_BOOKINGS)
    ),
    "cancel_together": (None, Action.CHANGE_BOOKINGS),
    "suppressed": (Action.SEE_CUSTOMERS, Action.CHANGE_CUSTOMERS),
    "money": (None, Action.CHANGE_BOOKINGS),
    **dict.fromkeys(("payments", "receipt"), (Action.SEE_PAYMENTS, None)),
    "retry_refund": (None, Action.REFUND),
    "revenue": (Action.REFUND, None),
    "why": (Action.SEE_BOOKINGS, None),
    "person": (Action.SEE_CUSTOMERS, Action.CHANGE_CUSTOMERS),
    **dict.fromkeys(("export", "export_xlsx"), (Action.EXPORT_BOOKINGS, None)),
    **dict.fromkeys(("slots", "slot"), (Action.SEE_SETTINGS, Action.CHANGE_SLOTS)),
    "slots_new": (Action.CHANGE_SLOTS, Action.CHANGE_SLOTS),
    "slot_series": (Action.SEE_SETTINGS, Action.CHANGE_SLOTS),
    "simulation": (Action.SEE_INSIGHTS, None),
    **dict.fromkeys(("waitlist", "waitlist_board", "waitlist_gaps", "waitlist_entry"), (Action.SEE_WAITLIST, None)),
    "waitlist_new": (Action.CHANGE_WAITLIST, Action.CHANGE_WAITLIST),
    "waitlist_act": (None, Action.CHANGE_WAITLIST),
    **dict.fromkeys(
        (
            "profile", "rules", "settings_waitlist", "letters", "letter", "letter_preview", "settings_messages",
            "settings_payments", "privacy",
        ),
        (Action.SEE_SETTINGS, Action.CHANGE_SETTINGS),
    ),
    **dict.fromkeys(("hours", "resource_hours", "exceptions", "exception"), (Action.SEE_SETTINGS, Action.CHANGE_HOURS)),
    **dict.fromkeys(
        ("services", "new_service", "service", "resources", "new_resource", "resource", "floor", "combination"),
        (Action.SEE_SETTINGS, Action.CHANGE_CATALOG),
    ),
    **dict.fromkeys(
        ("questions", "new_question", "question", "prices", "new_price_rule", "price_rule"),
        (Action.SEE_SETTINGS, Action.CHANGE_CATALOG),
    ),
    **dict.fromkeys(
        ("new_code", "code", "new_rider", "rider"), (Action.SEE_SETTINGS, Action.CHANGE_CATALOG)
    ),
    **dict.fromkeys(("codes", "riders"), (Action.SEE_SETTINGS, None)),
    **dict.fromkeys(("members", "member"), (Action.SEE_MEMBERS, Action.CHANGE_MEMBERS)),
    "tokens": (Action.CHANGE_TOKENS, None),
    **dict.fromkeys(("new_token", "token"), (Action.CHANGE_TOKENS, Action.CHANGE_TOKENS)),
    "webhooks": (Action.CHANGE_WEBHOOKS, None),
    **dict.fromkeys(("new_webhook", "webhook", "webhook_delivery"), (Action.CHANGE_WEBHOOKS, Action.CHANGE_WEBHOOKS)),
    **dict.fromkeys(("access_review", "access_export"), (Action.SEE_MEMBERS, None)),
    **dict.fromkeys(("audit", "audit_csv"), (Action.SEE_AUDIT, None)),
    "person_data": (Action.HANDLE_PRIVACY, None),
    "person_erase": (Action.HANDLE_PRIVACY, Action.HANDLE_PRIVACY),
}  # fmt: skip

# Operations of the API by their operationId.
OPERATIONS: dict[str, Action] = {
    **dict.fromkeys(
        (
            "get_availability", "explain_time", "get_today", "get_business", "list_services", "get_service",
            "list_resources", "get_resource", "list_questions", "get_hours",
        ),
        Action.SEE_PROFILE,
    ),
    **dict.fromkeys(
        (
            "preview_booking_series", "book_series", "book_group", "book", "hold_time", "extend_hold", "release_hold",
            "join_waitlist", "verify_email", "get_own_data", "erase_own",
        ),
        Action.BOOK,
    ),
    **dict.fromkeys(("list_all_bookings", "get_booking", "list_ratings"), Action.SEE_BOOKINGS),
    "export_bookings": Action.EXPORT_BOOKINGS,
    **dict.fromkeys(
        (
            "cancel_bookings_together", "cancel_booking", "reschedule_booking", "check_in_booking", "complete_booking",
            "mark_booking_no_show", "swap_booking_tables", "accept_request", "decline_request", "counter_request",
            "give_option", "withdraw_option", "challenge_option", "answer_rider", "check_rider_line",
        ),
        Action.CHANGE_BOOKINGS,
    ),
    **dict.fromkeys(("list_waitlist", "list_gaps", "get_entry"), Action.SEE_WAITLIST),
    **dict.fromkeys(
        (
            "leave_waitlist", "call_entry", "seat_entry", "remove_entry", "reorder_entry", "accept_offer",
            "decline_offer", "withdraw_offer", "offer_by_hand",
        ),
        Action.CHANGE_WAITLIST,
    ),
    **dict.fromkeys(
        (
            "list_combinations", "get_combination", "get_adjacency", "list_riders", "get_rider", "get_settings",
            "list_price_rules", "get_price_rule", "list_promotions", "get_promotion", "list_exceptions",
            "get_exception", "list_slots", "get_slot", "list_slot_series", "get_slot_series", "list_letters", "get_letter",
            "preview_letter", "get_reminders",
        ),
        Action.SEE_SETTINGS,
    ),
    **dict.fromkeys(("list_templates", "get_template"), Action.SEE_BOOKINGS),
    **dict.fromkeys(("create_template", "change_template", "delete_template"), Action.CHANGE_BOOKINGS),
    **dict.fromkeys(("change_business", "change_settings", "put_logo", "delete_logo", "put_letter", "reset_letter", "put_reminders"), Action.CHANGE_SETTINGS),
    **dict.fromkeys(
        (
            "create_combination", "change_combination", "delete_combination", "replace_adjacency", "create_rider",
            "change_rider", "delete_rider", "create_service", "change_service", "delete_service", "create_resource",
            "change_resource", "delete_resource", "add_question", "change_question", "delete_question",
            "create_price_rule", "change_price_rule", "delete_price_rule", "create_promotion", "change_promotion",
            "delete_promotion",
        ),
        Action.CHANGE_CATALOG,
    ),
    **dict.fromkeys(("replace_hours", "add_exception", "change_exception", "remove_exception"), Action.CHANGE_HOURS),
    **dict.fromkeys(
        (
            "add_slot", "generate_slots", "change_slots", "change_slot", "delete_slot", "create_slot_series",
            "change_slot_series", "delete_slot_series",
        ),
        Action.CHANGE_SLOTS,
    ),
    **dict.fromkeys(("list_members", "get_member", "list_invitations"), Action.SEE_MEMBERS),
    **dict.fromkeys(
        ("change_member", "remove_member", "invite_member", "resend_invitation", "withdraw_invitation"), Action.CHANGE_MEMBERS
    ),
    **dict.fromkeys(("list_tokens", "create_token", "rotate_token", "revoke_token"), Action.CHANGE_TOKENS),
    **dict.fromkeys(
        (
            "list_webhooks", "create_webhook", "get_webhook", "change_webhook", "delete_webhook", "rotate_webhook_secret",
            "test_webhook", "list_deliveries", "resend_delivery",
        ),
        Action.CHANGE_WEBHOOKS,
    ),
    **dict.fromkeys(("list_messages", "get_message"), Action.SEE_MESSAGES),
    "resend_message": Action.CHANGE_BOOKINGS,
    **dict.fromkeys(("list_payments", "get_money"), Action.SEE_PAYMENTS),
    **dict.fromkeys(("take_payment", "charge_no_show_fee", "drop_no_show_fee"), Action.CHANGE_BOOKINGS),
    **dict.fromkeys(("give_refund", "retry_refund"), Action.REFUND),
    "list_audit": Action.SEE_AUDIT,
    **dict.fromkeys(("get_person_data", "erase_person"), Action.HANDLE_PRIVACY),
}  # fmt: skip
# Whoever is signed in uses these for what is their own, whoever brings a personal token those.
CUSTOMERS = {"list_all_bookings"} | {
    f"{verb}_template{'s' * (verb == 'list')}" for verb in ("list", "get", "create", "change", "delete")
}
PERSONAL = {
    "cancel_bookings_together", "get_booking", "extend_hold", "release_hold", "get_entry", "leave_waitlist", "accept_offer",
    "decline_offer", "cancel_booking", "reschedule_booking", "accept_request", "decline_request", "answer_rider",
}  # fmt: skip

# Addresses that are nobody's in particular: open to all, or opened by the secret in the address itself.
OPEN = {
    "api/health", "api/v2/health", "health", "health_live", "health_ready", "metrics", "landing", "logo", "choose", "times", "places", "tables",
    "request", "request-edit", "request-send", "waitlist-join", "queue", "group", "find", "privacy", "holds", "hold",
    "hold-review", "hold-price", "hold-repeat", "hold-repeat-book", "hold-edit", "hold-extend", "hold-change",
    "hold-release", "hold-code", "hold-confirm", "calendar-file", "manage", "pay", "paid", "receipt", "coming", "rating",
    "check-in-code", "stop-news", "cancel", "cancel-together", "undo", "move", "earlier", "waiting", "waiting-accept",
    "waiting-pass", "waiting-leave", "waiting-undo", "asked", "asked-answer", "asked-withdraw", "asked-rider", "asked-keep",
    "demo-mail", "demo-letter", "demo-letter-html", "demo-payment", "invitation", "my-data",
    # Signed by the provider that calls (tests/web/incoming, tests/payments).
    "mail-news", "text-news", "webhook-stripe",
    # Guards of their own, each with tests in tests/web: the set-up, and a desk chooser that lists one's own businesses.
    "setup:kind", "setup:account", "setup:about", "setup:services", "setup:opened", "desk:home",
}  # fmt: skip
# Whole branches with one door: allauth's own pages of one's own account, and the operator's admin (tests/web/admin).
BRANCHES = ("accounts/", "admin/")


def patterns(
    resolver: URLResolver | None = None, path: str = "", space: str = ""
) -> Iterator[tuple[str, str]]:
    """Every address of the installation as ``(path, name)``."""
    for each in (resolver or get_resolver()).url_patterns:
        here = path + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, here, f"{space}{each.namespace}:" if each.namespace else space)
        else:
            assert isinstance(each, URLPattern)
            yield here, space + (each.name or "")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the API as ``(method, path, description)``."""
    for path, methods in openapi(api)["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def unknown_routes() -> set[str]:
    """Addresses and operations that nobody has written down here."""
    addresses = set()
    for path, name in patterns():
        if path.startswith(("api/v1/", *BRANCHES)) or (name or path) in OPEN:
            continue
        if not (name.startswith("desk:") and name.removeprefix("desk:") in PAGES):
            addresses.add(name or path)
    return addresses | {op["operationId"] for _, _, op in operations()} - set(OPERATIONS)

"""What happens when: lists of handlers of events, of message queues, of periodic jobs and of looks at health.

Names are dotted paths, so that reading this file loads nothing; ``connect`` resolves them once all apps are ready, and
fails at the start, not at the first event, when one of them does not exist.
"""

from __future__ import annotations

from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

from holdfast.core.events import declare, subscribe
from holdfast.core.health import register_probe
from holdfast.core.people import register as register_knowing
from holdfast.core.periodic import periodic
from holdfast.core.rotation import register_reasons
from holdfast.core.sealing import register_history
from holdfast.core.worker import register_queue

# (event, handler): the handler is called with the event, at least once, in a transaction of its own.
# Both are dotted paths: holdfast.<app>.events.<Fact>, holdfast.<app>.handlers.<what_it_does>.
HANDLERS: list[tuple[str, str]] = [
    ("holdfast.bookings.events.BookingConfirmed", "holdfast.notifications.handlers.announce_booking"),
    ("holdfast.bookings.events.BookingMoved", "holdfast.notifications.handlers.announce_move"),
    ("holdfast.bookings.events.BookingCancelled", "holdfast.notifications.handlers.announce_cancellation"),
    ("holdfast.bookings.events.BookingCompleted", "holdfast.notifications.handlers.announce_visit"),
    ("holdfast.bookings.events.TimesProposed", "holdfast.notifications.handlers.announce_proposal"),
    ("holdfast.bookings.events.RequestMade", "holdfast.notifications.handlers.announce_request"),
    ("holdfast.bookings.events.RequestUnanswered", "holdfast.notifications.handlers.announce_unanswered"),
    ("holdfast.bookings.events.RequestCountered", "holdfast.notifications.handlers.announce_counter"),
    ("holdfast.bookings.events.RequestDeclined", "holdfast.notifications.handlers.announce_declined"),
    ("holdfast.bookings.events.RequestWithdrawn", "holdfast.notifications.handlers.announce_withdrawn"),
    ("holdfast.bookings.events.RequestExpired", "holdfast.notifications.handlers.announce_expired"),
    ("holdfast.bookings.events.OptionChanged", "holdfast.notifications.handlers.announce_option"),
    ("holdfast.bookings.events.OptionChallenged", "holdfast.notifications.handlers.announce_challenge"),
    ("holdfast.bookings.events.BookingNotKept", "holdfast.bookings.handlers.release_rest"),
    ("holdfast.bookings.events.BookingCompleted", "holdfast.bookings.handlers.release_rest"),
    ("holdfast.payments.events.PaymentReceived", "holdfast.bookings.handlers.take_payment"),
    ("holdfast.payments.events.CardSaved", "holdfast.bookings.handlers.take_payment"),
    ("holdfast.payments.events.RefundMade", "holdfast.bookings.handlers.note_refund"),
    ("holdfast.bookings.events.BookingCancelled", "holdfast.waitlist.handlers.note_cancelled"),
    ("holdfast.bookings.events.BookingMoved", "holdfast.waitlist.handlers.note_moved"),
    ("holdfast.bookings.events.HoldLapsed", "holdfast.waitlist.handlers.note_lapsed"),
    ("holdfast.bookings.events.PaidTooLate", "holdfast.waitlist.handlers.put_first"),
    ("holdfast.bookings.events.BookingNotKept", "holdfast.waitlist.handlers.note_not_kept"),
    ("holdfast.bookings.events.BookingCompleted", "holdfast.waitlist.handlers.note_completed"),
    ("holdfast.bookings.events.BookingConfirmed", "holdfast.waitlist.handlers.note_confirmed"),
    ("holdfast.schedule.events.SlotsPublished", "holdfast.waitlist.handlers.note_published"),
    ("holdfast.schedule.events.SlotsEnlarged", "holdfast.waitlist.handlers.note_enlarged"),
    ("holdfast.schedule.events.SlotsReopened", "holdfast.waitlist.handlers.note_enlarged"),
    ("holdfast.businesses.events.OfferingChanged", "holdfast.waitlist.handlers.note_offering"),
    ("holdfast.businesses.events.SettingsChanged", "holdfast.waitlist.handlers.note_offering"),
    ("holdfast.waitlist.events.EntryJoined", "holdfast.waitlist.handlers.look_for_entry"),
    ("holdfast.waitlist.events.GapOpened", "holdfast.waitlist.handlers.match_gap"),
    ("holdfast.waitlist.events.OfferDue", "holdfast.waitlist.handlers.expire_offer"),
    ("holdfast.waitlist.events.EntryJoined", "holdfast.notifications.handlers.announce_entry"),
    ("holdfast.waitlist.events.EntryCalled", "holdfast.notifications.handlers.announce_call"),
    ("holdfast.waitlist.events.EntryOff", "holdfast.notifications.handlers.announce_off"),
    ("holdfast.waitlist.events.OfferMade", "holdfast.notifications.handlers.announce_offer"),
    ("holdfast.waitlist.events.OfferEnded", "holdfast.notifications.handlers.announce_offer_end"),
    ("holdfast.bookings.events.RequestMade", "holdfast.webhooks.handlers.tell_requested"),
    ("holdfast.bookings.events.RequestCountered", "holdfast.webhooks.handlers.tell_countered"),
    ("holdfast.bookings.events.RequestDeclined", "holdfast.webhooks.handlers.tell_declined"),
    ("holdfast.bookings.events.RequestWithdrawn", "holdfast.webhooks.handlers.tell_withdrawn"),
    ("holdfast.bookings.events.RequestExpired", "holdfast.webhooks.handlers.tell_expired"),
    ("holdfast.bookings.events.BookingConfirmed", "holdfast.webhooks.handlers.tell_confirmed"),
    ("holdfast.bookings.events.BookingMoved", "holdfast.webhooks.handlers.tell_moved"),
    ("holdfast.bookings.events.BookingCancelled", "holdfast.webhooks.handlers.tell_cancelled"),
    ("holdfast.bookings.events.BookingCheckedIn", "holdfast.webhooks.handlers.tell_checked_in"),
    ("holdfast.bookings.events.BookingCompleted", "holdfast.webhooks.handlers.tell_completed"),
    ("holdfast.bookings.events.BookingNotKept", "holdfast.webhooks.handlers.tell_not_kept"),
    ("holdfast.waitlist.events.EntryJoined", "holdfast.webhooks.handlers.tell_joined"),
    ("holdfast.waitlist.events.EntryCalled", "holdfast.webhooks.handlers.tell_called"),
    ("holdfast.waitlist.events.EntryOff", "holdfast.webhooks.handlers.tell_left"),
    ("holdfast.waitlist.events.OfferMade", "holdfast.webhooks.handlers.tell_offered"),
    ("holdfast.waitlist.events.OfferAccepted", "holdfast.webhooks.handlers.tell_accepted"),
    ("holdfast.waitlist.events.OfferEnded", "holdfast.webhooks.handlers.tell_offer_ended"),
    ("holdfast.waitlist.events.OfferMade", "holdfast.notifications.jobs.text_offer"),
    ("holdfast.waitlist.events.EntryCalled", "holdfast.notifications.jobs.text_call"),
    ("holdfast.bookings.events.PaymentAwaited", "holdfast.notifications.handlers.announce_due"),
    ("holdfast.payments.events.PaymentReceived", "holdfast.notifications.handlers.announce_paid"),
    ("holdfast.payments.events.RefundMade", "holdfast.notifications.handlers.announce_refund"),
    ("holdfast.bookings.events.NoShowFeePlanned", "holdfast.notifications.handlers.announce_fee"),
    ("holdfast.payments.events.PaymentReceived", "holdfast.webhooks.handlers.tell_paid"),
    ("holdfast.payments.events.RefundMade", "holdfast.webhooks.handlers.tell_refunded"),
    ("holdfast.customers.events.EmailCodeIssued", "holdfast.notifications.handlers.mail_code"),
]

# (name, function): called by the worker until it returns 0; does network work outside any transaction.
QUEUES: list[tuple[str, str]] = [
    ("account_mail", "holdfast.accounts.jobs.send_due_mail"),
    ("messages", "holdfast.notifications.jobs.send_due_messages"),
    ("webhooks", "holdfast.webhooks.jobs.send_due_deliveries"),
    ("payment_words", "holdfast.payments.jobs.process_inbox"),
    ("payments", "holdfast.payments.jobs.run_payments"),
    ("refunds", "holdfast.payments.jobs.run_refunds"),
]

# (name, cron in UTC, function without arguments): run by one worker at a time.
PERIODIC: list[tuple[str, str, str]] = [
    ("seal_audit_trail", "* * * * *", "holdfast.core.jobs.seal_audit_trail"),
    ("tidy_dead_bookings", "* * * * *", "holdfast.bookings.jobs.tidy"),
    ("remind_of_requests", "*/5 * * * *", "holdfast.bookings.jobs.remind_of_requests"),
    ("sweep_waitlists", "*/5 * * * *", "holdfast.waitlist.jobs.sweep"),
    ("expire_entries", "*/10 * * * *", "holdfast.waitlist.jobs.expire"),
    ("forget_gaps", "53 * * * *", "holdfast.waitlist.jobs.forget_gaps"),
    ("publish_slot_series", "11 * * * *", "holdfast.schedule.jobs.publish_due_series"),
    ("forget_idempotency_keys", "17 * * * *", "holdfast.core.jobs.forget_idempotency_keys"),
    ("forget_rate_windows", "*/15 * * * *", "holdfast.core.jobs.forget_rate_windows"),
    ("forget_email_codes", "7 * * * *", "holdfast.customers.jobs.forget_ended_codes"),
    ("forget_payment_words", "41 3 * * *", "holdfast.payments.jobs.forget_words"),
    ("keep_no_longer", "13 2 * * *", "holdfast.privacy.jobs.keep_no_longer"),
    ("forget_sessions", "43 3 * * *", "holdfast.core.jobs.forget_sessions"),
    ("forget_webhooks", "37 3 * * *", "holdfast.webhooks.jobs.forget_deliveries"),
    ("forget_heartbeats", "29 * * * *", "holdfast.core.jobs.forget_heartbeats"),
]

# (name, function without arguments that says whether all is well): looked at whenever somebody asks for health.
PROBES: list[tuple[str, str]] = [
    ("guard", "holdfast.bookings.sql.guard_is_up"),
    ("slot_guard", "holdfast.schedule.sql.guard_is_up"),
    ("audit_guard", "holdfast.core.audit_guard.guard_is_up"),
    ("ledger_guard", "holdfast.payments.sql.guard_is_up"),
]

# (app, what it holds about a person, how it forgets them, its encrypted columns): asked to forget in this order, the
# customer's own row last. A column of people's data that stands nowhere here fails a test.
PEOPLE: list[tuple[str, str, str, tuple[str, ...]]] = [
    (
        "notifications",
        "holdfast.notifications.queries.person.about_person",
        "holdfast.notifications.commands.forgetting.forget_person",
        ("Message.recipient", "Message.context", "Suppression.address"),
    ),
    (
        "waitlist",
        "holdfast.waitlist.queries.person.about_person",
        "holdfast.waitlist.commands.forgetting.forget_person",
        ("Entry.contact",),
    ),
    (
        "payments",
        "holdfast.bookings.queries.person_money.about_money",
        "holdfast.bookings.commands.forgetting_money.forget_money",
        ("Payment.asked", "Refund.note"),
    ),
    (
        "bookings",
        "holdfast.bookings.queries.person.about_person",
        "holdfast.bookings.commands.forgetting.forget_person",
        (
            *(f"Booking.{name}" for name in ("contact", "notes", "answers")),
            *(f"Request.{name}" for name in ("venue_name", "venue_address", "details")),
            *(f"Request.{name}" for name in ("decline_reason", "counter_message")),
            "RiderLine.comment",
            "Rating.comment",
            *(f"RequestTemplate.{name}" for name in ("name", "venue_name", "venue_address", "details")),
        ),
    ),
    (
        "customers",
        "holdfast.customers.queries.about_person",
        "holdfast.customers.commands.forget_person",
        (*(f"Customer.{name}" for name in ("name", "email", "phone", "notes")), "EmailCode.letter"),
    ),
]

# (model, whose id): lines of a history whose ``details`` may hold a sealed reason, for a change of the key.
REASONS: list[tuple[str, str]] = [
    ("bookings.BookingChange", "booking_id"),
    ("waitlist.EntryChange", "entry_id"),
]

# (signal of Django or allauth, handler): what happens at the sign-in, for the audit trail.
SIGNALS: list[tuple[str, str]] = [
    ("django.contrib.auth.signals.user_logged_in", "holdfast.accounts.handlers.note_signed_in"),
    ("django.contrib.auth.signals.user_logged_out", "holdfast.accounts.handlers.note_signed_out"),
    ("django.contrib.auth.signals.user_login_failed", "holdfast.accounts.handlers.note_refused"),
    ("allauth.account.signals.password_set", "holdfast.accounts.handlers.note_password_changed"),
    ("allauth.account.signals.password_changed", "holdfast.accounts.handlers.note_password_changed"),
    ("allauth.account.signals.password_reset", "holdfast.accounts.handlers.note_password_changed"),
    ("allauth.account.signals.email_changed", "holdfast.accounts.handlers.note_email_changed"),
    *[
        (f"allauth.mfa.signals.authenticator_{what}", "holdfast.accounts.handlers.note_second_factor")
        for what in ("added", "removed", "reset")
        if util.find_spec("allauth.mfa") is not None
    ],
]

# (name, its lines, what became of them): a history of its own that the audit trail copies and holds against its copy.
HISTORIES: list[tuple[str, str, str]] = [
    ("bookings", "holdfast.bookings.queries.history_lines", "holdfast.bookings.queries.history_standing"),
]


def connect() -> None:
    """Make every event of ``<app>/events.py`` known and connect the lists above. Called once, when Django is ready."""
    for app in apps.get_app_configs():
        if app.name.startswith("holdfast.") and app.name != "holdfast.core":
            _declare_events(f"{app.name}.events")
    for event, handler in HANDLERS:
        subscribe(import_string(event), import_string(handler))
    for name, run_batch in QUEUES:
        register_queue(name, import_string(run_batch))
    for name, cron, job in PERIODIC:
        periodic(name, cron)(import_string(job))
    for name, is_well in PROBES:
        register_probe(name, import_string(is_well))
    for room, about, forget, columns in PEOPLE:
        register_knowing(
            room, import_string(about), import_string(forget), frozenset(f"{room}.{name}" for name in columns)
        )
    for model, owner in REASONS:
        register_reasons(model, owner)
    for signal, handler in SIGNALS:
        import_string(signal).connect(import_string(handler), dispatch_uid=handler)
    for name, lines, standing in HISTORIES:
        register_history(name, import_string(lines), import_string(standing))


def _declare_events(module_name: str) -> None:
    if util.find_spec(module_name) is None:
        return
    for value in vars(import_module(module_name)).values():
        if _is_event(value, module_name):
            declare(value)


def _is_event(value: Any, module_name: str) -> bool:
    return (
        isinstance(value, type) and value.__module__ == module_name and hasattr(value, "__dataclass_fields__")
    )

"""What the lines of the audit trail are called. What has no words here is called by its command's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.web.desk import words

AREAS: Mapping[str, Any] = {
    "accounts": gettext_lazy("Sign-in and tokens"),
    "availability": gettext_lazy("Hours and offer"),
    "blueprints": gettext_lazy("Setting up"),
    "bookings": gettext_lazy("Bookings"),
    "businesses": gettext_lazy("Business and members"),
    "catalog": gettext_lazy("Services and prices"),
    "customers": gettext_lazy("Customers"),
    "insights": gettext_lazy("Exports"),
    "notifications": gettext_lazy("Messages"),
    "payments": gettext_lazy("Payments"),
    "privacy": gettext_lazy("Privacy"),
    "schedule": gettext_lazy("Slots"),
    "waitlist": gettext_lazy("Waitlist"),
    "webhooks": gettext_lazy("Webhooks"),
}
_ACTIONS: Mapping[str, Any] = {
    "accounts.sign_in": gettext_lazy("Signed in"),
    "accounts.sign_in_failed": gettext_lazy("Sign-in failed"),
    "accounts.create_token": gettext_lazy("Token made"),
    "accounts.revoke_token": gettext_lazy("Token revoked"),
    "webhooks.add_endpoint": gettext_lazy("Webhook added"),
    "webhooks.change_endpoint": gettext_lazy("Webhook changed"),
    "webhooks.remove_endpoint": gettext_lazy("Webhook removed"),
    "webhooks.rotate_secret": gettext_lazy("Secret of a webhook changed"),
    "webhooks.pause_endpoint": gettext_lazy("Webhook paused"),
    "webhooks.resume_endpoint": gettext_lazy("Webhook resumed"),
    "availability.replace_hours": gettext_lazy("Opening hours changed"),
    "availability.apply_hour_template": gettext_lazy("Opening hours chosen"),
    "availability.add_exception": gettext_lazy("Day off or break added"),
    "availability.change_exception": gettext_lazy("Day off or break changed"),
    "availability.remove_exception": gettext_lazy("Day off or break removed"),
    "availability.change_resource": gettext_lazy("Person or place changed"),
    "availability.change_service": gettext_lazy("Service changed"),
    "availability.change_settings": gettext_lazy("Settings changed"),
    "bookings.book": gettext_lazy("Booked"),
    "bookings.request": gettext_lazy("Date requested"),
    "bookings.move": gettext_lazy("Booking moved"),
    "bookings.cancel": gettext_lazy("Booking cancelled"),
    "bookings.undo": gettext_lazy("Taken back"),
    "bookings.check_in": gettext_lazy("Checked in"),
    "bookings.complete": gettext_lazy("Completed"),
    "bookings.no_show": gettext_lazy("Marked as no-show"),
    "bookings.coming": gettext_lazy("Said that they are coming"),
    "bookings.rated": gettext_lazy("Visit rated"),
    "bookings.pay": gettext_lazy("Paid"),
    "bookings.repay": gettext_lazy("Payment given back"),
    "bookings.refund": gettext_lazy("Money given back"),
    "bookings.fee": gettext_lazy("No-show fee planned"),
    "bookings.no_fee": gettext_lazy("No-show fee dropped"),
    "bookings.notes": gettext_lazy("Notes of a booking changed"),
    "bookings.keep": gettext_lazy("Booking kept against a rule"),
    "bookings.propose": gettext_lazy("Other times proposed"),
    "bookings.accept": gettext_lazy("Request accepted"),
    "bookings.decline": gettext_lazy("Request declined"),
    "bookings.counter": gettext_lazy("Counter-offer made"),
    "bookings.withdraw": gettext_lazy("Request withdrawn"),
    "businesses.create_business": gettext_lazy("Business created"),
    "businesses.change_business_settings": gettext_lazy("Settings changed"),
    "businesses.change_profile": gettext_lazy("Profile changed"),
    "businesses.change_privacy_text": gettext_lazy("Privacy notice changed"),
    "businesses.change_logo": gettext_lazy("Logo changed"),
    "businesses.remove_logo": gettext_lazy("Logo removed"),
    "businesses.add_member": gettext_lazy("Member added"),
    "catalog.create_service": gettext_lazy("Service created"),
    "catalog.delete_service": gettext_lazy("Service deleted"),
    "catalog.create_resource": gettext_lazy("Person or place added"),
    "catalog.delete_resource": gettext_lazy("Person or place deleted"),
    "customers.block_customer": gettext_lazy("Customer blocked"),
    "customers.unblock_customer": gettext_lazy("Customer unblocked"),
    "customers.note_on_customer": gettext_lazy("Notes about a customer changed"),
    "customers.change_tier": gettext_lazy("Tier changed"),
    "customers.withdraw_news": gettext_lazy("News and offers declined"),
    "insights.note_export": gettext_lazy("Exported"),
    "notifications.resend_message": gettext_lazy("Message sent again"),
    "notifications.write_template": gettext_lazy("Letter reworded"),
    "notifications.reset_template": gettext_lazy("Letter set back to its default"),
    "notifications.send_test": gettext_lazy("Letter tried on oneself"),
    "notifications.set_service_reminders": gettext_lazy("Reminders of a service changed"),
    "payments.record_at_counter": gettext_lazy("Money taken at the counter"),
    "payments.give_back": gettext_lazy("Money given back"),
    "payments.retry_refund": gettext_lazy("Refund tried again"),
    "payments.charge_card": gettext_lazy("Card charged"),
    "privacy.export_person": gettext_lazy("A person's details exported"),
    "privacy.erase_person": gettext_lazy("A person erased"),
    "waitlist.join_waitlist": gettext_lazy("Waitlist joined"),
    "waitlist.leave_waitlist": gettext_lazy("Waitlist left"),
    "waitlist.call_entry": gettext_lazy("Called from the waitlist"),
    "waitlist.seat_entry": gettext_lazy("Seated from the waitlist"),
    "waitlist.remove_entry": gettext_lazy("Taken off the waitlist"),
    "waitlist.reorder_entry": gettext_lazy("Moved on the waitlist"),
    "waitlist.offer_by_hand": gettext_lazy("Place offered"),
}
_NOBODY: Mapping[str, Any] = {
    "customer": gettext_lazy("a customer"),
    "guest": gettext_lazy("a guest"),
    "command line": gettext_lazy("the command line"),
    "holdfast": gettext_lazy("Holdfast"),
}


def action(name: str) -> str:
    """What was done."""
    known = _ACTIONS.get(name)
    return str(known) if known is not None else name.rpartition(".")[2].replace("_", " ").capitalize()


def who(actor: str, role: str, account: str | None) -> str:
    """Who did it: a colleague by name, anybody else by what they are."""
    if account:
        return account
    return str(_NOBODY.get(actor, actor)) if actor else role


def told(details: Mapping[str, Any]) -> list[str]:
    """What changed, one short line each."""
    lines = [
        _("%(name)s: %(before)s → %(after)s")
        % {"name": _plain(name), "before": _value(before), "after": _value(after)}
        for name, (before, after) in details.get("changed", {}).items()
    ]
    changed = details.get("changed", {})
    values = {name: value for name, value in details.get("values", {}).items() if name not in changed}
    lines += [f"{_plain(name)}: {_value(value)}" for name, value in values.items()]
    if fields := [name for name in details.get("fields", ()) if name not in changed]:
        lines.append(_("Also given: %(names)s") % {"names": ", ".join(map(_plain, fields))})
    rest = {name: value for name, value in details.items() if name not in ("changed", "values", "fields")}
    return lines + [f"{_plain(name)}: {_value(value)}" for name, value in rest.items()]


def door(via: str) -> str:
    """Through which door."""
    return str(words.DOORS.get(via, via))


def _plain(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")


def _value(value: Any) -> str:
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(part) for part in value)
    return str(value)

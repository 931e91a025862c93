"""What must be true of the data whatever happens, as statements that find what is not (SPEC D2, D3, O5).

Each is one read of what is committed, on a database in use: it takes no lock, and on both engines nobody waits for it. They
share nothing with the code that writes the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, models

_OCCUPYING = "('held', 'awaiting_payment', 'confirmed', 'checked_in', 'completed', 'no_show')"
_UPCOMING = "('held', 'awaiting_payment', 'confirmed', 'checked_in')"
_STATES = (
    "('held', 'awaiting_payment', 'requested', 'confirmed', 'checked_in', 'completed', 'no_show', 'cancelled',"
    " 'declined', 'expired')"
)
# A cancellation that can still be undone keeps what it had.
_STILL_HAS = f"(b.state IN {_OCCUPYING} OR (b.state = 'cancelled' AND b.releases_at IS NOT NULL))"
_COUNT_OF_LIST: Mapping[str, str] = {"postgresql": "jsonb_array_length", "sqlite": "json_array_length"}


def statements() -> dict[str, str]:
    """By the invariant's name, a statement whose rows are the ids of what breaks it."""
    length = _COUNT_OF_LIST[connection.vendor]
    return {
        # If any two overlap, then two that are neighbours by their start do.
        "claims_apart": "SELECT id FROM (SELECT id, starts_at, LAG(ends_at) OVER (PARTITION BY resource_id"
        " ORDER BY starts_at, id) AS before_it FROM bookings_claim) c WHERE before_it > starts_at",
        "claims_have_a_booking": "SELECT c.id FROM bookings_claim c JOIN bookings_booking b ON b.id = c.booking_id"
        f" WHERE NOT {_STILL_HAS}",
        "bookings_have_their_claims": "SELECT b.id FROM bookings_booking b WHERE b.slot_id IS NULL"
        f" AND b.state IN {_UPCOMING} AND (SELECT count(*) FROM bookings_claim c WHERE c.booking_id = b.id"
        f" AND c.starts_at <= b.starts_at AND c.ends_at >= b.ends_at) <> 1 + COALESCE({length}(b.also), 0)",
        "slots_not_oversold": "SELECT id FROM schedule_slot WHERE taken > capacity OR taken < 0",
        "slots_count_their_bookings": "SELECT s.id FROM schedule_slot s WHERE s.taken <> COALESCE((SELECT"
        f" sum(b.party_size) FROM bookings_booking b WHERE b.slot_id = s.id AND {_STILL_HAS}), 0)",
        "slots_apart": "SELECT id FROM (SELECT id, starts_at, LAG(ends_at) OVER (PARTITION BY resource_id"
        " ORDER BY starts_at, id) AS before_it FROM schedule_slot WHERE resource_id IS NOT NULL) s"
        " WHERE before_it > starts_at",
        "states_possible": f"SELECT id FROM bookings_booking WHERE state NOT IN {_STATES}"
        " OR (state IN ('held', 'awaiting_payment') AND releases_at IS NULL) OR ends_at <= starts_at"
        " OR (state IN ('confirmed', 'checked_in', 'completed', 'no_show', 'declined', 'expired')"
        " AND releases_at IS NOT NULL)",
        "bookings_have_a_history": "SELECT b.id FROM bookings_booking b WHERE NOT EXISTS (SELECT 1 FROM"
        " bookings_bookingchange c WHERE c.booking_id = b.id)",
        "offers_hold_a_place": "SELECT o.id FROM waitlist_offer o LEFT JOIN bookings_booking b ON b.id = o.booking_id"
        " WHERE o.state = 'pending' AND (b.id IS NULL OR b.state NOT IN ('held', 'awaiting_payment', 'expired'))",
        "messages_sent_have_a_time": "SELECT id FROM notifications_message WHERE state = 'sent' AND sent_at IS NULL",
        "requests_are_bookings_asked_for": "SELECT b.id FROM bookings_booking b WHERE b.state = 'requested'"
        " AND NOT EXISTS (SELECT 1 FROM bookings_request r WHERE r.booking_id = b.id)",
        "payments_in_the_ledger": "SELECT p.id FROM payments_payment p WHERE p.state = 'paid' AND p.paid_minor <>"
        " COALESCE((SELECT sum(e.amount_minor) FROM payments_ledgerentry e WHERE e.payment_id = p.id"
        " AND e.refund_id IS NULL), 0)",
        "refunds_in_the_ledger": "SELECT r.id FROM payments_refund r WHERE"
        " CASE WHEN r.state = 'done' THEN r.amount_minor ELSE 0 END"
        " + COALESCE((SELECT sum(e.amount_minor) FROM payments_ledgerentry e WHERE e.refund_id = r.id), 0) <> 0",
        "money_has_a_booking": "SELECT p.id FROM payments_payment p LEFT JOIN bookings_booking b"
        " ON b.id = p.booking_id AND b.business_id = p.business_id WHERE b.id IS NULL",
    }


# What a booking says of its money follows the ledger a moment later.
BALANCES_BEHIND = (
    "SELECT b.id FROM bookings_booking b WHERE b.paid_minor <> COALESCE((SELECT sum(e.amount_minor)"
    " FROM payments_ledgerentry e WHERE e.business_id = b.business_id AND e.booking_id = b.id), 0)"
)


def broken_reference(model: type[models.Model], field: Any) -> str:
    """The rows whose column leads to a row that is not there."""
    child, parent, key = _names(model, field)
    column, target = field.column, field.target_field.column
    return (
        f"SELECT c.{key} FROM {child} c LEFT JOIN {parent} p ON p.{target} = c.{column}"
        f" WHERE c.{column} IS NOT NULL AND p.{target} IS NULL"
    )


def across_businesses(model: type[models.Model], field: Any) -> str:
    """The rows of one business whose column leads to a row of another."""
    child, parent, key = _names(model, field)
    return (
        f"SELECT c.{key} FROM {child} c JOIN {parent} p ON p.{field.target_field.column} = c.{field.column}"
        " WHERE p.business_id <> c.business_id"
    )


def _names(model: type[models.Model], field: Any) -> tuple[str, str, str]:
    quote = connection.ops.quote_name
    pk = model._meta.pk
    assert pk is not None
    return quote(model._meta.db_table), quote(field.related_model._meta.db_table), str(pk.column)

"""What it means when an invariant is broken, and what to do, for the operator's terminal."""

from __future__ import annotations

_RESTORE = "Compare with the last backup, and say so: no path of the code leads here."

SENTENCES: dict[str, str] = {
    "guards_up": "The database would not refuse a double booking. Run: holdfast migrate.",
    "claims_apart": f"Two claims of one resource share time. Move or cancel one booking. {_RESTORE}",
    "claims_have_a_booking": "Time is taken for a booking that no longer counts. Run: holdfast worker; if it stays, "
    "cancel and undo the booking at the desk.",
    "bookings_have_their_claims": f"A booking stands whose time is not kept for it. {_RESTORE}",
    "slots_not_oversold": f"A slot has more places taken than it has. {_RESTORE}",
    "slots_count_their_bookings": f"A slot's count is not the sum of its bookings. {_RESTORE}",
    "slots_apart": f"Two slots of one resource share time. Close one of them. {_RESTORE}",
    "states_possible": f"A booking is in a state that cannot be. {_RESTORE}",
    "bookings_have_a_history": f"A booking has no history. {_RESTORE}",
    "offers_hold_a_place": "An offer is out that keeps no place. Withdraw it at the desk, under Waitlist.",
    "messages_sent_have_a_time": f"A message counts as sent without a time. {_RESTORE}",
    "requests_are_bookings_asked_for": f"A request has lost what was asked for. {_RESTORE}",
    "references_whole": f"Rows lead to rows that are gone. {_RESTORE}",
    "businesses_apart": f"Rows of one business lead to another's. {_RESTORE}",
    "sealed_data_opens": "No key in ENCRYPTION_KEY opens these. Put back the key that was removed.",
    "audit_trail_whole": "The audit trail was changed. Run: holdfast verify-audit.",
    "events_known": "Events wait that this release does not know: it is older than the data, or too new.",
    "payments_in_the_ledger": "The ledger does not say what a payment says. Run: holdfast reconcile-payments.",
    "refunds_in_the_ledger": "The ledger does not say what a refund says. Run: holdfast reconcile-payments.",
    "money_has_a_booking": f"Money was taken for a booking that is not there. {_RESTORE}",
    "balances_up_to_date": "A booking's own sum is behind the ledger. The worker brings it up; if it stays, see the outbox.",
    "no_dead_events": "Events that nobody could handle. Look: holdfast outbox; then: holdfast outbox --replay.",
}

"""What a provider says of a payment, and what that makes of it, in whatever order it is said (SPEC G2). Pure.

Money that was taken is taken: ``paid`` wins over all else, whenever it is heard. An end without money counts only while
the payment waits, and is said once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What was seen of a payment at its provider."""

    OPEN = "open"  # somebody may pay it still
    PROCESSING = "processing"  # somebody has, and the bank takes its time
    PAID = "paid"
    DECLINED = "declined"  # one try was refused; another may follow
    FAILED = "failed"  # refused, and no other will follow
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # the provider knows no such payment


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a payment, or one word about it. Amounts in minor units of ``currency``; ``failure`` is a code."""

    outcome: Outcome
    amount_minor: int = 0
    currency: str = ""
    checkout_ref: str = ""
    charge_ref: str = ""
    failure: str = ""
    customer_ref: str = ""
    method_ref: str = ""
    brand: str = ""
    last4: str = ""


class RefundOutcome(StrEnum):
    """What was seen of a refund at its provider."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


WAITING = ("opening", "open")
_ENDS = {Outcome.FAILED: "failed", Outcome.EXPIRED: "expired"}


def next_state(state: str, outcome: Outcome) -> str:
    """The state a payment in ``state`` is in after this was seen; the same one when nothing changes."""
    if outcome is Outcome.PAID:
        return "paid"
    if state not in WAITING:
        return state
    if outcome in _ENDS:
        return _ENDS[outcome]
    return "open" if outcome is Outcome.PROCESSING else state


def next_refund_state(state: str, outcome: RefundOutcome) -> str:
    """The same for a refund. What was given back and comes back again (``failed`` after ``done``) is failed."""
    if outcome is RefundOutcome.FAILED:
        return "failed"
    if outcome is RefundOutcome.DONE:
        return state if state == "failed" else "done"
    return "sent" if state == "due" else state

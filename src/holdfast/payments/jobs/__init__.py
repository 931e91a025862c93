"""Work with providers, outside any transaction; their answers come back as commands."""

from holdfast.payments.jobs.attending import open_checkout, run_payments, run_refunds
from holdfast.payments.jobs.demo import PLAYS, can_be_paid, play
from holdfast.payments.jobs.inbox import forget_words, process_inbox, take_in
from holdfast.payments.jobs.reconciling import Difference, reconcile

__all__ = [
    "PLAYS",
    "Difference",
    "can_be_paid",
    "forget_words",
    "open_checkout",
    "play",
    "process_inbox",
    "reconcile",
    "run_payments",
    "run_refunds",
    "take_in",
]

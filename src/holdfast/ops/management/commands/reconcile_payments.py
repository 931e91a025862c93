"""``holdfast reconcile-payments``: hold the ledger against the provider's, and repair it (SPEC G4)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from holdfast.core import clock
from holdfast.lib.refusals import Busy, Conflict
from holdfast.ops.command import HoldfastCommand
from holdfast.payments.jobs import reconcile
from holdfast.payments.providers import Unreachable
from holdfast.payments.queries import ways

EXIT_DIFFERENT = 5
_MEANING = {
    "charge_missing": "paid there, and not in our ledger",
    "refund_missing": "given back there, and not in our ledger",
    "unknown_there": "in our ledger, and unknown there",
    "amount_differs": "another amount, or another charge, there",
    "still_waiting": "over there, and still waited for here",
    "stranger": "bears our mark, and no such payment is known here",
}


class Command(HoldfastCommand):
    help = "Compare the ledger with the payment provider's, print every difference, repair with --apply"
    group = "Look after"
    remaining = 0

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="repair what can be repaired")
        parser.add_argument("--days", type=int, default=35, help="how far to look back (35)")

    def run_command(self, **options: Any) -> dict[str, Any]:
        if "stripe" not in ways():
            raise NothingToCompare
        since = clock.now() - timedelta(days=max(1, options["days"]))
        try:
            found = list(reconcile(provider="stripe", since=since, is_repairing=options["apply"]))
        except Unreachable as error:
            raise Busy(retry_after=60) from error
        self.remaining = sum(not one.is_repaired for one in found)
        return {
            "since": since.isoformat(),
            "differences": [asdict(one) for one in found],
            "repaired": len(found) - self.remaining,
            "remaining": self.remaining,
        }

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.remaining:
            raise CommandError("The ledgers differ.", returncode=EXIT_DIFFERENT)

    def show(self, result: dict[str, Any]) -> None:
        self.show_table(
            [
                {
                    "what": _MEANING[one["what"]],
                    "payment": one["payment_id"],
                    "there": one["ref"],
                    "ours": one["ours_minor"],
                    "theirs": one["theirs_minor"],
                    "currency": one["currency"],
                    "repaired": "yes" if one["is_repaired"] else "no",
                }
                for one in result["differences"]
            ]
        )
        if not result["differences"]:
            self.stdout.write("The ledgers agree.")
        else:
            count, repaired = len(result["differences"]), result["repaired"]
            self.stdout.write(f"{count} differences, {repaired} repaired, {result['remaining']} remaining.")


class NothingToCompare(Conflict):
    """No provider is set up that keeps a ledger of its own."""

    code = "no_provider"

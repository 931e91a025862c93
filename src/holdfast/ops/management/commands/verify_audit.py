"""``holdfast verify-audit``: whether the audit trail is whole (SPEC J7)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from holdfast.businesses.queries import version_of
from holdfast.core.audit_check import verify
from holdfast.core.ids import INSTALLATION
from holdfast.core.sealing import seal
from holdfast.ops.command import HoldfastCommand

_EXIT_BROKEN = 5
_SENTENCES = {
    "changed": "line {position} was changed, or the line before it",
    "missing": "lines are missing from {position} on",
    "put_in": "line {position} was put in",
    "cut_off": "the end is cut off from line {position} on, or the database is older than its anchors",
    "rewritten": "the chain was written anew up to line {position}",
    "history_changed": "the history that line {position} was copied from was changed",
    "history_missing": "the history that line {position} was copied from was taken out",
}


class Command(HoldfastCommand):
    help = "Prove that nothing in the audit trail was changed, left out, put in or cut off"
    group = "Look after"
    result: dict[str, Any]

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--business", dest="slug", default="", help="its address; without it, every chain"
        )
        parser.add_argument("--seal", action="store_true", help="seal what is new first, as the worker does")

    def run_command(self, **options: Any) -> dict[str, Any]:
        if options["seal"]:
            seal()
        business_id = version_of(slug=options["slug"])[0] if options["slug"] else None
        verdict = verify(business_id=business_id)
        self.result = {
            "whole": verdict.is_whole,
            "chains": verdict.chains,
            "lines": verdict.lines,
            "not_sealed_yet": verdict.unsealed,
            "anchors": verdict.anchors,
            "faults": [
                {
                    "business": "installation"
                    if fault.business_id == INSTALLATION
                    else str(fault.business_id),
                    "what": fault.what,
                    "position": fault.position,
                }
                for fault in verdict.faults
            ],
        }
        return self.result

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not self.result["whole"]:
            raise CommandError("The audit trail is not whole.", returncode=_EXIT_BROKEN)

    def show(self, result: Any) -> None:
        for fault in result["faults"]:
            self.stdout.write(f"{fault['business']}: " + _SENTENCES[fault["what"]].format(**fault))
        facts = {name: result[name] for name in ("chains", "lines", "not_sealed_yet", "anchors")}
        super().show(facts)
        if result["whole"]:
            self.stdout.write("The audit trail is whole.")

"""``holdfast verify-integrity``: whether the data is sound, on a database in use (SPEC O5)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from holdfast.operations.queries import invariants, look
from holdfast.operations.queries.integrity import MOST_COUNTED
from holdfast.ops.command import HoldfastCommand
from holdfast.ops.integrity_words import SENTENCES

_EXIT_UNSOUND = 5


class Command(HoldfastCommand):
    help = "Look whether the data is sound: nothing double-booked, counted wrong, orphaned or in the wrong business"
    group = "Look after"
    result: dict[str, Any]

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only", action="append", default=[], metavar="NAME", help="one invariant; may be repeated"
        )

    def run_command(self, **options: Any) -> dict[str, Any]:
        known = {one.name: one for one in invariants()}
        unknown = [name for name in options["only"] if name not in known]
        if unknown:
            raise CommandError(f"There is no {unknown[0]}. There are: {', '.join(known)}.", returncode=2)
        wanted = [known[name] for name in options["only"]] or list(known.values())
        checks = []
        for number, result in enumerate(look(wanted=wanted), start=1):
            self.stderr.write(f"{number}/{len(wanted)} {result.name}: {result.level}")
            checks.append(
                {
                    "name": result.name,
                    "level": result.level,
                    "count": result.count,
                    "examples": list(result.examples),
                }
            )
        self.result = {"sound": all(check["level"] != "fault" for check in checks), "checks": checks}
        return self.result

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if not self.result["sound"]:
            raise CommandError("The data is not sound.", returncode=_EXIT_UNSOUND)

    def show(self, result: Any) -> None:
        for check in result["checks"]:
            if check["level"] == "ok":
                continue
            many = f"{check['count']}" if check["count"] < MOST_COUNTED else f"{MOST_COUNTED} or more"
            self.stdout.write(f"{check['level'].upper()} {check['name']}: {many}. {SENTENCES[check['name']]}")
            for example in check["examples"]:
                self.stdout.write(f"    {example}")
        if result["sound"]:
            self.stdout.write(f"The data is sound: {len(result['checks'])} invariants looked at.")

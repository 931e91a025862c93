"""``holdfast breach-report``: who is affected by what, should data get out (SPEC K4)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from holdfast.businesses.queries import version_of
from holdfast.ops.command import OPERATOR, HoldfastCommand
from holdfast.privacy.commands import report_breach


class Command(HoldfastCommand):
    help = "List every person of a business with how to reach them and what is held about them"
    group = "Look after"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--business", dest="slug", required=True, help="its address")

    def run_command(self, **options: Any) -> dict[str, Any]:
        people = report_breach(actor=OPERATOR, business_id=version_of(slug=options["slug"])[0])
        return {"business": options["slug"], "affected": len(people), "people": people}

    def show(self, result: Any) -> None:
        self.show_table(
            [
                {**one, "holds": ", ".join(f"{k} {v}" for k, v in one["holds"].items())}
                for one in result["people"]
            ]
        )
        self.stdout.write(f"{result['affected']} people are affected. This list is itself personal data.")

"""``holdfast maintain daily``: let go of what is kept long enough (SPEC K3, O12)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from holdfast.core import clock
from holdfast.ops.command import HoldfastCommand
from holdfast.privacy.commands import clean_up


class Command(HoldfastCommand):
    help = "Let go of what is older than its retention period, as the worker does daily"
    group = "Look after"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("cadence", choices=["daily"])
        parser.add_argument("--dry-run", action="store_true", help="only say what would be let go of")

    def run_command(self, **options: Any) -> dict[str, Any]:
        done = clean_up(now=clock.now(), days=settings.RETENTION_DAYS, dry_run=options["dry_run"])
        return {
            "dry_run": options["dry_run"],
            "retention": [
                {"what": what, "days": settings.RETENTION_DAYS[what] or None, "count": count}
                for what, count in done.items()
            ],
        }

    def show(self, result: Any) -> None:
        verb = "would be let go of" if result["dry_run"] else "let go of"
        for one in result["retention"]:
            period = f"older than {one['days']} days" if one["days"] else "kept for ever"
            self.stdout.write(f"{one['what']}: {one['count']} {verb} ({period})")

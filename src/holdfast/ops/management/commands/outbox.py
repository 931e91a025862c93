"""``holdfast outbox``: look at events nobody could handle, and try them again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from holdfast.core import relay
from holdfast.lib.refusals import Missing
from holdfast.ops.command import HoldfastCommand


class Command(HoldfastCommand):
    help = "List dead events (outbox list), or try them again (outbox replay)"
    group = "Look after"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["list", "replay"])
        parser.add_argument("--id", type=UUID, help="replay this event alone")

    def run_command(self, **options: Any) -> dict[str, Any]:
        if options["action"] == "list":
            return {"dead": [_shown(event) for event in relay.dead_events()]}
        count = relay.replay_dead(options["id"])
        if options["id"] and not count:
            raise Missing
        return {"replayed": count}

    def show(self, result: dict[str, Any]) -> None:
        if "replayed" in result:
            self.stdout.write(f"{result['replayed']} events will be tried again.")
            return
        if not result["dead"]:
            self.stdout.write("No dead events.")
        self.show_table(result["dead"])


def _shown(event: relay.DeadEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "kind": event.kind,
        "business_id": str(event.business_id) if event.business_id else None,
        "attempts": event.attempts,
        "dead_at": event.dead_at.isoformat(),
        "error": event.last_error,
    }

"""``holdfast replay-erasures``: forget again who was forgotten before a backup was restored (SPEC K2)."""

from __future__ import annotations

from typing import Any

from holdfast.core import clock
from holdfast.core.erasures import by_business
from holdfast.ops.command import HoldfastCommand
from holdfast.privacy.commands import replay_erasures


class Command(HoldfastCommand):
    help = "Forget again the people whom a restored backup brought back"
    group = "Look after"

    def run_command(self, **options: Any) -> dict[str, int]:  # noqa: ARG002
        known = sum(len(people) for people in by_business().values())
        return {"written_down": known, "forgotten_again": replay_erasures(now=clock.now())}

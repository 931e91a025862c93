"""``holdfast worker``: handle events, send messages, run periodic jobs."""

from __future__ import annotations

from typing import Any

from holdfast.core import clock
from holdfast.core.worker import run_until_signalled
from holdfast.ops.command import HoldfastCommand
from holdfast.privacy.commands import replay_erasures


class Command(HoldfastCommand):
    help = "Handle events, send messages and run periodic jobs, until stopped"
    group = "Run"

    def run_command(self, **options: Any) -> None:  # noqa: ARG002
        replay_erasures(now=clock.now())
        run_until_signalled()

"""``holdfast rotate-keys``: put everything that is sealed under the first key of ``ENCRYPTION_KEY`` (SPEC K1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from holdfast.core import clock, encryption, rotation
from holdfast.core.models import WorkerHeartbeat
from holdfast.ops.command import HoldfastCommand
from holdfast.privacy.commands import reindex_people

_AWAKE = timedelta(minutes=1)


class Command(HoldfastCommand):
    help = "Put everything that is sealed under the first key of ENCRYPTION_KEY, while the server runs"
    group = "Look after"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--indexes",
            action="store_true",
            help="afterwards find people by the first key as well, so that all others may go; only while nothing else runs",
        )
        parser.add_argument("--status", action="store_true", help="only say what is left to do")

    def run_command(self, **options: Any) -> dict[str, Any]:
        resealed = 0
        if not options["status"]:
            resealed = rotation.reseal(self._tell)
        left = rotation.remaining()
        if options["indexes"]:
            return self._move_indexes(left)
        keys = encryption.key_ids()
        between = keys[1:-1]
        return {
            "keys": keys,
            "sealing": keys[0],
            "searching": keys[-1],
            "resealed": resealed,
            "left": left,
            # The last key still makes the indexes by which people are found, so it stays.
            "may_be_removed": between if not left else [],
        }

    def _move_indexes(self, left: dict[str, int]) -> dict[str, Any]:
        if left:
            raise CommandError("Something is left under another key: run it again.", returncode=5)
        awake = WorkerHeartbeat.objects.filter(seen_at__gte=clock.now() - _AWAKE)
        if awake.exists():
            raise CommandError(
                "Holdfast runs. Stop it, wait a minute, and try again: whoever books meanwhile would be a new customer.",
                returncode=5,
            )
        keys = encryption.key_ids()
        people = reindex_people()
        return {"keys": keys, "sealing": keys[0], "searching": keys[0], "resealed": 0, "left": {},
                "people": people, "may_be_removed": keys[1:]}  # fmt: skip

    def _tell(self, name: str, count: int) -> None:
        self.stderr.write(f"{name}: {count}")

    def show(self, result: Any) -> None:
        self.stdout.write(f"{result['resealed']} values sealed anew under key {result['sealing']}.")
        for name, count in result["left"].items():
            self.stdout.write(f"left: {name} {count}")
        if result["left"]:
            self.stdout.write("Run it again until nothing is left. Every key is still needed.")
        elif result["may_be_removed"]:
            self.stdout.write(
                f"These keys may be removed from ENCRYPTION_KEY: {', '.join(result['may_be_removed'])}."
            )
        if "people" in result:
            self.stdout.write(
                f"{result['people']} people are found by key {result['sealing']} now."
                " Remove all others from ENCRYPTION_KEY before you start Holdfast."
            )
        elif len(result["keys"]) > 1:
            self.stdout.write(f"Key {result['searching']}, the last, is kept: people are found by it.")

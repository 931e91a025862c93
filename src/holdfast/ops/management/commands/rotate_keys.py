"""``holdfast rotate-keys``: put everything that is sealed under the first key of ``ENCRYPTION_KEY`` (SPEC K1)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from holdfast.core import encryption, rotation
from holdfast.ops.command import HoldfastCommand


class Command(HoldfastCommand):
    help = "Put everything that is sealed under the first key of ENCRYPTION_KEY, while the server runs"
    group = "Look after"

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--status", action="store_true", help="only say what is left to do")

    def run_command(self, **options: Any) -> dict[str, Any]:
        resealed = 0
        if not options["status"]:
            resealed = rotation.reseal(self._tell)
        left = rotation.remaining()
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
        if len(result["keys"]) > 1:
            self.stdout.write(f"Key {result['searching']}, the last, is kept: people are found by it.")

"""What all commands of Holdfast share: ``--json``, results on stdout, everything else on stderr."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from rich.console import Console
from rich.table import Table

from holdfast.lib.actors import Actor, Role

WIDE = 500
#: Who gives orders on the machine itself: the operator.
OPERATOR = Actor(role=Role.OPERATOR, via="command", name="command line")


class HoldfastCommand(BaseCommand):
    """A command whose result is one value, printed for people or, with ``--json``, for programs.

    Subclasses implement ``run_command`` and return the value, and override ``show`` for people. ``group`` is the
    heading under which ``holdfast`` lists the command.
    """

    group = "Other"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON alone on stdout")
        self.add_options(parser)

    def add_options(self, parser: CommandParser) -> None:
        """Declare the command's own options."""

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        as_json = options.pop("as_json")
        result = self.run_command(**options)
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder))
        else:
            self.show(result)

    def run_command(self, **options: Any) -> Any:
        """Do it; the result is what ``--json`` prints."""
        raise NotImplementedError

    def show_table(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Print rows with the same keys as a table; it folds on a terminal and keeps whole lines elsewhere."""
        if not rows:
            return
        table = Table(*(name.replace("_", " ") for name in rows[0]), box=None, pad_edge=False)
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row.values()), style=None)
        target: Any = self.stdout
        console = Console(file=target, width=None if target.isatty() else WIDE, highlight=False, markup=False)
        console.print(table)

    def show(self, result: Any) -> None:
        """Print the result for people."""
        if isinstance(result, dict):
            width = max((len(name) for name in result), default=0)
            for name, value in result.items():
                self.stdout.write(f"{name.replace('_', ' '):<{width}}  {value}")
        elif result is not None:
            self.stdout.write(str(result))

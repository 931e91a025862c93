"""What all commands of Holdfast share: ``--json``, results on stdout, everything else on stderr."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from holdfast.lib.actors import Actor, Role

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

    def show(self, result: Any) -> None:
        """Print the result for people."""
        if isinstance(result, dict):
            width = max((len(name) for name in result), default=0)
            for name, value in result.items():
                self.stdout.write(f"{name.replace('_', ' '):<{width}}  {value}")
        elif result is not None:
            self.stdout.write(str(result))

"""``holdfast``: the command line. Management commands behind it, dashes instead of underscores, refusals as sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

EXIT_WRONG_ENVIRONMENT = 2
EXIT_NO_DATABASE = 1
# Django's own commands that belong to running Holdfast; the others stay reachable but are not listed.
_OF_DJANGO = {
    "migrate": ("Set up", "Bring the database up to date"),
    "check": ("Look after", "Look for mistakes in the code's configuration"),
    "shell": ("Look after", "A Python prompt inside Holdfast"),
}
_GROUPS = ("Run", "Set up", "Look after", "Other")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code: 0, 2 wrong input, 3 forbidden, 4 missing, 5 conflict, 6 busy."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "holdfast.config.settings")
    if words[:1] == ["demo"] and not os.environ.get("HOLDFAST_ENVIRONMENT"):
        # Before the settings are read, and for the web server and the worker that inherit it.
        os.environ["HOLDFAST_ENVIRONMENT"] = "demo"
    from holdfast.core.errors import SettingsRefused

    try:
        import django

        django.setup()
    except SettingsRefused as refused:
        print(refused, file=sys.stderr)
        return EXIT_WRONG_ENVIRONMENT
    if not words or (len(words) == 1 and words[0] in ("help", "--help", "-h")):
        print(overview())
        return 0
    return _run(words)


def _run(words: list[str]) -> int:
    from django.core.management import ManagementUtility
    from django.db import OperationalError, ProgrammingError

    from holdfast.lib.refusals import Refusal
    from holdfast.ops.words import exit_code, sentences

    name = words[0].replace("-", "_") if not words[0].startswith("-") else words[0]
    try:
        ManagementUtility(["holdfast", name, *words[1:]]).execute()
    except Refusal as refusal:
        print("\n".join(sentences(refusal)), file=sys.stderr)
        return exit_code(refusal)
    except (OperationalError, ProgrammingError) as error:
        reason = str(error).strip().split("\n")[0]
        print(
            f"The database cannot be used: {reason}\nIs it running, and is it up to date (holdfast migrate)?",
            file=sys.stderr,
        )
        return EXIT_NO_DATABASE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = None
        return 0
    return 0


def overview() -> str:
    """Every command with one line of help, by group."""
    groups = _commands()
    width = max(len(name) for commands in groups.values() for name in commands)
    parts = ["holdfast <command> [options]    (holdfast <command> --help)"]
    for group in (*_GROUPS, *sorted(groups.keys() - set(_GROUPS))):
        if group in groups:
            lines = [f"  {name:<{width}}  {about}" for name, about in sorted(groups[group].items())]
            parts.append("\n".join([f"{group}:", *lines]))
    return "\n\n".join(parts)


def _commands() -> dict[str, dict[str, str]]:
    from django.core.management import get_commands, load_command_class

    groups: dict[str, dict[str, str]] = {}
    for name, app in get_commands().items():
        if not str(app).startswith("holdfast.") and name not in _OF_DJANGO:
            continue
        group, about = _OF_DJANGO.get(name) or _described(load_command_class(str(app), name))
        groups.setdefault(group, {})[name.replace("_", "-")] = about
    return groups


def _described(command: object) -> tuple[str, str]:
    return getattr(command, "group", "Other"), str(getattr(command, "help", "")).split("\n")[0].rstrip(".")


if __name__ == "__main__":
    sys.exit(main())

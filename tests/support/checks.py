"""`make check`: everything about the code that a machine can say without running it. All checks run; any failure fails."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support import vulnerabilities

PROGRAMS = Path(sys.executable).parent
CODE = [name for name in ("src", "tests", "benchmarks") if Path(name).is_dir()]


@dataclass(frozen=True, slots=True)
class Check:
    """A name for the report and what to run; `run` answers `passed`, `not checked: …` or `FAILED`."""

    name: str
    run: Callable[[], str]


def command(*arguments: str, **environment: str) -> Callable[[], str]:
    """A check that is one command: exit code 0 passes."""

    def run() -> str:
        program, *rest = arguments
        done = subprocess.run([str(PROGRAMS / program), *rest], env=os.environ | environment, check=False)
        return "passed" if done.returncode == 0 else f"FAILED (exit code {done.returncode})"

    return run


def templates() -> str:
    """Templates are formatted as djade writes them."""
    files = sorted(
        str(path) for path in Path("src").rglob("templates/**/*") if path.suffix in {".html", ".txt"}
    )
    return (
        command("djade", "--check", "--target-version", "5.2", *files)() if files else "passed (no templates)"
    )


def checks(home: str) -> list[Check]:
    """The list, in order. Django starts on an empty data directory, so that checking leaves nothing behind."""
    django = {
        "DJANGO_SETTINGS_MODULE": "holdfast.config.settings",
        "HOLDFAST_ENVIRONMENT": "test",
        "HOLDFAST_HOME": home,
    }
    django["DATABASE_URL"] = f"sqlite:///{home}/checks.sqlite3"
    return [
        Check("lint", command("ruff", "check", *CODE)),
        Check("format", command("ruff", "format", "--check", *CODE)),
        Check("types", command("mypy", **django)),
        Check("layers", command("lint-imports", PYTHONPATH="src")),
        Check("templates", templates),
        Check("django", command("django-admin", "check", "--fail-level", "WARNING", **django)),
        Check("migrations", command("django-admin", "makemigrations", "--check", "--dry-run", **django)),
        Check("vulnerabilities", vulnerabilities.audit),
    ]


def main() -> int:
    """Run every check and end with one line for each."""
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="holdfast-check-") as home:
        for check in checks(home):
            print(f"\n=== {check.name} ===", flush=True)
            outcomes.append((check.name, check.run()))
    print()
    for name, outcome in outcomes:
        print(f"{name + ':':17}{outcome}")
    return int(any(outcome.startswith("FAILED") for _, outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())

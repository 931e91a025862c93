"""`make test`: the whole suite on SQLite, then on PostgreSQL where its server is installed.

Arguments go to pytest. HOLDFAST_TEST_ENGINE, when set, runs that engine alone. What the engine of the run cannot change runs
with the first one only: rules, lib, house rules, what the API's document promises, how long sign-in takes, what unknown
fields do, and the demo's own process, which is on its embedded SQLite whatever the run is on. In the browser the main way
through each kind of business is walked on every engine; the ways around it, looks and keyboards are walked once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import requirements

ENGINES = ("sqlite", "postgres")
# Set for the engines after the first: what they cannot change is left out there.
WITHOUT_PURE = "HOLDFAST_TEST_WITHOUT_PURE"
_PURE_ROOMS = frozenset({"lib", "meta", "calendars"})
_NOT_PURE = frozenset({"test_the_ground_the_tests_stand_on.py"})
_ONE_ENGINE = frozenset(
    {
        "tests/accounts/test_telling_nothing.py",
        "tests/api/test_schemathesis.py",
        "tests/ops/test_demo.py",
        "tests/permissions/test_extra_fields.py",
    }
)


_WALKED_ON_EVERY_ENGINE = frozenset(
    {
        "test_a_date_is_asked_for_accepted_at_the_desk_and_agreed",
        "test_a_party_gets_the_best_table_for_a_night_past_midnight",
        "test_a_stranger_books_moves_cancels_and_takes_it_back",
        "test_a_stranger_gets_two_places_moves_them_cancels_and_takes_it_back",
        "test_a_visit_with_the_mouse_from_late_to_done",
        "test_from_a_full_day_to_a_place_that_came_free",
        "test_the_first_customer_books",
    }
)


def is_pure(path: Path) -> bool:
    """Whether a test file knows no database, by its place: pure rooms, and the rules of every room."""
    placed = bool(_PURE_ROOMS & set(path.parts)) or path.name.startswith("test_rules")
    return placed and path.name not in _NOT_PURE


def engines() -> tuple[str, ...]:
    """Which engines to run, in order."""
    chosen = os.environ.get("HOLDFAST_TEST_ENGINE")
    if chosen is None:
        return ENGINES
    if chosen not in ENGINES:
        sys.exit(f"HOLDFAST_TEST_ENGINE is one of {', '.join(ENGINES)}; not {chosen!r}")
    return (chosen,)


def says_the_same_on_every_engine(path: Path, name: str) -> bool:
    """Whether one run of this test answers for every engine."""
    by_browser = "journeys" in path.parts and "api" not in path.stem and "api" not in name
    by_the_way = by_browser and name.partition("[")[0] not in _WALKED_ON_EVERY_ENGINE
    return is_pure(path) or by_the_way or "/".join(path.parts[-3:]) in _ONE_ENGINE


def run(engine: str, arguments: list[str], *, is_first: bool = True) -> int:
    """One run of pytest on one engine; pytest's exit code."""
    print(f"\n=== tests on {engine} ===", flush=True)
    command = [sys.executable, "-m", "pytest", *arguments]
    environment = os.environ | {"HOLDFAST_TEST_ENGINE": engine, WITHOUT_PURE: "" if is_first else "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(command, env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    """Run all engines, even after a failure, and say at the end what became of each."""
    outcomes: dict[str, str] = {}
    required = requirements.required()
    for engine in engines():
        how_to_get = requirements.missing("postgres") if engine == "postgres" else None
        if how_to_get is None:
            code = run(engine, arguments, is_first=not outcomes)
            outcomes[engine] = "passed" if code == 0 else f"FAILED (pytest exit code {code})"
        elif "postgres" in required:
            outcomes[engine] = f"FAILED: required, but {how_to_get}"
        else:
            outcomes[engine] = f"not run. {how_to_get}"
    print()
    for engine, outcome in outcomes.items():
        print(f"tests on {engine}: {outcome}")
    return int(any("FAILED" in outcome for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What a test needs from the machine: skip with a line that says how to get it, or fail where it is required.

``HOLDFAST_TEST_REQUIRE=postgres,redis,browser`` names what must not be missing (`.ci/run` names all of them).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support import chromium, servers


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something outside Python that some tests need."""

    present: Callable[[], bool]
    how_to_get: str


REQUIREMENTS = {
    "postgres": Requirement(
        lambda: servers.postgres_programs() is not None,
        "PostgreSQL's server programs are not installed. On Debian and Ubuntu: apt-get install postgresql",
    ),
    "redis": Requirement(
        lambda: servers.redis_program() is not None,
        "The Redis server is not installed. On Debian and Ubuntu: apt-get install redis-server",
    ),
    "browser": Requirement(
        lambda: chromium.program() is not None,
        "Chromium is not installed. On Debian: apt-get install chromium (or set HOLDFAST_TEST_CHROMIUM to its path)",
    ),
}


def required() -> set[str]:
    """The names in HOLDFAST_TEST_REQUIRE; an unknown name is a mistake, not a wish."""
    names = {name.strip() for name in os.environ.get("HOLDFAST_TEST_REQUIRE", "").split(",")} - {""}
    unknown = names - REQUIREMENTS.keys()
    if unknown:
        raise ValueError(
            f"HOLDFAST_TEST_REQUIRE knows {', '.join(sorted(REQUIREMENTS))}; not {', '.join(sorted(unknown))}"
        )
    return names


def missing(name: str) -> str | None:
    """How to get the thing, when it is not there; None when it is."""
    requirement = REQUIREMENTS[name]
    return None if requirement.present() else requirement.how_to_get


def need(name: str) -> None:
    """Go on only when the thing is there: skip the test otherwise, fail it where it is required."""
    how_to_get = missing(name)
    if how_to_get is None:
        return
    if name in required():
        pytest.fail(f"HOLDFAST_TEST_REQUIRE names {name}. {how_to_get}", pytrace=False)
    pytest.skip(how_to_get)

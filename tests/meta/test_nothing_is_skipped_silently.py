"""What is required may not be missing quietly: not a server, not an engine, not the look-up of vulnerabilities."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.meta import house
from tests.support import chromium, engines, requirements, servers, vulnerabilities


@pytest.fixture(params=["postgres", "redis", "browser"])
def absent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One thing after the other, made absent from this machine."""
    monkeypatch.setattr(servers, "postgres_programs", lambda: None)
    monkeypatch.setattr(servers, "redis_program", lambda: None)
    monkeypatch.setattr(chromium, "program", lambda: None)
    return str(request.param)


def test_a_test_without_what_it_needs_is_skipped_with_a_line_that_says_how_to_get_it(
    absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOLDFAST_TEST_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install"):
        requirements.need(absent)


def test_a_test_without_what_is_required_fails(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_TEST_REQUIRE", "browser, postgres,redis")
    with pytest.raises(pytest.fail.Exception, match=f"names {absent}.*apt-get install"):
        requirements.need(absent)


def test_requiring_something_unknown_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_TEST_REQUIRE", "postgres,browsers")
    with pytest.raises(ValueError, match="not browsers"):
        requirements.required()


@pytest.mark.parametrize(
    ("required", "codes", "expected"),
    [
        ("", {"sqlite": 0}, 0),
        ("", {"sqlite": 1}, 1),
        ("redis", {"sqlite": 0}, 0),
        ("postgres", {"sqlite": 0}, 1),
    ],
)
def test_without_postgresql_the_run_fails_only_where_it_is_required(
    required: str,
    codes: dict[str, int],
    expected: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOLDFAST_TEST_REQUIRE", required)
    monkeypatch.delenv("HOLDFAST_TEST_ENGINE", raising=False)
    monkeypatch.setattr(servers, "postgres_programs", lambda: None)
    monkeypatch.setattr(engines, "run", lambda engine, arguments, **_: codes[engine])
    assert engines.main([]) == expected
    assert "apt-get install postgresql" in capsys.readouterr().out


@pytest.mark.parametrize("failing", ["sqlite", "postgres"])
def test_a_failure_on_one_engine_fails_the_run_and_the_other_still_runs(
    failing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOLDFAST_TEST_ENGINE", raising=False)
    monkeypatch.setattr(servers, "postgres_programs", lambda: Path("/usr/bin"))
    ran: list[tuple[str, bool]] = []

    def run(engine: str, arguments: list[str], *, is_first: bool) -> int:
        ran.append((engine, is_first))
        return int(engine == failing)

    monkeypatch.setattr(engines, "run", run)
    assert engines.main([]) == 1
    assert ran == [("sqlite", True), ("postgres", False)]
    assert f"tests on {failing}: FAILED" in capsys.readouterr().out


def test_only_tests_that_know_no_database_run_with_the_first_engine_alone() -> None:
    """By place, and checked: none of them asks for a database."""
    pure = [path for path in house.python_files(tests=True) if engines.is_pure(path)]
    assert len(pure) > 20
    asking = re.compile(r"django_db|\bshop: Shop|transactional_db|live_holdfast")
    here = Path(__file__)
    assert [path.name for path in pure if path != here and asking.search(path.read_text())] == []


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"pypi": None, "osv": None}, "not checked"),
        ({"pypi": [], "osv": []}, "not checked"),
        ({"pypi": ["django 3.2.0: PYSEC-1"], "osv": None}, "FAILED (1 packages"),
        ({"pypi": [], "osv": ["django 3.2.0: PYSEC-1"]}, "FAILED (1 packages"),
    ],
)
def test_a_service_that_finds_nothing_in_an_old_django_is_not_believed(
    answers: dict[str, list[str] | None], outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vulnerabilities, "ask", lambda service, *arguments: answers[service])
    assert vulnerabilities.audit().startswith(outcome)


def test_a_throwaway_server_dies_with_the_process_that_started_it() -> None:
    requirements.need("redis")
    program = "from tests.support import servers; print(servers.start_redis().url, flush=True); input()"
    starter = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=house.ROOT,
        env=os.environ | {"PYTHONPATH": str(house.ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    port = int(starter.stdout.readline().decode().rsplit(":", 1)[1].split("/")[0])
    assert servers.redis_answers(port)
    starter.kill()
    starter.communicate()
    deadline = time.monotonic() + 15
    while servers.redis_answers(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not servers.redis_answers(port)

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from holdfast.accounts.models import Account
from holdfast.core.clock import now
from holdfast.core.ids import uuid7
from holdfast.core.models import OutboxEvent
from holdfast.lib.refusals import Busy, Conflict, Forbidden, Invalid, Missing, Refusal
from holdfast.ops import main as command_line
from holdfast.ops.main import main, overview
from holdfast.ops.words import exit_code, sentences

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def the_connection_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django closes every connection after a command line; here it is the test's own."""
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)


def test_holdfast_alone_lists_every_command_with_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert shown.strip() == overview().strip()
    for name in ("serve", "worker", "create-admin", "outbox", "migrate"):
        (line,) = [line for line in shown.splitlines() if line.split()[:1] == [name]]
        assert len(line.split()) > 3
    assert "_" not in "".join(line.split()[0] for line in shown.splitlines() if line.startswith("  "))


@pytest.mark.django_db
def test_create_admin_makes_an_operator_and_prints_a_made_password_as_json_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["create-admin", "--email", "Olga@example.com", "--name", "Olga", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    account = Account.objects.get()
    assert (printed["email"], printed["id"]) == ("olga@example.com", str(account.id))
    assert account.is_operator
    assert account.check_password(printed["password"])


@pytest.mark.django_db
def test_a_given_password_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create-admin", "--email", "olga@example.com", "--password", "correct horse battery"]) == 0
    assert "correct horse" not in "".join(capsys.readouterr())


@pytest.mark.django_db
def test_refusals_end_with_their_exit_codes_and_plain_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    taken = ["create-admin", "--email", "olga@example.com"]
    main(taken)
    capsys.readouterr()
    assert main(taken) == 5
    assert capsys.readouterr().err == "There already is an account with this email address.\n"
    assert main(["create-admin", "--email", "nonsense", "--password", "12345678"]) == 2
    assert "email: invalid email" in capsys.readouterr().err
    assert main(["outbox", "replay", "--id", str(uuid7())]) == 4
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Invalid(), 2),
        (Forbidden(), 3),
        (Missing(), 4),
        (Conflict(state="cancelled"), 5),
        (Busy(), 6),
        (Refusal(), 5),
    ],
)
def test_every_kind_of_refusal_has_its_exit_code_and_a_sentence(refusal: Refusal, code: int) -> None:
    assert exit_code(refusal) == code
    assert sentences(refusal)[0].endswith(".")


def test_facts_and_fields_are_said() -> None:
    assert sentences(Conflict(state="cancelled"))[1] == "  state: cancelled"
    assert sentences(Invalid.field("hours", "too_long", longest=24))[1] == "  hours: too long (longest: 24)"


@pytest.mark.django_db
def test_dead_events_are_listed_and_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    moment = now() - timedelta(hours=1)
    dead = OutboxEvent.objects.create(
        kind="BookingConfirmed",
        payload="{}",
        due_at=moment,
        created_at=moment,
        dead_at=moment,
        last_error="h: KeyError",
    )
    assert main(["outbox", "list", "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["dead"]
    assert (shown["id"], shown["kind"], shown["error"]) == (str(dead.id), "BookingConfirmed", "h: KeyError")
    assert main(["outbox", "list"]) == 0
    heading, row = capsys.readouterr().out.strip().splitlines()
    assert heading.split()[:2] == ["id", "kind"]
    assert row.split()[:2] == [str(dead.id), "BookingConfirmed"]
    assert main(["outbox", "replay", "--id", str(dead.id), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"replayed": 1}
    dead.refresh_from_db()
    assert dead.dead_at is None
    assert main(["outbox", "list"]) == 0
    assert capsys.readouterr().out.strip() == "No dead events."


def run(tmp_path: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, with an empty home."""
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "HOLDFAST_HOME": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-m", "holdfast.ops.main", *words],
        env={**base, **environ},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_a_wrong_environment_is_explained_without_a_traceback(tmp_path: Path) -> None:
    done = run(tmp_path, "worker", PORT="no", LOG_LEVEL="LOUD")
    assert done.returncode == 2
    assert "PORT:" in done.stderr
    assert "LOG_LEVEL:" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_without_a_database_the_way_out_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "outbox", "list")
    assert done.returncode == 1
    assert "holdfast migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    done = run(tmp_path, "create-admin")
    assert done.returncode == 2
    assert "--email" in done.stderr


def test_serve_refuses_a_database_that_is_not_up_to_date(tmp_path: Path) -> None:
    done = run(tmp_path, "serve")
    assert done.returncode != 0
    assert "serve with --migrate" in done.stderr


def test_an_interrupted_command_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("django.core.management.ManagementUtility.execute", interrupted)
    assert main(["worker"]) == 130
    assert command_line.EXIT_WRONG_ENVIRONMENT == 2


@pytest.mark.django_db
def test_commands_can_be_called_from_code(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_admin", email="olga@example.com", password="correct horse battery", as_json=True)
    assert json.loads(capsys.readouterr().out)["email"] == "olga@example.com"

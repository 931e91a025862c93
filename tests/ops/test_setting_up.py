"""Setting up from the machine itself: businesses of every kind, and the code for the first account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from holdfast.accounts.models import Account
from holdfast.blueprints.queries import set_up_code
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.businesses.models import Business
from holdfast.ops.main import main
from holdfast.ops.management.commands import serve
from holdfast.schedule.queries import load_timetable

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_connection_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django closes every connection after a command line; here it is the test's own."""
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)


@pytest.mark.parametrize("kind", sorted(BLUEPRINTS))
def test_every_kind_of_business_is_created_with_the_hours_asked_for(
    kind: str, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    options = {"blueprint": kind, "name": "New One", "slug": "new-one", "timezone": "Europe/Berlin"}
    options |= {"currency": "EUR", "hours": "weekday_9to5"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    assert main(["create-business", *arguments, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    made = Business.objects.get()
    assert printed == {
        "id": str(made.id),
        "slug": "new-one",
        "booking_page": f"{settings.BASE_URL}/b/new-one/",
        "desk": f"{settings.BASE_URL}/desk/new-one/",
    }
    timetable = load_timetable(business_id=made.id)
    assert [(w.weekday, w.opens, w.closes) for w in timetable.hours.weekly] == [
        (day, 540, 1020) for day in range(5)
    ]
    assert timetable.services


class NoProcesses:
    """In the place of the supervisor: a server that has nothing to do."""

    def __init__(self, *_: Any) -> None:
        pass

    def run(self) -> None:
        pass


def test_serve_prints_the_set_up_code_as_long_as_nobody_can_sign_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    monkeypatch.setattr(serve, "Supervisor", NoProcesses)
    monkeypatch.setattr(serve, "collect_static_files", lambda: False)
    monkeypatch.setattr(serve, "is_free", lambda *_: True)
    monkeypatch.setattr(serve.signal, "signal", lambda *_: None)
    code = set_up_code()
    assert main(["serve"]) == 0
    assert f"set up at {settings.BASE_URL}/setup/ with the code {code}" in capsys.readouterr().err
    Account.objects.create_superuser("olga@example.com", "correct horse battery")
    assert main(["serve"]) == 0
    assert "set up at" not in capsys.readouterr().err

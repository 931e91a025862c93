from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from holdfast.core import log_setup
from holdfast.core.log_setup import JsonLines, SharedRotatingFile, logging_config, without_personal_data
from holdfast.core.middleware import Frame


def fails(request: HttpRequest) -> HttpResponse:
    password = request.GET["p"]  # must not show up in a traceback
    raise ValueError(f"no mail for dana@example.com ({len(password)})")


def answers(request: HttpRequest, **_: str) -> HttpResponse:
    logging.getLogger("some.library").warning("seen on the way")
    return HttpResponse("fine")


urlpatterns = [
    path("b/fails", fails),
    path("m/<str:token>", answers),
    path("w/<str:token>/", answers),
    path("api/v1/things/<str:thing>", answers),
    path("health/live", answers),
]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What a console would have shown, as objects."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.urls(__name__)
def test_every_answer_has_one_line_with_its_request_id(lines: Any) -> None:
    response = Client().get(
        "/api/v1/things/7?email=dana@example.com", headers={"x-request-id": "trace-me-0001"}
    )
    assert response.headers["X-Request-ID"] == "trace-me-0001"
    library, access = lines()
    assert library["request_id"] == access["request_id"] == "trace-me-0001"
    assert {key: access[key] for key in ("event", "method", "path", "status", "level", "logger")} == {
        "event": "request",
        "method": "GET",
        "path": "/api/v1/things/7",
        "status": 200,
        "level": "info",
        "logger": "holdfast.access",
    }
    assert access["ms"] >= 0
    assert "dana" not in json.dumps(access)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("given", ["", "short", "x" * 65, "has space 123", 'quote"12345', "line\nbreak99"])
def test_a_strange_request_id_is_replaced(given: str, lines: Any) -> None:
    made = Client().get("/m/some-token", headers={"x-request-id": given}).headers["X-Request-ID"]
    assert made != given
    assert len(made) == 32


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/m/abcDEF123", "/w/abcDEF123/"])
def test_personal_links_are_not_logged(address: str, lines: Any) -> None:
    Client().get(address)
    assert "abcDEF123" not in json.dumps(lines())
    assert lines()[-1]["path"].startswith(address[:3] + "[token]")


@pytest.mark.urls(__name__)
def test_a_failure_is_logged_once_with_its_traceback_and_without_locals_or_addresses(lines: Any) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/b/fails?p=hunter2", headers={"x-request-id": "trace-me-0002"}).status_code == 500
    failures = [line for line in lines() if line["level"] == "error"]
    assert len(failures) == 1
    assert failures[0]["request_id"] == "trace-me-0002"
    assert "ValueError: no mail for [address]" in failures[0]["exception"]
    assert "hunter2" not in json.dumps(lines())
    assert "dana" not in json.dumps(lines())


@pytest.mark.urls(__name__)
def test_health_checks_leave_no_lines(lines: Any) -> None:
    Client().get("/health/live")
    assert [line for line in lines() if line["logger"] == "holdfast.access"] == []


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ('{"event": "to dana.guest+x@mail.example.co.uk now"}', '{"event": "to [address] now"}'),
        ("Dana <dana@example.com>", "Dana <[address]>"),
        ("GET /m/tok.en-1_2 and /r/xyz/", "GET /m/[token] and /r/[token]/"),
        (
            "GET /b/north-side/h/tok.en-1_2/review and b/x/h/t",
            "GET /b/north-side/h/[token]/review and b/x/h/[token]",
        ),
        ("/accounts/password/reset/key/9f-c2x-abc/", "/accounts/password/reset/key/[token]/"),
        ("/accounts/confirm-email/MQ:1wabc:Zz-_9/", "/accounts/confirm-email/[token]/"),
        ("/invitation/AaWh-_9", "/invitation/[token]"),
        (
            "/accounts/confirm-email/ and /accounts/password/reset/",
            "/accounts/confirm-email/ and /accounts/password/reset/",
        ),
        ("{'path': 'm/tok.en', 'tried': 1}", "{'path': 'm/[token]', 'tried': 1}"),
        ("from/x farm/house form/x", "from/x farm/house form/x"),
        ("token=abc&x=1", "token=[secret]&x=1"),
        ("Bearer hf_abcd2345_Zz-_9", "Bearer hf_abcd2345_[secret]"),
        (r"x\nDETAIL:  Key (email)=(d) already exists.\nCONTEXT: y", r"x\nDETAIL: [row]\nCONTEXT: y"),
        ("plain /b/northside 09:00", "plain /b/northside 09:00"),
    ],
)
def test_what_slips_into_a_line_is_blanked(line: str, clean: str) -> None:
    assert without_personal_data(line) == clean


def test_structlog_and_plain_logging_render_alike(lines: Any) -> None:
    structlog.get_logger("holdfast.test").info("thing_done", count=3)
    logging.getLogger("some.library").error("broke %s", "badly")
    first, second = lines()
    assert (first["event"], first["count"], first["level"], first["logger"]) == (
        "thing_done",
        3,
        "info",
        "holdfast.test",
    )
    assert (second["event"], second["level"]) == ("broke badly", "error")


def test_without_a_file_only_the_console_is_written_to(tmp_path: Path) -> None:
    assert logging_config("INFO", None)["root"]["handlers"] == ["console"]
    configured = logging_config("DEBUG", tmp_path / "logs" / "holdfast.log")
    assert configured["root"] == {"level": "DEBUG", "handlers": ["console", "file"]}


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "", 0, text, None, None)


def test_two_processes_share_a_rotating_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_setup, "LOOK_EVERY_SECONDS", 0.0)
    path = tmp_path / "holdfast.log"
    first = SharedRotatingFile(str(path), max_bytes=200, backups=2)
    second = SharedRotatingFile(str(path), max_bytes=200, backups=2)
    written = [f"line {number:03} {'x' * 30}" for number in range(30)]
    for number, text in enumerate(written):
        (first if number % 2 else second).emit(record(text))
    first.close()
    second.close()
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["holdfast.log", "holdfast.log.1", "holdfast.log.2", "holdfast.log.lock"]
    kept = "".join(
        (tmp_path / name).read_text() for name in ("holdfast.log.2", "holdfast.log.1", "holdfast.log")
    )
    assert kept.splitlines() == written[-len(kept.splitlines()) :]
    assert len(kept.splitlines()) > 8


def test_the_frame_is_the_outermost_middleware(settings: Any) -> None:
    assert settings.MIDDLEWARE[0] == f"{Frame.__module__}.{Frame.__qualname__}"

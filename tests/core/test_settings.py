from __future__ import annotations

import base64
import json
import os
import stat
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from holdfast.config.databases import database
from holdfast.config.environment import SECRETS, Variables, env_example, names_of, read
from holdfast.core.errors import SettingsRefused
from holdfast.core.secret_files import random_key, random_text

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "HOLDFAST_ENVIRONMENT": "production",
    "SECRET_KEY": random_text(),
    "ENCRYPTION_KEY": random_key(),
    "BOOKING_REFERENCE_SECRET": random_text(),
    "WAITLIST_PRIORITY_SALT": random_text(),
    "BASE_URL": "https://book.example.com",
    "DATABASE_URL": "postgresql://holdfast:p%40ss@db.example.com:6432/holdfast?sslmode=require",
}


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without any of our variables, and a home of its own."""
    for name in Variables.model_fields:
        for variable in names_of(name):
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOLDFAST_HOME", str(tmp_path / "home"))
    return monkeypatch


def given(environ: pytest.MonkeyPatch, **values: str) -> Variables:
    for name, value in values.items():
        environ.setenv(name, value)
    return read()


def test_an_empty_environment_starts_and_keeps_its_secrets(
    environ: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = read()
    assert first.url == "http://localhost:8000"
    for name in SECRETS:
        file = tmp_path / "home" / "secrets" / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert getattr(first, name) == file.read_text().strip()
    assert len(base64.b64decode(first.encryption_key)) == 32
    assert read() == first


def test_a_given_secret_is_used_and_not_written(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = random_text()
    assert given(environ, SECRET_KEY=secret).secret_key == secret
    assert not (tmp_path / "home" / "secrets" / "secret_key").exists()


def test_production_with_everything_starts_and_writes_nothing(
    environ: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variables = given(environ, **PRODUCTION)
    assert variables.in_production
    assert variables.hosts == ["book.example.com"]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "HOLDFAST_ENVIRONMENT"])
def test_production_without_one_of_its_values_is_refused(missing: str, environ: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsRefused, match=f"{missing}: is required"):
        given(environ, **{name: value for name, value in PRODUCTION.items() if name != missing})


def test_everything_wrong_is_reported_at_once(environ: pytest.MonkeyPatch) -> None:
    wrong = {
        "HOLDFAST_ENVIRONMENT": "production",
        "SECRET_KEY": "short",
        "ENCRYPTION_KEY": "nonsense",
        "PORT": "70000",
        "LOG_LEVEL": "LOUD",
        "DATABASE_URL": "oracle://x",
        "REDIS_URL": "memcached://x",
        "BASE_URL": "book.example.com",
        "SMTP_TLS": "perhaps",
        "DEFAULT_TIME_ZONE": "Mars/Olympus",
        "WHO_MAY_SET_UP": "everybody",
        "RATE_LIMIT_MAX_REQUESTS": "-1",
        "HOLDFAST_DEBUG": "true",
        "TRUSTED_PROXY_COUNT": "many",
    }
    with pytest.raises(SettingsRefused) as refused:
        given(environ, **wrong)
    text = str(refused.value)
    named = {line.strip().split(":")[0] for line in text.splitlines()[1:]}
    assert named == (wrong.keys() - {"HOLDFAST_ENVIRONMENT"}) | {
        "BOOKING_REFERENCE_SECRET",
        "WAITLIST_PRIORITY_SALT",
    }
    assert "nonsense" not in text  # a refused secret is not printed


def test_an_empty_variable_is_an_unset_one(environ: pytest.MonkeyPatch) -> None:
    assert given(environ, REDIS_URL="", PORT="").port == 8000


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        ("JWT_SECRET", "j" * 40, "secret_key", "j" * 40),
        ("NEXTAUTH_SECRET", "n" * 40, "secret_key", "n" * 40),
        ("SENDGRID_FROM_EMAIL", "hi@example.com", "mail_from_email", "hi@example.com"),
        ("SENDGRID_FROM_NAME", "Northside", "mail_from_name", "Northside"),
        ("RATE_LIMIT_WINDOW_MS", "60000", "rate_window_seconds", 60),
        ("SMTP_TLS", "true", "smtp_tls", "starttls"),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("WHO_MAY_SET_UP", "Anyone", "who_may_set_up", "anyone"),
        ("BASE_URL", "https://book.example.com/", "url", "https://book.example.com"),
    ],
)
def test_other_spellings_are_understood(
    variable: str, value: str, field: str, expected: Any, environ: pytest.MonkeyPatch
) -> None:
    assert getattr(given(environ, **{variable: value}), field) == expected


def test_seconds_win_over_milliseconds(environ: pytest.MonkeyPatch) -> None:
    assert (
        given(environ, RATE_LIMIT_WINDOW_MS="60000", RATE_LIMIT_WINDOW_SECONDS="5").rate_window_seconds == 5
    )


def test_no_env_file_is_read(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=1234\n")
    environ.chdir(tmp_path)
    assert read().port == 8000


def test_a_database_url_keeps_its_parts_and_gets_our_options(tmp_path: Path) -> None:
    made = database(PRODUCTION["DATABASE_URL"], tmp_path)
    assert (made["NAME"], made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == (
        "holdfast",
        "holdfast",
        "p@ss",
        "db.example.com",
        "6432",
    )
    assert made["OPTIONS"]["sslmode"] == "require"
    for option in ("jit=off", "lock_timeout=3000", "idle_in_transaction_session_timeout=60000"):
        assert option in made["OPTIONS"]["options"]
    assert made["CONN_MAX_AGE"] is None


def test_a_socket_directory_and_a_sqlite_file_are_databases_too(tmp_path: Path) -> None:
    assert database("postgresql:///holdfast?host=/run/postgresql", tmp_path)["HOST"] == "/run/postgresql"
    assert database("sqlite:////data/x.sqlite3", tmp_path)["NAME"] == "/data/x.sqlite3"
    assert database("", tmp_path)["NAME"] == str(tmp_path / "holdfast.sqlite3")


def test_the_example_lists_every_variable_and_is_up_to_date() -> None:
    text = env_example()
    assert (ROOT / ".env.example").read_text() == text, "write it anew: see docs/operate/configuration.md"
    for name in Variables.model_fields:
        assert f"#{names_of(name)[0]}=" in text


def test_the_manual_explains_every_variable() -> None:
    manual = (ROOT / "docs" / "operate" / "configuration.md").read_text()
    assert [name for field in Variables.model_fields if (name := names_of(field)[0]) not in manual] == []


def settings_of(tmp_path: Path, **environ: str) -> dict[str, Any]:
    """Django's settings as a fresh process sees them."""
    script = (
        "import json, django; from django.conf import settings as s; django.setup();"
        "print(json.dumps({n: getattr(s, n) for n in ('DEBUG','EMAIL_BACKEND','SESSION_COOKIE_SECURE','EMAIL_USE_SSL',"
        "'SECURE_HSTS_SECONDS','CSRF_COOKIE_SECURE','SESSION_COOKIE_HTTPONLY','SESSION_COOKIE_SAMESITE','PASSWORD_HASHERS',"
        "'EMAIL_USE_TLS','STORAGES','SESSION_COOKIE_NAME','CSRF_COOKIE_NAME','CSRF_COOKIE_HTTPONLY','CACHES','SECURE_PROXY_SSL_HEADER','DEFAULT_FROM_EMAIL')}))"
    )
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "HOLDFAST_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**base, "DJANGO_SETTINGS_MODULE": "holdfast.config.settings", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_production_is_strict_about_cookies_passwords_and_files(tmp_path: Path) -> None:
    found = settings_of(
        tmp_path, **PRODUCTION, SMTP_HOST="mail.example.com", REDIS_URL="redis://cache:6379/0"
    )
    assert not found["DEBUG"]
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SESSION_COOKIE_HTTPONLY"]
    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert found["CSRF_COOKIE_HTTPONLY"]
    assert found["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert found["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert found["SECURE_HSTS_SECONDS"] > 0
    assert found["PASSWORD_HASHERS"] == ["holdfast.accounts.passwords.Argon2id"]
    assert found["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)
    assert "Manifest" in found["STORAGES"]["staticfiles"]["BACKEND"]
    assert "redis" in found["CACHES"]["default"]["BACKEND"]
    assert found["SECURE_PROXY_SSL_HEADER"] is None  # a header anybody can send is not believed


def test_development_works_without_mail_server_and_tls(tmp_path: Path) -> None:
    found = settings_of(tmp_path)
    assert found["EMAIL_BACKEND"] == "holdfast.core.mail_files.EmailBackend"
    assert not found["SESSION_COOKIE_SECURE"]
    assert not found["SESSION_COOKIE_NAME"].startswith("__Host-")  # a browser would refuse it without TLS
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert "db.DatabaseCache" in found["CACHES"]["default"]["BACKEND"]
    assert found["PASSWORD_HASHERS"] == ["holdfast.accounts.passwords.Argon2id"]


def test_django_has_nothing_to_say_against_an_installation_in_production(tmp_path: Path) -> None:
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "HOLDFAST_HOME": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={
            **base,
            "DJANGO_SETTINGS_MODULE": "holdfast.config.settings",
            **PRODUCTION,
            "SECRET_KEY": string.ascii_letters,
            "SMTP_HOST": "mail.example.com",
            "TRUSTED_PROXY_COUNT": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr

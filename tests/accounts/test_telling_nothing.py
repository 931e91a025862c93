"""Nobody learns from sign-in, sign-up or a reset whether an address has an account: not by the page, not by the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from holdfast.accounts.commands import create_account
from holdfast.accounts.models import Account, AccountMail
from holdfast.web.account import evenly
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "alice@example.org", "nobody@example.org"
TIMINGS = 200
STEP = 0.5
FORMS = {
    "/accounts/login/": lambda email: {"login": email, "password": "not the password"},
    "/accounts/password/reset/": lambda email: {"email": email},
    "/accounts/signup/": lambda email: {"email": email, "password1": "a fine long password"},
}


class QuickArgon2(Argon2PasswordHasher):
    """The real hasher with less work, so that what differs beside it shows the more."""

    time_cost, memory_cost, parallelism = 1, 8192, 1


@pytest.fixture(autouse=True)
def _as_in_production(settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.ACCOUNT_RATE_LIMITS = False
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]
    create_account(email=KNOWN, password=PASSWORD)


@contextmanager
def undone() -> Iterator[None]:
    """What was made inside is gone again, so that the unknown stay unknown."""
    yield
    Account.objects.exclude(email=KNOWN).delete()
    AccountMail.objects.all().delete()


def answer(path: str, email: str) -> tuple[int, str, str, int]:
    """Status, where it leads, what is read there, and how many mails were written to that address."""
    client = Client()
    first = client.post(path, FORMS[path](email))
    page = client.get(first["Location"]) if first.status_code == 302 else first
    text = page.content.decode().replace(email, "(the address)")
    shown = text[text.index("<main") :]
    token = client.cookies["holdfast_csrf"].value if "holdfast_csrf" in client.cookies else ""
    mails = [mail for mail in AccountMail.objects.all() if mail.content["to"] == email]
    return first.status_code, first.headers.get("Location", ""), _without_tokens(shown, token), len(mails)


def _without_tokens(text: str, token: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text.replace(token, "") if token else text)


@pytest.mark.parametrize("path", FORMS)
def test_the_answer_is_the_same_for_known_and_unknown_addresses(path: str) -> None:
    answers = []
    for email in (KNOWN, UNKNOWN):
        with undone():
            answers.append(answer(path, email))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", FORMS)
def test_the_clock_tells_nothing_either(path: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Medians of 200 timings differ by less than a tenth (SPEC J1); what the server would wait is added, not waited."""
    settings.ACCOUNT_ANSWER_STEP_SECONDS = STEP
    waited: list[float] = []
    monkeypatch.setattr(evenly, "time", SimpleNamespace(perf_counter=perf_counter, sleep=waited.append))
    taken: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    client = Client()
    for turn in range(TIMINGS + 5):
        for email in (KNOWN, UNKNOWN) if turn % 2 else (UNKNOWN, KNOWN):
            with undone():
                client.cookies.clear()
                waited.clear()
                began = perf_counter()
                client.post(path, FORMS[path](email))
                if turn >= 5:
                    taken[email].append(perf_counter() - began + sum(waited))
    known, unknown = median(taken[KNOWN]), median(taken[UNKNOWN])
    assert bool(waited) is (path != "/accounts/login/")
    print(f"{path}: known {known * 1000:.2f} ms, unknown {unknown * 1000:.2f} ms")
    assert abs(known - unknown) / max(known, unknown) < 0.1


@pytest.mark.parametrize(("taken", "wait"), [(0.02, 0.48), (0.05, 0.45), (0.6, 0.4), (0.0, 0.5)])
def test_an_answer_is_held_back_to_the_next_whole_step(taken: float, wait: float) -> None:
    assert evenly.rest_of_step(taken, 0.5) == pytest.approx(wait)
    assert evenly.rest_of_step(taken, 0) == 0

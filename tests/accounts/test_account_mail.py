"""Mail about accounts: the worker sends it, so that no mail server can hold up or fail a sign-up."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client

from holdfast.accounts.commands import create_account
from holdfast.accounts.jobs import send_due_mail
from holdfast.accounts.models import AccountMail
from holdfast.accounts.rules import MAIL_BACKOFF_MINUTES
from holdfast.core import clock
from holdfast.core.worker import queues
from tests.support.servers import free_port

pytestmark = pytest.mark.django_db
ALICE = "alice@example.org"


@pytest.fixture
def dead_mail_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 2
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


def ask_for_a_new_password(email: str) -> tuple[int, str]:
    response = Client().post("/accounts/password/reset/", {"email": email})
    return response.status_code, response.headers.get("Location", "")


def sign_up(email: str) -> tuple[int, str]:
    response = Client().post("/accounts/signup/", {"email": email, "password1": "a long pass phrase"})
    return response.status_code, response.headers.get("Location", "")


@pytest.mark.usefixtures("dead_mail_server")
def test_a_dead_mail_server_changes_no_answer_and_tells_nobody_who_is_known() -> None:
    create_account(email=ALICE, name="Alice")
    known, unknown = ask_for_a_new_password(ALICE), ask_for_a_new_password("nobody@example.org")
    assert known == unknown == (302, "/accounts/password/reset/done/")
    assert sign_up("new@example.org")[0] == 302
    assert AccountMail.objects.count() == 3


def test_the_worker_sends_the_link_and_forgets_it() -> None:
    create_account(email=ALICE, name="Alice")
    ask_for_a_new_password(ALICE)
    assert mail.outbox == []
    assert queues()["account_mail"]() == 1
    [sent] = mail.outbox
    assert sent.to == [ALICE]
    assert "/accounts/password/reset/key/" in sent.body
    assert AccountMail.objects.count() == 0
    assert send_due_mail() == 0


def test_the_link_and_the_address_are_not_stored_in_clear() -> None:
    create_account(email=ALICE, name="Alice")
    ask_for_a_new_password(ALICE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_accountmail")
        sealed = bytes(cursor.fetchone()[0])
    assert b"password/reset" not in sealed
    assert ALICE.encode() not in sealed


@pytest.mark.usefixtures("dead_mail_server")
def test_mail_waits_for_the_server_and_is_given_up_in_the_end(settings: Any) -> None:
    ask_for_a_new_password(ALICE)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for minutes in MAIL_BACKOFF_MINUTES:
            assert send_due_mail() == 1
            assert send_due_mail() == 0
            traveller.shift(timedelta(minutes=minutes))
        assert send_due_mail() == 1
    assert AccountMail.objects.count() == 0


@pytest.mark.usefixtures("dead_mail_server")
def test_mail_goes_out_when_the_server_is_back(settings: Any) -> None:
    ask_for_a_new_password(ALICE)
    assert send_due_mail() == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert send_due_mail() == 1
    assert [sent.to for sent in mail.outbox] == [[ALICE]]


@pytest.mark.parametrize(("code", "kept"), [(550, 0), (451, 1)])
def test_an_address_refused_for_good_is_not_tried_again(
    code: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({ALICE: (code, b"no")})

    ask_for_a_new_password(ALICE)
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    assert send_due_mail() == 1
    assert AccountMail.objects.count() == kept


def test_a_mail_whose_worker_died_is_due_again_after_its_lease() -> None:
    ask_for_a_new_password(ALICE)
    mail_id = AccountMail.objects.get().id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", _die)
        with pytest.raises(KeyboardInterrupt):
            send_due_mail()
    assert send_due_mail() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert send_due_mail() == 1
    assert not AccountMail.objects.filter(id=mail_id).exists()
    assert len(mail.outbox) == 1


def _die(*_: Any, **__: Any) -> int:
    raise KeyboardInterrupt

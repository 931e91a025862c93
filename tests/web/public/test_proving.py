"""Booking a service for proven addresses: the step "Check your email", without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from holdfast.accounts.commands import create_account
from holdfast.bookings.models import Booking
from holdfast.catalog.commands import change_service
from holdfast.core.worker import drain
from holdfast.customers.models import EmailCode
from tests.cast import OPERATOR, PASSWORD, Shop
from tests.web.public.visitor import DETAILS, said, take, values


@pytest.fixture(autouse=True)
def proven(shop: Shop) -> None:
    wanted = {"who_may_book": "verified_email"}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)


@pytest.fixture
def hold_url(client: Client, shop: Shop) -> str:
    return take(client, shop)


def mailed() -> str:
    drain()
    found = re.match(r"\d{6}", str(mail.outbox[-1].subject))
    assert found
    return found.group()


def filled(response: Any) -> dict[str, str]:
    """What the page's own form would send again."""
    return {name: values(response, name)[0] for name in (*DETAILS, "step") if values(response, name)}


def test_the_form_says_beforehand_that_a_code_comes(client: Client, hold_url: str) -> None:
    assert "We send a code there before the booking is made." in said(client.get(hold_url))


def test_the_code_is_asked_for_and_nothing_typed_is_lost(client: Client, hold_url: str) -> None:
    asked = client.post(f"{hold_url}/confirm", DETAILS | {"news": "on"})
    assert asked.status_code == 200
    assert "We sent a 6-digit code to dana@example.org" in said(asked)
    assert filled(asked) == DETAILS | {"step": "code"}
    assert values(asked, "news") == ["on"]
    assert Booking.objects.get().state == "held"
    booked = client.post(f"{hold_url}/confirm", filled(asked) | {"email_code": mailed()})
    assert booked.status_code == 303
    assert Booking.objects.get().state == "confirmed"
    assert not EmailCode.objects.exists()


def test_a_wrong_code_is_said_at_its_field_and_counted(client: Client, hold_url: str) -> None:
    asked = client.post(f"{hold_url}/confirm", DETAILS)
    code = mailed()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    again = client.post(f"{hold_url}/confirm", filled(asked) | {"email_code": wrong})
    assert again.status_code == 422
    assert "This is not the code we sent. Check its digits." in said(again)
    assert filled(again) == DETAILS | {"step": "code"}
    assert EmailCode.objects.get().tries == 1
    empty = client.post(f"{hold_url}/confirm", filled(again) | {"email_code": ""})
    assert "Type the six digits from the mail." in said(empty)
    assert len(mail.outbox) == 1
    assert client.post(f"{hold_url}/confirm", filled(empty) | {"email_code": code}).status_code == 303


def test_after_five_wrong_codes_only_another_one_helps(client: Client, hold_url: str) -> None:
    asked = client.post(f"{hold_url}/confirm", DETAILS)
    code = mailed()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        asked = client.post(f"{hold_url}/confirm", filled(asked) | {"email_code": wrong})
    assert "This code is not good any more. Ask for another below." in said(asked)
    assert client.post(f"{hold_url}/confirm", filled(asked) | {"email_code": code}).status_code == 422
    another = client.post(f"{hold_url}/code", filled(asked))
    assert "A new code is on its way to dana@example.org" in said(another)
    assert client.post(f"{hold_url}/confirm", filled(another) | {"email_code": mailed()}).status_code == 303


def test_coming_back_to_the_step_mails_no_second_code(client: Client, hold_url: str) -> None:
    for _ in range(3):
        assert client.post(f"{hold_url}/confirm", DETAILS).status_code == 200
    mailed()
    assert len(mail.outbox) == 1


def test_asking_for_codes_again_and_again_ends_in_a_calm_refusal(client: Client, hold_url: str) -> None:
    answers = [client.post(f"{hold_url}/code", DETAILS) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Enough codes were asked for." in said(answers[-1])
    assert answers[-1]["Retry-After"]
    assert filled(answers[-1]) == DETAILS | {"step": "code"}


def test_more_time_leads_back_to_the_code(client: Client, hold_url: str) -> None:
    asked = client.post(f"{hold_url}/confirm", DETAILS)
    extended = client.post(f"{hold_url}/extend", filled(asked))
    assert "Check your email" in said(extended)
    mailed()
    assert len(mail.outbox) == 1


def test_another_code_for_wrong_details_shows_the_form_again(client: Client, hold_url: str) -> None:
    answer = client.post(f"{hold_url}/code", DETAILS | {"email": "nobody"})
    assert answer.status_code == 422
    assert "Write the whole email address" in said(answer)
    assert not EmailCode.objects.exists()


@pytest.mark.parametrize(("is_verified", "status"), [(True, 303), (False, 200)])
def test_an_account_with_this_very_address_proven_passes_at_once(
    client: Client, shop: Shop, is_verified: bool, status: int
) -> None:
    create_account(email=DETAILS["email"], name="Dana", password=PASSWORD, is_verified=is_verified)
    assert client.login(username=DETAILS["email"], password=PASSWORD)
    assert client.post(f"{take(client, shop)}/confirm", DETAILS).status_code == status


def test_an_account_cannot_pass_with_somebody_elses_address(client: Client, shop: Shop) -> None:
    create_account(email="eve@example.org", name="Eve", password=PASSWORD)
    assert client.login(username="eve@example.org", password=PASSWORD)
    assert "Check your email" in said(client.post(f"{take(client, shop)}/confirm", DETAILS))

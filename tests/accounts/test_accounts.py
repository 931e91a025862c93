from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.test import Client

from holdfast.accounts.commands import create_account, create_operator
from holdfast.accounts.errors import EmailTaken
from holdfast.accounts.models import Account
from holdfast.accounts.passwords import MaximumLengthValidator, generated_password
from holdfast.accounts.queries import account_by_email
from holdfast.core.clock import now
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid

PASSWORD = "correct horse battery"
ON_THE_MACHINE = Actor(role=Role.OPERATOR, via="command")
pytestmark = [pytest.mark.django_db]


def test_a_new_account_has_a_lower_case_address_and_a_verified_primary_email() -> None:
    alice = create_account(email=" Alice@Example.COM ", name="Alice", password=PASSWORD)
    assert alice.email == "alice@example.com"
    assert EmailAddress.objects.get(user=alice).verified
    assert account_by_email(email="ALICE@example.com") == alice
    assert authenticate(None, email="alice@example.com", password=PASSWORD) == alice
    assert authenticate(None, email="alice@example.com", password="wrong") is None
    assert not alice.is_staff


def test_an_account_without_a_password_cannot_sign_in_with_any() -> None:
    create_account(email="bob@example.com")
    assert authenticate(None, email="bob@example.com", password="") is None


def test_an_address_has_one_account() -> None:
    create_account(email="alice@example.com", password=PASSWORD)
    with pytest.raises(EmailTaken):
        create_account(email="Alice@example.com", password=PASSWORD)
    assert Account.objects.count() == EmailAddress.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"email": "nonsense"}, "email", "invalid_email"),
        ({"email": ""}, "email", "invalid_email"),
        ({"email": "a" * 250 + "@example.com"}, "email", "too_long"),
        ({"name": "x" * 151}, "name", "unusable"),
        ({"name": "a\x00b"}, "name", "unusable"),
        ({"password": "short1"}, "password", "password_too_short"),
        ({"password": "x" * 129}, "password", "password_too_long"),
        ({"password": "password123"}, "password", "password_too_common"),
        ({"password": "alice@example"}, "password", "password_too_similar"),
    ],
)
def test_bad_values_are_refused_by_field_and_nothing_is_stored(
    values: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_account(**{"email": "alice@example.com", "password": PASSWORD, **values})
    assert code in [mistake for mistake, _ in refused.value.fields[field]]
    assert not Account.objects.exists()


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        create_account(email="nonsense", name="x" * 151, password="short")
    assert set(refused.value.fields) == {"email", "name", "password"}


def test_128_characters_are_a_password_and_129_are_not() -> None:
    MaximumLengthValidator().validate("x" * 128)
    with pytest.raises(ValidationError):
        MaximumLengthValidator().validate("x" * 129)


@pytest.mark.parametrize(
    "guess",
    [
        "sunshine",
        "Sunshine1985!",
        "  football99",
        "P@ssw0rd2024",
        "dragon12345",
        "aaaaaaaaaa",
        "abababab",
        "Holdfast2026!",
        "h0ldfast",
        "book.example.com",
        "alice@example.com",
    ],
)
def test_what_is_guessed_first_is_refused_however_it_is_decorated(guess: str, settings: Any) -> None:
    settings.BASE_URL = "https://book.example.com"
    with pytest.raises(Invalid) as refused:
        create_account(email="alice@example.com", password=guess)
    codes = {code for code, _ in refused.value.fields["password"]}
    assert codes & {"password_too_common", "password_too_similar"}, codes


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "sunshine over the old harbour",
        "7 dragons, 3 swords",
        "пароль-на-каждый-день",
        "8-Kqz.w2",
        "x7" * 3 + "ab",
    ],
)
def test_no_rule_of_composition_stands_in_the_way(password: str) -> None:
    assert create_account(email="alice@example.com", password=password).check_password(password)


def test_only_operators_make_operators() -> None:
    for actor in (GUEST, Actor(role=Role.ADMIN)):
        with pytest.raises(Forbidden):
            create_operator(actor=actor, email="mallory@example.com", password=PASSWORD)
    operator = create_operator(actor=ON_THE_MACHINE, email="olga@example.com", password=PASSWORD)
    assert operator.is_staff
    assert operator.is_superuser
    assert operator.has_perm("businesses.change_business")
    assert not Account(email="x", is_operator=True, is_active=False).has_perm("anything")


def test_generated_passwords_pass_our_own_rules_and_differ() -> None:
    made = {generated_password() for _ in range(50)}
    assert len(made) == 50
    create_account(email="alice@example.com", password=made.pop())


def test_passwords_are_hashed_with_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[-1:]
    alice = create_account(email="alice@example.com", password=PASSWORD)
    assert alice.password.startswith("argon2$argon2id$v=19$m=65536,t=3,p=4$")
    assert alice.check_password(PASSWORD)


def test_a_demo_account_cannot_sign_in_to_production_nor_keep_its_session(settings: Any) -> None:
    demo = create_account(email="demo@example.com", password=PASSWORD, is_demo=True)
    client = Client()
    client.force_login(demo)
    assert authenticate(None, email="demo@example.com", password=PASSWORD) == demo
    settings.HOLDFAST_ENVIRONMENT = "production"
    assert authenticate(None, email="demo@example.com", password=PASSWORD) is None
    assert not client.get("/desk/whatever").wsgi_request.user.is_authenticated


def test_accounts_know_when_they_were_made() -> None:
    assert now() - create_account(email="alice@example.com").created_at < timedelta(minutes=1)

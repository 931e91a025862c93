from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from holdfast.accounts.commands import NewToken, create_account, create_token, revoke_token, use_token
from holdfast.accounts.models import ApiToken
from holdfast.accounts.queries import token_by_secret
from holdfast.core.clock import now
from holdfast.core.ids import uuid7
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing

NORTHSIDE, SOUTHSIDE = uuid7(), uuid7()
ALICE = Actor(role=Role.ADMIN, business_id=NORTHSIDE)
OPERATOR = Actor(role=Role.OPERATOR)
pytestmark = [pytest.mark.django_db]


def new(
    actor: Actor = ALICE, business_id: UUID | None = NORTHSIDE, role: Role = Role.STAFF, **more: Any
) -> NewToken:
    return create_token(
        **{"actor": actor, "business_id": business_id, "role": role, "name": "till", "now": now(), **more}
    )


def test_a_token_is_known_by_its_secret_of_which_only_a_digest_is_stored(
    django_assert_num_queries: Any,
) -> None:
    made = new(scopes=("bookings",))
    prefix, random = made.secret.split("_", 2)[1:]
    assert made.secret.startswith("hf_")
    assert len(random) >= 43
    row = ApiToken.objects.get()
    assert row.prefix == prefix
    assert random not in str(vars(row))
    with django_assert_num_queries(1):
        known = token_by_secret(secret=made.secret, now=now())
    assert known is not None
    assert (known.id, known.role, known.business_id, known.scopes) == (
        row.id,
        Role.STAFF,
        NORTHSIDE,
        ("bookings",),
    )
    actor = known.actor(address="203.0.113.9")
    assert (actor.role, actor.business_id, actor.token_id, actor.via) == (
        Role.STAFF,
        NORTHSIDE,
        row.id,
        "api",
    )


@pytest.mark.parametrize("secret", ["", "hf_", "hf_aaaaaaaa_bbbb", "x" * 10_000, "hf_\x00"])
def test_an_invented_secret_is_unknown(secret: str) -> None:
    new()
    assert token_by_secret(secret=secret, now=now()) is None


def test_an_expired_token_is_unknown() -> None:
    made = new(expires_at=now() + timedelta(hours=1))
    assert token_by_secret(secret=made.secret, now=now()) is not None
    assert token_by_secret(secret=made.secret, now=now() + timedelta(hours=1)) is None


def test_a_revoked_token_is_unknown_and_revoking_twice_is_missing() -> None:
    made = new()
    revoke_token(actor=ALICE, business_id=NORTHSIDE, token_id=made.token.id, now=now())
    assert token_by_secret(secret=made.secret, now=now()) is None
    with pytest.raises(Missing):
        revoke_token(actor=ALICE, business_id=NORTHSIDE, token_id=made.token.id, now=now())


def test_the_token_of_an_inactive_account_is_unknown() -> None:
    bob = create_account(email="bob@example.com")
    made = new(account_id=bob.id)
    assert token_by_secret(secret=made.secret, now=now()) is not None
    bob.is_active = False
    bob.save()
    assert token_by_secret(secret=made.secret, now=now()) is None


@pytest.mark.parametrize("marked", ["token", "account"])
def test_demo_tokens_are_unknown_to_production(marked: str, settings: Any) -> None:
    account = create_account(email="demo@example.com", is_demo=marked == "account")
    made = new(account_id=account.id, is_demo=marked == "token")
    assert token_by_secret(secret=made.secret, now=now()) is not None
    settings.HOLDFAST_ENVIRONMENT = "production"
    assert token_by_secret(secret=made.secret, now=now()) is None


def test_use_is_noted_at_most_once_a_minute() -> None:
    made = new()
    start = now()
    for seconds, noted_at in ((0, 0), (59, 0), (60, 60)):
        assert use_token(secret=made.secret, now=start + timedelta(seconds=seconds)) is not None
        assert ApiToken.objects.get().last_used_at == start + timedelta(seconds=noted_at)


@pytest.mark.parametrize(
    ("actor", "business_id", "role", "refusal"),
    [
        (Actor(role=Role.MANAGER, business_id=NORTHSIDE), NORTHSIDE, Role.STAFF, Forbidden),
        (Actor(role=Role.ADMIN, business_id=SOUTHSIDE), NORTHSIDE, Role.STAFF, Missing),
        (ALICE, None, Role.OPERATOR, Missing),
        (ALICE, NORTHSIDE, Role.OPERATOR, Forbidden),
        (ALICE, NORTHSIDE, Role.GUEST, Invalid),
        (OPERATOR, None, Role.ADMIN, Invalid),
        (OPERATOR, NORTHSIDE, Role.OPERATOR, Invalid),
    ],
)
def test_who_may_make_which_token(
    actor: Actor, business_id: UUID | None, role: Role, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        new(actor, business_id, role)
    assert not ApiToken.objects.exists()


def test_operators_make_tokens_for_themselves_and_for_any_business() -> None:
    assert token_by_secret(secret=new(OPERATOR, None, Role.OPERATOR).secret, now=now()) is not None
    assert new(OPERATOR, SOUTHSIDE, Role.ADMIN).token.business_id == SOUTHSIDE


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "x" * 101}, {"name": "a\nb"}])
def test_a_token_needs_a_usable_name(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        new(**wrong)
    assert list(refused.value.fields) == ["name"]


def test_a_token_cannot_be_born_expired() -> None:
    with pytest.raises(Invalid):
        new(expires_at=now() - timedelta(seconds=1))


def test_another_businesss_token_cannot_be_revoked() -> None:
    made = new()
    with pytest.raises(Missing):
        revoke_token(
            actor=Actor(role=Role.ADMIN, business_id=SOUTHSIDE),
            business_id=SOUTHSIDE,
            token_id=made.token.id,
            now=now(),
        )
    assert token_by_secret(secret=made.secret, now=now()) is not None

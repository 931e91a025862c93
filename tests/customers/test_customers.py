"""People a business knows: how they are found, blocked and noted on (SPEC D8, K1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from holdfast.core import clock
from holdfast.customers.commands import block_customer, note_on_customer, unblock_customer
from holdfast.customers.models import Customer
from holdfast.customers.queries import customer_by_id, matching
from holdfast.customers.rules import Contact, clean_contact, email_key, name_words, phone_key
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.cast import DANA, Shop


@pytest.fixture
def dana(shop: Shop) -> UUID:
    known = shop.book().customer_id
    assert known is not None
    return known


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Dana Guest", ["dana", "guest"]),
        ("Zoë O'Neil-Smith", ["zoe", "o", "neil", "smith"]),
        ("  dana DANA Dana ", ["dana"]),
        ("Straße", ["strasse"]),
        ("李 小龙", ["李", "小龙"]),
        ("!!!", []),
        (" ".join(f"n{i}" for i in range(20)), [f"n{i}" for i in range(8)]),
    ],
)
def test_a_name_is_searched_by_its_words(name: str, words: list[str]) -> None:
    assert name_words(name) == words


def test_addresses_and_numbers_are_one_however_they_are_written() -> None:
    assert email_key(" Dana@Example.ORG") == email_key("dana@example.org")
    assert phone_key("+44 (0)7700 900-418") == phone_key("07700900418"[-10:]) == "7700900418"
    assert phone_key("no number") == ""


def test_a_contact_is_cleaned_and_every_mistake_named() -> None:
    assert clean_contact(Contact(" Dana ", " dana@EXAMPLE.org ", " 07700 900418 ")) == Contact(
        "Dana", "dana@example.org", "07700 900418"
    )
    assert clean_contact(Contact("Walk-in"), email_required=False) == Contact("Walk-in")
    with pytest.raises(Invalid) as refused:
        clean_contact(Contact("", "x", "y"))
    assert set(refused.value.fields) == {"customer.name", "customer.email", "customer.phone"}


def test_a_customer_is_known_as_first_written(shop: Shop, dana: UUID) -> None:
    found = customer_by_id(business_id=shop.business_id, customer_id=dana)
    assert (found.name, found.email, found.phone, found.notes) == (DANA.name, DANA.email, DANA.phone, "")
    assert found.blocked_at is None


def test_staff_blocks_unblocks_and_notes(shop: Shop, dana: UUID) -> None:
    who: dict[str, Any] = {"actor": shop.actor(), "business_id": shop.business_id, "customer_id": dana}
    now = clock.now()
    block_customer(**who, now=now)
    assert customer_by_id(business_id=shop.business_id, customer_id=dana).blocked_at == now
    unblock_customer(**who)
    note_on_customer(**who, notes=" Likes it short ")
    found = customer_by_id(business_id=shop.business_id, customer_id=dana)
    assert (found.blocked_at, found.notes) == (None, "Likes it short")
    with pytest.raises(Invalid):
        note_on_customer(**who, notes="n" * 2001)


def test_customers_belong_to_the_staff_of_their_business(shop: Shop, other_shop: Shop, dana: UUID) -> None:
    for actor, refusal in (
        (shop.actor(Role.CUSTOMER), Forbidden),
        (other_shop.actor(Role.ADMIN), Missing),
        (GUEST, Missing),
    ):
        who: dict[str, Any] = {"actor": actor, "business_id": shop.business_id, "customer_id": dana}
        with pytest.raises(refusal):
            block_customer(**who, now=clock.now())
        with pytest.raises(refusal):
            unblock_customer(**who)
        with pytest.raises(refusal):
            note_on_customer(**who, notes="x")


def test_a_customer_of_another_business_is_missing(shop: Shop, other_shop: Shop, dana: UUID) -> None:
    there = other_shop.business_id
    for id in (dana, uuid4()):
        who: dict[str, Any] = {"actor": other_shop.actor(), "business_id": there, "customer_id": id}
        with pytest.raises(Missing):
            customer_by_id(business_id=there, customer_id=id)
        with pytest.raises(Missing):
            block_customer(**who, now=clock.now())
        with pytest.raises(Missing):
            note_on_customer(**who, notes="x")
    assert not matching(business_id=there, text=DANA.email).exists()
    assert Customer.objects.get(id=dana).blocked_at is None

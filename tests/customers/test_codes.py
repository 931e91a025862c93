"""Codes that prove addresses, with many hands at once."""

from __future__ import annotations

import pytest

from holdfast.core import clock
from holdfast.customers.commands import forget_codes, issue_code, spend_code, try_code
from holdfast.customers.models import EmailCode
from holdfast.customers.rules import CODE_LASTS, CODE_TRIES
from holdfast.lib.refusals import Invalid
from tests.cast import Shop, make_shop
from tests.core.threads import at_once

EMAIL = "dana@example.org"


def issued(shop: Shop) -> str:
    """A fresh code."""
    issue_code(business_id=shop.business_id, email=EMAIL, now=clock.now())
    letter = EmailCode.objects.get(business_id=shop.business_id).letter
    return str(letter["code"])


def tried(shop: Shop, code: str) -> bool:
    return try_code(business_id=shop.business_id, email=EMAIL, code=code, now=clock.now())


def spent(shop: Shop, code: str) -> bool:
    try:
        spend_code(business_id=shop.business_id, email=EMAIL, code=code, now=clock.now())
    except Invalid:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_get_five_tries_between_them() -> None:
    shop = make_shop("guesses")
    code = issued(shop)
    others = [f"{(int(code) + n) % 1_000_000:06}" for n in range(1, 13)]
    assert at_once(12, lambda n: tried(shop, others[n])) == [False] * 12
    assert EmailCode.objects.get().tries == CODE_TRIES
    assert not tried(shop, code)


@pytest.mark.django_db(transaction=True)
def test_a_code_is_spent_by_one_of_many_at_once() -> None:
    shop = make_shop("spending")
    code = issued(shop)
    assert tried(shop, code)
    assert at_once(6, lambda _: spent(shop, code)).count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_asking_twice_at_once_leaves_one_code() -> None:
    shop = make_shop("asking")
    now = clock.now()
    ends = at_once(6, lambda _: issue_code(business_id=shop.business_id, email=EMAIL, now=now))
    assert set(ends) == {now + CODE_LASTS}
    assert EmailCode.objects.count() == 1


def test_what_was_not_tried_first_is_not_proven(shop: Shop) -> None:
    """A shell that forgot to count the tries would let nobody guess."""
    code = issued(shop)
    assert not spent(shop, code)
    assert tried(shop, code)
    assert spent(shop, code)


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}-{2}", "{1} {2}"])
def test_a_code_is_read_as_people_type_it(shop: Shop, typed: str) -> None:
    code = issued(shop)
    assert tried(shop, typed.format(code, code[:3], code[3:]))


def test_codes_that_ran_out_are_forgotten(shop: Shop) -> None:
    issued(shop)
    assert forget_codes(now=clock.now()) == 0
    assert forget_codes(now=clock.now() + CODE_LASTS) == 1
    assert not EmailCode.objects.exists()

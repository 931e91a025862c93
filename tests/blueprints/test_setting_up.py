"""The first account is made once; a business from the wizard stands wholly or not at all (SPEC A1)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import override_settings

from holdfast.accounts.models import Account
from holdfast.blueprints.commands import (
    create_first_account,
    create_from_blueprint,
    set_up_business,
    setting_up,
)
from holdfast.blueprints.errors import AlreadySetUp
from holdfast.blueprints.queries import free_slug, has_accounts, is_free_slug, set_up_code
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.businesses.errors import SlugTaken
from holdfast.businesses.models import Business, Member
from holdfast.core import sql
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid
from holdfast.schedule.queries import load_timetable
from tests.cast import OPERATOR, PASSWORD, Shop

pytestmark = pytest.mark.django_db
GOOD: dict[str, Any] = {"slug": "new-one", "name": "New One", "timezone": "Europe/Berlin", "currency": "EUR"}
BARBERSHOP = BLUEPRINTS["barbershop"]
CLIENTS = 6


def test_the_first_account_is_an_operators_and_there_is_no_second_first() -> None:
    made = create_first_account(email="Alice@Example.org", password=PASSWORD)
    assert (made.email, made.is_operator, made.is_demo) == ("alice@example.org", True, False)
    assert made.check_password(PASSWORD)
    with pytest.raises(AlreadySetUp):
        create_first_account(email="charlie@example.org", password=PASSWORD)
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"), [({"email": "nobody"}, "email"), ({"password": "1234567"}, "password")]
)
def test_a_wrong_first_account_is_refused_and_leaves_nothing(wrong: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_first_account(**({"email": "alice@example.org", "password": PASSWORD} | wrong))
    assert list(refused.value.fields) == [field]
    assert not has_accounts()


def rush() -> list[str]:
    """Several strangers at the same moment, each with an address of their own."""
    barrier = threading.Barrier(CLIENTS)

    def contend(number: int) -> str:
        try:
            barrier.wait()
            create_first_account(email=f"person{number}@example.org", password=PASSWORD)
            return "won"
        except AlreadySetUp as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sorted(pool.map(contend, range(CLIENTS)))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_becomes_the_operator() -> None:
    assert rush() == ["already_set_up"] * (CLIENTS - 1) + ["won"]
    assert Account.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_several_would_become_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    if not sql.on_postgres():
        assert rush().count("won") == 1  # a command on SQLite is alone, lock or no lock
        return
    looks = setting_up.has_accounts

    def looks_slowly() -> bool:
        found = looks()
        time.sleep(0.1)
        return found

    monkeypatch.setattr(setting_up, "lock_first_account", lambda: None)
    monkeypatch.setattr(setting_up, "has_accounts", looks_slowly)
    assert rush().count("won") > 1


def test_the_code_is_kept_until_there_is_an_account_and_a_demo_has_none() -> None:
    code = set_up_code()
    assert len(code.replace("-", "")) == 12
    assert set_up_code() == code
    with override_settings(HOLDFAST_ENVIRONMENT="demo"):
        assert set_up_code() == ""
    create_first_account(email="alice@example.org", password=PASSWORD)
    assert set_up_code() == ""


def founder(*, is_operator: bool = True) -> Actor:
    account = Account.objects.create_user(f"{uuid4().hex}@example.org", PASSWORD, is_operator=is_operator)
    return Actor(
        role=Role.OPERATOR if is_operator else Role.CUSTOMER, account_id=account.id, via="page", name="Alice"
    )


@pytest.mark.parametrize("kind", sorted(BLUEPRINTS))
def test_whoever_sets_a_business_up_becomes_its_admin(kind: str) -> None:
    alice = founder()
    made = set_up_business(actor=alice, blueprint=BLUEPRINTS[kind], **GOOD)
    assert made.blueprint == kind
    [member] = Member.objects.filter(business=made)
    assert (member.account_id, member.role) == (alice.account_id, "admin")


def test_what_was_changed_in_the_wizard_is_what_stands() -> None:
    first = BARBERSHOP.services[0]
    changed = replace(
        BARBERSHOP,
        givers=(replace(BARBERSHOP.givers[0], name="Theo"),),
        services=(replace(first, name="Cut", minutes=25, price_minor=2650),),
        windows=((0, "08:30", "12:00"), (6, "22:00", "02:00")),
    )
    made = set_up_business(actor=founder(), blueprint=changed, **GOOD)
    timetable = load_timetable(business_id=made.id)
    assert [resource.name for resource in timetable.resources.values()] == ["Theo"]
    [service] = timetable.services.values()
    assert (service.name, service.duration_minutes, service.price_minor) == ("Cut", 25, 2650)
    assert [(w.weekday, w.opens, w.closes) for w in timetable.hours.weekly] == [(0, 510, 720), (6, 1320, 120)]


def test_a_mistake_deep_in_a_blueprint_names_its_place_and_leaves_nothing() -> None:
    nameless = replace(BARBERSHOP, services=(*BARBERSHOP.services, replace(BARBERSHOP.services[0], name=" ")))
    with pytest.raises(Invalid) as refused:
        set_up_business(actor=founder(), blueprint=nameless, **GOOD)
    assert list(refused.value.fields) == ["services[4].name"]
    assert Business.objects.count() == 0


def test_a_guest_and_where_it_is_not_allowed_everybody_but_the_operator_is_refused() -> None:
    for actor, is_open in ((Actor(), True), (founder(is_operator=False), False)):
        with pytest.raises(Forbidden):
            set_up_business(actor=actor, blueprint=BARBERSHOP, **GOOD, is_open_to_all=is_open)
    assert Business.objects.count() == 0


def test_where_it_is_open_to_all_one_without_a_business_makes_one_and_not_two() -> None:
    dana = founder(is_operator=False)
    made = set_up_business(actor=dana, blueprint=BARBERSHOP, **GOOD, is_open_to_all=True)
    assert Member.objects.get(business=made).account_id == dana.account_id
    with pytest.raises(Forbidden):
        set_up_business(actor=dana, blueprint=BARBERSHOP, **(GOOD | {"slug": "another"}), is_open_to_all=True)


def test_a_taken_address_is_refused_and_nothing_is_added(shop: Shop) -> None:
    with pytest.raises(SlugTaken):
        set_up_business(actor=founder(), blueprint=BARBERSHOP, **(GOOD | {"slug": shop.slug}))
    assert Business.objects.count() == 1


@pytest.mark.parametrize(
    ("taken", "like", "free"),
    [
        ((), "fenwick", "fenwick"),
        (("fenwick",), "fenwick", "fenwick-2"),
        (("fenwick", "fenwick-2"), "fenwick", "fenwick-3"),
        (("fenwick", "fenwick-3", "fenwickshire"), "fenwick", "fenwick-2"),
        ((), "admin", ""),
        ((), "", ""),
        ((), "x" * 80, "x" * 63),
        (("x" * 63,), "x" * 80, "x" * 58 + "-2"),
    ],
)
def test_a_free_address_is_the_first_that_nobody_has(taken: tuple[str, ...], like: str, free: str) -> None:
    for slug in taken:
        create_from_blueprint(actor=OPERATOR, blueprint="barbershop", **(GOOD | {"slug": slug}))
    assert free_slug(like=like) == free
    assert not free or is_free_slug(slug=free)

"""Two admins who remove each other at the same moment: one of them stays (SPEC A2)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connections

from holdfast.accounts.models import Account
from holdfast.businesses.commands import add_member, members, remove_member
from holdfast.businesses.models import Business, Member
from holdfast.core import clock
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Refusal
from tests.cast import OPERATOR, Shop
from tests.races import weakening

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


@contextmanager
def _closing():  # type: ignore[no-untyped-def]
    try:
        yield
    finally:
        connections.close_all()


def both(shop: Shop, accounts: list[Account], remove: Callable[[Actor, UUID], None]) -> Counter[str]:
    """What became of each admin's wish to remove the other."""
    Member.objects.filter(business_id=shop.business_id).delete()
    rows = [
        add_member(actor=OPERATOR, business_id=shop.business_id, account_id=account.id, role=Role.ADMIN)
        for account in accounts
    ]
    start = threading.Barrier(2)

    def wish(own: int) -> str:
        with _closing():
            actor = Actor(Role.ADMIN, shop.business_id, accounts[own].id, via="page")
            start.wait(30)
            try:
                remove(actor, rows[1 - own].id)
            except Refusal as refusal:
                return refusal.code
            return "removed"

    with ThreadPoolExecutor(2) as pool:
        return Counter(pool.map(wish, range(2)))


def test_of_two_admins_who_remove_each_other_one_stays(shop: Shop, alice: Account, charlie: Account) -> None:
    def remove(actor: Actor, member_id: UUID) -> None:
        remove_member(actor=actor, business_id=shop.business_id, member_id=member_id, now=clock.now())

    for _ in range(ROUNDS):
        assert both(shop, [alice, charlie], remove) == Counter({"removed": 1, "not_found": 1})
        assert Member.objects.filter(business_id=shop.business_id, role="admin").count() == 1


def test_control_without_the_lock_nobody_stays(
    shop: Shop, alice: Account, charlie: Account, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """On SQLite the transaction itself is the lock and stands in for the row's."""
    look = members._keep_an_admin

    def look_and_wait(member: Member) -> None:
        look(member)
        weakening.pause()

    monkeypatch.setattr(members, "lock_members", lambda *, business_id: Business.objects.get(id=business_id))
    monkeypatch.setattr(members, "_keep_an_admin", look_and_wait)

    def remove(actor: Actor, member_id: UUID) -> None:
        remove_member(actor=actor, business_id=shop.business_id, member_id=member_id, now=clock.now())

    outcomes = [both(shop, [alice, charlie], remove)["removed"] for _ in range(ROUNDS)]
    assert max(outcomes) == (2 if engine == "postgres" else 1)

"""The page on which managers try other rules of the waitlist (SPEC F9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from holdfast.accounts.models import Account
from holdfast.customers.models import Customer
from holdfast.waitlist.models import Entry
from holdfast.waitlist.rules import DateRange
from holdfast.web.desk import simulation
from tests.cast import Shop

FRIDAY = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with time_machine.travel(FRIDAY, tick=False):
        yield


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def url(shop: Shop) -> str:
    return reverse("desk:simulation", args=[shop.slug])


def form(shop: Shop, client: Client, **more: str) -> dict[str, str]:
    """What the page itself would send."""
    fields = [field for group in client.get(url(shop)).context["groups"] for field in group.fields]
    return {field.name: field.value for field in fields} | {"demand": "shipped"} | more


def test_the_form_begins_with_the_rules_of_the_business(shop: Shop, mona: Account) -> None:
    page = client_of(mona).get(url(shop))
    assert page.status_code == 200
    sent = form(shop, client_of(mona))
    assert (sent["hold_minutes"], sent["weight_waiting"], sent["to"]) == ("10", "40", "2026-11-20")
    assert "has_result" not in page.context


def test_a_run_shows_findings_as_headings_bars_and_a_table(shop: Shop, mona: Account) -> None:
    client = client_of(mona)
    page = client.get(url(shop), form(shop, client, **{"from": "2026-10-01"}))
    shown = page.content.decode()
    assert page.status_code == 200
    assert len(page.context["cards"]) == 3
    assert "times as many messages</h3>" in shown
    assert shown.count('<progress class="meter"') == 9
    assert [row["name"] for row in page.context["rows"]] == [
        "By score",
        "First come, first served",
        "Telling everybody",
    ]


def test_other_rules_come_out_otherwise_and_change_nothing(shop: Shop, mona: Account) -> None:
    client = client_of(mona)
    usual = client.get(url(shop), form(shop, client))
    other = client.get(url(shop), form(shop, client, hold_minutes="60", weight_fit="100", weight_waiting="0"))
    assert usual.context["rows"][0] != other.context["rows"][0]
    assert usual.context["rows"][2] == other.context["rows"][2]
    assert shop.timetable.business.settings.hold_minutes == 10


def test_what_happened_here_is_little_and_the_page_says_so(shop: Shop, mona: Account) -> None:
    client = client_of(mona)
    page = client.get(url(shop), form(shop, client, demand="recorded"))
    assert "Too little happened to compare" in page.content.decode()
    assert page.context["cards"] == []


def test_quoted_waits_that_came_true_are_told(shop: Shop, mona: Account) -> None:
    today = FRIDAY.date()
    Entry.objects.create(
        business_id=shop.business_id, customer=Customer.objects.create(business_id=shop.business_id, name="Dana"),
        services=[str(shop.cut.id)], ranges=[DateRange(today, today).as_json()], contact={"name": "Dana"},
        wish_key="wish", joined_at=FRIDAY, ends_at=FRIDAY + timedelta(hours=8), via="desk", walk_in=True,
        quoted_low=10, quoted_high=20, called_at=FRIDAY + timedelta(minutes=12),
    )  # fmt: skip
    client = client_of(mona)
    assert "100% of quoted waits came true" in client.get(url(shop), form(shop, client)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"from": "2026-11-30"}, "after the start"),
        ({"from": "2026-01-01"}, f"At most {simulation.MOST_DAYS} days"),
        ({"from": "soon"}, "date"),
        ({"hold_minutes": "0"}, "from 1 to 60"),
        ({"weight_fit": "lots"}, "whole number"),
        ({"demand": "imagined"}, "fix"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    shop: Shop, mona: Account, wrong: dict[str, str], words: str
) -> None:
    client = client_of(mona)
    page = client.get(url(shop), form(shop, client, **wrong))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert "has_result" not in page.context


def test_staff_and_strangers_find_no_such_page(shop: Shop, bob: Account, charlie: Account) -> None:
    assert client_of(bob).get(url(shop)).status_code == 404
    assert client_of(charlie).get(url(shop)).status_code == 404
    assert Client().get(url(shop)).status_code == 302

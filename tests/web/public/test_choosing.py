"""Choosing a service, a person, a day and a time; every choice stands in the address."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from holdfast.catalog.commands import change_service, create_service
from tests.cast import OPERATOR, Shop
from tests.web.public.visitor import said, stamp, take, values


def times(client: Client, shop: Shop, **asked: str) -> Any:
    return client.get(f"/b/{shop.slug}/times", {"service": str(shop.cut.id), "who": "any"} | asked)


def test_the_first_page_offers_services_with_price_and_length_and_everybody_who_gives_them(
    client: Client, shop: Shop
) -> None:
    page = client.get(f"/b/{shop.slug}/")
    assert page.status_code == 200
    for words in (
        "Classic cut",
        "£26",
        "30 min",
        "Any barber",
        "Theo Marsh",
        "Amara Osei",
        "up to 24 hours before",
    ):
        assert words in said(page)
    assert values(page, "who") == ["any", str(shop.theo.id), str(shop.amara.id)]


def test_a_retired_service_is_not_offered_and_its_times_are_not_found(client: Client, shop: Shop) -> None:
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"is_active": False}
    )
    assert "Nothing to book online yet" in said(client.get(f"/b/{shop.slug}/"))
    assert times(client, shop).status_code == 404


@pytest.mark.parametrize("path", ["/b/nobody/", "/b/nobody/times", "/b/nobody/find"])
def test_an_unknown_business_is_a_not_found_page(client: Client, db: None, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert "There is nothing here" in said(page)


def test_a_fresh_visit_opens_on_the_first_free_day_with_nothing_chosen(client: Client, shop: Shop) -> None:
    page = times(client, shop)
    assert page.status_code == 200
    assert len(values(page, "at")) > 0
    assert not re.search(r'name="at"[^>]* checked', page.content.decode())


def test_the_grid_is_five_weeks_and_counts_what_is_free(client: Client, shop: Shop) -> None:
    page = times(client, shop)
    assert len(re.findall(r'role="gridcell"', page.content.decode())) == 35
    assert "31 free" in said(page)  # nine to five, every quarter of an hour, the last at half past four


def test_times_are_grouped_by_part_of_the_day(client: Client, shop: Shop) -> None:
    on = shop.at(days=3).date().isoformat()
    words = said(times(client, shop, date=on))
    assert "Morning 12" in words
    assert "Afternoon 19" in words
    assert "Evening" not in words.split("Afternoon 19")[1]


def test_a_held_time_is_not_offered_to_the_next_visitor(client: Client, shop: Shop) -> None:
    theo = str(shop.theo.id)
    on = shop.at(days=3).date().isoformat()
    take(client, shop, "10:00", who=theo)
    assert stamp(shop, "10:00") not in values(times(Client(), shop, who=theo, date=on), "at")


def test_a_full_day_names_the_next_free_one(client: Client, shop: Shop) -> None:
    theo = str(shop.theo.id)
    for hour in range(9, 17):
        for minute in ("00", "30"):
            shop.book(f"{hour:02d}:{minute}", resource=shop.theo)
    on = shop.at(days=3).date()
    words = said(times(client, shop, who=theo, date=on.isoformat()))
    assert "is full" in words
    assert f"Go to {(on + timedelta(days=1)).day} " in words


def test_a_soonest_time_leads_to_its_day_with_the_time_chosen(client: Client, shop: Shop) -> None:
    at = stamp(shop, "10:00")
    page = times(client, shop, date=shop.at().date().isoformat(), at=at)
    assert re.search(rf'value="{at}"[^>]* checked', page.content.decode())


@pytest.mark.parametrize(
    "asked",
    [
        {"date": "2026-02-30"},
        {"date": "yesterday"},
        {"date": "0001-01-01"},
        {"date": "9999-12-31"},
        {"from": "9999-12-31"},
        {"from": "0001-01-01", "date": "9999-12-31"},
        {"from": "x", "at": "y"},
        {"who": "nobody"},
        {"date": "\x00", "from": "２０２６-01-01"},
    ],
)
def test_an_address_that_makes_no_sense_still_shows_days_to_choose(
    client: Client, shop: Shop, asked: dict[str, str]
) -> None:
    page = times(client, shop, **asked)
    assert page.status_code == 200
    assert values(page, "at") or "next free day" in said(page)


@pytest.mark.parametrize("service", ["nonsense", "0198f8da-9a1b-750a-8a14-aac5dbd33cba", "0" * 4000])
def test_an_unknown_service_is_not_found(client: Client, shop: Shop, service: str) -> None:
    assert client.get(f"/b/{shop.slug}/times", {"service": service}).status_code == 404


def test_without_a_service_one_is_asked_for(client: Client, shop: Shop) -> None:
    page = client.get(f"/b/{shop.slug}/times")
    assert (page.status_code, page["Location"]) == (302, f"/b/{shop.slug}/")


def test_the_service_of_another_business_is_not_found(client: Client, shop: Shop, other_shop: Shop) -> None:
    assert client.get(f"/b/{shop.slug}/times", {"service": str(other_shop.cut.id)}).status_code == 404


def test_somebody_who_does_not_give_the_service_is_said_so_with_the_choice_kept(
    client: Client, shop: Shop
) -> None:
    change_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"resources": [shop.amara.id]},
    )
    page = times(client, shop, who=str(shop.theo.id))
    assert page.status_code == 422
    assert "Theo Marsh does not give Classic cut" in said(page)


def test_only_the_picker_is_sent_where_the_page_is_there_already(client: Client, shop: Shop) -> None:
    asked = {"service": str(shop.cut.id), "who": "any"}
    part = client.get(
        f"/b/{shop.slug}/times", asked, headers={"HX-Request": "true", "HX-Target": "section#picker"}
    )
    assert part.content.decode().lstrip().startswith('<div class="picker" id="picker"')
    assert "HX-Request" in part["Vary"]


def test_the_hour_that_comes_twice_is_told_apart(client: Client, db: None) -> None:
    from holdfast.schedule.commands import apply_hour_template
    from tests.cast import make_shop

    with time_machine.travel("2026-10-23T10:00:00Z", tick=False):
        shop = make_shop("night-owls", "Europe/London")
        apply_hour_template(actor=OPERATOR, business_id=shop.business_id, template="24_7")
        page = client.get(
            f"/b/{shop.slug}/times", {"service": str(shop.cut.id), "who": "any", "date": "2026-10-25"}
        )
    assert "01:30 (first)" in said(page)
    assert "01:30 (second)" in said(page)


def test_online_booking_that_is_off_refuses_to_hold(client: Client, shop: Shop) -> None:
    from holdfast.businesses.commands import change_business_settings

    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted={"online_booking": False})
    page = client.post(
        f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "who": "any", "at": stamp(shop)}
    )
    assert page.status_code == 409
    assert "no bookings online" in said(page)


def test_who_also_takes_requests_says_where_to_ask(shop: Shop, client: Client) -> None:
    assert f"/b/{shop.slug}/request" not in client.get(f"/b/{shop.slug}/").content.decode()
    create_service(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"name": "Wedding", "duration_minutes": 240, "mode": "request", "resources": [shop.theo.id]},
    )
    assert f'href="/b/{shop.slug}/request"' in client.get(f"/b/{shop.slug}/").content.decode()

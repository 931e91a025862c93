"""What is counted where a service is not booked by one time of one person: tables, places, requests, groups, series."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.insights.commands import flush_counts
from holdfast.insights.models import FunnelDay
from tests.bookings.artist import EVENT, Studio, make_studio
from tests.cast import DANA, Shop
from tests.club import Club
from tests.counter import Counter, make_counter
from tests.insights.test_doors import BROWSER, counts

pytestmark = pytest.mark.django_db(transaction=True)
DETAILS = {"name": DANA.name, "email": DANA.email, "phone": "", "notes": ""}


@pytest.fixture(autouse=True)
def no_general_limit(settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 0


@pytest.fixture
def browser() -> Client:
    return Client(headers={"User-Agent": BROWSER})


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def twice(browser: Client, address: str, form: dict[str, str], key: str) -> Any:
    """A form that is sent twice, as impatient people do."""
    browser.post(address, form | {"idempotency_key": key * 32})
    return browser.post(address, form | {"idempotency_key": key * 32})


def look(browser: Client, address: str) -> HttpResponse:
    """A page seen as a whole, then part of it again, then ahead of time: one look."""
    seen = browser.get(address)
    assert seen.status_code == 200
    browser.get(address, headers={"Sec-Purpose": "prefetch"})
    browser.head(address)
    return seen  # type: ignore[return-value]


def confirm(browser: Client, held: HttpResponse) -> None:
    assert held.status_code == 303
    twice(browser, f"{held['Location']}/confirm", DETAILS, "b")
    assert Booking.objects.get().state == "confirmed"


def send(client: Client, address: str, body: dict[str, Any], key: str) -> Any:
    """A call that is repeated with its key."""
    for _ in range(2):
        answer = client.post(address, body, content_type="application/json", headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_table_counts_a_look_a_hold_and_a_booking(club: Club, browser: Client) -> None:
    page = f"/b/{club.slug}/tables"
    look(browser, f"{page}?n=2")
    browser.get(f"{page}?n=4", headers={"HX-Request": "true", "HX-Target": "picker"})
    form = {"service": str(club.cut.id), "n": "2", "at": f"{club.night():%Y-%m-%dT%H:%MZ}"}
    held = twice(browser, page, form, "a")
    assert counts() == {"page": (1, 1, 0)}
    confirm(browser, held)
    assert counts() == {"page": (1, 1, 1)}


def test_a_table_that_nobody_can_have_counts_no_hold(club: Club, browser: Client) -> None:
    form = {"service": str(club.cut.id), "n": "2", "at": "", "idempotency_key": "a" * 32}
    assert browser.post(f"/b/{club.slug}/tables", form).status_code == 422
    assert counts() == {}


def test_places_in_a_slot_count_a_look_a_hold_and_a_booking(counter: Counter, browser: Client) -> None:
    slot = counter.slot(capacity=5)
    page = f"/b/{counter.slug}/places"
    look(browser, f"{page}?service={slot.service_id}")
    form = {"service": str(slot.service_id), "n": "2", "at": str(slot.id)}
    held = twice(browser, page, form, "a")
    assert counts() == {"page": (1, 1, 0)}
    confirm(browser, held)
    assert counts() == {"page": (1, 1, 1)}


def test_a_full_slot_counts_no_hold(counter: Counter, browser: Client) -> None:
    slot = counter.slot(capacity=1)
    counter.book(slot)
    form = {"service": str(slot.service_id), "n": "1", "at": str(slot.id), "idempotency_key": "a" * 32}
    assert browser.post(f"/b/{counter.slug}/places", form).status_code == 409
    assert counts() == {}


def test_a_request_is_booked_when_it_is_sent(studio: Studio, browser: Client) -> None:
    page = f"/b/{studio.slug}/request"
    look(browser, page)
    form = DETAILS | {
        "service": str(studio.service_id),
        "date": studio.on().isoformat(),
        "from": "20:00",
        "until": "23:00",
        "venue_name": "The Vault",
        "venue_address": "1 Mill Lane, Leeds",
        "details": "Opening night",
        "fee": "800",
    }
    assert browser.post(page, form | {"idempotency_key": "q" * 32}).status_code == 200
    assert counts() == {"page": (1, 0, 0)}
    assert twice(browser, f"{page}/send", form, "a").status_code == 303
    assert Booking.objects.get().state == "requested"
    assert counts() == {"page": (1, 0, 1)}


def test_a_group_counts_once_however_many_come(shop: Shop, browser: Client) -> None:
    page = f"/b/{shop.slug}/group"
    look(browser, page)
    form = DETAILS | {
        "count": "2",
        "date": shop.at("10:00").date().isoformat(),
        "at": f"{shop.at('10:00'):%Y-%m-%dT%H:%MZ}",
    }
    for number in (1, 2):
        form |= {f"p{number}-service": str(shop.cut.id), f"p{number}-name": f"Guest {number}"}
    assert browser.post(page, form | {"do": "times"}).status_code == 200
    assert counts() == {"page": (1, 0, 0)}
    assert twice(browser, page, form | {"do": "book"}, "a").status_code == 303
    assert Booking.objects.count() == 2
    assert counts() == {"page": (1, 0, 1)}


def test_a_series_counts_once_however_often_one_comes(shop: Shop, browser: Client) -> None:
    look(browser, f"/b/{shop.slug}/times?service={shop.cut.id}&who=any")
    asked = {
        "service": str(shop.cut.id),
        "who": str(shop.theo.id),
        "at": shop.at("10:00").isoformat(),
        "idempotency_key": "h" * 32,
    }
    page = browser.post(f"/b/{shop.slug}/holds", asked)["Location"]
    rhythm = DETAILS | {"every_weeks": "1", "times": "3", "until": ""}
    shown = browser.post(f"{page}/repeat", rhythm).content.decode()
    chosen = dict(re.findall(r'name="(time-\d+)" value="([^"]+)"[^>]*checked', shown))
    assert set(chosen) >= {"time-2", "time-3"}
    assert counts() == {"page": (1, 1, 0)}
    assert twice(browser, f"{page}/repeat/book", rhythm | chosen, "a").status_code == 303
    assert Booking.objects.filter(state="confirmed").count() == 3
    assert counts() == {"page": (1, 1, 1)}


def test_the_api_counts_tables_and_places_as_it_counts_times(
    club: Club, counter: Counter, client: Client
) -> None:
    slot = counter.slot(capacity=5)
    wishes: list[tuple[Any, str, dict[str, Any]]] = [
        (club, str(club.cut.id), {"starts_at": club.night().isoformat(), "party_size": 2}),
        (counter, str(slot.service_id), {"slot": str(slot.id), "party_size": 2}),
    ]
    for where, service, wish in wishes:
        base = f"/api/v1/businesses/{where.slug}"
        on = clock.now().date()
        asked = f"service={service}&from={on}&to={on + timedelta(days=3)}"
        assert client.get(f"{base}/availability?{asked}").status_code == 200
        body = {"service": service} | wish
        held = send(client, f"{base}/holds", body, "hold")
        booking = {
            "hold": held["id"],
            "token": held["token"],
            "customer": {"name": DANA.name, "email": DANA.email},
        }
        send(client, f"{base}/bookings", booking, "book")
    assert [counts_of(where) for where, _, _ in wishes] == [(1, 1, 1), (1, 1, 1)]


def counts_of(where: Any) -> tuple[int, int, int]:
    flush_counts()
    day = FunnelDay.objects.get(business_id=where.business_id, channel="api")
    return day.views, day.holds, day.booked


def test_the_api_counts_a_request_when_it_is_sent(studio: Studio, client: Client) -> None:
    start = studio.at("20:00")
    body = {
        "service": str(studio.service_id),
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=3)).isoformat(),
        "request": {
            "venue_name": EVENT.venue_name,
            "venue_address": EVENT.venue_address,
            "details": EVENT.details,
            "fee_minor": 80_000,
        },
        "customer": {"name": DANA.name, "email": DANA.email},
    }
    send(client, f"/api/v1/businesses/{studio.slug}/bookings", body, "ask")
    assert Booking.objects.get().state == "requested"
    assert counts() == {"api": (0, 0, 1)}


def test_the_api_counts_a_series_and_a_group_once_each(shop: Shop, client: Client) -> None:
    base = f"/api/v1/businesses/{shop.slug}/bookings"
    customer = {"name": DANA.name, "email": DANA.email}
    weeks = [{"starts_at": shop.at("10:00", days=3 + 7 * week).isoformat()} for week in range(3)]
    send(client, f"{base}/series", {"service": str(shop.cut.id), "times": weeks, "customer": customer}, "s")
    assert counts() == {"api": (0, 0, 1)}
    people = [{"service": str(shop.cut.id), "name": f"Guest {number}"} for number in (1, 2)]
    group = {"members": people, "starts_at": shop.at("14:00").isoformat(), "customer": customer}
    send(client, f"{base}/group", group, "g")
    assert Booking.objects.count() == 5
    assert counts() == {"api": (0, 0, 2)}

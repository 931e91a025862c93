"""Which requests are counted, through pages, API and desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.accounts.models import Account
from holdfast.bookings.models import Booking
from holdfast.insights.commands import flush_counts
from holdfast.insights.models import FunnelDay
from tests.cast import DANA, Shop
from tests.support.live import answers, serving

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_general_limit(settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 0


def counts() -> dict[str, tuple[int, int, int]]:
    flush_counts()
    return {day.channel: (day.views, day.holds, day.booked) for day in FunnelDay.objects.all()}


def look(shop: Shop, method: str = "GET", **headers: str) -> None:
    sent = {"User-Agent": BROWSER} | {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{reverse('times', args=[shop.slug])}?service={shop.cut.id}&who=any"
    assert Client().generic(method, url, headers=sent).status_code == 200


def test_the_page_counts_a_look_a_hold_and_a_booking(shop: Shop) -> None:
    look(shop)
    client = Client(headers={"User-Agent": BROWSER})
    asked = {
        "service": str(shop.cut.id),
        "who": "any",
        "at": shop.at("10:00").isoformat(),
        "idempotency_key": "a" * 32,
    }
    for _ in range(2):  # the same form sent twice holds once
        answer = client.post(reverse("holds", args=[shop.slug]), asked)
    assert counts() == {"page": (1, 1, 0)}
    details = {"name": DANA.name, "email": DANA.email, "phone": "", "notes": "", "idempotency_key": "b" * 32}
    for _ in range(2):
        client.post(f"{answer['Location']}/confirm", details)
    assert Booking.objects.get().state == "confirmed"
    assert counts() == {"page": (1, 1, 1)}


@pytest.mark.parametrize(
    "headers",
    [
        {"User_Agent": "Googlebot/2.1"},
        {"User_Agent": ""},
        {"Sec_Purpose": "prefetch;prerender"},
        {"HX_Request": "true", "HX_Target": "picker"},
    ],
)
def test_robots_fetching_ahead_and_parts_of_a_page_do_not_count(headers: dict[str, str], shop: Shop) -> None:
    look(shop, **headers)
    look(shop, "HEAD")
    assert counts() == {}


def test_a_refused_hold_counts_nothing(shop: Shop) -> None:
    asked = {
        "service": str(shop.cut.id),
        "who": "any",
        "at": shop.at("03:00").isoformat(),
        "idempotency_key": "c" * 32,
    }
    assert Client().post(reverse("holds", args=[shop.slug]), asked).status_code == 422
    assert counts() == {}


def test_the_api_counts_programs_that_name_no_browser(shop: Shop) -> None:
    base, start = f"/api/v1/businesses/{shop.slug}", shop.at("10:00")
    client = Client()
    on = start.date().isoformat()
    assert client.get(f"{base}/availability?service={shop.cut.id}&from={on}&to={on}").status_code == 200
    body = {"service": str(shop.cut.id), "starts_at": start.isoformat()}
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        held = client.post(f"{base}/holds", body, content_type="application/json", headers=key).json()
    booking = {
        "hold": held["id"],
        "token": held["token"],
        "customer": {"name": DANA.name, "email": DANA.email},
    }
    assert client.post(f"{base}/bookings", booking, content_type="application/json").status_code == 201
    assert counts() == {"api": (1, 1, 1)}


def test_a_booking_made_at_the_desk_counts_for_the_desk(shop: Shop, bob: Account) -> None:
    client = Client()
    client.force_login(bob)
    form = {
        "service": str(shop.cut.id),
        "date": shop.at("10:00").date().isoformat(),
        "starts_at": shop.at("10:00").isoformat(),
    }
    answer = client.post(reverse("desk:new", args=[shop.slug]), form | {"name": "Dana", "party_size": "1"})
    assert answer.status_code == 302
    assert counts() == {"desk": (0, 0, 1)}


def test_a_web_server_that_is_stopped_writes_what_it_has_counted(shop: Shop) -> None:
    on = shop.at("10:00").date().isoformat()
    path = f"/api/v1/businesses/{shop.slug}/availability?service={shop.cut.id}&from={on}&to={on}"
    with serving(HOLDFAST_ENVIRONMENT="development") as live:
        for _ in range(3):
            assert answers(live.url + path)
        assert counts() == {}, "written within a moment: this test would prove nothing"
    assert counts() == {"api": (3, 0, 0)}

"""A web server that dies in the middle: what it acknowledged is there, and nothing half done stays."""

from __future__ import annotations

import http.client
import json
import os
import signal
from contextlib import closing
from threading import Event, Thread
from urllib.parse import urlsplit

import psutil
import pytest
from django.db import connection

from holdfast.bookings.models import Booking, BookingChange, Claim
from tests.cast import Shop, make_shop
from tests.support.live import LiveHoldfast, serving

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS, ENOUGH = 4, 20


def test_no_acknowledged_booking_is_lost_when_the_web_server_is_killed() -> None:
    shop = make_shop("fenwick")
    path = f"/api/v1/businesses/{shop.slug}/bookings"
    asked = [_wishes(shop, number) for number in range(CLIENTS)]
    acknowledged: list[str] = []
    with serving() as server:
        enough = Event()
        threads = [
            Thread(target=_book_until_it_breaks, args=(server, path, wishes, acknowledged, enough))
            for wishes in asked
        ]
        for thread in threads:
            thread.start()
        assert enough.wait(30), f"only {len(acknowledged)} bookings were acknowledged"
        _kill(server)
        for thread in threads:
            thread.join(20)

    stored = set(Booking.objects.values_list("reference", flat=True))
    assert {reference.replace("-", "") for reference in acknowledged} <= stored
    assert len(acknowledged) >= ENOUGH
    assert Claim.objects.count() == BookingChange.objects.count() == _events() == len(stored)


def _wishes(shop: Shop, number: int) -> list[str]:
    """What one client asks for, one after the other: times that no other client wants."""
    resource, half = (shop.theo, shop.amara)[number % 2], number // 2
    bodies = []
    for index in range(100):
        day, slot = divmod(index * 2 + half, 16)
        minutes = 540 + slot * 30
        body = {
            "service": str(shop.cut.id),
            "resource": str(resource.id),
            "starts_at": shop.at(f"{minutes // 60:02}:{minutes % 60:02}", days=day + 2).isoformat(),
            "customer": {"name": "Dana Guest", "email": f"dana{number}-{index}@example.org"},
        }
        bodies.append(json.dumps(body))
    return bodies


def _book_until_it_breaks(
    server: LiveHoldfast, path: str, wishes: list[str], acknowledged: list[str], enough: Event
) -> None:
    address = urlsplit(server.url)
    with closing(http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)) as client:
        for wish in wishes:
            try:
                client.request("POST", path, wish, {"Content-Type": "application/json"})
                answer = client.getresponse()
                given = json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                return
            if answer.status != 201:
                raise AssertionError(f"{answer.status}: {given}")
            acknowledged.append(given["reference"])
            if len(acknowledged) >= ENOUGH:
                enough.set()


def _kill(server: LiveHoldfast) -> None:
    """kill -9 for the server and its worker processes, as the kernel does when memory runs out."""
    parent = psutil.Process(server.pid)
    for process in [*parent.children(recursive=True), parent]:
        os.kill(process.pid, signal.SIGKILL)


def _events() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_outboxevent WHERE kind = 'BookingConfirmed'")
        count: int = cursor.fetchone()[0]
        return count

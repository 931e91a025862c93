"""People who wait, through the API."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import DANA, Api
from tests.cast import Shop
from tests.waitlist.line import day_of

Body = dict[str, Any]


def wish(shop: Shop, days: int = 3, until_days: int | None = None, **more: Any) -> Body:
    """Any time on a day some days from today, or until another."""
    last = days if until_days is None else until_days
    return {"from": day_of(shop, days).isoformat(), "to": day_of(shop, last).isoformat()} | more


def wait_body(shop: Shop, **more: Any) -> Body:
    """Dana's wish for the cut."""
    return {"services": [str(shop.cut.id)], "wishes": [wish(shop)], "customer": dict(DANA)} | more


def customer(name: str) -> Body:
    """Somebody with this first name."""
    return {"name": f"{name} Waiting", "email": f"{name.lower()}@example.org"}


def joined(shop: Shop, api: Api, name: str = "", **more: Any) -> Body:
    """The entry of somebody who joined."""
    if name:
        more["customer"] = customer(name)
    answer = api.post("/waitlist", wait_body(shop, **more))
    assert answer.status == 201, answer.body
    return dict(answer.body)


def offered(shop: Shop, staff: Api, entry: Body, hhmm: str = "10:00", **more: Any) -> Body:
    """The offer that the desk made somebody by hand."""
    place = {"service": str(shop.cut.id), "starts_at": shop.at(hhmm).isoformat()} | more
    answer = staff.post(f"/waitlist/{entry['id']}/offer", place)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def mine(entry: Body, path: str = "") -> str:
    """An address of the entry's own with its personal token."""
    return f"/waitlist/{entry['id']}{path}?token={entry['token']}"


def answering(entry: Body, offer: Body, how: str) -> str:
    """Where the person answers an offer."""
    return f"/offers/{offer['id']}/{how}?token={entry['token']}"

"""Series and groups through the API (SPEC D9, D10)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.bookings.models import Booking
from tests.api.conftest import Api
from tests.cast import Shop

pytestmark = pytest.mark.django_db
DANA = {"name": "Dana Guest", "email": "dana@example.org"}


def instant(shop: Shop, hhmm: str = "10:00", days: int = 3) -> str:
    return shop.at(hhmm, days).isoformat().replace("+00:00", "Z")


def times(shop: Shop, weeks: int = 3) -> list[dict[str, str]]:
    return [
        {"starts_at": instant(shop, days=3 + 7 * week), "resource": str(shop.theo.id)}
        for week in range(weeks)
    ]


def series(shop: Shop, **more: Any) -> dict[str, Any]:
    return {"service": str(shop.cut.id), "times": times(shop), "customer": DANA} | more


def test_a_preview_names_the_conflict_with_other_times_and_the_chosen_ones_are_booked(
    shop: Shop, guest: Api
) -> None:
    shop.book("10:00", 10, resource=shop.theo)
    wish = {"service": str(shop.cut.id), "resource": str(shop.theo.id), "starts_at": instant(shop)}
    seen = guest.post("/bookings/series/preview", wish | {"every_weeks": 1, "times": 3})
    assert seen.status == 200
    first, second, third = seen.body["occurrences"]
    assert (first["free"], second["free"], third["free"]) == (True, False, True)
    assert (second["why"], bool(second["alternatives"])) == ("time_taken", True)
    chosen = [{"starts_at": one["starts_at"], "resource": str(shop.theo.id)} for one in (first, third)]
    other = second["alternatives"][0]
    chosen.insert(1, {"starts_at": other["starts_at"], "resource": other["resource"]})
    booked = guest.post("/bookings/series", series(shop, times=chosen))
    assert booked.status == 201
    assert len(booked.body["bookings"]) == 3
    assert {one["series"] for one in booked.body["bookings"]} == {booked.body["series"]}


def test_a_time_that_goes_meanwhile_books_nothing_and_is_named(shop: Shop, guest: Api) -> None:
    shop.book("10:00", 17, resource=shop.theo)
    refused = guest.post("/bookings/series", series(shop))
    assert (refused.status, refused.code, refused.body["number"]) == (409, "time_taken", 3)
    assert refused.body["alternatives"]
    assert Booking.objects.count() == 1


def test_a_repeated_key_gets_the_same_series(shop: Shop, guest: Api) -> None:
    first = guest.post("/bookings/series", series(shop), Idempotency_Key="series-1")
    again = guest.post("/bookings/series", series(shop), Idempotency_Key="series-1")
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    assert Booking.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"every_weeks": 0, "times": 3}, "every_weeks"),
        ({"every_weeks": 1}, "until"),
        ({"every_weeks": 1, "times": 3, "until": "2030-01-01"}, "until"),
        ({"every_weeks": 1, "times": 53}, "times"),
        ({"every_weeks": 4, "times": 52}, "times"),
    ],
)
def test_a_rhythm_without_sense_is_refused(shop: Shop, guest: Api, wrong: dict[str, Any], field: str) -> None:
    wish = {"service": str(shop.cut.id), "starts_at": instant(shop)}
    refused = guest.post("/bookings/series/preview", wish | wrong)
    assert (refused.status, list(refused.body["fields"])) == (422, [field])


def test_this_and_the_following_are_cancelled_by_one_link(shop: Shop, guest: Api) -> None:
    booked = guest.post("/bookings/series", series(shop)).body["bookings"]
    token = booked[1]["manage_url"].rsplit("/", 1)[1]
    address = f"/bookings/{booked[1]['reference']}/cancel-together?token={token}"
    off = guest.post(address, {"which": "following"})
    assert [one["reference"] for one in off.body["bookings"]] == [one["reference"] for one in booked[1:]]
    assert guest.post(address, {"which": "following"}).code == "illegal_step"
    assert guest.post(address.partition("?")[0], {"which": "all"}).status == 401
    assert guest.post(address, {"which": "some"}).status == 422


def group(shop: Shop, *members: dict[str, Any]) -> dict[str, Any]:
    return {"starts_at": instant(shop), "members": list(members), "customer": DANA}


def test_a_family_is_booked_at_once_or_told_when_it_can_be(shop: Shop, guest: Api) -> None:
    cut = str(shop.cut.id)
    ann, ben = {"service": cut, "name": "Ann"}, {"service": cut, "resource": str(shop.theo.id), "name": "Ben"}
    booked = guest.post("/bookings/group", group(shop, ann, ben))
    assert booked.status == 201
    assert [one["customer"]["name"] for one in booked.body["bookings"]] == ["Ann", "Ben"]
    assert booked.body["bookings"][1]["resources"] == [str(shop.theo.id)]
    refused = guest.post("/bookings/group", group(shop, ann, ben))
    assert (refused.status, refused.code) == (409, "time_taken")
    assert refused.body["alternatives"]
    assert Booking.objects.count() == 2


def test_a_members_mistakes_are_named_by_the_member(shop: Shop, guest: Api) -> None:
    cut = str(shop.cut.id)
    refused = guest.post(
        "/bookings/group", group(shop, {"service": cut}, {"service": cut, "answers": {"x": "y"}})
    )
    assert (refused.status, list(refused.body["fields"])) == (422, ["members[1].answers.x"])
    alone = guest.post("/bookings/group", group(shop, {"service": cut}))
    assert list(alone.body["fields"]) == ["members"]
    unknown = guest.post("/bookings/group", group(shop, {"service": cut}, {"service": "nonsense"}))
    assert list(unknown.body["fields"]) == ["members[1].service"]

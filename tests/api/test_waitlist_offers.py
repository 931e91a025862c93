"""Offers of the waitlist: made by hand, accepted, declined, withdrawn, too late."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from holdfast.bookings.commands import cancel_booking, end_hold
from holdfast.bookings.models import Booking
from holdfast.core import clock
from holdfast.lib.actors import Role
from holdfast.waitlist.models import Entry, Offer
from tests.api.conftest import Api, booking_body, nothing_stored
from tests.api.line import answering, joined, mine, offered, wish
from tests.cast import OPERATOR, Shop
from tests.waitlist.line import work

pytestmark = pytest.mark.django_db


def test_an_offer_holds_the_place_and_says_until_when(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry, resource=str(shop.theo.id))
    assert (offer["status"], offer["resources"], offer["entry"]) == (
        "pending",
        [str(shop.theo.id)],
        entry["id"],
    )
    assert (offer["breakdown"], offer["by_hand"]) == ({}, "test staff")
    read = guest.get(mine(entry)).body
    assert read["status"] == "offered"
    seen = ("id", "status", "service", "resources", "starts_at", "ends_at", "expires_at")
    assert read["offer"] == {name: offer[name] for name in seen}
    taken = guest.post("/bookings", booking_body(shop, resource=str(shop.theo.id)))
    assert (taken.status, taken.code) == (409, "time_taken")


def test_accepting_answers_with_the_booking_and_twice_is_one(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry)
    path = answering(entry, offer, "accept")
    first, again = guest.post(path), guest.post(path, {})
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert (first.body["status"], first.body["starts_at"]) == ("confirmed", offer["starts_at"])
    assert first.body["customer"]["email"] == "dana@example.org"
    assert first.headers["ETag"]
    assert Booking.objects.count() == 1
    read = guest.get(mine(entry)).body
    assert (read["status"], read["offer"], read["position"]) == ("booked", None, None)
    assert (read["booking"], read["manage_url"]) == (first.body["reference"], first.body["manage_url"])
    cancelled = guest.post(
        f"/bookings/{read['booking']}/cancel?token={read['manage_url'].rpartition('/')[2]}"
    )
    assert cancelled.body["status"] == "cancelled"


def test_the_desk_accepts_for_somebody(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry)
    assert staff.post(f"/offers/{offer['id']}/accept").body["status"] == "confirmed"


def test_too_late_is_409(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        for how in ("accept", "decline"):
            with nothing_stored():
                answer = guest.post(answering(entry, offer, how))
                assert (answer.status, answer.code, answer.body["state"]) == (
                    409,
                    "offer_expired",
                    "expired",
                )
        read = guest.get(mine(entry)).body
        assert (read["status"], read["offer"]) == ("waiting", None)


def test_a_place_that_is_gone_is_an_offer_that_is_over(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry)
    hold = Offer.objects.get().booking_id
    assert hold is not None
    end_hold(actor=OPERATOR, business_id=shop.business_id, hold_id=hold, now=clock.now())
    assert guest.post(answering(entry, offer, "accept")).code == "offer_expired"


@pytest.mark.parametrize(("body", "status"), [(None, "waiting"), ({}, "waiting"), ({"leave": True}, "left")])
def test_declining_keeps_the_place_in_line_or_leaves(
    body: dict[str, bool] | None, status: str, shop: Shop, guest: Api, staff: Api
) -> None:
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry)
    answer = guest.post(answering(entry, offer, "decline"), body)
    assert (answer.status, answer.body["status"], answer.body["offer"]) == (200, status, None)
    for how in ("accept", "decline"):
        late = guest.post(answering(entry, offer, how))
        assert (late.code, late.body["state"]) == ("offer_expired", "declined")
    assert guest.post("/bookings", booking_body(shop)).status == 201


def test_the_desk_withdraws_an_offer(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    offer = offered(shop, staff, entry)
    assert guest.post(answering(entry, offer, "withdraw")).status == 401
    answer = staff.post(f"/offers/{offer['id']}/withdraw")
    assert (answer.status, answer.body["status"], answer.body["position"]) == (200, "waiting", 1)
    assert staff.post(f"/offers/{offer['id']}/withdraw").code == "offer_expired"
    assert guest.post(answering(entry, offer, "accept")).body["state"] == "withdrawn"


@pytest.mark.parametrize("how", ["accept", "decline"])
def test_an_offer_is_answered_by_whoever_it_is_for(how: str, shop: Shop, guest: Api, staff: Api) -> None:
    entry, other = joined(shop, guest, "Ada"), joined(shop, guest, "Ben")
    offer = offered(shop, staff, entry)
    path = f"/offers/{offer['id']}/{how}"
    with nothing_stored():
        assert guest.post(path).status == 401
        for token in ("wrong", other["token"]):
            assert (guest.post(f"{path}?token={token}").status, Offer.objects.get().state) == (404, "pending")
        for unknown in (str(uuid4()), "nothing", entry["id"]):
            assert guest.post(f"/offers/{unknown}/{how}?token={entry['token']}").status == 404
            assert staff.post(f"/offers/{unknown}/{how}").status == 404
    scoped = guest.post(f"{path}?token={entry['token']}")
    assert scoped.status == 200


def test_an_offer_by_hand_is_refused_where_it_cannot_be(
    shop: Shop, guest: Api, staff: Api, manager: Api
) -> None:
    other = manager.post("/services", {"name": "Shave", "duration_minutes": 20}).body["id"]
    entry, next_one = joined(shop, guest, "Ada"), joined(shop, guest, "Ben")
    path, place = (
        f"/waitlist/{entry['id']}/offer",
        {
            "service": str(shop.cut.id),
            "starts_at": shop.at().isoformat(),
            "resource": str(shop.theo.id),
        },
    )
    with nothing_stored():
        assert staff.post(path, place | {"service": other}).mistakes == {"service": ["not_waited_for"]}
        assert staff.post(path, place | {"service": str(uuid4())}).status == 422
        assert staff.post(path, place | {"resource": str(uuid4())}).mistakes == {"resource": ["unknown"]}
        past = staff.post(path, place | {"starts_at": shop.at(days=-1).isoformat()})
        assert (past.status, past.code) == (409, "too_near")
        assert staff.post(path, {}).mistakes == {"service": ["required"], "starts_at": ["required"]}
        assert staff.post(path, place | {"slot": str(uuid4())}).mistakes == {"slot": ["unknown"]}
        assert guest.post(f"{path}?token={entry['token']}", place).status == 401
    assert staff.post(path, place).status == 201
    with nothing_stored():
        out = staff.post(path, place | {"starts_at": shop.at("12:00").isoformat()})
        assert (out.status, out.code) == (409, "offer_out")
        taken = staff.post(f"/waitlist/{next_one['id']}/offer", place)
        assert (taken.status, taken.code) == (409, "time_taken")
        assert taken.body["alternatives"]
    assert guest.delete(mine(entry)).status == 204
    assert staff.post(path, place).code == "entry_over"


def test_an_offer_by_hand_is_made_once_for_a_key(shop: Shop, guest: Api, staff: Api) -> None:
    entry = joined(shop, guest)
    place = {"service": str(shop.cut.id), "starts_at": shop.at().isoformat()}
    first, again = (
        staff.post(f"/waitlist/{entry['id']}/offer", place, Idempotency_Key="once") for _ in range(2)
    )
    assert (again.status, again.body) == (201, first.body)
    assert Offer.objects.count() == 1


def test_what_comes_free_is_offered_and_the_desk_sees_to_whom_and_why(
    shop: Shop, guest: Api, staff: Api
) -> None:
    """The whole way: a cancellation, the worker, the offer on the person's page, the gap on the desk's list."""
    booked = shop.book("10:00", resource=shop.theo, actor=shop.actor())
    shop.book("10:00", resource=shop.amara, actor=shop.actor())
    at_ten = [wish(shop, from_time="10:00", to_time="10:00")]
    work()
    entry = joined(shop, guest, wishes=at_ten)
    work()
    (nobody,) = staff.get("/waitlist/gaps").body["items"]
    assert (nobody["cause"], nobody["outcome"], nobody["offers"]) == ("joined", "nobody", [])
    assert (nobody["reasons"]["waiting"], nobody["reasons"]["no_room"]) == (1, 1)
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=booked.id, now=clock.now())
    work()
    offer = guest.get(mine(entry)).body["offer"]
    assert offer["starts_at"] == shop.at().strftime("%Y-%m-%dT%H:%M:%SZ")
    gap = staff.get("/waitlist/gaps").body["items"][0]
    (made,) = gap["offers"]
    assert (gap["cause"], gap["outcome"], gap["resource"]) == ("cancelled", "offered", str(shop.theo.id))
    assert (made["id"], made["entry"], made["by_hand"]) == (offer["id"], entry["id"], "")
    assert made["breakdown"]["total"] == made["score"] > 0
    assert "score" not in guest.get(mine(entry)).response.content.decode()
    first = staff.get("/waitlist/gaps?limit=1").body
    assert first["items"] == [gap]
    rest = staff.get(f"/waitlist/gaps?limit=1&cursor={first['next_cursor']}").body
    assert (rest["items"][0]["id"], rest["next_cursor"]) == (nobody["id"], None)


def test_gaps_are_the_desks(shop: Shop, other_shop: Shop, guest: Api) -> None:
    assert guest.get("/waitlist/gaps").status == 401
    assert Api(shop.slug, other_shop.token(Role.ADMIN)).get("/waitlist/gaps").status == 404
    assert Entry.objects.count() == 0

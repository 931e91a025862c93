"""Joining the waitlist, following one's place, leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from holdfast.accounts.commands import create_account, create_token
from holdfast.catalog.commands import change_service
from holdfast.core import clock
from holdfast.customers.models import Customer
from holdfast.lib.actors import Role
from holdfast.waitlist.commands import settle_entries
from holdfast.waitlist.models import Entry, EntryWish
from holdfast.waitlist.queries import entry_token
from tests.api.conftest import DANA, Api, booking_body, nothing_stored
from tests.api.line import joined, mine, offered, wait_body, wish
from tests.cast import OPERATOR, Shop

pytestmark = pytest.mark.django_db
KEY = "3f0d7a1e-51f5-4a3b-8f38-7d1d3c1d9a55"


def test_joining_answers_with_the_place_and_the_token(shop: Shop, guest: Api) -> None:
    body = wait_body(
        shop,
        resources=[str(shop.theo.id)],
        wishes=[wish(shop, from_time="10:00", to_time="24:00", weekdays=list(range(7)))],
    )
    answer = guest.post("/waitlist", body)
    assert answer.status == 201, answer.body
    made = answer.body
    assert made == {
        "id": made["id"],
        "token": entry_token(entry_id=Entry.objects.get().id),
        "url": f"http://localhost:8000/w/{made['token']}",
        "status": "waiting",
        "position": 1,
        "estimate": None,
        "services": body["services"],
        "resources": body["resources"],
        "wishes": body["wishes"],
        "party_size": 1,
        "customer": made["customer"],
        "walk_in": False,
        "earlier_than": None,
        "joined_at": made["joined_at"],
        "called_at": None,
        "offer": None,
        "booking": None,
        "manage_url": None,
    }
    assert made["customer"]["email"] == DANA["email"]
    read = guest.get(mine(made))
    assert (read.status, read.body) == (200, made)


def test_a_wish_without_times_is_for_any_time(shop: Shop, guest: Api) -> None:
    (shown,) = joined(shop, guest)["wishes"]
    assert (shown["from_time"], shown["to_time"], shown["weekdays"]) == ("00:00", "24:00", [*range(7)])


def test_a_wish_is_cut_to_what_can_be_booked(shop: Shop, guest: Api) -> None:
    (shown,) = joined(shop, guest, wishes=[wish(shop, -5, 400)])["wishes"]
    assert {"from": shown["from"], "to": shown["to"]} == wish(shop, 0, 90)


def test_the_place_in_line_is_among_those_who_wait_for_the_same(shop: Shop, guest: Api) -> None:
    first = joined(shop, guest, "Ada")
    elsewhere = joined(shop, guest, "Ben", wishes=[wish(shop, 9)])
    Entry.objects.filter(id=first["id"]).update(joined_at=clock.now() - timedelta(days=1))
    second = joined(shop, guest)
    assert [one["position"] for one in (first, elsewhere, second)] == [1, 1, 2]
    assert guest.delete(mine(first)).status == 204
    assert guest.get(mine(second)).body["position"] == 1


def test_what_was_quoted_is_the_estimate_and_runs_down(shop: Shop, guest: Api) -> None:
    made = joined(shop, guest)
    long_ago = clock.now() - timedelta(minutes=10)
    Entry.objects.update(quoted_low=15, quoted_high=30, joined_at=long_ago)
    read = guest.get(mine(made)).body
    assert read["estimate"] == {"low_minutes": 5, "high_minutes": 20, "basis": "quoted"}


def test_an_unchanged_place_is_304(shop: Shop, guest: Api) -> None:
    made = joined(shop, guest)
    read = guest.get(mine(made))
    assert read.headers["Cache-Control"] == "no-store"
    assert guest.get(mine(made), If_None_Match=read.headers["ETag"]).status == 304


def test_leaving_takes_effect_at_once_and_twice_is_no_mistake(shop: Shop, guest: Api, staff: Api) -> None:
    made = joined(shop, guest)
    offer = offered(shop, staff, made)
    assert [guest.delete(mine(made)).status for _ in range(2)] == [204, 204]
    read = guest.get(mine(made)).body
    assert (read["status"], read["position"], read["offer"]) == ("left", None, None)
    assert EntryWish.objects.count() == 0
    assert guest.post(f"/offers/{offer['id']}/accept?token={made['token']}").code == "offer_expired"
    assert joined(shop, guest)["id"] != made["id"]


def test_whoever_has_a_booking_cannot_leave_any_more(shop: Shop, guest: Api, staff: Api) -> None:
    made = joined(shop, guest)
    offer = offered(shop, staff, made)
    assert guest.post(f"/offers/{offer['id']}/accept?token={made['token']}").status == 200
    answer = guest.delete(mine(made))
    assert (answer.status, answer.code, answer.body["state"]) == (409, "entry_over", "booked")


def test_a_wish_that_is_over_is_expired_by_the_clock(shop: Shop, guest: Api, staff: Api) -> None:
    made = joined(shop, guest)
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        read = guest.get(mine(made)).body
        assert (read["status"], read["position"], read["estimate"]) == ("expired", None, None)
        assert staff.get("/waitlist").body["items"] == []


def test_the_same_wish_twice_is_refused_and_another_is_not(shop: Shop, guest: Api) -> None:
    joined(shop, guest)
    with nothing_stored():
        answer = guest.post("/waitlist", wait_body(shop))
        assert (answer.status, answer.code) == (409, "already_waiting")
    assert joined(shop, guest, wishes=[wish(shop, 5)])["status"] == "waiting"


def test_a_repeat_gets_the_first_answer(shop: Shop, guest: Api) -> None:
    body = wait_body(shop)
    first = guest.post("/waitlist", body, Idempotency_Key=KEY)
    again = guest.post("/waitlist", body, Idempotency_Key=KEY)
    assert (again.status, again.response.content) == (201, first.response.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Entry.objects.count() == 1
    other = guest.post("/waitlist", wait_body(shop, wishes=[wish(shop, 5)]), Idempotency_Key=KEY)
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_closed_or_full_list_takes_guests_no_more_but_whom_the_desk_adds(
    shop: Shop, guest: Api, staff: Api, manager: Api
) -> None:
    path = f"/services/{shop.cut.id}"
    assert manager.patch(path, {"waitlist_limit": 1}).body["waitlist_limit"] == 1
    joined(shop, guest, "Ada")
    with nothing_stored():
        answer = guest.post("/waitlist", wait_body(shop))
        assert (answer.status, answer.code, answer.body["limit"]) == (409, "waitlist_full", 1)
    assert manager.patch(path, {"waitlist_open": False, "waitlist_limit": 0}).status == 200
    assert guest.get("/services").body["items"][0]["waitlist_open"] is False
    assert guest.post("/waitlist", wait_body(shop)).code == "waitlist_closed"
    assert joined(shop, staff, customer={"name": "Walk In"}, wishes=[wish(shop, 0)], walk_in=True)["walk_in"]
    assert manager.patch(path, {"waitlist_open": True}).status == 200
    assert manager.patch("/settings", {"waitlist": False}).body["waitlist"] is False
    assert guest.get().body["waitlist"] is False
    with nothing_stored():
        assert guest.post("/waitlist", wait_body(shop)).code == "waitlist_closed"


def test_no_guest_waits_where_nobody_books_online_nor_when_blocked(
    shop: Shop, guest: Api, manager: Api
) -> None:
    joined(shop, guest)
    Customer.objects.update(blocked_at=clock.now())
    with nothing_stored():
        answer = guest.post("/waitlist", wait_body(shop, wishes=[wish(shop, 5)]))
        assert (answer.status, answer.code) == (409, "customer_blocked")
    assert manager.patch("/settings", {"online_booking": False}).status == 200
    assert guest.post("/waitlist", wait_body(shop)).code == "online_booking_off"


def test_a_service_for_proven_addresses_asks_for_a_code(shop: Shop, guest: Api) -> None:
    wanted = {"who_may_book": "verified_email"}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    with nothing_stored():
        answer = guest.post("/waitlist", wait_body(shop))
        assert (answer.status, answer.code) == (403, "email_not_verified")
        wrong = guest.post("/waitlist", wait_body(shop, customer=DANA | {"email_code": "000000"}))
        assert (wrong.status, wrong.mistakes) == (422, {"customer.email_code": ["code_ended"]})


class TestEarlier:
    """An earlier time than one's booking has (SPEC F8)."""

    def body(self, shop: Shop, booking: dict[str, Any]) -> dict[str, Any]:
        token = booking["manage_url"].rpartition("/")[2]
        return wait_body(shop, booking=booking["reference"], token=token)

    def test_accepting_moves_the_booking(self, shop: Shop, guest: Api, staff: Api) -> None:
        booking = guest.post("/bookings", booking_body(shop, "15:00")).body
        entry = guest.post("/waitlist", self.body(shop, booking)).body
        assert (entry["status"], entry["earlier_than"]) == ("waiting", booking["reference"])
        assert staff.get("/waitlist").body["items"][0]["earlier_than"] == booking["reference"]
        offer = offered(shop, staff, entry)
        moved = guest.post(f"/offers/{offer['id']}/accept?token={entry['token']}").body
        assert (moved["reference"], moved["starts_at"]) == (booking["reference"], offer["starts_at"])
        read = guest.get(mine(entry)).body
        assert (read["status"], read["booking"], read["manage_url"]) == (
            "booked",
            booking["reference"],
            booking["manage_url"],
        )

    def test_a_booking_that_is_off_cannot_be_moved(self, shop: Shop, guest: Api, staff: Api) -> None:
        booking = guest.post("/bookings", booking_body(shop, "15:00")).body
        entry = guest.post("/waitlist", self.body(shop, booking)).body
        offer = offered(shop, staff, entry)
        assert staff.post(f"/bookings/{booking['reference']}/cancel").status == 200
        answer = guest.post(f"/offers/{offer['id']}/accept?token={entry['token']}")
        assert (answer.status, answer.code) == (409, "illegal_step")
        again = guest.post("/waitlist", self.body(shop, booking))
        assert (again.status, again.code, again.body["state"]) == (409, "entry_over", "cancelled")

    def test_only_whoever_has_the_booking_may_ask(self, shop: Shop, guest: Api, staff: Api) -> None:
        booking = guest.post("/bookings", booking_body(shop, "15:00")).body
        other = guest.post("/bookings", booking_body(shop, "16:00")).body
        body = self.body(shop, booking)
        with nothing_stored():
            for token in ("wrong", other["manage_url"].rpartition("/")[2]):
                answer = guest.post("/waitlist", body | {"token": token})
                assert (answer.status, answer.mistakes) == (404, {"booking": ["unknown"]})
            unknown = guest.post("/waitlist", body | {"booking": "ZZZZZ-ZZZZZ"})
            assert (unknown.status, unknown.mistakes) == (404, {"booking": ["unknown"]})
            for left_out in ("booking", "token"):
                less = {name: value for name, value in body.items() if name != left_out}
                answer = guest.post("/waitlist", less)
                assert (answer.status, answer.mistakes) == (422, {left_out: ["required"]})
        del body["token"]
        assert staff.post("/waitlist", body).status == 201


def test_waiting_in_anothers_name_shows_nothing_of_their_booking(shop: Shop, guest: Api, staff: Api) -> None:
    """Whoever knows Dana's address can wait with it. What she books by herself is not theirs to see or cancel."""
    entry = joined(shop, guest)
    booking = shop.book()
    assert settle_entries(booking_id=booking.id, now=clock.now()) == 1
    read = guest.get(mine(entry))
    assert (read.body["status"], read.body["booking"], read.body["manage_url"]) == ("booked", None, None)
    assert booking.reference not in read.response.content.decode().replace("-", "")
    assert staff.get(f"/waitlist/{entry['id']}").body["booking"] == booking.shown_reference


@pytest.mark.parametrize("token", ["", "?token=", "?token=wrong"])
def test_without_the_right_token_there_is_no_entry(token: str, shop: Shop, guest: Api) -> None:
    made, other = joined(shop, guest, "Ada"), joined(shop, guest, "Ben")
    status = 404 if token == "?token=wrong" else 401
    for method in ("GET", "DELETE"):
        assert guest.call(method, f"/waitlist/{made['id']}{token}").status == status
        assert guest.call(method, f"/waitlist/{made['id']}?token={other['token']}").status == 404
        assert guest.call(method, f"/waitlist/{uuid4()}?token={made['token']}").status == 404
        assert guest.call(method, f"/waitlist/nobody?token={made['token']}").status == 404
    assert Entry.objects.filter(state="waiting").count() == 2


def test_another_business_knows_nothing_of_an_entry(
    shop: Shop, other_shop: Shop, guest: Api, staff: Api
) -> None:
    made = joined(shop, guest)
    offer = offered(shop, staff, made)
    strangers = [
        Api(other_shop.slug),
        Api(other_shop.slug, other_shop.token(Role.ADMIN)),
        Api(shop.slug, other_shop.token(Role.ADMIN)),
    ]
    for api in strangers:
        assert api.get(mine(made)).status == 404
        assert api.delete(mine(made)).status == 404
        for how in ("accept", "decline", "withdraw"):
            assert api.post(f"/offers/{offer['id']}/{how}?token={made['token']}").status in (401, 404)
    assert Entry.objects.get().state == "waiting"


def test_guessing_tokens_of_entries_is_limited(shop: Shop, guest: Api, settings: Any) -> None:
    made = joined(shop, guest)
    settings.RATE_LIMIT_MAX_REQUESTS = 3
    path = f"/waitlist/{made['id']}?token=wrong"
    assert [guest.get(path).status for _ in range(5)] == [404, 404, 404, 429, 429]
    assert guest.get(mine(made)).status == 429


def test_joining_counts_against_the_limit_as_holding_does(shop: Shop, guest: Api, settings: Any) -> None:
    settings.RATE_LIMIT_MAX_REQUESTS = 2
    statuses = [guest.post("/waitlist", wait_body(shop, wishes=[wish(shop, n)])).status for n in (3, 4, 5)]
    assert statuses == [201, 201, 429]
    assert Entry.objects.count() == 2


def test_somebody_who_is_signed_in_needs_no_token(shop: Shop, guest: Api) -> None:
    dana = create_account(email="dana@example.org", name="Dana", password="correct horse battery")
    client = Client()
    client.force_login(dana, backend="holdfast.accounts.backends.SignInBackend")
    api = Api(shop.slug, client=client)
    own, foreign = joined(shop, api), joined(shop, guest, "Ada")
    assert api.get(f"/waitlist/{own['id']}").body["status"] == "waiting"
    assert api.get(f"/waitlist/{foreign['id']}").status == 404
    assert api.get("/waitlist").status in (403, 404)
    assert api.delete(f"/waitlist/{own['id']}").status == 204


def test_a_scoped_token_sees_the_waitlist_only_if_its_scopes_say_so(shop: Shop) -> None:
    def scoped(*scopes: str) -> Api:
        made = create_token(
            actor=OPERATOR,
            business_id=shop.business_id,
            role=Role.ADMIN,
            name="board",
            now=clock.now(),
            scopes=scopes,
        )
        return Api(shop.slug, made.secret)

    assert scoped("see_waitlist").get("/waitlist").status == 200
    assert scoped("see_waitlist").post(f"/waitlist/{uuid4()}/call").status == 403
    assert scoped("see_bookings").get("/waitlist").status == 403
    assert scoped("change_waitlist").post(f"/waitlist/{uuid4()}/call").status == 404


def test_settings_hold_the_weights_and_what_they_come_to(shop: Shop, staff: Api, manager: Api) -> None:
    read = staff.get("/settings").body
    assert (read["weight_waiting"], read["weights_total"]) == (40, 100)
    changed = manager.patch("/settings", {"weight_tier": 0, "waitlist_cutoff_minutes": 30}).body
    assert (changed["weight_tier"], changed["weights_total"], changed["waitlist_cutoff_minutes"]) == (
        0,
        90,
        30,
    )
    nothing = {name: 0 for name in read if name.startswith("weight_")}
    refused = manager.patch("/settings", nothing)
    assert (refused.status, refused.mistakes["weight_fit"]) == (422, ["all_zero"])
    assert manager.patch("/settings", {"weights_total": 100}).mistakes == {"weights_total": ["unknown_field"]}

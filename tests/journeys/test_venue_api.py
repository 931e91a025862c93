"""A club through the API alone: set up the floor, seat parties, and what is refused (SPEC §1, row ``venue``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from holdfast.bookings.models import Booking, Claim
from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Api
from tests.bookings.money import ledger_of, pay
from tests.club import Club, make_club

pytestmark = pytest.mark.django_db

PLAIN = {"W1": (1, 2, ""), "W2": (1, 2, ""), "R1": (2, 4, ""), "R2": (2, 4, "")}


@pytest.fixture(autouse=True)
def no_general_limit(settings: pytest.FixtureRequest) -> None:
    """The limit has tests of its own."""
    settings.RATE_LIMIT_MAX_REQUESTS = 0  # type: ignore[attr-defined]
    settings.STATIC_ROOT.mkdir(exist_ok=True)  # type: ignore[attr-defined]


def named(club: Club, ids: list[str]) -> list[str]:
    names = {str(id): name for name, id in club.ids.items()}
    return [names[id] for id in ids]


@dataclass
class Doors:
    """The club's manager, its door staff and a guest, each with their way to the API."""

    club: Club
    boss: Api
    door: Api
    dana: Api
    night: dict[str, Any]

    def id(self, table: str) -> str:
        return str(self.club.ids[table])

    def tables(self, answer: Any) -> list[str]:
        return named(self.club, answer.body["resources"])

    def book(self, party_size: int, **headers: str) -> Any:
        return self.dana.post(
            "/bookings", self.night | {"party_size": party_size, "customer": DANA}, **headers
        )


@pytest.fixture
def bare(db: None) -> Doors:
    """Four tables of which nothing is said yet but how many they seat."""
    club = make_club("copperhead", PLAIN)
    boss, door = (Api(club.slug, club.token(role)) for role in (Role.MANAGER, Role.STAFF))
    night = {"service": str(club.cut.id), "starts_at": club.night("22:30").isoformat()}
    return Doors(club, boss, door, Api(club.slug), night)


@pytest.fixture
def doors(bare: Doors) -> Doors:
    """The same with the two large tables put together and the two small ones side by side."""
    arranged = {"name": "Long table", "tables": [bare.id("R1"), bare.id("R2")]}
    assert bare.boss.post("/combinations", arranged).status == 201
    assert bare.boss.put("/adjacency", {"pairs": [[bare.id("W1"), bare.id("W2")]]}).status == 200
    return bare


def test_bare_tables_seat_large_parties_once_they_stand_together(bare: Doors) -> None:
    too_many = bare.book(6)
    assert (too_many.status, too_many.mistakes) == (422, {"party_size": ["out_of_bounds"]})
    for table, area in (("W1", "Window"), ("W2", "Window"), ("R1", "Room"), ("R2", "Room")):
        assert bare.boss.patch(f"/resources/{bare.id(table)}", {"area": area}).body["area"] == area
    made = bare.boss.post("/combinations", {"name": "Long table", "tables": [bare.id("R1"), bare.id("R2")]})
    assert (made.status, made.body["seats_max"]) == (201, 8)
    assert bare.boss.put("/adjacency", {"pairs": [[bare.id("W1"), bare.id("W2")]]}).status == 200
    assert bare.boss.patch("/settings", {"maximum_tables": 3}).mistakes == {
        "maximum_tables": ["out_of_bounds"]
    }
    assert bare.tables(bare.book(6)) == ["R1", "R2"]


def test_a_night_fills_up_and_is_one_evening_past_midnight_too(doors: Doors) -> None:
    club, dana = doors.club, doors.dana
    held = dana.post("/holds", doors.night | {"party_size": 6}).body
    assert named(club, held["resources"]) == ["R1", "R2"]
    booked = dana.post("/bookings", {"hold": held["id"], "token": held["token"], "customer": DANA})
    assert (booked.status, booked.body["party_size"]) == (201, 6)
    full = doors.book(6)
    assert (full.status, full.code) == (409, "time_taken")
    assert {each["kind"] for each in full.body["alternatives"]} >= {"other_day"}
    small = doors.book(2, Idempotency_Key="once")
    assert doors.tables(small) == ["W1"]
    assert doors.book(2, Idempotency_Key="once").body == small.body
    assert Claim.objects.count() == 3

    # The reference cannot be guessed.
    assert dana.get(f"/bookings/{booked.body['reference']}").status == 401
    late = doors.night | {"starts_at": club.night("01:00").isoformat(), "party_size": 2}
    assert dana.post("/bookings", late | {"customer": DANA}).status == 201
    on = club.night("22:00").date().isoformat()
    listed = doors.door.get(f"/bookings?from={on}&to={on}").body["items"]
    assert [row["local_start"][11:] for row in listed] == ["22:30", "22:30", "01:00"]


def test_at_the_door_parties_change_tables_and_give_them_back(doors: Doors) -> None:
    door, booked, small = doors.door, doors.book(6), doors.book(2)
    reference, address = booked.body["reference"], f"/bookings/{small.body['reference']}"
    other = {"starts_at": doors.night["starts_at"], "tables": [doors.id("W2")]}
    by_hand = door.post(f"{address}/reschedule", other)
    assert doors.tables(by_hand) == ["W2"]
    assert door.post(f"{address}/swap", {"other": reference}).mistakes == {"party_size": ["out_of_bounds"]}
    swapped = door.post(f"{address}/swap", {"other": reference, "override_reason": "They squeeze"})
    assert named(doors.club, swapped.body["booking"]["resources"]) == ["R1", "R2"]
    assert named(doors.club, swapped.body["other"]["resources"]) == ["W2"]

    # Cancelling gives all its tables back.
    token = booked.body["manage_url"].rsplit("/", 1)[-1]
    assert door.post(f"{address}/cancel").body["status"] == "cancelled"
    assert doors.dana.get(f"/bookings/{reference}?token={token}").body["status"] == "confirmed"
    free = doors.dana.post("/holds", doors.night | {"party_size": 6})
    assert doors.tables(free) == ["R1", "R2"]


def test_a_large_party_pays_a_deposit_by_its_size_and_a_small_one_nothing(doors: Doors) -> None:
    wanted = {"deposit_person_minor": 1000, "deposit_party_least": 6}
    assert doors.boss.patch(f"/services/{doors.club.cut.id}", wanted).status == 200
    refused = doors.boss.patch("/settings", {"payments": "stripe"})
    assert refused.mistakes == {"payments": ["not_set_up"]}
    assert doors.boss.patch("/settings", {"payments": "demo"}).body["payments"] == "demo"
    assert doors.book(2).body["status"] == "confirmed"
    large = doors.book(7).body
    assert (large["status"], large["price_minor"], large["deposit_minor"]) == ("awaiting_payment", 0, 7000)
    assert (large["payment"]["due"], large["payment"]["amount_minor"]) == ("deposit", 7000)
    assert len(large["resources"]) == 2
    assert pay(doors.club, Booking.objects.get(state="awaiting_payment").id) == "kept"
    read = doors.door.get(f"/bookings/{large['reference']}").body
    assert (read["status"], read["paid_minor"]) == ("confirmed", 7000)
    assert doors.door.post(f"/bookings/{large['reference']}/cancel", {}).body["status"] == "cancelled"
    # The house called it off: all of it goes back.
    assert ledger_of(Booking.objects.get(state="cancelled").id) == 0

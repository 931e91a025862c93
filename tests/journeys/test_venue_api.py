"""A club through the API alone: set up the floor, seat parties, and what is refused (SPEC §1, row ``venue``)."""

from __future__ import annotations

import pytest

from holdfast.bookings.models import Claim
from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Api
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


def test_from_bare_tables_to_a_swap(db: None) -> None:
    club = make_club("copperhead", PLAIN)
    boss, door, dana = (
        Api(club.slug, club.token(Role.MANAGER)),
        Api(club.slug, club.token(Role.STAFF)),
        Api(club.slug),
    )
    ids = {name: str(id) for name, id in club.ids.items()}
    night = {"service": str(club.cut.id), "starts_at": club.night("22:30").isoformat()}

    # Nothing stands together yet: six are too many.
    too_many = dana.post("/bookings", night | {"party_size": 6, "customer": DANA})
    assert (too_many.status, too_many.mistakes) == (422, {"party_size": ["out_of_bounds"]})
    for table, area in (("W1", "Window"), ("W2", "Window"), ("R1", "Room"), ("R2", "Room")):
        assert boss.patch(f"/resources/{ids[table]}", {"area": area}).body["area"] == area
    made = boss.post("/combinations", {"name": "Long table", "tables": [ids["R1"], ids["R2"]]})
    assert (made.status, made.body["seats_max"]) == (201, 8)
    assert boss.put("/adjacency", {"pairs": [[ids["W1"], ids["W2"]]]}).status == 200
    assert boss.patch("/settings", {"maximum_tables": 3}).mistakes == {"maximum_tables": ["out_of_bounds"]}

    # The best table, the two together, and the night is full for six.
    held = dana.post("/holds", night | {"party_size": 6}).body
    assert named(club, held["resources"]) == ["R1", "R2"]
    booked = dana.post("/bookings", {"hold": held["id"], "token": held["token"], "customer": DANA})
    assert (booked.status, booked.body["party_size"]) == (201, 6)
    full = dana.post("/bookings", night | {"party_size": 6, "customer": DANA})
    assert (full.status, full.code) == (409, "time_taken")
    assert {each["kind"] for each in full.body["alternatives"]} >= {"other_day"}
    small = dana.post("/bookings", night | {"party_size": 2, "customer": DANA}, Idempotency_Key="once")
    assert named(club, small.body["resources"]) == ["W1"]
    again = dana.post("/bookings", night | {"party_size": 2, "customer": DANA}, Idempotency_Key="once")
    assert again.body == small.body
    assert Claim.objects.count() == 3

    # The reference cannot be guessed, and the night is one evening, past midnight too.
    reference = booked.body["reference"]
    assert dana.get(f"/bookings/{reference}").status == 401
    late = {"service": night["service"], "starts_at": club.night("01:00").isoformat(), "party_size": 2}
    assert dana.post("/bookings", late | {"customer": DANA}).status == 201
    on = club.night("22:00").date().isoformat()
    listed = door.get(f"/bookings?from={on}&to={on}").body["items"]
    assert [row["local_start"][11:] for row in listed] == ["22:30", "22:30", "01:00"]

    # At the door: other tables by hand, then the two parties change theirs.
    address = f"/bookings/{small.body['reference']}"
    by_hand = door.post(f"{address}/reschedule", {"starts_at": night["starts_at"], "tables": [ids["W2"]]})
    assert named(club, by_hand.body["resources"]) == ["W2"]
    assert door.post(f"{address}/swap", {"other": reference}).mistakes == {"party_size": ["out_of_bounds"]}
    swapped = door.post(f"{address}/swap", {"other": reference, "override_reason": "They squeeze"})
    assert named(club, swapped.body["booking"]["resources"]) == ["R1", "R2"]
    assert named(club, swapped.body["other"]["resources"]) == ["W2"]

    # Cancelling gives all its tables back.
    token = booked.body["manage_url"].rsplit("/", 1)[-1]
    assert door.post(f"{address}/cancel").body["status"] == "cancelled"
    assert dana.get(f"/bookings/{reference}?token={token}").body["status"] == "confirmed"
    assert named(club, dana.post("/holds", night | {"party_size": 6}).body["resources"]) == ["R1", "R2"]

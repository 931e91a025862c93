"""Tables through the API: the floor, parties, tables by hand, pacing, swaps (SPEC B3)."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Answer, Api
from tests.cast import Shop
from tests.club import Club

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana(club: Club) -> Api:
    return Api(club.slug)


@pytest.fixture
def door(club: Club) -> Api:
    """Somebody of the staff."""
    return Api(club.slug, club.token(Role.STAFF))


@pytest.fixture
def boss(club: Club) -> Api:
    return Api(club.slug, club.token(Role.MANAGER))


def party(club: Club, size: int, hhmm: str = "22:00", **more: Any) -> dict[str, Any]:
    starts_at = club.night(hhmm).isoformat()
    return {"service": str(club.cut.id), "starts_at": starts_at, "party_size": size, "customer": DANA} | more


def ids(club: Club, *names: str) -> list[str]:
    return [str(club.ids[name]) for name in names]


def named(club: Club, answer: Answer) -> list[str]:
    names = {str(id): name for name, id in club.ids.items()}
    return [names[id] for id in answer.body["resources"]]


def test_a_party_is_booked_and_told_its_tables(club: Club, dana: Api) -> None:
    booked = dana.post("/bookings", party(club, 10))
    assert booked.status == 201
    assert named(club, booked) == ["B2", "B3"]
    assert booked.body["party_size"] == 10
    taken = dana.post("/bookings", party(club, 10))
    assert (taken.status, taken.code) == (409, "time_taken")
    assert taken.body["alternatives"][0]["also"] == ids(club, "B3")
    assert dana.post("/bookings", party(club, 15)).mistakes == {"party_size": ["out_of_bounds"]}


def test_the_free_times_of_an_evening_carry_the_tables_that_would_be_given(club: Club, dana: Api) -> None:
    on = club.night().date().isoformat()
    asked = f"/availability?service={club.cut.id}&from={on}&to={on}&party_size=4"
    day = dana.get(asked).body["days"][0]
    assert day["date"] == on
    assert [time["local_time"] for time in day["times"]][-3:] == ["01:00", "01:30", "02:00"]
    assert {tuple(time["resources"]) for time in day["times"]} == {tuple(ids(club, "T3"))}


def test_the_explanation_names_table_seats_and_pace(club: Club, dana: Api) -> None:
    starts_at = club.night().isoformat().replace("+00:00", "Z")
    told = dana.get(f"/availability/explain?service={club.cut.id}&starts_at={starts_at}&party_size=9").body
    assert told["bookable"]
    assert (told["resources"][0]["resource"], told["resources"][0]["also"]) == (
        ids(club, "B2")[0],
        ids(club, "B3"),
    )
    failing = [check["rule"] for check in told["resources"][1]["checks"] if not check["passed"]]
    assert failing == ["seats"]


def test_pacing_is_a_conflict_with_alternatives(club: Club, dana: Api, door: Api, boss: Api) -> None:
    changed = boss.patch(
        f"/services/{club.cut.id}", {"pacing_covers": 6, "turn_minutes": [[2, 60], [8, 120]]}
    )
    assert (changed.body["pacing_covers"], changed.body["turn_minutes"]) == (6, [[2, 60], [8, 120]])
    assert dana.post("/bookings", party(club, 4)).status == 201
    refused = dana.post("/bookings", party(club, 4))
    assert (refused.status, refused.code) == (409, "pacing_reached")
    assert refused.body["alternatives"]
    assert door.post("/bookings", party(club, 4)).code == "pacing_reached"
    assert door.post("/bookings", party(club, 4, override_reason="Regulars")).status == 201


@pytest.mark.parametrize(
    ("turns", "code"),
    [
        ([[4, 90], [2, 60]], "not_rising"),
        ([[2, 0]], "out_of_bounds"),
        ([[2]], "too_few"),
        ("soon", "wrong_type"),
    ],
)
def test_turn_times_are_checked(club: Club, boss: Api, turns: Any, code: str) -> None:
    refused = boss.patch(f"/services/{club.cut.id}", {"turn_minutes": turns})
    assert refused.status == 422
    assert code in {each for found in refused.mistakes.values() for each in found}


def test_staff_choose_tables_by_hand_and_guests_what_they_would_be_given(
    club: Club, dana: Api, door: Api
) -> None:
    booked = door.post("/bookings", party(club, 5, tables=ids(club, "T4", "T1")))
    assert named(club, booked) == ["T1", "T4"]
    refused = dana.post("/bookings", party(club, 5, tables=ids(club, "T3", "T2")))
    assert refused.mistakes == {"tables": ["not_together"]}
    assert named(club, dana.post("/bookings", party(club, 9, tables=ids(club, "B3", "B2")))) == ["B2", "B3"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"tables": []}, "too_few"),
        ({"tables": ["nobody"]}, "unknown"),
        ({"tables": ["T1"], "resource": "T1"}, "not_allowed"),
        ({"tables": ["T1", "T1"]}, "repeated"),
        ({"tables": ["T1", "T2", "T3"]}, "too_many"),
    ],
)
def test_wrong_tables_are_refused(club: Club, door: Api, more: dict[str, Any], code: str) -> None:
    known = {name: str(id) for name, id in club.ids.items()}
    body: dict[str, Any] = {
        name: [known.get(each, each) for each in value] if isinstance(value, list) else known[value]
        for name, value in more.items()
    }
    assert door.post("/bookings", party(club, 2, **body)).mistakes == {"tables": [code]}


def test_tables_are_for_services_booked_by_table(shop: Shop, staff: Api) -> None:
    body = {"service": str(shop.cut.id), "starts_at": shop.at().isoformat(), "customer": DANA, "tables": [str(shop.theo.id)]}  # fmt: skip
    assert staff.post("/bookings", body).mistakes == {"tables": ["not_allowed"]}


def test_a_hold_of_several_tables_is_booked_as_held(club: Club, dana: Api) -> None:
    wanted = {name: value for name, value in party(club, 10).items() if name != "customer"}
    hold = dana.post("/holds", wanted).body
    assert hold["resources"] == ids(club, "B2", "B3")
    body = {"hold": hold["id"], "token": hold["token"], "customer": DANA}
    other = dana.post("/bookings", body | {"tables": ids(club, "B2")})
    assert other.mistakes == {"tables": ["differs_from_hold"]}
    assert named(club, dana.post("/bookings", body | {"tables": ids(club, "B3", "B2")})) == ["B2", "B3"]


def test_a_booking_moves_with_its_tables_or_to_others_by_hand(club: Club, dana: Api, door: Api) -> None:
    booked = dana.post("/bookings", party(club, 4)).body
    later = {"starts_at": club.night("23:30").isoformat()}
    moved = door.post(f"/bookings/{booked['reference']}/reschedule", later)
    assert named(club, moved) == ["T3"]
    by_hand = door.post(f"/bookings/{booked['reference']}/reschedule", later | {"tables": ids(club, "B1")})
    assert named(club, by_hand) == ["B1"]


def test_two_bookings_swap_their_tables(club: Club, dana: Api, door: Api) -> None:
    one, other = (dana.post("/bookings", party(club, 4)).body for _ in range(2))
    swapped = door.post(f"/bookings/{one['reference']}/swap", {"other": other["reference"]})
    assert swapped.status == 200
    assert swapped.body["booking"]["resources"] == ids(club, "T4")
    assert swapped.body["other"]["resources"] == ids(club, "T3")
    assert dana.post(f"/bookings/{one['reference']}/swap", {"other": other["reference"]}).status == 401
    address = f"/bookings/{one['reference']}/swap"
    assert door.post(address, {"other": "AAAAA-AAAAA"}).mistakes == {"other": ["unknown"]}
    assert door.post(address, {"other": one["reference"]}).mistakes == {"other": ["repeated"]}
    assert door.post(address, {"other": other["reference"]}, If_Match='"x-1"').code == "changed_meanwhile"


def test_resources_carry_their_area(club: Club, dana: Api, boss: Api) -> None:
    tables = dana.get("/resources").body["items"]
    assert {table["area"] for table in tables} == {"Bar", "Floor"}
    changed = boss.patch(f"/resources/{club.ids['T1']}", {"area": "Gallery"})
    assert changed.body["area"] == "Gallery"


def test_combinations_are_made_changed_and_taken_apart(club: Club, boss: Api, door: Api, dana: Api) -> None:
    assert dana.get("/combinations").status == 401
    known = door.get("/combinations").body["items"]
    assert [(one["name"], one["seats_max"]) for one in known] == [("Double booth", 14)]
    made = boss.post("/combinations", {"name": "Window", "tables": ids(club, "T2", "T1")})
    assert made.status == 201
    assert (made.body["seats_min"], made.body["seats_max"], made.body["tables"]) == (
        2,
        4,
        ids(club, "T1", "T2"),
    )
    address = f"/combinations/{made.body['id']}"
    assert boss.patch(address, {"seats_max": 6, "tables": ids(club, "T1", "T4")}).body["tables"] == ids(
        club, "T1", "T4"
    )
    assert door.get(address).body["seats_max"] == 6
    assert boss.patch(address, {"seats_min": 7}).mistakes == {"seats_max": ["less_than_seats_min"]}
    assert boss.delete(address).status == 204
    assert boss.get(address).status == 404
    assert boss.delete(address).status == 404
    assert door.post("/combinations", {"name": "Mine", "tables": ids(club, "T1", "T2")}).status == 403


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        (["T1"], "too_few"),
        (["T1", "T1"], "repeated"),
        (["T1", "T2", "T3"], "too_many"),
        (["T1", "elsewhere"], "unknown"),
        (["B3", "B2"], "same_tables"),
    ],
)
def test_a_combination_is_two_tables_or_more_of_this_floor(
    club: Club, boss: Api, other_shop: Shop, tables: list[str], code: str
) -> None:
    wanted = [str(club.ids.get(name, other_shop.theo.id)) for name in tables]
    assert boss.post("/combinations", {"name": "Corner", "tables": wanted}).mistakes == {"tables": [code]}


def test_neighbours_are_said_all_at_once(club: Club, boss: Api, door: Api) -> None:
    assert len(door.get("/adjacency").body["pairs"]) == 2
    pairs = [ids(club, "T2", "T1"), ids(club, "T1", "T2"), ids(club, "T2", "T3")]
    said = boss.put("/adjacency", {"pairs": pairs})
    assert said.status == 200
    assert {frozenset(pair) for pair in said.body["pairs"]} == {
        frozenset(ids(club, "T1", "T2")),
        frozenset(ids(club, "T2", "T3")),
    }
    assert boss.put("/adjacency", {"pairs": [ids(club, "T1", "T1")]}).mistakes == {"pairs[0]": ["repeated"]}
    assert boss.put("/adjacency", {"pairs": [[*ids(club, "T1"), "nobody"]]}).mistakes == {
        "pairs[0]": ["unknown"]
    }
    assert door.put("/adjacency", {"pairs": []}).status == 403
    assert len(boss.get("/adjacency").body["pairs"]) == 2


def test_the_floor_of_another_business_is_not_there(club: Club, other_shop: Shop, charlie: Any) -> None:
    stranger = Api(club.slug, other_shop.token(Role.ADMIN))
    combination = club.timetable.floor.combinations[0]
    for path in ("/combinations", f"/combinations/{combination.id}", "/adjacency"):
        assert stranger.get(path).status == 404
    own = Api(other_shop.slug, other_shop.token(Role.ADMIN))
    assert own.get(f"/combinations/{combination.id}").status == 404
    assert own.patch(f"/combinations/{combination.id}", {"name": "Mine"}).status == 404

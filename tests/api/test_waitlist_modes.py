"""The waitlist of services by slot and by table."""

from __future__ import annotations

import pytest

from holdfast.accounts.commands import create_token
from holdfast.core import clock
from holdfast.lib.actors import Role
from tests.api.conftest import DANA, Api
from tests.api.line import answering
from tests.cast import OPERATOR
from tests.club import Club
from tests.counter import Counter, make_counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(db: None) -> Counter:
    return make_counter()


def test_places_in_a_slot_are_offered_by_its_id(counter: Counter) -> None:
    made = create_token(
        actor=OPERATOR, business_id=counter.business_id, role=Role.MANAGER, name="desk", now=clock.now()
    )
    desk, guest = Api(counter.slug, made.secret), Api(counter.slug)
    service = str(counter.portrait.id)
    starts_at = counter.at("10:00")
    slot = desk.post("/slots", {"service": service, "starts_at": starts_at.isoformat(), "capacity": 2}).body
    on = slot["date"]
    wishes = [{"from": on, "to": on}]
    body = {"services": [service], "wishes": wishes, "party_size": 2, "customer": dict(DANA)}
    entry = guest.post("/waitlist", body).body
    path = f"/waitlist/{entry['id']}/offer"
    other = {"slot": slot["id"], "starts_at": counter.at("11:00").isoformat()}
    assert desk.post(path, other).mistakes == {"starts_at": ["differs_from_slot"]}
    offer = desk.post(path, {"slot": slot["id"]})
    assert offer.status == 201, offer.body
    assert desk.get(f"/slots?from={on}&to={on}").body["items"][0]["taken"] == 2
    full = guest.post(
        "/bookings", {"slot": slot["id"], "customer": {"name": "Ada", "email": "a@example.org"}}
    )
    assert (full.status, full.code) == (409, "slot_full")
    booking = guest.post(answering(entry, offer.body, "accept")).body
    assert (booking["slot"], booking["party_size"], booking["status"]) == (slot["id"], 2, "confirmed")


def test_a_party_is_offered_its_tables(club: Club) -> None:
    desk, dana = Api(club.slug, club.token(Role.STAFF)), Api(club.slug)
    starts_at = club.night("22:00")
    on = starts_at.astimezone(club.timetable.tz).date().isoformat()
    body = {
        "services": [str(club.cut.id)],
        "wishes": [{"from": on, "to": on, "from_time": "21:00"}],
        "party_size": 10,
        "customer": dict(DANA),
    }
    entry = dana.post("/waitlist", body).body
    place = {"service": str(club.cut.id), "starts_at": starts_at.isoformat()}
    offer = desk.post(f"/waitlist/{entry['id']}/offer", place).body
    assert len(offer["resources"]) == 2
    taken = dana.post("/bookings", place | {"party_size": 10, "customer": dict(DANA)})
    assert taken.code == "time_taken"
    booking = dana.post(answering(entry, offer, "accept")).body
    assert (booking["resources"], booking["party_size"]) == (offer["resources"], 10)
    crowd = dana.post("/waitlist", body | {"party_size": 500})
    assert (crowd.status, crowd.mistakes) == (422, {"party_size": ["out_of_bounds"]})

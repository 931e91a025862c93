"""A date that is listed as free can be asked for, also where set-up and travel reach into the night (S1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import DANA, Api
from tests.api.test_bad_modes import program, studio
from tests.bookings.artist import Studio

pytestmark = pytest.mark.django_db
__all__ = ["studio"]

EVENT = {"venue_name": "The Vault", "venue_address": "1 Mill Lane", "details": "Opening", "fee_minor": 80_000}


@pytest.mark.parametrize(("before", "after"), [(0, 0), (120, 60), (0, 60), (120, 0), (240, 240)])
@pytest.mark.parametrize("late", ["19:00", "23:00"])
def test_every_date_that_is_listed_can_be_asked_for(
    studio: Studio, before: int, after: int, late: str
) -> None:
    boss, guest = program(studio), Api(studio.slug)
    buffers = {"buffer_before_minutes": before, "buffer_after_minutes": after}
    assert boss.patch(f"/services/{studio.service_id}", buffers).status == 200
    starts_at = studio.at(late)
    taken = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=3)).isoformat()}
    body = {"service": str(studio.service_id), "request": EVENT, "customer": dict(DANA)}
    made = guest.post("/bookings", body | taken).body
    assert boss.post(f"/bookings/{made['reference']}/accept").status == 200

    first, last = studio.on(28).isoformat(), studio.on(33).isoformat()
    days = guest.get(f"/availability?service={studio.service_id}&from={first}&to={last}").body["days"]
    listed = {day["date"]: day["times"][0]["local_time"] for day in days if day["times"]}
    assert studio.on(30).isoformat() not in listed
    assert listed[studio.on(33).isoformat()] == "00:00"
    for day in days:
        answer = guest.post("/bookings", body | {"date": day["date"]})
        if day["date"] in listed:
            assert answer.status == 201, answer.body
            assert answer.body["local_start"] == f"{day['date']}T{listed[day['date']]}"
        else:
            assert (answer.status, answer.code) == (409, "time_taken")

"""``holdfast generate-slots`` publishes what the series lack."""

from __future__ import annotations

import json
from typing import Any

import pytest

from holdfast.ops.main import main
from holdfast.schedule.commands import SlotPlan, change_series, create_series
from holdfast.schedule.models import Slot
from tests.counter import Counter, make_counter


@pytest.fixture(autouse=True)
def the_connection_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)


def lagging(slug: str) -> Counter:
    """A counter whose series was last looked at three days ago: it lacks three days."""
    counter = make_counter(slug)
    create_series(
        actor=counter.actor(),
        timetable=counter.timetable,
        plan=SlotPlan(counter.portrait.id, 60, 4),
        now=counter.at("18:00", -3),
        days_ahead=5,
    )
    return counter


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["generate-slots", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_of_one_business_or_of_all_what_is_lacking_is_published_once(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = lagging("here"), lagging("there")
    before = Slot.objects.filter(business_id=there.business_id).count()
    one = printed(capsys, "here")
    assert (one["created"], [row["business"] for row in one["series"]]) == (24, ["here"])
    assert one["series"][0]["until"] == here.day(5).isoformat()
    assert Slot.objects.filter(business_id=there.business_id).count() == before
    everything = printed(capsys)
    assert everything["created"] == 24
    assert printed(capsys)["created"] == 0
    assert printed(capsys, "--business", "here", "--to", here.day(7).isoformat())["created"] == 16


def test_a_stopped_series_rests_and_people_get_a_table(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    counter = lagging("here")
    assert main(["generate-slots", "here"]) == 0
    assert "24 slots created" in capsys.readouterr().out
    series = Slot.objects.values_list("series_id", flat=True).first()
    assert series is not None
    change_series(
        actor=counter.actor(),
        timetable=counter.timetable,
        series_id=series,
        wanted={"is_active": False},
        now=counter.at("18:00", 0),
    )
    assert printed(capsys, "--to", counter.day(20).isoformat())["created"] == 0


def test_wrong_words_are_refused(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    lagging("here")
    assert main(["generate-slots", "nowhere"]) == 4
    assert main(["generate-slots", "--from", "tomorrow"]) == 2
    assert "from" in capsys.readouterr().err

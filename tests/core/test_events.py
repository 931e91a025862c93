from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core import events
from holdfast.core.events import declare, from_json, handlers_of, subscribe, to_json, unsubscribe
from holdfast.lib.actors import Role


@dataclass(frozen=True)
class ThingHappened:
    thing_id: UUID
    at: datetime
    on: date
    name: str
    count: int
    by: Role | None = None
    ids: tuple[UUID, ...] = ()
    notes: list[str] | None = None


declare(ThingHappened)


@given(
    happened=st.builds(
        ThingHappened,
        thing_id=st.uuids(),
        at=st.datetimes(timezones=st.just(UTC)),
        on=st.dates(),
        name=st.text(),
        count=st.integers(-(2**53), 2**53),
        by=st.none() | st.sampled_from(Role),
        ids=st.lists(st.uuids(), max_size=3).map(tuple),
        notes=st.none() | st.lists(st.text(), max_size=3),
    )
)
def test_an_event_comes_back_as_it_was(happened: ThingHappened) -> None:
    again = from_json("ThingHappened", to_json(happened))
    assert again == happened
    assert type(again.by) is type(happened.by)


def test_an_event_written_by_an_older_release_gets_defaults_and_loses_dropped_fields() -> None:
    old = (
        '{"thing_id":"018f0000-0000-7000-8000-000000000001","at":"2026-11-20T10:00:00+00:00","on":"2026-11-20",'
        '"name":"x","count":1,"gone":true}'
    )
    assert from_json("ThingHappened", old).ids == ()


def test_an_event_with_an_instant_without_offset_is_refused() -> None:
    naive = ThingHappened(UUID(int=1), datetime(2026, 1, 1), date(2026, 1, 1), "x", 1)
    with pytest.raises(TypeError, match="aware"):
        to_json(naive)


def test_only_frozen_dataclasses_of_simple_values_are_events() -> None:
    with pytest.raises(TypeError, match="frozen"):
        declare(make_dataclass("Loose", [("x", int)]))
    with pytest.raises(TypeError, match="cannot carry"):
        declare(make_dataclass("Rich", [("x", object)], frozen=True))
    with pytest.raises(TypeError, match="cannot carry"):
        declare(make_dataclass("Mapped", [("x", dict[str, int])], frozen=True))


def test_two_events_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two events are called ThingHappened"):
        declare(make_dataclass("ThingHappened", [("x", int)], frozen=True))


def test_an_unknown_event_has_no_handlers_to_ask_for() -> None:
    with pytest.raises(KeyError):
        handlers_of("NeverDeclared")


def test_subscribing_twice_is_subscribing_once() -> None:
    def handler(event: ThingHappened) -> None: ...

    subscribe(ThingHappened, handler)
    subscribe(ThingHappened, handler)
    assert list(handlers_of("ThingHappened").values()) == [handler]
    unsubscribe(ThingHappened, handler)
    assert handlers_of("ThingHappened") == {}
    assert "ThingHappened" in events.declared()

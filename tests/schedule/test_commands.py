"""Writing hours and exceptions (SPEC C1, C2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from holdfast.schedule.commands import (
    ExceptionWish,
    add_exception,
    apply_hour_template,
    change_exception,
    remove_exception,
    replace_hours,
)
from holdfast.schedule.models import DatedException, WeeklyHours
from holdfast.schedule.queries import exception_by_id, exceptions_of, weekly_hours
from holdfast.schedule.rules import HOUR_TEMPLATES, WeeklyWindow
from tests.cast import Shop

DAY = date(2027, 6, 1)
MONDAY = {"weekday": 0, "opens": "22:00", "closes": "04:00"}


def manager(shop: Shop) -> dict[str, Any]:
    return {"actor": shop.actor(Role.MANAGER), "business_id": shop.business_id}


def add(shop: Shop, **wish: Any) -> DatedException:
    return add_exception(**manager(shop), wish=ExceptionWish(**wish))


def test_new_hours_replace_the_old_of_the_same_owner_alone(shop: Shop, other_shop: Shop) -> None:
    theirs = weekly_hours(business_id=other_shop.business_id)
    assert replace_hours(**manager(shop), windows=[MONDAY]) == (WeeklyWindow(0, 22 * 60, 4 * 60),)
    own = [
        {"weekday": 1, "opens": "10:00", "closes": "12:00"},
        {"weekday": 1, "opens": "13:00", "closes": "24:00"},
    ]
    replace_hours(**manager(shop), windows=own, resource_id=shop.theo.id)
    assert weekly_hours(business_id=shop.business_id) == (WeeklyWindow(0, 1320, 240),)
    assert len(weekly_hours(business_id=shop.business_id, resource_id=shop.theo.id)) == 2
    assert weekly_hours(business_id=other_shop.business_id) == theirs
    replace_hours(**manager(shop), windows=[], resource_id=shop.theo.id)
    assert weekly_hours(business_id=shop.business_id, resource_id=shop.theo.id) == ()


@pytest.mark.parametrize("template", sorted(HOUR_TEMPLATES))
def test_every_template_can_be_applied(shop: Shop, template: str) -> None:
    apply_hour_template(**manager(shop), template=template)
    assert weekly_hours(business_id=shop.business_id) == tuple(sorted(HOUR_TEMPLATES[template]))


@pytest.mark.parametrize(
    "windows",
    [
        [{"weekday": 7, "opens": "09:00", "closes": "17:00"}],
        [{"weekday": 0, "opens": "9am", "closes": "17:00"}],
        [{"weekday": 0, "opens": "25:00", "closes": "17:00"}],
        [{"weekday": 0, "opens": "09:00"}],
        [
            {"weekday": 0, "opens": "09:00", "closes": "12:00"},
            {"weekday": 0, "opens": "11:00", "closes": "13:00"},
        ],
        [MONDAY, {"weekday": 1, "opens": "03:00", "closes": "05:00"}],
    ],
)
def test_wrong_hours_are_refused_and_the_old_ones_stay(shop: Shop, windows: list[dict[str, Any]]) -> None:
    before = weekly_hours(business_id=shop.business_id)
    with pytest.raises(Invalid) as refused:
        replace_hours(**manager(shop), windows=windows)
    assert all(name.startswith("windows") for name in refused.value.fields)
    assert weekly_hours(business_id=shop.business_id) == before


def test_an_unknown_template_is_refused_with_those_there_are(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        apply_hour_template(**manager(shop), template="never")
    assert refused.value.fields == {"template": [("unknown_choice", {"choices": sorted(HOUR_TEMPLATES)})]}


def test_an_exception_is_added_changed_and_removed(shop: Shop) -> None:
    row = add(
        shop, kind="hours", starts_on=DAY, windows=[{"opens": "10:00", "closes": "12:00"}], note=" Fair "
    )
    assert (row.ends_on, row.windows, row.note) == (DAY, [[600, 720]], "Fair")
    wish = ExceptionWish(kind="closed", starts_on=DAY, ends_on=DAY + timedelta(days=2))
    change_exception(**manager(shop), exception_id=row.id, wish=wish)
    found = exception_by_id(business_id=shop.business_id, exception_id=row.id)
    assert (found.kind, found.ends_on, found.windows, found.note) == (
        "closed",
        DAY + timedelta(days=2),
        [],
        "",
    )
    assert exceptions_of(business_id=shop.business_id, since=DAY + timedelta(days=3)) == []
    assert exceptions_of(business_id=shop.business_id, since=DAY + timedelta(days=2)) == [found]
    remove_exception(**manager(shop), exception_id=row.id)
    with pytest.raises(Missing):
        remove_exception(**manager(shop), exception_id=row.id)


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "party", "starts_on": DAY},
        {"kind": "closed"},
        {"kind": "closed", "starts_on": DAY, "ends_on": DAY - timedelta(days=1)},
        {"kind": "hours", "starts_on": DAY},
        {"kind": "extra", "starts_on": DAY, "windows": [{"opens": "10:00", "closes": "x"}]},
        {"kind": "closed", "starts_on": DAY, "note": "x" * 121},
        {"kind": "closed", "starts_on": DAY, "ends_on": DAY + timedelta(days=5 * 366)},
        {"kind": "closed", "starts_on": DAY, "windows": [{"opens": "10:00", "closes": "12:00"}]},
    ],
)
def test_a_wrong_exception_is_refused_and_nothing_is_stored(shop: Shop, wish: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        add(shop, **wish)
    assert DatedException.objects.count() == 0


def test_an_absence_by_the_clock_needs_whole_minutes_and_an_end_after_its_start(shop: Shop) -> None:
    at = shop.at("10:00")
    absence: dict[str, Any] = {"kind": "absence", "resource_id": shop.theo.id, "starts_at": at}
    for ends_at in (at, at - timedelta(hours=1), at + timedelta(seconds=30)):
        with pytest.raises(Invalid):
            add(shop, **absence, ends_at=ends_at)
    assert add(shop, **absence, ends_at=at + timedelta(hours=1)).starts_on is None


def test_hours_belong_to_managers_of_this_business(shop: Shop, other_shop: Shop) -> None:
    row = add(shop, kind="closed", starts_on=DAY)
    wish = ExceptionWish(kind="closed", starts_on=DAY)
    for actor, refusal in (
        (shop.actor(Role.STAFF), Forbidden),
        (other_shop.actor(Role.ADMIN), Missing),
        (GUEST, Missing),
    ):
        who: dict[str, Any] = {"actor": actor, "business_id": shop.business_id}
        with pytest.raises(refusal):
            replace_hours(**who, windows=[])
        with pytest.raises(refusal):
            add_exception(**who, wish=wish)
        with pytest.raises(refusal):
            change_exception(**who, exception_id=row.id, wish=wish)
        with pytest.raises(refusal):
            remove_exception(**who, exception_id=row.id)
    assert WeeklyHours.objects.filter(business_id=shop.business_id).count() == 7


def test_resources_and_exceptions_of_another_business_are_missing(shop: Shop, other_shop: Shop) -> None:
    row = add(other_shop, kind="closed", starts_on=DAY)
    wish = ExceptionWish(kind="closed", starts_on=DAY)
    for id in (row.id, uuid4()):
        with pytest.raises(Missing):
            exception_by_id(business_id=shop.business_id, exception_id=id)
        with pytest.raises(Missing):
            change_exception(**manager(shop), exception_id=id, wish=wish)
        with pytest.raises(Missing):
            remove_exception(**manager(shop), exception_id=id)
    with pytest.raises(Missing):
        replace_hours(**manager(shop), windows=[MONDAY], resource_id=other_shop.theo.id)
    at = datetime.combine(DAY, shop.at("10:00").timetz())
    with pytest.raises(Missing):
        add(
            shop,
            kind="absence",
            resource_id=other_shop.theo.id,
            starts_at=at,
            ends_at=at + timedelta(hours=1),
        )
    assert exceptions_of(business_id=shop.business_id) == []

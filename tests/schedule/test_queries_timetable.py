"""The timetable kept in the process: one statement while it stands, and never a stale one (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from holdfast.businesses.commands import change_business_settings, change_profile
from holdfast.businesses.queries import version_of
from holdfast.catalog.commands import (
    change_resource,
    change_service,
    create_resource,
    create_service,
    delete_resource,
    delete_service,
)
from holdfast.lib.refusals import Missing
from holdfast.schedule.commands import (
    ExceptionWish,
    add_exception,
    apply_hour_template,
    change_exception,
    remove_exception,
    replace_hours,
)
from holdfast.schedule.queries import (
    Timetable,
    exceptions_of,
    holidays_in,
    load_timetable,
    timetable_at,
    timetable_of,
)
from tests.cast import OPERATOR, Shop

DAY = date(2027, 6, 1)


def everything_in(timetable: Timetable) -> dict[str, Any]:
    return {field.name: getattr(timetable, field.name) for field in fields(timetable)}


def closed(shop: Shop) -> object:
    return add_exception(
        actor=OPERATOR, business_id=shop.business_id, wish=ExceptionWish(kind="closed", starts_on=DAY)
    )


def changed_exception(shop: Shop) -> object:
    [row] = exceptions_of(business_id=shop.business_id)
    wish = ExceptionWish(kind="closed", starts_on=DAY, note="Moving house")
    return change_exception(actor=OPERATOR, business_id=shop.business_id, exception_id=row.id, wish=wish)


def removed_exception(shop: Shop) -> object:
    [row] = exceptions_of(business_id=shop.business_id)
    return remove_exception(actor=OPERATOR, business_id=shop.business_id, exception_id=row.id)


def new_service(shop: Shop) -> object:
    wanted = {"name": "Shave", "duration_minutes": 20}
    return create_service(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)


def with_id(shop: Shop, command: Callable[..., object], **arguments: object) -> object:
    return command(actor=OPERATOR, business_id=shop.business_id, **arguments)


CHANGES: dict[str, Callable[[Shop], object]] = {
    "settings": lambda s: with_id(s, change_business_settings, wanted={"hold_minutes": 7}),
    "profile": lambda s: with_id(s, change_profile, wanted={"name": "Other"}),
    "new resource": lambda s: with_id(s, create_resource, wanted={"name": "Luca"}),
    "resource": lambda s: with_id(s, change_resource, resource_id=s.theo.id, wanted={"is_active": False}),
    "no resource": lambda s: with_id(s, delete_resource, resource_id=s.theo.id),
    "new service": new_service,
    "service": lambda s: with_id(s, change_service, service_id=s.cut.id, wanted={"price_minor": 1}),
    "no service": lambda s: with_id(s, delete_service, service_id=s.cut.id),
    "template": lambda s: with_id(s, apply_hour_template, template="24_7"),
    "hours": lambda s: with_id(
        s, replace_hours, windows=[{"weekday": 0, "opens": "10:00", "closes": "11:00"}]
    ),
    "own hours": lambda s: with_id(
        s, replace_hours, windows=[{"weekday": 0, "opens": "10:00", "closes": "11:00"}], resource_id=s.theo.id
    ),
    "exception": closed,
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_every_change_of_the_offer_raises_the_version_and_shows_at_once(shop: Shop, name: str) -> None:
    before = timetable_at(slug=shop.slug)
    CHANGES[name](shop)
    after = timetable_at(slug=shop.slug)
    assert after.business.version > before.business.version
    assert after != before
    assert everything_in(after) == everything_in(load_timetable(business_id=shop.business_id))


@pytest.mark.parametrize("change", [changed_exception, removed_exception])
def test_a_changed_or_removed_exception_shows_at_once(shop: Shop, change: Callable[[Shop], object]) -> None:
    closed(shop)
    before = timetable_at(slug=shop.slug)
    change(shop)
    after = timetable_at(slug=shop.slug)
    assert after.hours != before.hours
    assert everything_in(after) == everything_in(load_timetable(business_id=shop.business_id))


def test_a_refused_change_keeps_the_version(shop: Shop) -> None:
    before = version_of(slug=shop.slug)
    with pytest.raises(Missing):
        with_id(shop, change_service, service_id=uuid4(), wanted={"price_minor": 1})
    assert version_of(slug=shop.slug) == before


def test_a_timetable_that_stands_is_the_same_object_for_one_statement(shop: Shop) -> None:
    kept: Timetable = timetable_at(slug=shop.slug)
    with CaptureQueriesContext(connection) as captured:
        assert timetable_at(slug=shop.slug) is kept
    assert len(captured) == 1


def test_businesses_do_not_share_a_timetable(shop: Shop, other_shop: Shop) -> None:
    ours, theirs = timetable_at(slug=shop.slug), timetable_at(slug=other_shop.slug)
    assert not set(ours.services) & set(theirs.services)
    assert not set(ours.resources) & set(theirs.resources)
    assert timetable_of(business_id=other_shop.business_id).business.slug == other_shop.slug
    with pytest.raises(Missing):
        ours.service(next(iter(theirs.services)))
    with pytest.raises(Missing):
        ours.resource(next(iter(theirs.resources)))
    with pytest.raises(Missing):
        timetable_at(slug="nowhere")


def test_holidays_close_the_shop_where_it_says_so_and_an_unknown_place_has_none(shop: Shop) -> None:
    assert date(2027, 12, 25) in holidays_in(place="GB-ENG", year=2027)
    assert holidays_in(place="ZZ", year=2027) == {}
    with_id(shop, change_business_settings, wanted={"public_holidays": "GB-ENG"})
    hours = timetable_at(slug=shop.slug).hours
    assert any("Christmas" in name for name in hours.holidays.values())

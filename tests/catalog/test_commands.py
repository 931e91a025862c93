"""Resources and services: what they may be, who may change them, what is kept (SPEC B1, B2)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from holdfast.catalog.commands import (
    change_resource,
    change_service,
    create_resource,
    create_service,
    delete_resource,
    delete_service,
)
from holdfast.catalog.errors import InUse
from holdfast.catalog.queries import resources_of, services_of
from holdfast.lib.actors import GUEST, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.cast import Shop

SERVICE: dict[str, Any] = {"name": "Shave", "duration_minutes": 20}


def manager(shop: Shop) -> dict[str, Any]:
    return {"actor": shop.actor(Role.MANAGER), "business_id": shop.business_id}


def codes(refused: Invalid) -> dict[str, str]:
    return {name: mistakes[0][0] for name, mistakes in refused.fields.items()}


def test_a_service_is_created_at_the_end_with_its_givers_in_the_business_order(shop: Shop) -> None:
    wanted = {**SERVICE, "resources": [shop.amara.id, shop.theo.id], "description": " With\nfoam "}
    made = create_service(**manager(shop), wanted=wanted)
    assert made.resource_ids == (shop.theo.id, shop.amara.id)
    assert (made.description, made.interval_minutes, made.mode, made.is_active) == (
        "With\nfoam",
        15,
        "appointment",
        True,
    )
    assert services_of(business_id=shop.business_id) == [shop.cut, made]


def test_changing_some_columns_keeps_the_rest(shop: Shop) -> None:
    changed = change_service(**manager(shop), service_id=shop.cut.id, wanted={"price_minor": 3000})
    assert (changed.price_minor, changed.name, changed.resource_ids) == (
        3000,
        shop.cut.name,
        shop.cut.resource_ids,
    )
    fewer = change_service(**manager(shop), service_id=shop.cut.id, wanted={"resources": [shop.amara.id]})
    assert fewer.resource_ids == (shop.amara.id,)
    assert services_of(business_id=shop.business_id) == [fewer]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"name": ""}, {"name": "required"}),
        ({"name": "x" * 121}, {"name": "too_long"}),
        ({"name": 7}, {"name": "wrong_type"}),
        ({"duration_minutes": 0}, {"duration_minutes": "out_of_bounds"}),
        ({"duration_minutes": 1441}, {"duration_minutes": "out_of_bounds"}),
        ({"duration_minutes": "30"}, {"duration_minutes": "wrong_type"}),
        ({"duration_minutes": True}, {"duration_minutes": "wrong_type"}),
        ({"interval_minutes": 0}, {"interval_minutes": "out_of_bounds"}),
        ({"buffer_before_minutes": -1}, {"buffer_before_minutes": "out_of_bounds"}),
        ({"buffer_after_minutes": 481}, {"buffer_after_minutes": "out_of_bounds"}),
        ({"price_minor": -1}, {"price_minor": "out_of_bounds"}),
        ({"price_minor": 10**12 + 1}, {"price_minor": "out_of_bounds"}),
        ({"price_minor": 100, "deposit_minor": 101}, {"deposit_minor": "more_than_price"}),
        ({"mode": "dance"}, {"mode": "unknown_choice"}),
        ({"who_may_book": None}, {"who_may_book": "unknown_choice"}),
        ({"is_active": 1}, {"is_active": "wrong_type"}),
        ({"colour": "red"}, {"colour": "unknown_field"}),
        ({"resources": [uuid4()]}, {"resources": "unknown"}),
        ({"name": "", "price_minor": "x", "colour": 1}, {"name": "required", "price_minor": "wrong_type", "colour": "unknown_field"}),
    ],
)  # fmt: skip
def test_a_wrong_service_is_refused_by_field(
    shop: Shop, wanted: dict[str, Any], code: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        create_service(**manager(shop), wanted=SERVICE | wanted)
    assert codes(refused.value) == code
    with pytest.raises(Invalid) as refused:
        change_service(**manager(shop), service_id=shop.cut.id, wanted=wanted)
    assert codes(refused.value) == code
    assert services_of(business_id=shop.business_id) == [shop.cut]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"name": " "}, {"name": "required"}),
        ({"kind": "robot"}, {"kind": "unknown_choice"}),
        ({"kind": ["staff"]}, {"kind": "unknown_choice"}),
        ({"seats_min": 0}, {"seats_min": "out_of_bounds"}),
        ({"seats_min": 5, "seats_max": 4}, {"seats_max": "less_than_seats_min"}),
        ({"seats_max": 10**9}, {"seats_max": "out_of_bounds"}),
        ({"member_id": uuid4()}, {"member_id": "unknown"}),
        ({"detail": "x" * 121}, {"detail": "too_long"}),
    ],
)
def test_a_wrong_resource_is_refused_by_field(
    shop: Shop, wanted: dict[str, Any], code: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        create_resource(**manager(shop), wanted={"name": "Luca"} | wanted)
    assert codes(refused.value) == code
    with pytest.raises(Invalid):
        change_resource(**manager(shop), resource_id=shop.theo.id, wanted=wanted)
    assert resources_of(business_id=shop.business_id) == [shop.theo, shop.amara]


def test_what_is_required_is_missed(shop: Shop) -> None:
    for wanted, code in (
        ({}, {"duration_minutes": "required"}),
        ({"duration_minutes": 5}, {"name": "required"}),
    ):
        with pytest.raises(Invalid) as refused:
            create_service(**manager(shop), wanted=wanted)
        assert codes(refused.value) == code


def test_what_was_booked_can_be_retired_but_not_deleted(shop: Shop) -> None:
    shop.book(resource=shop.theo)
    with pytest.raises(InUse) as refused:
        delete_resource(**manager(shop), resource_id=shop.theo.id)
    assert refused.value.facts["what"] == "resource"
    with pytest.raises(InUse):
        delete_service(**manager(shop), service_id=shop.cut.id)
    delete_resource(**manager(shop), resource_id=shop.amara.id)
    assert [resource.id for resource in resources_of(business_id=shop.business_id)] == [shop.theo.id]
    assert services_of(business_id=shop.business_id)[0].resource_ids == (shop.theo.id,)
    assert not change_resource(
        **manager(shop), resource_id=shop.theo.id, wanted={"is_active": False}
    ).is_active


def test_the_catalog_belongs_to_managers_of_this_business(shop: Shop, other_shop: Shop) -> None:
    for actor, refusal in (
        (shop.actor(Role.STAFF), Forbidden),
        (other_shop.actor(Role.ADMIN), Missing),
        (GUEST, Missing),
    ):
        who: dict[str, Any] = {"actor": actor, "business_id": shop.business_id}
        with pytest.raises(refusal):
            create_resource(**who, wanted={"name": "Mine"})
        with pytest.raises(refusal):
            create_service(**who, wanted=SERVICE)
        with pytest.raises(refusal):
            change_resource(**who, resource_id=shop.theo.id, wanted={"name": "Mine"})
        with pytest.raises(refusal):
            change_service(**who, service_id=shop.cut.id, wanted={"name": "Mine"})
        with pytest.raises(refusal):
            delete_resource(**who, resource_id=shop.theo.id)
        with pytest.raises(refusal):
            delete_service(**who, service_id=shop.cut.id)


def test_things_of_another_business_are_missing_or_unknown(shop: Shop, other_shop: Shop) -> None:
    for call in (
        lambda who: change_resource(**who, resource_id=other_shop.theo.id, wanted={}),
        lambda who: delete_resource(**who, resource_id=other_shop.theo.id),
        lambda who: change_service(**who, service_id=other_shop.cut.id, wanted={}),
        lambda who: delete_service(**who, service_id=other_shop.cut.id),
    ):
        with pytest.raises(Missing):
            call(manager(shop))
    with pytest.raises(Invalid) as refused:
        change_service(**manager(shop), service_id=shop.cut.id, wanted={"resources": [other_shop.theo.id]})
    assert codes(refused.value) == {"resources": "unknown"}
    assert other_shop.theo in resources_of(business_id=other_shop.business_id)

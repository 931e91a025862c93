"""Forms of what later modes brought: columns of services, tables together and side by side, riders."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from holdfast.catalog.models import Adjacency, Combination, Resource, RiderTemplate, Service
from holdfast.catalog.queries import ResourceFacts
from tests.cast import Shop
from tests.web.admin.test_forms import RESOURCE, send, service_form, version

Tables = list[ResourceFacts]


def pairs() -> set[frozenset[str]]:
    rows = Adjacency.objects.select_related("first", "second")
    return {frozenset((row.first.name, row.second.name)) for row in rows}


def test_a_table_has_its_area(shop: Shop, operator: Client) -> None:
    form = RESOURCE | {"name": "T9", "kind": "table", "area": "Terrace"}
    assert send(operator, "catalog/resource/add", business=str(shop.business_id), **form)[0] == 302
    row = Resource.objects.get(name="T9")
    assert row.area == "Terrace"
    path = f"catalog/resource/{row.pk}/change"
    assert 'value="Terrace"' in operator.get(f"/admin/{path}/").content.decode()
    status, page = send(operator, path, **form | {"area": "x" * 61})
    assert status == 200
    assert 'id="id_area_error"' in page
    assert send(operator, path, **form | {"area": "Window"})[0] == 302
    assert Resource.objects.get(pk=row.pk).area == "Window"


def test_a_service_has_what_its_mode_reads(shop: Shop, operator: Client) -> None:
    form = service_form(
        shop,
        turns_text="2: 90, 4: 120",
        pacing_covers="12",
        places_per_customer="3",
        answer_within_hours="48",
        price_per_person="on",
    )
    assert send(operator, "catalog/service/add", business=str(shop.business_id), **form)[0] == 302
    row = Service.objects.get(name="Shave")
    assert row.turn_minutes == [[2, 90], [4, 120]]
    assert (row.pacing_covers, row.places_per_customer, row.answer_within_hours) == (12, 3, 48)
    assert row.price_per_person
    path = f"catalog/service/{row.pk}/change"
    assert 'value="2: 90, 4: 120"' in operator.get(f"/admin/{path}/").content.decode()
    assert send(operator, path, **form | {"turns_text": "", "price_per_person": None})[0] == 302
    row.refresh_from_db()
    assert (row.turn_minutes, row.price_per_person, row.pacing_covers) == ([], False, 12)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("turns_text", "two hours"),
        ("turns_text", "4: 120, 2: 90"),
        ("turns_text", "2: 0"),
        ("pacing_covers", "10001"),
        ("places_per_customer", "-1"),
        ("answer_within_hours", "0"),
        ("answer_within_hours", "721"),
    ],
)
def test_what_no_mode_could_read_is_refused_at_its_field(
    field: str, value: str, shop: Shop, operator: Client
) -> None:
    form = service_form(shop, **{field: value})
    status, page = send(operator, "catalog/service/add", business=str(shop.business_id), **form)
    assert (status, Service.objects.filter(name="Shave").count()) == (200, 0)
    assert f'id="id_{field}_error"' in page


def test_tables_are_put_together_changed_and_taken_apart(
    shop: Shop, operator: Client, tables: Tables
) -> None:
    one, two, three = (str(table.id) for table in tables)
    before = version(shop)
    form: dict[str, Any] = {"name": "Long table", "joined": [one, two], "seats_min": "", "seats_max": ""}
    assert send(operator, "catalog/combination/add", business=str(shop.business_id), **form)[0] == 302
    row = Combination.objects.get()
    assert (row.seats_min, row.seats_max) == (4, 8)
    assert version(shop) > before
    path = f"catalog/combination/{row.pk}"
    form |= {"seats_min": "5", "seats_max": "9", "position": "0"}
    status, page = send(operator, f"{path}/change", **form | {"seats_min": "10"})
    assert status == 200
    assert 'id="id_seats_max_error"' in page
    assert send(operator, f"{path}/change", **form | {"joined": [two, three]})[0] == 302
    row.refresh_from_db()
    assert (row.seats_min, row.seats_max) == (5, 9)
    assert {str(id) for id in row.tables.values_list("pk", flat=True)} == {two, three}
    assert send(operator, f"{path}/delete", post="yes")[0] == 302
    assert not Combination.objects.exists()


def test_tables_that_cannot_be_together_are_refused(
    shop: Shop, other_shop: Shop, operator: Client, tables: Tables
) -> None:
    one, two = str(tables[0].id), str(tables[1].id)
    Resource.objects.filter(pk=other_shop.theo.id).update(kind="table")
    form = {"business": str(shop.business_id), "name": "Long", "seats_min": "", "seats_max": ""}
    for joined in ([], [one], [one, str(shop.theo.id)], [one, str(other_shop.theo.id)]):
        status, page = send(operator, "catalog/combination/add", **form, joined=joined)
        assert (status, Combination.objects.count()) == (200, 0)
        assert 'id="id_joined_error"' in page
    assert send(operator, "catalog/combination/add", **form, joined=[one, two])[0] == 302
    status, page = send(operator, "catalog/combination/add", **form, joined=[two, one])
    assert (status, Combination.objects.count()) == (200, 1)
    assert "Another combination has the same tables." in page


def test_neighbours_are_said_changed_and_unsaid_pair_by_pair(
    shop: Shop, operator: Client, tables: Tables
) -> None:
    one, two, three = (str(table.id) for table in tables)
    assert send(operator, "catalog/adjacency/add", first=two, second=one)[0] == 302
    assert send(operator, "catalog/adjacency/add", first=two, second=three)[0] == 302
    assert pairs() == {frozenset({"T1", "T2"}), frozenset({"T2", "T3"})}
    row = Adjacency.objects.get(first__name="T1")
    path = f"catalog/adjacency/{row.pk}"
    assert send(operator, f"{path}/change", first=one, second=two)[0] == 302
    assert Adjacency.objects.filter(pk=row.pk).exists()
    assert send(operator, f"{path}/change", first=three, second=one)[0] == 302
    assert pairs() == {frozenset({"T1", "T3"}), frozenset({"T2", "T3"})}
    fresh = Adjacency.objects.get(first__name="T1")
    assert send(operator, f"catalog/adjacency/{fresh.pk}/delete", post="yes")[0] == 302
    assert pairs() == {frozenset({"T2", "T3"})}


def test_what_cannot_stand_side_by_side_is_refused_at_the_second_table(
    shop: Shop, other_shop: Shop, operator: Client, tables: Tables
) -> None:
    one, two = str(tables[0].id), str(tables[1].id)
    Resource.objects.filter(pk=other_shop.theo.id).update(kind="table")
    assert send(operator, "catalog/adjacency/add", first=one, second=two)[0] == 302
    for first, second in ((one, one), (two, one), (one, str(other_shop.theo.id)), (one, str(shop.theo.id))):
        status, page = send(operator, "catalog/adjacency/add", first=first, second=second)
        assert (status, pairs()) == (200, {frozenset({"T1", "T2"})})
        assert 'id="id_second_error"' in page


def test_riders_are_written_changed_and_deleted(shop: Shop, operator: Client) -> None:
    form: dict[str, Any] = {
        "name": "Club", "technical": "Two monitors\n\nOne mixer", "hospitality": "", "travel": "One taxi",
        "services": [str(shop.cut.id)], "resources": [str(shop.theo.id)],
    }  # fmt: skip
    assert send(operator, "catalog/ridertemplate/add", business=str(shop.business_id), **form)[0] == 302
    row = RiderTemplate.objects.get()
    assert [(line["section"], line["text"]) for line in row.lines] == [
        ("technical", "Two monitors"),
        ("technical", "One mixer"),
        ("travel", "One taxi"),
    ]
    path = f"catalog/ridertemplate/{row.pk}"
    shown = operator.get(f"/admin/{path}/change/").content.decode()
    assert "Two monitors\nOne mixer" in shown
    assert f'<option value="{shop.cut.id}" selected>' in shown
    assert send(operator, f"{path}/change", **form | {"name": "Festival", "resources": []})[0] == 302
    row.refresh_from_db()
    assert row.name == "Festival"
    assert list(row.uses.values_list("service_id", "resource_id")) == [(shop.cut.id, None)]
    assert send(operator, f"{path}/delete", post="yes")[0] == 302
    assert not RiderTemplate.objects.exists()


def test_a_rider_is_refused_where_it_was_written(shop: Shop, other_shop: Shop, operator: Client) -> None:
    form: dict[str, Any] = {"business": str(shop.business_id), "name": "Club", "technical": "A mixer"}
    for field, value in (
        ("name", ""),
        ("travel", "A taxi\n" + "x" * 301),
        ("technical", "\n".join(f"Cable {number}" for number in range(101))),
        ("services", [str(other_shop.cut.id)]),
        ("resources", [str(other_shop.theo.id)]),
    ):
        status, page = send(operator, "catalog/ridertemplate/add", **form | {field: value})
        assert (status, RiderTemplate.objects.count()) == (200, 0)
        assert f'id="id_{field}_error"' in page

"""Services and resources in the settings (SPEC B1, B2)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from holdfast.bookings.queries import BookingFacts
from holdfast.catalog.models import Resource, Service
from tests.cast import Shop


def url(shop: Shop, name: str, *ids: object) -> str:
    return reverse(f"desk:{name}", args=[shop.slug, *ids])


def service_form(shop: Shop, **more: object) -> dict[str, object]:
    return {
        "name": "Hot shave", "description": "With a towel", "duration_minutes": "40", "interval_minutes": "20",
        "buffer_before_minutes": "0", "buffer_after_minutes": "5", "price": "30.50", "deposit": "10",
        "who_may_book": "anyone", "resources": [str(shop.theo.id)], "waitlist_open": "on", "waitlist_limit": "0",
        "deposit_percent": "0", "deposit_party_least": "1",
    } | more  # fmt: skip


def test_a_new_service_is_on_offer_at_once(shop: Shop, manager: Client) -> None:
    assert manager.post(url(shop, "new_service"), service_form(shop)).status_code == 302
    made = Service.objects.get(name="Hot shave")
    facts = shop.timetable.services[made.id]
    assert (facts.price_minor, facts.deposit_minor, facts.buffer_after_minutes) == (3050, 1000, 5)
    assert facts.resource_ids == (shop.theo.id,)
    page = manager.get(url(shop, "services")).content.decode()
    assert "40 min · £30.50 · 1 gives it" in page


def test_a_service_is_changed_without_losing_what_the_form_does_not_show(shop: Shop, manager: Client) -> None:
    page = url(shop, "service", shop.cut.id)
    assert 'value="26.00"' in manager.get(page).content.decode()
    manager.post(page, service_form(shop, name="Cut", price="28", resources=[str(shop.amara.id)]))
    facts = shop.timetable.services[shop.cut.id]
    assert (facts.name, facts.price_minor, facts.resource_ids) == ("Cut", 2800, (shop.amara.id,))
    assert facts.is_active


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Fill this in."),
        ({"duration_minutes": "0"}, "Write a number from 1 to 1440."),
        ({"duration_minutes": ""}, "Fill this in."),
        ({"interval_minutes": "often"}, "Write a whole number."),
        ({"buffer_after_minutes": "481"}, "Write a number from 0 to 480."),
        ({"price": "cheap"}, "Write an amount like 32 or 32.50."),
        ({"price": "-1"}, "Write an amount like 32 or 32.50."),
        ({"price": "1.234"}, "Write an amount like 32 or 32.50."),
        ({"deposit": "40"}, "A deposit cannot be more than the price."),
        ({"who_may_book": "nobody"}, "Choose one of the list."),
        ({"resources": ["x"]}, "Choose one of the list."),
        ({"description": "x" * 501}, "Use at most 500 characters."),
    ],
)
def test_a_wrong_service_is_refused_by_its_field_and_nothing_is_stored(
    wrong: dict[str, object], words: str, shop: Shop, manager: Client
) -> None:
    answer = manager.post(url(shop, "new_service"), service_form(shop, **wrong))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Service.objects.count() == 1


def test_a_service_cannot_be_given_by_a_stranger(shop: Shop, other_shop: Shop, manager: Client) -> None:
    answer = manager.post(url(shop, "new_service"), service_form(shop, resources=[str(other_shop.theo.id)]))
    assert answer.status_code == 422


def test_what_was_booked_is_retired_and_not_deleted(
    shop: Shop, manager: Client, dana_at_noon: BookingFacts
) -> None:
    page = url(shop, "service", shop.cut.id)
    refused = manager.post(page, {"do": "delete"})
    assert refused.status_code == 422
    assert "1 booking refers to this." in refused.content.decode()
    assert manager.post(page, {"do": "retire"}).status_code == 409, "it asks what becomes of Dana's booking"
    manager.post(page, {"do": "retire", "others-become": "keep"})
    assert not shop.timetable.services[shop.cut.id].is_active
    assert "Retired" in manager.get(url(shop, "services")).content.decode()
    manager.post(page, {"do": "restore"})
    assert shop.timetable.services[shop.cut.id].is_active


def test_what_was_never_booked_can_be_deleted(shop: Shop, manager: Client) -> None:
    assert manager.post(url(shop, "service", shop.cut.id), {"do": "delete"}).status_code == 302
    assert manager.post(url(shop, "resource", shop.theo.id), {"do": "delete"}).status_code == 302
    assert not Service.objects.filter(id=shop.cut.id).exists()
    assert not Resource.objects.filter(id=shop.theo.id).exists()


def test_people_are_added_changed_and_ordered(
    shop: Shop, manager: Client, dana_at_noon: BookingFacts
) -> None:
    sent = {"name": "Luca Ferri", "detail": "Chair 3", "kind": "staff", "seats_min": "1", "seats_max": "1"}
    manager.post(url(shop, "new_resource"), sent)
    luca = Resource.objects.get(name="Luca Ferri")
    manager.post(url(shop, "resources"), {"id": str(luca.id), "do": "up"})
    manager.post(url(shop, "resources"), {"id": str(luca.id), "do": "up"})
    manager.post(url(shop, "resources"), {"id": str(luca.id), "do": "up"})
    assert [r.name for r in shop.timetable.resources.values()] == ["Luca Ferri", "Theo Marsh", "Amara Osei"]
    board = manager.get(url(shop, "day")).content.decode()
    assert board.index(f'id="lane-{luca.id}"') < board.index(f'id="lane-{shop.theo.id}"')
    manager.post(url(shop, "resource", luca.id), sent | {"name": "Luca F."})
    assert Resource.objects.get(id=luca.id).name == "Luca F."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Fill this in."),
        ({"kind": "robot"}, "Choose one of the list."),
        ({"seats_min": "4", "seats_max": "2"}, "The most seats cannot be fewer than the fewest."),
        ({"seats_max": "0"}, "Write a number from 1 to 10000."),
        ({"detail": "x" * 121}, "Use at most 120 characters."),
    ],
)
def test_a_wrong_person_is_refused_by_the_field(
    wrong: dict[str, str], words: str, shop: Shop, manager: Client
) -> None:
    sent = {"name": "Luca", "detail": "", "kind": "staff", "seats_min": "1", "seats_max": "1"} | wrong
    answer = manager.post(url(shop, "new_resource"), sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Resource.objects.count() == 2


@pytest.mark.parametrize("sent", [{"id": "x", "do": "up"}, {"do": "up"}, {"id": "{theo}", "do": "sideways"}])
def test_a_strange_order_changes_nothing(sent: dict[str, str], shop: Shop, manager: Client) -> None:
    filled = {name: value.replace("{theo}", str(shop.theo.id)) for name, value in sent.items()}
    assert manager.post(url(shop, "resources"), filled).status_code == 302
    assert [r.name for r in shop.timetable.resources.values()] == ["Theo Marsh", "Amara Osei"]


def test_without_services_the_page_says_what_to_do(shop: Shop, manager: Client) -> None:
    Service.objects.all().delete()
    manager.post(url(shop, "resource", shop.theo.id), {"do": "retire"})  # raises the version the pages read
    assert "Nothing to book yet" in manager.get(url(shop, "services")).content.decode()

"""Forms of the admin: each is one call of a command, and its refusal stands at the field it is about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from holdfast.bookings.queries import BookingFacts, booking_by_id
from holdfast.businesses.models import Business
from holdfast.catalog.models import Resource, Service
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import clock
from holdfast.schedule.models import DatedException, Slot, SlotSeries, WeeklyHours
from tests.cast import Shop


def send(operator: Client, path: str, **fields: Any) -> tuple[int, str]:
    """Post a form of the admin; what it answers, and the page it leads to."""
    given = {name: value for name, value in fields.items() if value is not None}
    answer = operator.post(f"/admin/{path}/", given, follow=True)
    moved = answer.redirect_chain[0][1] if answer.redirect_chain else answer.status_code
    return moved, answer.content.decode()


def version(shop: Shop) -> int:
    return Business.objects.get(pk=shop.business_id).version


BUSINESS = {
    "name": "The Counter",
    "slug": "the-counter",
    "blueprint": "barbershop",
    "timezone": "Europe/London",
    "currency": "GBP",
    "language": "en",
    "hours": "weekend",
}


def test_a_business_is_made_from_its_blueprint(operator: Client, db: None) -> None:
    status, _ = send(operator, "businesses/business/add", **BUSINESS)
    assert status == 302
    made = Business.objects.get(slug="the-counter")
    assert set(made.weekly_hours.values_list("weekday", flat=True)) == {5, 6}
    assert made.services.exists()
    assert LogEntry.objects.get().object_id == str(made.pk)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "admin"),
        ("timezone", "Mars/Olympus"),
        ("currency", "pounds"),
        ("slug", "fenwick"),
        ("name", ""),
    ],
)
def test_a_business_that_cannot_be_is_refused_at_its_field(
    field: str, value: str, shop: Shop, operator: Client
) -> None:
    status, page = send(operator, "businesses/business/add", **BUSINESS | {field: value})
    assert (status, Business.objects.count()) == (200, 1)
    assert f'id="id_{field}_error"' in page
    assert 'value="The Counter"' in page or field == "name"


def test_a_profile_is_changed_and_checked(shop: Shop, operator: Client) -> None:
    path = f"businesses/business/{shop.business_id}/change"
    before = version(shop)
    status, page = send(
        operator, path, name="Fenwick", email="not an address", tagline="", phone="", address=""
    )
    assert status == 200
    assert 'id="id_email_error"' in page
    assert version(shop) == before
    status, _ = send(
        operator, path, name="Fenwick", email="hello@fenwick.example", tagline="", phone="12", address=""
    )
    assert status == 200
    assert Business.objects.get().email == ""
    status, _ = send(
        operator, path, name="Fenwick", email="hello@fenwick.example", tagline="", phone="", address=""
    )
    assert (status, Business.objects.get().email) == (302, "hello@fenwick.example")
    assert version(shop) > before


def test_hours_are_added_changed_and_removed_one_by_one(shop: Shop, operator: Client) -> None:
    window = WeeklyHours.objects.get(weekday=6)
    before = version(shop)
    form = {"weekday": "6", "opens_at": "10:00", "closes_at": "16:00", "stranded": ""}
    assert send(operator, f"schedule/weeklyhours/{window.pk}/change", **form)[0] == 302
    assert WeeklyHours.objects.filter(weekday=6).values_list("opens", "closes").get() == (600, 960)
    assert version(shop) > before
    new = {
        "business": str(shop.business_id),
        "resource": "",
        "weekday": "6",
        "opens_at": "18:00",
        "closes_at": "20:00",
    }
    assert send(operator, "schedule/weeklyhours/add", **new)[0] == 302
    assert WeeklyHours.objects.filter(weekday=6).count() == 2
    assert WeeklyHours.objects.count() == 8
    fresh = WeeklyHours.objects.get(weekday=6, opens=600)
    assert send(operator, f"schedule/weeklyhours/{fresh.pk}/delete", post="yes")[0] == 302
    assert list(WeeklyHours.objects.filter(weekday=6).values_list("opens", flat=True)) == [1080]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"opens_at": "9 o'clock"}, "opens_at"),
        ({"closes_at": "25:00"}, "closes_at"),
        ({"weekday": "9"}, "weekday"),
    ],
)
def test_wrong_hours_are_refused_at_their_field(
    given: dict[str, str], field: str, shop: Shop, operator: Client
) -> None:
    new = {
        "business": str(shop.business_id),
        "resource": str(shop.theo.id),
        "weekday": "0",
        "opens_at": "09:00",
        "closes_at": "12:00",
    }
    status, page = send(operator, "schedule/weeklyhours/add", **new | given)
    assert (status, WeeklyHours.objects.count()) == (200, 7)
    assert f'id="id_{field}_error"' in page


def test_hours_that_overlap_are_refused(shop: Shop, operator: Client) -> None:
    new = {
        "business": str(shop.business_id),
        "resource": "",
        "weekday": "0",
        "opens_at": "16:00",
        "closes_at": "20:00",
    }
    status, page = send(operator, "schedule/weeklyhours/add", **new)
    assert (status, WeeklyHours.objects.count()) == (200, 7)
    assert "overlap" in page


def test_hours_of_another_businesss_resource_are_refused(
    shop: Shop, other_shop: Shop, operator: Client
) -> None:
    new = {
        "business": str(shop.business_id),
        "resource": str(other_shop.theo.id),
        "weekday": "0",
        "opens_at": "10:00",
        "closes_at": "12:00",
    }
    assert send(operator, "schedule/weeklyhours/add", **new)[0] == 200
    assert not WeeklyHours.objects.filter(resource__isnull=False).exists()


def test_hours_that_strand_a_booking_ask_what_becomes_of_it(
    shop: Shop, operator: Client, dana_at_noon: BookingFacts
) -> None:
    friday = WeeklyHours.objects.get(weekday=4)
    form = {"weekday": "4", "opens_at": "14:00", "closes_at": "17:00"}
    status, page = send(operator, f"schedule/weeklyhours/{friday.pk}/change", **form, stranded="")
    assert (status, WeeklyHours.objects.get(pk=friday.pk).opens) == (200, 540)
    assert dana_at_noon.shown_reference in page
    assert send(operator, f"schedule/weeklyhours/{friday.pk}/change", **form, stranded="move")[0] == 302
    assert WeeklyHours.objects.get(weekday=4).opens == 840
    assert (
        booking_by_id(business_id=shop.business_id, booking_id=dana_at_noon.id).starts_at
        != dana_at_noon.starts_at
    )
    # Removing a window takes its bookings' time as well: from here it is refused.
    fresh = WeeklyHours.objects.get(weekday=4)
    _, page = send(operator, f"schedule/weeklyhours/{fresh.pk}/delete", post="yes")
    assert WeeklyHours.objects.filter(pk=fresh.pk).exists() == (dana_at_noon.shown_reference in page)


def test_exceptions_are_made_changed_and_removed(shop: Shop, operator: Client) -> None:
    on = (clock.now() + timedelta(days=30)).date().isoformat()
    form = {
        "business": str(shop.business_id),
        "resource": "",
        "kind": "hours",
        "starts_on": on,
        "windows_text": "10:00-12:00, 13:00–15:00",
    }
    assert send(operator, "schedule/datedexception/add", **form)[0] == 302
    row = DatedException.objects.get()
    assert row.windows == [[600, 720], [780, 900]]
    changed = {"kind": "closed", "starts_on": on, "ends_on": on, "windows_text": "", "note": "Stocktaking"}
    assert send(operator, f"schedule/datedexception/{row.pk}/change", **changed)[0] == 302
    row.refresh_from_db()
    assert (row.kind, row.windows, row.note) == ("closed", [], "Stocktaking")
    assert send(operator, f"schedule/datedexception/{row.pk}/delete", post="yes")[0] == 302
    assert not DatedException.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "hours", "starts_on": "2026-12-24"},
        {"kind": "hours", "starts_on": "2026-12-24", "windows_text": "nine to five"},
        {"kind": "closed"},
        {"kind": "closed", "starts_on": "2026-12-24", "ends_on": "2026-12-01"},
        {"kind": "extra", "starts_on": "2026-12-24", "windows_text": "09:00-26:00"},
    ],
)
def test_an_exception_that_says_nothing_is_refused(
    form: dict[str, str], shop: Shop, operator: Client
) -> None:
    fields = {"business": str(shop.business_id), "resource": "", "windows_text": ""} | form
    status, page = send(operator, "schedule/datedexception/add", **fields)
    assert (status, DatedException.objects.count()) == (200, 0)
    assert "errorlist" in page


RESOURCE = {
    "name": "Kit",
    "kind": "staff",
    "detail": "",
    "area": "",
    "seats_min": "1",
    "seats_max": "1",
    "position": "5",
    "is_active": "on",
}


def test_resources_are_made_changed_and_deleted_by_the_rules(
    shop: Shop, operator: Client, dana_at_noon: BookingFacts
) -> None:
    assert send(operator, "catalog/resource/add", business=str(shop.business_id), **RESOURCE)[0] == 302
    kit = Resource.objects.get(name="Kit")
    status, page = send(operator, f"catalog/resource/{kit.pk}/change", **RESOURCE | {"seats_min": "5"})
    assert status == 200
    assert 'id="id_seats_max_error"' in page
    assert send(operator, f"catalog/resource/{kit.pk}/change", **RESOURCE | {"name": "Kit Rowe"})[0] == 302
    assert send(operator, f"catalog/resource/{kit.pk}/delete", post="yes")[0] == 302
    assert not Resource.objects.filter(pk=kit.pk).exists()
    _, page = send(operator, f"catalog/resource/{shop.theo.id}/delete", post="yes")
    assert "Retire it instead" in page
    assert Resource.objects.filter(pk=shop.theo.id).exists()


def service_form(shop: Shop, **more: Any) -> dict[str, Any]:
    return {
        "name": "Shave", "description": "", "mode": "appointment", "duration_minutes": "30", "interval_minutes": "15",
        "buffer_before_minutes": "0", "buffer_after_minutes": "0", "price_minor": "1500", "deposit_minor": "0",
        "deposit_percent": "0", "deposit_person_minor": "0", "deposit_party_least": "1",
        "turns_text": "", "pacing_covers": "0", "places_per_customer": "1", "answer_within_hours": "72",
        "who_may_book": "anyone", "waitlist_open": "on", "waitlist_limit": "0", "position": "3", "is_active": "on", "given_by": [str(shop.theo.id)],
    } | more  # fmt: skip


def test_services_are_made_and_changed_by_the_rules(shop: Shop, other_shop: Shop, operator: Client) -> None:
    assert (
        send(operator, "catalog/service/add", business=str(shop.business_id), **service_form(shop))[0] == 302
    )
    shave = Service.objects.get(name="Shave")
    assert list(shave.resources.values_list("pk", flat=True)) == [shop.theo.id]
    path = f"catalog/service/{shave.pk}/change"
    assert send(operator, path, **service_form(shop, deposit_minor="9999"))[0] == 200
    assert send(operator, path, **service_form(shop, given_by=[str(other_shop.theo.id)]))[0] == 200
    assert send(operator, path, **service_form(shop, duration_minutes="45"))[0] == 302
    shave.refresh_from_db()
    assert (shave.duration_minutes, shave.deposit_minor) == (45, 0)
    assert list(shave.resources.values_list("pk", flat=True)) == [shop.theo.id]


def generate(shop: Shop, service: ServiceFacts, **more: Any) -> dict[str, Any]:
    on = (clock.now() + timedelta(days=1)).date().isoformat()
    return {
        "service": str(service.id), "resource": "", "first": on, "last": on, "slot_minutes": "60", "gap_minutes": "0",
        "capacity": "4",
    } | more  # fmt: skip


def test_slots_are_shown_first_then_published_and_never_twice(
    shop: Shop, workshop: ServiceFacts, operator: Client
) -> None:
    status, page = send(operator, "schedule/slot/add", **generate(shop, workshop, preview="on"))
    assert (status, Slot.objects.count()) == (200, 0)
    assert "8 would be published, 0 are there already." in page
    status, page = send(operator, "schedule/slot/add", **generate(shop, workshop))
    assert (status, Slot.objects.count()) == (302, 8)
    assert "8 time slots published; 0 were there already." in page
    _, page = send(operator, "schedule/slot/add", **generate(shop, workshop))
    assert "0 time slots published; 8 were there already." in page
    assert Slot.objects.count() == 8


@pytest.mark.parametrize(
    "more",
    [
        {"last": "2026-01-01"},
        {"slot_minutes": "0"},
        {"capacity": "0"},
        {"last": "2036-01-01"},
        {"first": "x"},
    ],
)
def test_a_range_that_cannot_be_is_refused(
    more: dict[str, str], shop: Shop, workshop: ServiceFacts, operator: Client
) -> None:
    status, page = send(operator, "schedule/slot/add", **generate(shop, workshop, **more))
    assert (status, Slot.objects.count()) == (200, 0)
    assert "errorlist" in page


def test_one_slot_is_changed_and_deleted_by_the_rules(
    shop: Shop, slots: list[Slot], operator: Client
) -> None:
    slot = slots[0]
    Slot.objects.filter(pk=slot.pk).update(taken=3)
    path = f"schedule/slot/{slot.pk}"
    assert send(operator, f"{path}/change", capacity="2", is_open="on", resource="")[0] == 200
    assert send(operator, f"{path}/delete", post="yes")[0] == 302
    slot.refresh_from_db()
    assert (slot.capacity, slot.taken) == (4, 3)
    assert send(operator, f"{path}/change", capacity="6", resource="")[0] == 302
    slot.refresh_from_db()
    assert (slot.capacity, slot.is_open) == (6, False)
    assert send(operator, f"schedule/slot/{slots[1].pk}/delete", post="yes")[0] == 302
    assert not Slot.objects.filter(pk=slots[1].pk).exists()


def test_a_series_is_made_changed_and_deleted(shop: Shop, workshop: ServiceFacts, operator: Client) -> None:
    form = {
        "slot_minutes": "60",
        "gap_minutes": "0",
        "capacity": "4",
        "days_ahead": "2",
        "weekdays": ["4", "5"],
        "ends_on": "",
    }
    status, _ = send(
        operator, "schedule/slotseries/add", service=str(workshop.id), resource="", starts_on="", **form
    )
    assert status == 302
    series = SlotSeries.objects.get()
    assert series.weekdays == [4, 5]
    assert Slot.objects.filter(series=series).exists()
    path = f"schedule/slotseries/{series.pk}"
    assert send(operator, f"{path}/change", **form | {"days_ahead": "0"})[0] == 200
    assert send(operator, f"{path}/change", **form | {"capacity": "6"})[0] == 302
    series.refresh_from_db()
    assert (series.capacity, series.is_active) == (6, False)
    published = Slot.objects.count()
    assert send(operator, f"{path}/delete", post="yes")[0] == 302
    assert (SlotSeries.objects.count(), Slot.objects.count()) == (0, published)

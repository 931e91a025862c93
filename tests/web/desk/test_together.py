"""Series, groups, questions and codes at the desk (SPEC B6, B7, D9, D10)."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from holdfast.bookings.models import Booking
from holdfast.catalog.commands import add_question, create_promotion
from tests.cast import OPERATOR, Shop


def url(shop: Shop, name: str, *ids: object) -> str:
    return reverse(f"desk:{name}", args=[shop.slug, *ids])


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def call(shop: Shop, **more: str) -> dict[str, str]:
    """What somebody types while on the phone."""
    starts_at = shop.at("14:00", 3)
    return {
        "service": str(shop.cut.id), "resource": str(shop.theo.id), "date": starts_at.date().isoformat(),
        "starts_at": starts_at.isoformat(), "party_size": "1", "name": "Dana Guest", "email": "", "phone": "", "notes": "",
        "other_time": "", "override_reason": "",
    } | more  # fmt: skip


def ask(shop: Shop, **wanted: object) -> str:
    made = add_question(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"label": "Any allergies?"} | wanted,
    )
    return f"q-{made.id}"


def test_staff_is_asked_the_questions_and_sees_the_answers(shop: Shop, staff: Client) -> None:
    name = ask(shop, is_required=True)
    assert "Any allergies?" in text_of(staff.get(url(shop, "new")))
    refused = staff.post(url(shop, "new"), call(shop))
    assert refused.status_code == 422
    assert f'id="field-{name}-error"' in text_of(refused)
    assert staff.post(url(shop, "new"), call(shop, **{name: "Nuts"})).status_code == 302
    booking = Booking.objects.get()
    page = text_of(staff.get(url(shop, "booking", booking.reference)))
    assert "Any allergies?" in page
    assert "Nuts" in page


def test_a_reason_spares_a_required_question(shop: Shop, staff: Client) -> None:
    ask(shop, is_required=True)
    wanted = call(shop, override_reason="In a hurry on the phone")
    assert staff.post(url(shop, "new"), wanted).status_code == 302


def test_a_code_is_taken_at_the_desk(shop: Shop, staff: Client) -> None:
    wanted = {"code": "TEN", "effect": "percent", "percent": 10}
    create_promotion(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)
    assert staff.post(url(shop, "new"), call(shop, promo_code="nine")).status_code == 422
    assert staff.post(url(shop, "new"), call(shop, promo_code="ten")).status_code == 302
    booking = Booking.objects.get()
    assert (booking.price_minor, booking.promo_code) == (2340, "TEN")
    assert "TEN" in text_of(staff.get(url(shop, "booking", booking.reference)))


def test_a_series_is_booked_with_its_conflict_left_out(shop: Shop, staff: Client) -> None:
    shop.book("14:00", 10, resource=shop.theo)
    wanted = call(shop, every_weeks="1", times="3")
    shown = text_of(staff.post(url(shop, "new"), wanted))
    assert "One time is not free." in shown
    own = dict(re.findall(r'name="(time-[13])" value="([^"]+)"[^>]*checked', shown))
    chosen = own | {"time-2": "skip", "do": "series"}
    assert staff.post(url(shop, "new"), wanted | chosen).status_code == 302
    series = Booking.objects.filter(series_id__isnull=False).order_by("starts_at")
    assert series.count() == 2
    page = text_of(staff.get(url(shop, "booking", series[0].reference)))
    assert "The series" in page
    staff.post(url(shop, "cancel_together", series[0].reference), {"which": "all"})
    assert not Booking.objects.filter(series_id__isnull=False, state="confirmed").exists()


def test_a_series_without_times_left_is_refused(shop: Shop, staff: Client) -> None:
    wanted = call(shop, every_weeks="1", times="2")
    shown = staff.post(url(shop, "new"), wanted | {"do": "series", "time-1": "skip", "time-2": "skip"})
    assert shown.status_code == 422
    assert "A series has 2 to 52 times." in text_of(shown)


def test_a_group_is_booked_at_the_desk(shop: Shop, staff: Client) -> None:
    page, starts_at = url(shop, "new_group"), shop.at("14:00", 3)
    assert "Person 2" in text_of(staff.get(page))
    wanted = {"count": "2", "date": starts_at.date().isoformat(), "p1-name": "Ann", "p2-name": "Ben"}
    assert starts_at.isoformat() in text_of(staff.post(page, wanted | {"do": "times"}))
    chosen = {"do": "book", "at": starts_at.isoformat(), "name": "Dana Guest"}
    assert staff.post(page, wanted | chosen).status_code == 302
    assert Booking.objects.filter(group_id__isnull=False).count() == 2
    again = staff.post(page, wanted | chosen)
    assert again.status_code == 409
    assert staff.post(page, wanted | chosen | {"at": "", "name": ""}).status_code == 422


def test_next_door_cannot_cancel_a_series(shop: Shop, stranger: Client, staff: Client) -> None:
    wanted = call(shop, every_weeks="1", times="2")
    shown = text_of(staff.post(url(shop, "new"), wanted))
    own = dict(re.findall(r'name="(time-\d)" value="([^"]+)"[^>]*checked', shown))
    staff.post(url(shop, "new"), wanted | own | {"do": "series"})
    booking = Booking.objects.first()
    assert booking is not None
    gone = stranger.post(url(shop, "cancel_together", booking.reference), {"which": "all"})
    assert gone.status_code == 404
    assert Booking.objects.filter(state="confirmed").count() == 2


def test_the_export_carries_answers_and_codes_without_formulas(
    shop: Shop, staff: Client, manager: Client
) -> None:
    name = ask(shop)
    staff.post(url(shop, "new"), call(shop, **{name: "=1+1"}))
    exported = b"".join(manager.get(url(shop, "export")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "Any allergies?: =1+1" in exported
    assert not re.search(r"(^|[,;\"])=1", exported, re.MULTILINE)

"""Questions, codes, repeated and group bookings on the public pages (SPEC B6, B7, D9, D10), without script."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from holdfast.bookings.commands import hold_time
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import hold_token, manage_token
from holdfast.catalog.commands import add_question, create_price_rule, create_promotion
from holdfast.core import clock, ratelimit
from holdfast.lib.actors import GUEST
from tests.cast import OPERATOR, Shop

pytestmark = pytest.mark.django_db
DANA = {"name": "Dana Guest", "email": "dana@example.org", "phone": "", "notes": ""}


def held(shop: Shop, hhmm: str = "10:00") -> str:
    """The address of a hold of Theo's time in three days."""
    hold = hold_time(
        actor=GUEST, timetable=shop.timetable, wish=shop.wish(hhmm, resource=shop.theo), now=clock.now()
    )
    return f"/b/{shop.slug}/h/{hold_token(booking_id=hold.id)}"


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def ask(shop: Shop, **wanted: object) -> str:
    made = add_question(
        actor=OPERATOR,
        business_id=shop.business_id,
        service_id=shop.cut.id,
        wanted={"label": "Any allergies?"} | wanted,
    )
    return f"q-{made.id}"


def promote(shop: Shop, **wanted: object) -> None:
    create_promotion(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"code": "SPRING10", "effect": "percent", "percent": 10} | wanted,
    )


def test_a_question_is_asked_checked_and_shown_on_the_booking(client: Client, shop: Shop) -> None:
    name, page = ask(shop, is_required=True), held(shop)
    assert "Any allergies?" in text_of(client.get(page))
    refused = client.post(f"{page}/review", DANA)
    assert refused.status_code == 422
    assert "Fill this in." in text_of(refused)
    assert "Nuts" in text_of(client.post(f"{page}/review", DANA | {name: "Nuts"}))
    done = client.post(f"{page}/confirm", DANA | {name: "Nuts"}, follow=True)
    assert "Any allergies?" in text_of(done)
    assert "Nuts" in text_of(done)
    assert Booking.objects.get().state == "confirmed"


def test_an_answer_outlives_a_change_of_mind(client: Client, shop: Shop) -> None:
    name, page = ask(shop), held(shop)
    client.post(f"{page}/edit", DANA | {name: "Nuts"})
    assert 'value="Nuts"' in text_of(client.get(page))


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        ({"kind": "number", "least": 1, "most": 5}, "9", "Write a number from 1 to 5."),
        ({"kind": "number"}, "many", "Write a whole number."),
        ({"kind": "choice", "choices": ["Red", "Blue"]}, "Green", "Choose one of the list."),
        ({"kind": "consent", "is_required": True}, "", "Fill this in."),
    ],
)
def test_wrong_answers_are_said_at_their_question(
    client: Client, shop: Shop, question: dict[str, object], answer: str, words: str
) -> None:
    name, page = ask(shop, **question), held(shop)
    for action in ("review", "confirm"):
        response = client.post(f"{page}/{action}", DANA | {name: answer})
        assert response.status_code == 422
        assert words in text_of(response)
        assert f'id="field-{name}-error"' in text_of(response)
    assert not Booking.objects.exclude(state="held").exists()


def test_a_code_shows_the_new_total_before_anything_is_booked(client: Client, shop: Shop) -> None:
    promote(shop)
    page = held(shop)
    assert "Have a code?" in text_of(client.get(page))
    shown = text_of(client.post(f"{page}/price", DANA | {"promo_code": "spring10"}))
    assert "£23.40" in shown
    assert "−£2.60" in shown
    assert "£23.40" in text_of(client.post(f"{page}/review", DANA | {"promo_code": "spring10"}))
    done = text_of(client.post(f"{page}/confirm", DANA | {"promo_code": "spring10"}, follow=True))
    assert "code SPRING10" in done
    assert Booking.objects.get().price_minor == 2340


def test_without_any_code_there_is_no_field_for_one(client: Client, shop: Shop) -> None:
    assert "Have a code?" not in text_of(client.get(held(shop)))


def test_a_wrong_code_keeps_the_form_and_guessing_is_slowed_down(
    client: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "usual_limit", lambda bucket: 3 if bucket == "promotion codes" else 1000)
    promote(shop)
    page = held(shop)
    for _ in range(3):
        refused = client.post(f"{page}/price", DANA | {"promo_code": "WINTER"})
        assert refused.status_code == 422
        assert "There is no such code." in text_of(refused)
        assert 'value="WINTER"' in text_of(refused)
    assert client.post(f"{page}/price", DANA | {"promo_code": "SPRING10"}).status_code == 429


def test_the_price_of_a_time_is_the_price_of_its_hold(client: Client, shop: Shop) -> None:
    create_price_rule(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"name": "Mornings", "effect": "amount", "amount_minor": 400, "until_minute": 720},
    )
    assert "£30" in text_of(client.get(held(shop, "10:00")))
    assert "£26" in text_of(client.get(held(shop, "14:00")))


def test_a_booking_is_repeated_with_one_conflict_chosen_away(client: Client, shop: Shop) -> None:
    shop.book("10:00", 10, resource=shop.theo)
    page = held(shop)
    rhythm = {"every_weeks": "1", "times": "3", "until": ""}
    shown = text_of(client.post(f"{page}/repeat", DANA | rhythm))
    assert "One time is not free." in shown
    offers = re.findall(r'name="time-2" value="([^"]+)"', shown)
    assert offers[-1] == "skip"
    third = re.search(r'name="time-3" value="([^"]+)"[^>]*checked', shown)
    assert third is not None
    chosen = {"time-2": offers[0], "time-3": third[1]}
    done = client.post(f"{page}/repeat/book", DANA | rhythm | chosen, follow=True)
    assert done.status_code == 200
    series = Booking.objects.filter(series_id__isnull=False)
    assert series.count() == 3
    assert text_of(done).count("All your times") == 1


def test_a_time_that_goes_meanwhile_books_nothing_and_is_named(client: Client, shop: Shop) -> None:
    page = held(shop)
    rhythm = {"every_weeks": "1", "times": "2", "until": ""}
    shown = text_of(client.post(f"{page}/repeat", DANA | rhythm))
    second = re.search(r'name="time-2" value="([^"]+)"[^>]*checked', shown)
    assert second is not None
    shop.book("10:00", 10, resource=shop.theo)
    refused = client.post(f"{page}/repeat/book", DANA | rhythm | {"time-2": second[1]})
    assert refused.status_code == 409
    assert "a moment ago. Nothing was booked." in text_of(refused)
    assert Booking.objects.filter(state="confirmed").count() == 1


@pytest.mark.parametrize(
    ("rhythm", "words"),
    [
        ({"every_weeks": "1", "times": "1"}, "A series has 2 to 52 times."),
        ({"every_weeks": "1", "times": "x"}, "Write a whole number."),
        ({"every_weeks": "4", "times": "52"}, "cannot be booked yet"),
    ],
)
def test_a_rhythm_without_sense_leads_back_to_the_details(
    client: Client, shop: Shop, rhythm: dict[str, str], words: str
) -> None:
    response = client.post(f"{held(shop)}/repeat", DANA | rhythm)
    assert response.status_code == 422
    assert words in text_of(response)


def test_this_and_the_following_are_cancelled_from_the_page_and_taken_back(
    client: Client, shop: Shop
) -> None:
    page = held(shop)
    rhythm = {"every_weeks": "1", "times": "3", "until": ""}
    shown = text_of(client.post(f"{page}/repeat", DANA | rhythm))
    chosen = {
        f"time-{number}": re.search(rf'name="time-{number}" value="([^"]+)"[^>]*checked', shown)[1]  # type: ignore[index]
        for number in (2, 3)
    }
    client.post(f"{page}/repeat/book", DANA | rhythm | chosen)
    second = Booking.objects.order_by("starts_at")[1]
    manage = f"/m/{manage_token(booking_id=second.id)}"
    assert "This and the following" in text_of(client.get(manage))
    client.post(f"{manage}/cancel-together", {"which": "following"})
    states = Booking.objects.order_by("starts_at").values_list("state", flat=True)
    assert list(states) == ["confirmed", "cancelled", "cancelled"]
    client.post(f"{manage}/undo", {})
    assert set(Booking.objects.values_list("state", flat=True)) == {"confirmed"}


def family(shop: Shop, **more: str) -> dict[str, str]:
    day = shop.at("10:00").date().isoformat()
    both = {f"p{number}-service": str(shop.cut.id) for number in (1, 2)}
    return both | {"count": "2", "date": day, "p1-name": "Ann", "p2-name": "Ben", "do": "times"} | more


def test_a_family_is_booked_together_step_by_step(client: Client, shop: Shop) -> None:
    assert "Book for more than one person" in text_of(client.get(f"/b/{shop.slug}/"))
    page = f"/b/{shop.slug}/group"
    assert "Person 2" in text_of(client.get(page))
    assert "Person 3" in text_of(client.post(page, family(shop, do="more")))
    shown = text_of(client.post(page, family(shop)))
    at = f"{shop.at('10:00'):%Y-%m-%dT%H:%MZ}"
    assert f'value="{at}"' in shown
    done = client.post(page, family(shop, do="book", at=at) | DANA, follow=True)
    assert done.status_code == 200
    assert "Everybody who comes" in text_of(done)
    assert {booking.contact["name"] for booking in Booking.objects.all()} == {"Ann", "Ben"}
    assert len(set(Booking.objects.values_list("group_id", flat=True))) == 1


def test_a_group_without_room_for_all_sees_when_there_is(client: Client, shop: Shop) -> None:
    page, at = f"/b/{shop.slug}/group", f"{shop.at('10:00'):%Y-%m-%dT%H:%MZ}"
    shop.book("10:00", resource=shop.amara)
    assert f'value="{at}"' not in text_of(client.post(page, family(shop)))
    refused = client.post(page, family(shop, do="book", at=at) | DANA)
    assert refused.status_code == 409
    assert "Nothing was booked." in text_of(refused)
    assert Booking.objects.count() == 1


def test_a_groups_mistakes_stand_at_their_fields(client: Client, shop: Shop) -> None:
    name = ask(shop, is_required=True)
    page, at = f"/b/{shop.slug}/group", f"{shop.at('10:00'):%Y-%m-%dT%H:%MZ}"
    refused = client.post(page, family(shop, do="book", at=at, **{f"p1-{name}": "Nuts"}))
    assert refused.status_code == 422
    shown = text_of(refused)
    assert "Add your name." in shown
    assert f'id="field-p2-{name}-error"' in shown
    assert f'id="field-p1-{name}-error"' not in shown
    assert not Booking.objects.exists()

"""Where there is nothing yet, a page says what to do next (SPEC L5)."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings

from holdfast.accounts.models import Account
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.businesses.commands import change_business_settings, change_profile
from holdfast.businesses.models import Member
from holdfast.catalog.models import Resource, Service
from holdfast.schedule.models import WeeklyHours
from holdfast.web.nouns import resources_word
from tests.cast import OPERATOR, PASSWORD, Shop
from tests.web.public.visitor import said

pytestmark = pytest.mark.django_db


def contact(shop: Shop) -> None:
    change_profile(
        actor=OPERATOR,
        business_id=shop.business_id,
        wanted={"phone": "0113 496 0182", "email": "hello@example.org"},
    )


def test_a_business_that_takes_nothing_online_says_how_to_reach_it(client: Client, shop: Shop) -> None:
    contact(shop)
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted={"online_booking": False})
    page = client.get(f"/b/{shop.slug}/")
    assert "No bookings online at the moment" in said(page)
    assert 'href="tel:01134960182"' in page.content.decode()
    assert 'href="mailto:hello@example.org"' in page.content.decode()
    assert "See times" not in said(page)


def test_a_business_without_services_says_how_to_reach_it_or_to_come_back(client: Client, shop: Shop) -> None:
    Service.objects.all().update(is_active=False)
    change_profile(actor=OPERATOR, business_id=shop.business_id, wanted={"phone": "", "email": ""})
    assert "Come back later" in said(client.get(f"/b/{shop.slug}/"))
    contact(shop)
    assert "Get in touch" in said(client.get(f"/b/{shop.slug}/"))


def test_a_business_without_any_free_time_gives_its_phone(client: Client, shop: Shop) -> None:
    WeeklyHours.objects.all().delete()
    contact(shop)
    page = said(client.get(f"/b/{shop.slug}/times", {"service": str(shop.cut.id)}))
    assert (
        "No other day that can be booked now has a free time. Call 0113 496 0182 to ask for a time." in page
    )


def desk(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_the_first_day_shows_link_code_and_what_is_still_to_do(shop: Shop, bob: Account) -> None:
    page = desk(bob).get(f"/desk/{shop.slug}/")
    words = said(page)
    assert "You are open for bookings" in words
    assert f"/b/{shop.slug}/" in words
    assert 'aria-label="Code of your booking page"' in page.content.decode()
    assert "To do Logo" in words


@pytest.mark.parametrize(
    ("missing", "todo"),
    [
        (WeeklyHours, "To do Hours and days off"),
        (Service, "To do Services and prices"),
        (Resource, "To do Barbers"),
    ],
)
def test_what_keeps_a_business_from_its_first_booking_is_named_on_its_first_day(
    shop: Shop, bob: Account, missing: type, todo: str
) -> None:
    missing.objects.filter(business_id=shop.business_id).delete()  # type: ignore[attr-defined]
    words = said(desk(bob).get(f"/desk/{shop.slug}/"))
    assert "Almost ready for bookings" in words
    assert todo in words


def test_every_kind_has_a_word_for_what_can_be_busy() -> None:
    assert {kind: resources_word(kind) for kind in BLUEPRINTS} == {
        "barbershop": "Barbers",
        "venue": "Tables",
        "waitlist": "People and places",
        "artist": "Artists",
        "counter": "Counters",
    }


def test_somebody_without_a_business_hears_how_to_get_one() -> None:
    stranger = Account.objects.create_user("dana@example.org", PASSWORD)
    page = desk(stranger).get("/desk/")
    assert "Whoever runs one adds you" in said(page)
    assert "/setup/" not in page.content.decode()
    with override_settings(WHO_MAY_SET_UP="anyone"):
        assert 'href="/setup/"' in desk(stranger).get("/desk/").content.decode()


def test_the_operator_adds_another_business_from_the_list(shop: Shop) -> None:
    operator = Account.objects.create_superuser("operator@example.org", PASSWORD)
    Member.objects.all().delete()
    other = desk(operator)
    assert other.get("/desk/").status_code == 302  # with one business there is nothing to choose
    assert "What do people book with you?" in said(other.get("/setup/"))


def test_a_list_without_bookings_leads_on(shop: Shop, bob: Account) -> None:
    page = desk(bob).get(f"/desk/{shop.slug}/bookings")
    assert "No bookings here" in said(page)
    assert f'href="/b/{shop.slug}/"' in page.content.decode()
    assert "No booking fits" in said(desk(bob).get(f"/desk/{shop.slug}/bookings", {"q": "nobody"}))

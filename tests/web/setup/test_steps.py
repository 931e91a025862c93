"""The four steps without a script: nothing typed is lost, mistakes stand at their fields, a business stands at the end."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from holdfast.accounts.models import Account
from holdfast.blueprints.rules import BLUEPRINTS
from holdfast.businesses.models import Business, Member
from holdfast.businesses.rules import may_be_slug
from holdfast.lib.walltime import zone_names
from holdfast.schedule.queries import load_timetable
from holdfast.web.setup.places import currencies, currency_at, zones
from holdfast.web.setup.reading import slug_of
from holdfast.web.setup.words import KINDS
from tests.cast import PASSWORD, Shop
from tests.web.public.visitor import said, values

pytestmark = pytest.mark.django_db
ABOUT = {
    "name": "Fenwick & Rowe",
    "slug": "",
    "timezone": "Europe/Paris",
    "currency": "",
    "hours": "weekday_9to5",
}


@pytest.fixture
def founder(client: Client) -> Client:
    """The operator, signed in on an empty installation."""
    client.force_login(Account.objects.create_superuser("alice@example.org", PASSWORD))
    return client


def fields_of(page: Any) -> dict[str, str]:
    """The rows of the third step as they stand."""
    names = [f"{group}-{n}-{column}" for group, columns in (("resources", ("name", "seats")), ("services", ("name", "minutes", "price"))) for n in range(12) for column in columns]  # fmt: skip
    found = {name: values(page, name) for name in [*names, "capacity"]}
    return {name: given[0] for name, given in found.items() if given}


def begin(client: Client, kind: str = "barbershop", **about: str) -> Any:
    """Up to the third step."""
    assert client.post("/setup/", {"kind": kind})["Location"] == "/setup/about"
    assert client.post("/setup/about", ABOUT | about)["Location"] == "/setup/services"
    return client.get("/setup/services")


@pytest.mark.parametrize("kind", sorted(BLUEPRINTS))
def test_each_kind_of_business_stands_after_three_forms(founder: Client, kind: str) -> None:
    page = begin(founder, kind)
    done = founder.post("/setup/services", fields_of(page) | {"do": "open"})
    assert done["Location"] == "/setup/fenwick-and-rowe/open"
    made = Business.objects.get()
    assert (made.name, made.blueprint, made.timezone, made.currency) == (
        "Fenwick & Rowe",
        kind,
        "Europe/Paris",
        "EUR",
    )
    assert Member.objects.get(business=made).role == "admin"
    timetable = load_timetable(business_id=made.id)
    assert [s.name for s in timetable.services.values()] == [s.name for s in BLUEPRINTS[kind].services]
    assert [(r.name, r.seats_min, r.seats_max) for r in timetable.resources.values()] == [
        (giver.name, giver.seats_min, giver.seats_max) for giver in BLUEPRINTS[kind].givers
    ]
    opened = founder.get(done["Location"])
    assert "You are open" in said(opened)
    assert "/b/fenwick-and-rowe/" in opened.content.decode()
    assert 'aria-label="Code of your booking page"' in opened.content.decode()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("barbershop", "The first free time is"),
        ("venue", "The first free time is"),
        ("waitlist", "The first free time is"),
        ("artist", "The first free date is"),
    ],
)
def test_what_can_be_booked_first_is_said(founder: Client, kind: str, words: str) -> None:
    page = begin(founder, kind, hours="24_7")
    done = founder.post("/setup/services", fields_of(page) | {"do": "open"}, follow=True)
    assert words in said(done)


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(BLUEPRINTS) == set(Business.Blueprint.values)


def test_going_back_and_forth_loses_nothing(founder: Client) -> None:
    page = begin(founder)
    typed = fields_of(page) | {"services-0-name": "Wash", "services-0-price": "not yet"}
    assert founder.post("/setup/services", typed | {"do": "back"})["Location"] == "/setup/about"
    about = founder.get("/setup/about")
    assert values(about, "name") == ["Fenwick & Rowe"]
    assert values(about, "slug") == ["fenwick-and-rowe"]
    changed = ABOUT | {"name": "Half a na", "do": "back"}
    assert founder.post("/setup/about", changed)["Location"] == "/setup/"
    assert founder.post("/setup/", {"kind": "barbershop"})["Location"] == "/setup/about"
    assert values(founder.get("/setup/about"), "name") == ["Half a na"]
    founder.post("/setup/about", ABOUT)
    again = fields_of(founder.get("/setup/services"))
    assert (again["services-0-name"], again["services-0-price"]) == ("Wash", "not yet")


def test_another_kind_brings_its_own_services_and_keeps_the_name(founder: Client) -> None:
    begin(founder)
    founder.post("/setup/", {"kind": "venue"})
    about = founder.get("/setup/about")
    assert values(about, "name") == ["Fenwick & Rowe"]
    founder.post("/setup/about", ABOUT)
    assert fields_of(founder.get("/setup/services"))["resources-0-name"] == "Table 1"


def test_rows_are_added_and_removed(founder: Client) -> None:
    typed = fields_of(begin(founder)) | {"resources-0-name": "Theo"}
    page = founder.post("/setup/services", typed | {"do": "add-resources"})
    rows = fields_of(page)
    assert [rows[f"resources-{n}-name"] for n in range(3)] == ["Theo", "Second chair", ""]
    page = founder.post("/setup/services", rows | {"resources-2-name": "Amara", "do": "remove-resources-1"})
    page = founder.post("/setup/services", fields_of(page) | {"do": "remove-services-3"})
    rows = fields_of(page)
    assert [rows.get(f"resources-{n}-name") for n in range(3)] == ["Theo", "Amara", None]
    assert "services-3-name" not in rows
    founder.post("/setup/services", rows | {"do": "open"})
    timetable = load_timetable(business_id=Business.objects.get().id)
    assert [resource.name for resource in timetable.resources.values()] == ["Theo", "Amara"]
    assert len(timetable.services) == 3


def test_the_last_row_stays_and_strange_orders_do_nothing(founder: Client) -> None:
    rows = fields_of(begin(founder, "counter"))
    for do in ("remove-resources-0", "remove-resources-9", "remove-services-x", "add-resources-"):
        page = founder.post("/setup/services", rows | {"do": do})
        assert page.status_code == 200
        assert values(page, "resources-0-name") == ["Counter"]
    assert not Business.objects.exists()


@pytest.mark.parametrize(
    ("kind", "wrong", "field", "words"),
    [
        ("barbershop", {"services-1-name": " "}, "f-services-1-name", "Fill this in."),
        ("barbershop", {"services-0-minutes": "half"}, "f-services-0-minutes", "Write a whole number."),
        ("barbershop", {"services-0-minutes": "1441"}, "f-services-0-minutes", "from 1 to 1440"),
        ("barbershop", {"services-0-price": "-3"}, "f-services-0-price", "Write an amount"),
        ("barbershop", {"resources-0-name": "x" * 121}, "f-resources-0-name", "at most 120"),
        ("venue", {"resources-2-seats": "0"}, "f-resources-2-seats", "from 1 to 10000"),
        ("counter", {"capacity": ""}, "f-capacity", "Fill this in."),
    ],
)
def test_a_mistake_in_a_row_stands_at_its_field_and_nothing_is_made(
    founder: Client, kind: str, wrong: dict[str, str], field: str, words: str
) -> None:
    rows = fields_of(begin(founder, kind)) | wrong
    page = founder.post("/setup/services", rows | {"do": "open"})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.content.decode()
    assert words in said(page)
    assert not Business.objects.exists()
    kept = fields_of(page)
    assert all(kept[name] == value for name, value in wrong.items())


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": ""}, "f-name-error", "Fill this in."),
        ({"name": "美容室"}, "f-slug-error", "small letters"),
        ({"slug": "Not this!"}, "f-slug-error", "small letters"),
        ({"slug": "admin"}, "f-slug-error", "small letters"),
        ({"slug": "fenwick"}, "f-slug-error", "fenwick-2 is free"),
        ({"timezone": "Mars/Base"}, "f-timezone-error", "Choose one"),
        ({"currency": "XXX"}, "f-currency-error", "Choose the currency"),
        ({"timezone": "Antarctica/Troll", "currency": "ZZ"}, "f-currency-error", "Choose the currency"),
        ({"hours": "never"}, "f-hours", "Choose one"),
        ({"hours": "own"}, "f-hours", "at least one day"),
        ({"hours": "own", "opens-2": "09:00"}, "f-closes-2-error", "Fill this in."),
        ({"hours": "own", "opens-2": "9", "closes-2": "17:00"}, "f-opens-2-error", "not written"),
        (
            {
                "hours": "own",
                "opens-0": "20:00",
                "closes-0": "06:00",
                "opens-1": "05:00",
                "closes-1": "09:00",
            },
            "f-opens-1-error",
            "overlap",
        ),
    ],
)
def test_a_mistake_about_the_business_stands_at_its_field(
    founder: Client, shop: Shop, wrong: dict[str, str], field: str, words: str
) -> None:
    founder.post("/setup/", {"kind": "barbershop"})
    page = founder.post("/setup/about", ABOUT | wrong)
    assert page.status_code == 422
    assert f'id="{field}"' in page.content.decode()
    assert words in said(page)


def test_own_hours_are_what_the_business_gets(founder: Client) -> None:
    days = {"hours": "own", "opens-0": "09:00", "closes-0": "12:30", "opens-5": "22:00", "closes-5": "04:00"}
    rows = fields_of(begin(founder, **days))
    founder.post("/setup/services", rows | {"do": "open"})
    weekly = load_timetable(business_id=Business.objects.get().id).hours.weekly
    assert [(w.weekday, w.opens, w.closes) for w in weekly] == [(0, 540, 750), (5, 1320, 240)]


def test_a_form_sent_twice_makes_one_business(founder: Client) -> None:
    rows = fields_of(begin(founder)) | {"do": "open"}
    session = dict(founder.session)
    first = founder.post("/setup/services", rows)
    stored = founder.session
    stored["set_up"] = session["set_up"]  # as the second of two requests at once would still find it
    stored.save()
    assert founder.post("/setup/services", rows)["Location"] == first["Location"]
    assert Business.objects.count() == 1


def test_an_address_taken_in_the_meantime_leads_back_to_it(founder: Client, shop: Shop) -> None:
    rows = fields_of(begin(founder, slug="mine"))
    Business.objects.filter(slug=shop.slug).update(slug="mine")
    page = founder.post("/setup/services", rows | {"do": "open"})
    assert page.status_code == 422
    assert "mine-2 is free" in said(page)
    assert Business.objects.count() == 1


def test_no_step_can_be_skipped(founder: Client) -> None:
    assert founder.get("/setup/about")["Location"] == "/setup/"
    assert founder.get("/setup/services")["Location"] == "/setup/"
    founder.post("/setup/", {"kind": "barbershop"})
    assert founder.get("/setup/services")["Location"] == "/setup/about"
    page = founder.post("/setup/", {"kind": "bank"})
    assert page.status_code == 422


def test_the_front_door_leads_the_operator_of_an_empty_installation_to_the_set_up(founder: Client) -> None:
    assert founder.get("/")["Location"] == "/setup/"
    founder.logout()
    assert founder.get("/").status_code == 200


def test_only_the_operator_sets_up_unless_the_installation_says_otherwise(
    client: Client, shop: Shop, bob: Account
) -> None:
    stranger = Account.objects.create_user("dana@example.org", PASSWORD)
    client.force_login(stranger)
    assert client.get("/setup/").status_code == 403
    assert client.post("/setup/services", {"do": "open"}).status_code == 403
    with override_settings(WHO_MAY_SET_UP="anyone"):
        rows = fields_of(begin(client))
        done = client.post("/setup/services", rows | {"do": "open"})
        assert done["Location"] == "/setup/fenwick-and-rowe/open"
        assert client.get("/setup/").status_code == 403  # one is enough
        client.force_login(bob)
        assert client.get("/setup/").status_code == 403  # works for one already


def test_the_last_page_is_for_those_who_work_there(client: Client, shop: Shop, bob: Account) -> None:
    address = f"/setup/{shop.slug}/open"
    assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    client.force_login(Account.objects.create_user("charlie@example.org", PASSWORD))
    assert client.get(address).status_code == 404
    assert client.get("/setup/nowhere/open").status_code == 404
    client.force_login(bob)
    assert "You are open" in said(client.get(address))


@given(st.text(max_size=80))
def test_an_address_made_of_a_name_can_be_one_or_is_empty(name: str) -> None:
    made = slug_of(name)
    assert (
        made == "" or may_be_slug(made) or made in {"new", "admin", "api", "static", "accounts", "holdfast"}
    )


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Fenwick & Rowe", "fenwick-and-rowe"),
        ("Café Müller", "cafe-muller"),
        ("Straße_9", "strasse-9"),
        ("理髪店", ""),
    ],
)
def test_an_address_is_made_of_a_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_zones_on_offer_exist_and_most_have_a_currency_people_use_today() -> None:
    today = date(2026, 11, 20)
    offered = [name for names in zones().values() for name in names]
    assert set(offered) <= zone_names()
    assert len(offered) > 350
    known = currencies(today)
    found = [currency_at(name, today) for name in offered]
    assert all(currency in known for currency in found if currency)
    assert sum(1 for currency in found if not currency) < 15
    cases = {"Europe/London": "GBP", "Asia/Tokyo": "JPY", "America/New_York": "USD", "Europe/Zagreb": "EUR"}
    assert {name: currency_at(name, today) for name in cases} == cases
    assert currency_at("UTC", today) == ""

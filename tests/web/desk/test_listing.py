"""The list of bookings: search, filters, pages, export (SPEC D13)."""

from __future__ import annotations

import csv
import io
from datetime import datetime, time, timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from holdfast.bookings.commands import cancel_booking
from holdfast.bookings.queries import BookingFacts
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.insights.models import FunnelDay
from holdfast.lib.actors import Role
from tests.cast import Shop

ERIN = Contact("Erin O'Brien", "erin@example.org", "07700 900419")


def listed(client: Client, shop: Shop, **query: str) -> str:
    return client.get(reverse("desk:bookings", args=[shop.slug]), query).content.decode()


@pytest.fixture
def erin_tomorrow(shop: Shop) -> BookingFacts:
    """Erin's booking with Amara tomorrow."""
    return shop.book("10:00", days=1, resource=shop.amara, contact=ERIN)


def test_upcoming_bookings_come_first_in_order(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, erin_tomorrow: BookingFacts
) -> None:
    page = listed(staff, shop)
    assert page.index("Dana Guest") < page.index("Erin O&#x27;Brien")
    assert "Fri 20 Nov, 12:00" in page
    assert "£26" in page


@pytest.mark.parametrize(
    "text", ["dana", "GUEST", "dana guest", "Dana@Example.org", "07700900418", "07700 900 418", "{reference}"]
)
def test_a_booking_is_found_by_what_people_say(
    text: str, shop: Shop, staff: Client, dana_at_noon: BookingFacts, erin_tomorrow: BookingFacts
) -> None:
    page = listed(staff, shop, q=text.replace("{reference}", dana_at_noon.shown_reference.lower()))
    assert "Dana Guest" in page
    assert "Erin" not in page


@pytest.mark.parametrize("text", ["dan", "an", "@", "07700", "%", "' OR 1=1", "\x00"])
def test_half_a_word_finds_nobody_and_breaks_nothing(
    text: str, shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    assert "No booking fits" in listed(staff, shop, q=text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"when": "upcoming"}, {"Dana", "Erin"}),
        ({"when": "past"}, set()),
        ({"when": "", "status": "cancelled"}, {"Frank"}),
        ({"when": "", "status": "confirmed"}, {"Dana", "Erin"}),
        ({"from": "2026-11-21", "to": "2026-11-21"}, {"Erin"}),
        ({"to": "2026-11-20"}, {"Dana", "Frank"}),
    ],
)
def test_filters_narrow_the_list(
    query: dict[str, str],
    found: set[str],
    shop: Shop,
    staff: Client,
    dana_at_noon: BookingFacts,
    erin_tomorrow: BookingFacts,
) -> None:
    gone = shop.book("09:00", days=0, contact=Contact("Frank", "frank@example.org"), now=shop.at("07:00", 0))
    cancel_booking(
        actor=shop.actor(Role.STAFF), timetable=shop.timetable, booking_id=gone.id, now=clock.now()
    )
    page = listed(staff, shop, **query)
    assert {name for name in ("Dana", "Erin", "Frank") if name in page} - {"Frank"} == found - {"Frank"}
    assert ("Frank" in page) == ("Frank" in found or query == {"when": "past"})


def test_one_persons_bookings(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts, erin_tomorrow: BookingFacts
) -> None:
    page = listed(staff, shop, resource=str(shop.amara.id))
    assert "Erin" in page
    assert "Dana" not in page


@pytest.mark.parametrize(
    "query",
    [{"when": "someday"}, {"status": "gone"}, {"resource": "x"}, {"from": "2026-02-30"}, {"cursor": "!!"}],
)
def test_a_filter_that_makes_no_sense_is_refused_in_words(
    query: dict[str, str], shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    answer = staff.get(reverse("desk:bookings", args=[shop.slug]), query)
    assert answer.status_code == 422
    assert "One thing to fix" in answer.content.decode()


def test_long_lists_come_in_pages_without_gaps_or_repeats(
    shop: Shop, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.web.desk.listing._PAGE", 3)
    made = {shop.book(f"{10 + n}:00", days=2).reference for n in range(7)}
    seen: list[str] = []
    url = reverse("desk:bookings", args=[shop.slug])
    while url:
        answer = staff.get(url)
        seen += [row["url"].rsplit("/", 1)[1] for row in answer.context["rows"]]
        url = answer.context["next_url"]
    assert len(seen) == 7
    assert set(seen) == made


def test_an_empty_list_says_what_comes_next(shop: Shop, staff: Client) -> None:
    assert "They appear as soon as somebody books." in listed(staff, shop)


def test_the_export_holds_what_the_list_holds(
    shop: Shop, manager: Client, dana_at_noon: BookingFacts, erin_tomorrow: BookingFacts
) -> None:
    answer = manager.get(reverse("desk:export", args=[shop.slug]), {"q": "erin"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="fenwick-bookings-2026-11-20.csv"'
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows[1] == [
        erin_tomorrow.shown_reference, "Booked", "2026-11-21", "10:00", "10:30", "Classic cut", "Amara Osei",
        "Erin O'Brien", "erin@example.org", "07700 900419", "1", "26.00", "GBP", "", "", "",
    ]  # fmt: skip
    assert len(rows) == 2


def test_the_export_comes_as_xlsx_with_dates_money_and_a_fixed_head(
    shop: Shop, manager: Client, dana_at_noon: BookingFacts, erin_tomorrow: BookingFacts
) -> None:
    answer = manager.get(reverse("desk:export_xlsx", args=[shop.slug]), {"q": "erin"})
    assert answer["Content-Disposition"] == 'attachment; filename="fenwick-bookings-2026-11-20.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))["Bookings"]
    head, row = sheet.iter_rows(values_only=True)
    assert head[:4] == ("Reference", "Status", "Date", "Start")
    assert row == (
        erin_tomorrow.shown_reference, "Booked", datetime(2026, 11, 21), time(10), time(10, 30), "Classic cut",
        "Amara Osei", "Erin O'Brien", "erin@example.org", "07700 900419", 1, 26, "GBP", None, None, None,
    )  # fmt: skip
    assert sheet.freeze_panes == "A2"


def test_a_name_cannot_smuggle_a_formula_into_the_workbook(shop: Shop, manager: Client) -> None:
    shop.book("12:00", days=0, contact=Contact('=HYPERLINK("http://x")', "mallory@example.org"))
    answer = manager.get(reverse("desk:export_xlsx", args=[shop.slug]))
    cell = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active["H2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == ('=HYPERLINK("http://x")', "s", None)


def test_a_name_cannot_smuggle_a_formula_into_the_export(shop: Shop, manager: Client) -> None:
    shop.book(
        "12:00", days=0, contact=Contact('=HYPERLINK("http://x")', "mallory@example.org"), notes="@SUM(A1)"
    )
    body = b"".join(manager.get(reverse("desk:export", args=[shop.slug]))).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(body)))[1]
    assert row[7].startswith("'=")
    assert row[13].startswith("'@")


def test_an_export_with_a_wrong_filter_is_refused(shop: Shop, manager: Client) -> None:
    assert manager.get(reverse("desk:export", args=[shop.slug]), {"from": "x"}).status_code == 422


def test_the_upcoming_list_says_that_it_leaves_out_what_is_off(
    shop: Shop, staff: Client, dana_at_noon: BookingFacts
) -> None:
    staff.post(reverse("desk:step", args=[shop.slug, dana_at_noon.reference, "cancel"]))
    upcoming, cancelled, everything = (
        listed(staff, shop, when="upcoming"),
        listed(staff, shop, when="upcoming", status="cancelled"),
        listed(staff, shop, when=""),
    )
    assert ["Dana Guest" in page for page in (upcoming, cancelled, everything)] == [False, True, True]
    assert ["Any still on" in page for page in (upcoming, everything)] == [True, False]


def test_managers_see_what_became_of_those_who_looked(shop: Shop, manager: Client, staff: Client) -> None:
    assert "From looking to booking" not in listed(manager, shop)
    today = clock.now().date()
    for on, channel, views in ((today, "page", 1200), (today - timedelta(days=29), "api", 50)):
        FunnelDay.objects.create(
            business_id=shop.business_id,
            on=on,
            service_id=shop.cut.id,
            channel=channel,
            views=views,
            holds=400,
            booked=250,
        )
    FunnelDay.objects.create(
        business_id=shop.business_id,
        on=today - timedelta(days=30),
        service_id=shop.cut.id,
        channel="page",
        views=9999,
    )
    page = listed(manager, shop)
    for words in ("From looking to booking, last 30 days", "1,250", "800", "500", "40%"):
        assert words in page, words
    assert "From looking to booking" not in listed(staff, shop)

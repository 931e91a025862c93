"""Joining the waitlist from the page where nothing suited, without script."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.commands import change_service
from holdfast.core.worker import drain
from holdfast.schedule.commands import ExceptionWish, add_exception
from holdfast.waitlist.models import Entry
from holdfast.waitlist.queries import entry_facts
from tests.cast import DANA, OPERATOR, Shop
from tests.club import Club
from tests.counter import Counter, make_counter
from tests.waitlist.line import cancel_one, day_of, fill, offers, wait, work
from tests.web.public.visitor import DETAILS, said, stamp, take, values

pytestmark = pytest.mark.django_db
PERSON = {name: DETAILS[name] for name in ("name", "email", "phone")}


def form(shop: Any, **more: Any) -> dict[str, Any]:
    """What the form sends for the cut in three days."""
    on = day_of(shop).isoformat()
    service = shop.portrait.id if isinstance(shop, Counter) else shop.cut.id
    asked = {"service": str(service), "people": "any", "ranges": "1", "from-0": on, "to-0": on}
    return asked | PERSON | {"idempotency_key": "a1"} | more


def switch(shop: Any, **wanted: Any) -> None:
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted=wanted)


def entry() -> Any:
    return entry_facts(row=Entry.objects.get())


def link(response: Any, words: str) -> str:
    """Where the link with these words leads."""
    for address, inner in re.findall(
        r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', response.content.decode(), re.DOTALL
    ):
        if words in inner:
            return html.unescape(address)
    return ""


def test_a_full_day_leads_to_the_form_filled_with_what_was_looked_at(client: Client, shop: Shop) -> None:
    fill(shop)
    on = day_of(shop).isoformat()
    page = client.get(f"/b/{shop.slug}/times?service={shop.cut.id}&who={shop.theo.id}&date={on}")
    url = link(page, "Tell me if a time comes free")
    assert f"date={on}" in url
    assert f"who={shop.theo.id}" in url
    joining = client.get(url)
    assert joining.status_code == 200
    assert values(joining, "from-0") == values(joining, "to-0") == [on]
    assert 'value="some" checked' in joining.content.decode()
    assert f'value="{shop.theo.id}" checked' in joining.content.decode()
    assert "Free right now" not in said(joining)


def test_what_suits_and_is_free_is_said_first_and_joining_goes_on(client: Client, shop: Shop) -> None:
    page = client.get(f"/b/{shop.slug}/list?service={shop.cut.id}&date={day_of(shop)}")
    assert "Free right now" in said(page)
    assert "You can join the list all the same." in said(page)
    url = re.search(r'href="(/b/fenwick/times[^"]*at=[^"]*)"', page.content.decode())
    assert url is not None
    chosen = client.get(url.group(1).replace("&amp;", "&"))
    assert f'value="{stamp(shop, "09:00")}" required' in chosen.content.decode()
    assert client.post(f"/b/{shop.slug}/list", form(shop)).status_code == 303


def test_joining_leads_to_the_place_in_line_and_twice_the_same_is_one(client: Client, shop: Shop) -> None:
    fill(shop)
    first = client.post(f"/b/{shop.slug}/list", form(shop))
    assert first.status_code == 303
    assert first["Location"].startswith("/w/")
    assert client.post(f"/b/{shop.slug}/list", form(shop))["Location"] == first["Location"]
    assert (entry().contact, entry().resources, entry().walk_in) == (DANA, None, False)
    page = client.get(first["Location"])
    assert "You are on the list. We will mail you at dana@example.org" in said(page)
    assert "1st in line" in page.content.decode()
    again = client.post(f"/b/{shop.slug}/list", form(shop, idempotency_key="b2"))
    assert again.status_code == 409
    assert "You wait for exactly this already." in said(again)
    assert values(again, "email") == ["dana@example.org"]


def test_several_ranges_times_weekdays_and_people(client: Client, shop: Shop) -> None:
    first, later = day_of(shop), day_of(shop, 10)
    asked = form(shop, people="some", resource=[str(shop.amara.id)], add="1")
    more = client.post(f"/b/{shop.slug}/list", asked)
    assert (more.status_code, values(more, "ranges")) == (200, ["2"])
    assert Entry.objects.count() == 0
    del asked["add"]
    asked |= {"ranges": "2", "after-0": "09:30", "before-0": "11:00", "from-1": str(later), "to-1": str(later + timedelta(days=6)),
              "days-1": ["1", "3"]}  # fmt: skip
    assert client.post(f"/b/{shop.slug}/list", asked).status_code == 303
    one, two = entry().ranges
    assert (one.first, one.from_minute, one.to_minute) == (first, 570, 660)
    assert (two.first, two.weekdays) == (later, 0b1010)
    assert entry().resources == (shop.amara.id,)


def test_a_range_can_be_taken_away_again(client: Client, shop: Shop) -> None:
    asked = form(shop, ranges="2", remove="0") | {"from-1": "2031-01-02"}
    left = client.post(f"/b/{shop.slug}/list", asked)
    assert (values(left, "ranges"), values(left, "from-0")) == (["1"], ["2031-01-02"])


def test_every_mistake_is_named_and_nothing_is_lost(client: Client, shop: Shop) -> None:
    wrong = form(shop, email="dana@", name="", people="some", ranges="2")
    wrong |= {"from-0": "2026-02-30", "to-0": "", "from-1": "", "after-1": "half", "service": ""}
    page = client.post(f"/b/{shop.slug}/list", wrong)
    assert page.status_code == 422
    for words in (
        "7 things to fix",
        "Choose what you would like.",
        "Choose somebody, or anybody at all.",
        "Write a date that exists",
        "Choose the first day that suits.",
        "Add your name.",
        "Write the whole email address",
    ):
        assert words in said(page), words
    assert values(page, "from-0") == ["2026-02-30"]
    assert values(page, "after-1") == ["half"]
    assert values(page, "email") == ["dana@"]
    assert "<title>Error:" in page.content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"to-0": "2020-01-01"}, "The last day must not be before the first."),
        ({"from-0": "2020-01-01", "to-0": "2020-01-02"}, "These days have passed."),
        ({"from-0": "2060-01-01", "to-0": "2060-01-02"}, "These days cannot be booked yet."),
        ({"after-0": "12:00", "before-0": "11:00"}, "The latest start must not be before the earliest."),
        ({"after-0": "noon"}, "Write a time of day"),
    ],
)
def test_what_the_rules_find_wrong_is_said_at_its_field(
    client: Client, shop: Shop, more: dict[str, str], words: str
) -> None:
    page = client.post(f"/b/{shop.slug}/list", form(shop, **more))
    assert page.status_code == 422
    assert words in said(page)
    assert 'aria-invalid="true"' in page.content.decode()


def test_a_proven_address_asks_for_the_code_and_keeps_everything(client: Client, shop: Shop) -> None:
    wanted = {"who_may_book": "verified_email"}
    change_service(actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted=wanted)
    asked = client.post(f"/b/{shop.slug}/list", form(shop, **{"days-0": ["0", "1", "2", "3", "4", "5", "6"]}))
    assert "We sent a 6-digit code to dana@example.org" in said(asked)
    assert len(values(asked, "days-0")) == 7
    assert Entry.objects.count() == 0
    drain()
    code = re.match(r"\d{6}", str(mail.outbox[-1].subject))
    assert code
    wrong = form(shop, step="code", email_code=f"{(int(code.group()) + 1) % 1_000_000:06}")
    assert client.post(f"/b/{shop.slug}/list", wrong).status_code == 422
    assert client.post(f"/b/{shop.slug}/list", form(shop, step="code")).status_code == 422
    done = client.post(f"/b/{shop.slug}/list", form(shop, step="code", email_code=code.group()))
    assert done.status_code == 303


@pytest.mark.parametrize("how", ["business", "service", "online"])
def test_where_the_list_is_closed_nothing_leads_to_it(client: Client, shop: Shop, how: str) -> None:
    if how == "service":
        change_service(
            actor=OPERATOR,
            business_id=shop.business_id,
            service_id=shop.cut.id,
            wanted={"waitlist_open": False},
        )
    else:
        switch(shop, **{"waitlist" if how == "business" else "online_booking": False})
    times = client.get(f"/b/{shop.slug}/times?service={shop.cut.id}&who=any")
    assert "Tell me if a time comes free" not in said(times)
    page = client.get(f"/b/{shop.slug}/list?service={shop.cut.id}")
    assert page.status_code == 404
    assert "No waitlist at the moment" in said(page)
    assert client.post(f"/b/{shop.slug}/list", form(shop)).status_code == 409
    assert Entry.objects.count() == 0


def test_a_full_list_says_so_and_keeps_what_was_typed(client: Client, shop: Shop) -> None:
    change_service(
        actor=OPERATOR, business_id=shop.business_id, service_id=shop.cut.id, wanted={"waitlist_limit": 1}
    )
    assert client.post(f"/b/{shop.slug}/list", form(shop)).status_code == 303
    page = client.post(f"/b/{shop.slug}/list", form(shop, email="ada@example.org", idempotency_key="b"))
    assert page.status_code == 409
    assert "This waitlist is full" in said(page)
    assert values(page, "email") == ["ada@example.org"]


def test_services_of_other_businesses_are_not_found(client: Client, shop: Shop, other_shop: Shop) -> None:
    assert client.get(f"/b/{shop.slug}/list?service={other_shop.cut.id}").status_code == 404
    asked = form(shop, service=str(other_shop.cut.id))
    assert client.post(f"/b/{shop.slug}/list", asked).status_code == 422
    asked = form(shop, people="some", resource=[str(other_shop.theo.id)])
    assert client.post(f"/b/{shop.slug}/list", asked).status_code == 422
    assert client.get("/b/nobody/list").status_code == 404


def test_a_time_that_has_just_gone_can_be_asked_for(client: Client, shop: Shop) -> None:
    for person in (shop.theo, shop.amara):
        shop.book("10:00", resource=person, actor=shop.actor())
    gone = client.post(
        f"/b/{shop.slug}/holds", {"service": str(shop.cut.id), "who": "any", "at": stamp(shop)}
    )
    assert gone.status_code == 409
    joining = client.get(link(gone, "Tell me if 10:00 comes back"))
    assert values(joining, "after-0") == values(joining, "before-0") == ["10:00"]


def test_a_closed_day_asks_about_the_week_that_begins_with_it(client: Client, shop: Shop) -> None:
    on = day_of(shop)
    add_exception(actor=OPERATOR, business_id=shop.business_id, wish=ExceptionWish("closed", starts_on=on))
    page = client.get(f"/b/{shop.slug}/times?service={shop.cut.id}&who=any&date={on}")
    assert f"until={on + timedelta(days=6)}" in link(page, "Tell me if a time comes free")


def test_an_offer_that_is_out_is_told_on_the_day_it_is_for(client: Client, shop: Shop) -> None:
    booked = fill(shop)
    wait(shop)
    cancel_one(shop, booked["theo 10:00"])
    work()
    (offer,) = offers(shop)
    until = offer.expires_at.astimezone(shop.timetable.tz)
    words = f"10:00 is held for the waitlist until {until:%H:%M}."
    times = f"/b/{shop.slug}/times?service={shop.cut.id}&date={day_of(shop)}"
    assert words in said(client.get(f"{times}&who=any"))
    assert words in said(client.get(f"{times}&who={shop.theo.id}"))
    assert words not in said(client.get(f"{times}&who={shop.amara.id}"))
    assert words not in said(
        client.get(f"/b/{shop.slug}/times?service={shop.cut.id}&who=any&date={day_of(shop, 4)}")
    )


def test_slots_and_tables_lead_there_too(client: Client, db: None, club: Club) -> None:
    counter = make_counter("photos")
    slot = counter.slot(capacity=1)
    counter.book(slot)
    page = client.get(f"/b/{counter.slug}/places?date={counter.day()}&n=2")
    url = link(page, "Tell me if a time comes free")
    assert f"service={counter.portrait.id}" in url
    assert "n=2" in url
    asked = form(counter, n="2") | {"service": str(counter.portrait.id)}
    assert client.post(f"/b/{counter.slug}/list", asked).status_code == 303
    page = client.get(f"/b/{club.slug}/tables?n=4")
    joining = client.get(link(page, "Tell me if a time comes free"))
    assert values(joining, "n") == ["4"]


def test_details_typed_for_a_booking_are_there_already(client: Client, shop: Shop) -> None:
    client.post(f"{take(client, shop)}/edit", DETAILS)
    joining = client.get(f"/b/{shop.slug}/list?service={shop.cut.id}")
    assert values(joining, "email") == ["dana@example.org"]

"""The page behind a waitlist link: the place in line, offers and their answers, leaving, without script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from holdfast.blueprints.commands import create_from_blueprint
from holdfast.bookings.models import Booking
from holdfast.businesses.commands import change_business_settings
from holdfast.catalog.queries import ServiceFacts
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST
from holdfast.schedule.queries import load_timetable
from holdfast.waitlist.commands import (
    Waiter,
    WaitWish,
    call_entry,
    join_waitlist,
    remove_entry,
    reorder_entry,
    withdraw_offer,
)
from holdfast.waitlist.models import Entry, EntryChange, Offer
from holdfast.waitlist.queries import EntryFacts, OfferFacts, entry_facts, entry_token
from holdfast.waitlist.rules import RangeWish
from tests.cast import OPERATOR, Shop
from tests.waitlist.line import cancel_one, day_of, fill, offers, person, wait, work
from tests.web.public.visitor import reserve, said, values

pytestmark = pytest.mark.django_db


def page_of(entry: EntryFacts) -> str:
    return f"/w/{entry_token(entry_id=entry.id)}"


def title(response: Any) -> str:
    found = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    return " ".join(found.group(1).split()) if found else ""


def offered(shop: Shop, *others: str) -> tuple[EntryFacts, OfferFacts]:
    """Dana waits first, and has an offer of ten o'clock."""
    booked = fill(shop)
    entry = wait(shop, now=clock.now() - timedelta(days=2))
    for name in others:
        wait(shop, person(name), now=clock.now() - timedelta(days=1))
    cancel_one(shop, booked["theo 10:00"])
    work()
    (offer,) = offers(shop)
    return entry, offer


def tables_now() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in (Entry, EntryChange, Offer, Booking)}


def test_the_place_in_line_is_said_in_title_and_heading(client: Client, shop: Shop) -> None:
    fill(shop)
    wait(shop, person("Ada"), now=clock.now() - timedelta(days=2))
    entry = wait(shop, from_time="09:00", to_time="12:00")
    page = client.get(page_of(entry))
    assert page.status_code == 200
    assert title(page).startswith("2nd in line · ")
    words = said(page)
    for part in ("in line, Dana", "Before you: 1", "Classic cut with any barber", "9:00 to 12:00", "We will mail dana@example.org",
                 "You joined.", "Leave the list"):  # fmt: skip
        assert part in words or part in page.content.decode(), part
    assert "Ada" not in words
    assert page["Cache-Control"] == "no-store, private"
    assert page["Referrer-Policy"] == "same-origin"
    assert "noindex" in page["X-Robots-Tag"]


def test_wrong_links_are_not_found(client: Client, shop: Shop) -> None:
    entry = wait(shop)
    for address in (
        "/w/nothing",
        f"{page_of(entry)}x",
        f"{page_of(entry)}x/accept",
        f"/m/{entry_token(entry_id=entry.id)}",
    ):
        assert client.get(address).status_code == 404, address
    assert client.post("/w/nothing/accept", {}).status_code == 404


def test_a_page_that_knows_how_things_stand_gets_nothing_new(client: Client, shop: Shop) -> None:
    fill(shop)
    entry = wait(shop)
    seen = re.search(r'data-seen="(\w+)"', client.get(page_of(entry)).content.decode())
    assert seen
    assert client.get(f"{page_of(entry)}?seen={seen.group(1)}").status_code == 204
    wait(shop, person("Ada"), now=clock.now() - timedelta(days=2))
    fresh = client.get(f"{page_of(entry)}?seen={seen.group(1)}")
    assert fresh.status_code == 200
    assert "<html" not in fresh.content.decode()
    assert 'data-says="2nd in line"' in fresh.content.decode()


def test_nobody_moves_back_without_a_reason(client: Client, shop: Shop) -> None:
    fill(shop)
    entry = wait(shop, now=clock.now() - timedelta(hours=1))
    other = wait(shop, person("Ada"))
    assert "1st in line" in title(client.get(page_of(entry)))
    reorder_entry(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=other.id,
        reason="Hurt their hand",
        now=clock.now(),
    )
    page = client.get(page_of(entry))
    assert "2nd in line" in title(page)
    assert "The team moved somebody before you." in said(page)
    assert "Hurt" not in said(page)
    assert "The team changed your place in line." in said(client.get(page_of(other)))


def test_an_offer_is_told_with_its_clock_price_and_answers(client: Client, shop: Shop) -> None:
    entry, offer = offered(shop)
    page = client.get(page_of(entry))
    until = offer.expires_at.astimezone(shop.timetable.tz)
    assert re.match(r"\((10:00|9:5\d)\) .*10:00 is free for you · ", title(page)), title(page)
    words = said(page)
    for part in (f"until {until:%H:%M}", "Classic cut with Theo Marsh", "£26.00, to pay there", "Accept and book it",
                 "Pass, keep my place", f"If you do not answer by {until:%H:%M}", "you stay 1st"):  # fmt: skip
        assert part in words, part
    assert values(page, "offer") == [str(offer.id)] * 2


def test_accepting_is_one_step_to_the_booking_and_twice_is_the_same(client: Client, shop: Shop) -> None:
    entry, offer = offered(shop)
    answer = {"offer": str(offer.id), "idempotency_key": "k1"}
    booked = client.post(f"{page_of(entry)}/accept", answer)
    assert booked.status_code == 303
    assert "You're booked, Dana" in said(client.get(booked["Location"]))
    assert client.post(f"{page_of(entry)}/accept", answer)["Location"] == booked["Location"]
    other_tab = client.post(f"{page_of(entry)}/accept", answer | {"idempotency_key": "k2"})
    assert other_tab["Location"] == booked["Location"]
    assert "You have your place" in said(client.get(page_of(entry)))


def test_passing_keeps_the_place_and_is_possible_once(client: Client, shop: Shop) -> None:
    entry, offer = offered(shop, "Ada")
    passed = client.post(f"{page_of(entry)}/pass", {"offer": str(offer.id)})
    assert passed["Location"] == page_of(entry)
    work()
    assert [one.state for one in offers(shop)] == ["declined", "pending"]
    page = client.get(page_of(entry))
    assert re.search(r"You passed it at \d+:\d\d\. You are 1st\.", said(page))
    assert "You passed an offer and kept your place." in said(page)
    late = client.post(f"{page_of(entry)}/accept", {"offer": str(offer.id)})
    assert late.status_code == 409


def test_a_late_answer_says_when_it_went_on_and_where_one_stands(client: Client, shop: Shop) -> None:
    entry, offer = offered(shop, "Ada")
    with time_machine.travel(offer.expires_at + timedelta(minutes=1), tick=False):
        work()
        page = client.post(f"{page_of(entry)}/accept", {"offer": str(offer.id), "idempotency_key": "x"})
        went = offer.expires_at.astimezone(shop.timetable.tz)
        assert page.status_code == 409
        assert f"It went on at {went:%H:%M}. You are 1st." in said(page)
        assert "Nobody has taken it yet" not in said(page)
        assert "An offer was not answered in time" in said(page)


def test_a_late_answer_to_what_nobody_took_shows_the_way_to_it(client: Client, shop: Shop) -> None:
    entry, offer = offered(shop)
    with time_machine.travel(offer.expires_at + timedelta(minutes=1), tick=False):
        page = client.post(f"{page_of(entry)}/accept", {"offer": str(offer.id)})
        assert page.status_code == 409
        assert "Nobody has taken it yet" in said(page)
        assert "/b/fenwick/times?" in page.content.decode()


def test_an_offer_that_was_taken_back_says_so(client: Client, shop: Shop) -> None:
    entry, offer = offered(shop)
    withdraw_offer(actor=shop.actor(), business_id=shop.business_id, offer_id=offer.id, now=clock.now())
    page = client.post(f"{page_of(entry)}/accept", {"offer": str(offer.id)})
    assert page.status_code == 409
    assert "It was taken back at" in said(page)


def test_offers_of_others_cannot_be_answered(client: Client, shop: Shop, other_shop: Shop) -> None:
    _entry, offer = offered(shop)
    stranger, neighbour = wait(shop, person("Ada")), wait(other_shop)
    for one in (stranger, neighbour):
        for answer in ("accept", "pass"):
            tried = client.post(f"{page_of(one)}/{answer}", {"offer": str(offer.id)})
            assert tried.status_code == 404
    assert client.post(f"{page_of(stranger)}/accept", {"offer": "nonsense"}).status_code == 404
    assert offers(shop, "pending")[0].id == offer.id


def test_following_links_changes_nothing(client: Client, shop: Shop) -> None:
    entry, _offer = offered(shop)
    before = tables_now()
    states = list(Offer.objects.values_list("state", flat=True))
    for path in ("", "/accept", "/pass", "/leave", "/undo", "?seen=1", "#accept"):
        assert client.get(page_of(entry) + path).status_code in (200, 302)
        assert client.head(page_of(entry) + path).status_code in (200, 302)
    assert tables_now() == before
    assert list(Offer.objects.values_list("state", flat=True)) == states


def test_leaving_can_be_taken_back_for_two_minutes(client: Client, shop: Shop) -> None:
    entry = wait(shop)
    assert client.post(f"{page_of(entry)}/leave", {}).status_code == 303
    page = client.get(page_of(entry))
    assert "You left the list" in title(page)
    assert "Undo, keep my place" in said(page)
    assert "Join the list again" in said(page)
    assert client.post(f"{page_of(entry)}/undo", {}).status_code == 303
    assert "in line" in title(client.get(page_of(entry)))
    client.post(f"{page_of(entry)}/leave", {})
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert "Undo" not in said(client.get(page_of(entry)))
        late = client.post(f"{page_of(entry)}/undo", {})
        assert late.status_code == 409
        assert "the time to undo that has passed" in said(late)


def test_leaving_with_an_offer_out_gives_it_to_the_next(client: Client, shop: Shop) -> None:
    entry, _offer = offered(shop, "Ada")
    client.post(f"{page_of(entry)}/leave", {})
    work()
    assert [one.state for one in offers(shop)] == ["withdrawn", "pending"]


def test_every_end_names_the_next_helpful_thing(client: Client, shop: Shop) -> None:
    entry = wait(shop)
    remove_entry(
        actor=shop.actor(), business_id=shop.business_id, entry_id=entry.id, now=clock.now(), reason="Twice"
    )
    page = client.get(page_of(entry))
    assert "You are not on the list any more" in title(page)
    assert "See free times" in said(page)
    assert "Join the list again" in said(page)
    assert "Twice" not in said(page)
    Entry.objects.filter(id=entry.id).update(state="expired")
    assert "Nothing came free on the days you chose." in said(client.get(page_of(entry)))
    change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted={"waitlist": False})
    assert "Join the list again" not in said(client.get(page_of(entry)))
    assert client.post(f"{page_of(entry)}/leave", {}).status_code == 409


def test_somebody_called_is_told_to_come(client: Client, shop: Shop) -> None:
    entry = wait(shop, days=0, walk_in=True)
    call_entry(actor=shop.actor(), business_id=shop.business_id, entry_id=entry.id, now=clock.now())
    assert "Come to the desk now." in said(client.get(page_of(entry)))


def test_a_booking_can_ask_for_an_earlier_time_and_move_to_it(client: Client, shop: Shop) -> None:
    booked = fill(shop)
    mine = reserve(client, shop, "15:00", days=9)
    assert "Ask for an earlier time" in said(client.get(mine))
    form = client.get(f"{mine}/earlier")
    assert values(form, "to-0") == [day_of(shop, 9).isoformat()]
    late = client.post(f"{mine}/earlier", {"from-0": str(day_of(shop)), "to-0": str(day_of(shop, 10))})
    assert late.status_code == 422
    assert "Choose days up to that of your booking." in said(late)
    asked = {"from-0": str(day_of(shop)), "to-0": str(day_of(shop)), "people": "any", "idempotency_key": "e"}
    joined = client.post(f"{mine}/earlier", asked)
    assert joined.status_code == 303, said(joined)
    assert "which you keep until then" in said(client.get(joined["Location"]))
    assert "You asked for an earlier time." in said(client.get(mine))
    assert client.get(f"{mine}/earlier").status_code == 302
    cancel_one(shop, booked["amara 11:00"])
    work()
    (offer,) = offers(shop)
    place = joined["Location"].partition("?")[0]
    assert "Accept and move my booking" in said(client.get(place))
    moved = client.post(f"{place}/accept", {"offer": str(offer.id)})
    assert moved["Location"] == f"{mine}?said=moved"
    assert "Moved to" in said(client.get(moved["Location"]))
    assert Booking.objects.filter(state="confirmed", customer=Entry.objects.get().customer).count() == 1


@pytest.mark.parametrize("why", ["near", "closed"])
def test_nothing_earlier_is_promised_where_nothing_can_come(client: Client, shop: Shop, why: str) -> None:
    mine = reserve(client, shop, "15:00", days=2)
    if why == "closed":
        change_business_settings(actor=OPERATOR, business_id=shop.business_id, wanted={"waitlist": False})
        assert "Ask for an earlier time" not in said(client.get(mine))
        assert client.get(f"{mine}/earlier").status_code == 302
        return
    with time_machine.travel(shop.at("14:00", days=2)):
        assert "Ask for an earlier time" not in said(client.get(mine))


@pytest.fixture
def clinic(db: None) -> Any:
    return create_from_blueprint(
        actor=OPERATOR, blueprint="waitlist", slug="harbour", name="Harbour Clinic", timezone="Europe/London",
        currency="GBP", hours="24_7",
    )  # fmt: skip


def short_visit(clinic: Any) -> ServiceFacts:
    return next(iter(load_timetable(business_id=clinic.id).services.values()))


def test_people_who_walk_in_join_the_queue_of_today(client: Client, clinic: Any) -> None:
    front = client.get("/b/harbour/")
    assert "Nobody is waiting" in said(front)
    assert 'href="/b/harbour/queue"' in front.content.decode()
    asked = {
        "service": str(short_visit(clinic).id),
        "name": "Priya Shah",
        "email": "priya@example.org",
        "idempotency_key": "q",
    }
    wrong = client.post("/b/harbour/queue", asked | {"email": ""})
    assert wrong.status_code == 422
    assert values(wrong, "name") == ["Priya Shah"]
    joined = client.post("/b/harbour/queue", asked)
    assert joined.status_code == 303
    entry = entry_facts(row=Entry.objects.get())
    assert entry.walk_in
    assert entry.ranges[0].first == entry.ranges[0].last
    for page in (client.get("/b/harbour/"), client.get("/b/harbour/queue")):
        words = said(page)
        assert "1 is waiting" in words or "1 waiting now" in words
        assert "P. 1 person" in words
        assert "Priya" not in page.content.decode()
        assert "priya@" not in page.content.decode()


def test_the_queue_speaks_of_others_by_their_initial(client: Client, clinic: Any) -> None:
    timetable = load_timetable(business_id=clinic.id)
    noon = clock.now().replace(hour=12)
    today = noon.date()

    def joins(name: str, minutes: int) -> EntryFacts:
        wish = WaitWish((short_visit(clinic).id,), (RangeWish(today, today),), walk_in=True)
        who = Waiter(Contact(name, f"{name.lower()}@example.org"))
        return join_waitlist(
            actor=GUEST, timetable=timetable, wish=wish, who=who, now=noon - timedelta(minutes=minutes)
        )

    with time_machine.travel(noon):
        rosa, priya = joins("Rosa", 20), joins("Priya", 5)
        remove_entry(actor=OPERATOR, business_id=clinic.id, entry_id=rosa.id, now=noon, reason="Went home")
        assert "R. waits no more." in said(client.get(page_of(priya)))


def test_the_queue_is_for_businesses_that_are_walked_into(client: Client, shop: Shop) -> None:
    assert client.get(f"/b/{shop.slug}/queue").status_code == 404
    assert client.post(f"/b/{shop.slug}/queue", {}).status_code == 409


def test_the_page_asks_the_database_little(
    client: Client, shop: Shop, django_assert_max_num_queries: Any
) -> None:
    fill(shop)
    entry = wait(shop)
    client.get(page_of(entry))
    with django_assert_max_num_queries(14):
        client.get(f"{page_of(entry)}?seen=x")

"""What happens to somebody on the waitlist, as mail: every step once, in words that hold, and nothing stale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from holdfast.bookings.commands import Wish, cancel_booking
from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.customers.rules import Contact
from holdfast.notifications import handlers, jobs
from holdfast.notifications.models import Message
from holdfast.waitlist.commands import (
    accept_offer,
    call_entry,
    decline_offer,
    expire_entries,
    leave_waitlist,
    offer_by_hand,
    remove_entry,
    seat_entry,
    undo_leaving,
    withdraw_offer,
)
from holdfast.waitlist.events import EntryCalled, EntryJoined, EntryOff, OfferEnded, OfferMade
from holdfast.waitlist.models import Entry, Offer
from holdfast.waitlist.queries import EntryFacts, OfferFacts, entry_url
from tests.cast import DANA, GUEST, OPERATOR, Shop, make_shop
from tests.waitlist.line import FULL, offers, person, wait, work

pytestmark = pytest.mark.django_db
# A Friday morning in London, when clocks show UTC.
FRIDAY = "2026-11-20T09:00:00Z"
# No cut begins as late.
NEVER = "16:45"


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shop(db: None, friday: time_machine.Traveller) -> Shop:
    """The cast's barbershop: whole, with hours and people."""
    return make_shop("fenwick")


def told(to: str = "dana@example.org") -> list[EmailMultiAlternatives]:
    """What was sent to somebody since the last look, the worker's part done."""
    drain()
    found = [sent for sent in mail.outbox if sent.to == [to]]
    mail.outbox.clear()
    return found  # type: ignore[return-value]


def subjects(to: str = "dana@example.org") -> list[str]:
    return [sent.subject for sent in told(to)]


def offered(shop: Shop, entry: EntryFacts, hhmm: str = "10:00") -> OfferFacts:
    """A place put to somebody by staff: the same letter as any."""
    return offer_by_hand(
        actor=shop.actor(),
        timetable=shop.timetable,
        entry_id=entry.id,
        service_id=shop.cut.id,
        starts_at=shop.at(hhmm),
        now=clock.now(),
        resource_id=shop.theo.id,
    )


def quiet_wait(shop: Shop, who: Contact = DANA, **more: Any) -> EntryFacts:
    """Somebody who waits for what never is, so that nothing is offered by itself; their receipt is read."""
    entry = wait(shop, who, from_time=NEVER, **more)
    drain()
    mail.outbox.clear()
    return entry


def kinds(state: str = "") -> list[tuple[str, str]]:
    rows = Message.objects.filter(entry__isnull=False).order_by("id")
    return [(row.kind, row.last_error) for row in rows if state in ("", row.state)]


def test_joining_is_answered_with_what_they_wait_for_and_the_link(shop: Shop) -> None:
    entry = wait(shop, until_days=5, from_time=NEVER, to_time="17:00", resources=(shop.theo.id,))
    (letter,) = told()
    assert letter.subject == "You are on the waitlist of Fenwick"
    for words in (
        "Mon 23 Nov to Wed 25 Nov, 16:45 to 17:00", "Classic cut", "With: Theo Marsh", entry_url(entry_id=entry.id),
        "Leave the list", "we hold it for you and write to you",
    ):  # fmt: skip
        assert words in letter.body, words
    html = str(letter.alternatives[0][0])
    assert f'href="{entry_url(entry_id=entry.id)}#leave"' in html
    assert not letter.attachments
    assert "calendar" not in letter.body


def test_an_offer_says_what_when_with_whom_for_how_much_until_when_and_what_else_can_be_done(
    shop: Shop,
) -> None:
    booked = shop.book("10:00", resource=shop.theo, contact=FULL)
    entry = wait(shop, resources=(shop.theo.id,), from_time="10:00", to_time="10:00")
    drain()
    mail.outbox.clear()
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=booked.id, now=clock.now())
    (letter,) = told()
    link = entry_url(entry_id=entry.id)
    assert letter.subject == "Yours until 09:10: Mon 23 Nov, 10:00 at Fenwick"
    for words in (
        "A place came free, Dana", "Monday 23 November 2026, 10:00 to 10:30, London time", "Theo Marsh", "£26.00",
        "Held until: 09:10", "If you do not answer by 09:10 we offer it to the next and you keep your place.",
        f"Accept this time:\n{link}", f"Pass, and keep your place:\n{link}#pass", f"Leave the list:\n{link}#leave",
    ):  # fmt: skip
        assert words in letter.body, words
    html = str(letter.alternatives[0][0])
    assert f'href="{link}#pass"' in html
    (offer,) = offers(shop)
    accept_offer(
        actor=GUEST.waiting_as(entry.id), timetable=shop.timetable, offer_id=offer.id, now=clock.now()
    )
    (letter,) = told()
    assert letter.subject == "Booked: Mon 23 Nov, 10:00 at Fenwick"
    assert letter.attachments


def test_who_asked_for_an_earlier_time_hears_of_that_and_of_the_change(shop: Shop) -> None:
    booked = shop.book("10:00", resource=shop.theo, contact=FULL)
    mine = shop.book("15:00", resource=shop.theo)
    entry = wait(
        shop,
        actor=GUEST.holding(mine.id),
        earlier_than=mine.id,
        resources=(shop.theo.id,),
        from_time="10:00",
        to_time="10:00",
    )
    assert subjects()[-1] == "You asked for an earlier time at Fenwick"
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=booked.id, now=clock.now())
    (letter,) = told()
    assert "in place of Mon 23 Nov, 15:00" in letter.body
    assert "£" not in letter.body
    (offer,) = offers(shop)
    accept_offer(
        actor=GUEST.waiting_as(entry.id), timetable=shop.timetable, offer_id=offer.id, now=clock.now()
    )
    assert subjects() == ["Moved: Mon 23 Nov, 10:00 at Fenwick"]


def test_an_offer_that_ran_out_or_was_withdrawn_is_told_and_one_that_was_passed_is_not(
    shop: Shop, friday: time_machine.Traveller
) -> None:
    entry = quiet_wait(shop)
    offered(shop, entry)
    told()
    friday.shift(timedelta(minutes=11))
    (letter,) = told()
    assert letter.subject == "Offer over: Mon 23 Nov, 10:00 at Fenwick"
    assert "until 09:10" in letter.body
    assert "You keep your place on the list" in letter.body
    second = offered(shop, entry, "11:00")
    told()
    withdraw_offer(actor=shop.actor(), business_id=shop.business_id, offer_id=second.id, now=clock.now())
    (letter,) = told()
    assert letter.subject == "No longer on offer: Mon 23 Nov, 11:00 at Fenwick"
    third = offered(shop, entry)
    (letter,) = told()
    me = GUEST.waiting_as(entry.id)
    decline_offer(actor=me, business_id=shop.business_id, offer_id=third.id, now=clock.now())
    assert told() == []
    fourth = offered(shop, entry, "11:00")
    (letter,) = told()
    assert "Pass, and keep your place" not in letter.body
    decline_offer(actor=me, business_id=shop.business_id, offer_id=fourth.id, now=clock.now(), leave=True)
    assert told() == []


def test_the_last_offer_without_an_answer_says_so_beforehand_and_afterwards(
    shop: Shop, friday: time_machine.Traveller
) -> None:
    entry = quiet_wait(shop)
    Entry.objects.filter(id=entry.id).update(unanswered=2)
    offered(shop, entry)
    (letter,) = told()
    assert "we then take you off the list" in letter.body
    friday.shift(timedelta(minutes=11))
    (letter,) = told()
    assert letter.subject == "You are off the waitlist of Fenwick"
    assert "had no answer" in letter.body


def test_a_walk_in_is_told_the_wait_and_called_as_often_as_staff_calls(
    shop: Shop, friday: time_machine.Traveller
) -> None:
    entry = wait(shop, days=0, actor=shop.actor(), walk_in=True, from_time=NEVER)
    Entry.objects.filter(id=entry.id).update(quoted_low=20, quoted_high=35)
    (letter,) = told()
    assert letter.subject == "You are in line at Fenwick"
    assert "Expected wait: 20 to 35 minutes" in letter.body
    for _ in range(2):
        friday.shift(60)
        call_entry(actor=shop.actor(), business_id=shop.business_id, entry_id=entry.id, now=clock.now())
        assert subjects() == ["Your place is ready at Fenwick"]
    friday.shift(60)
    call_entry(actor=shop.actor(), business_id=shop.business_id, entry_id=entry.id, now=clock.now())
    wish = Wish(shop.cut.id, shop.at("09:15", 0), shop.theo.id)
    seat_entry(
        actor=shop.actor(), timetable=shop.timetable, entry_id=entry.id, wish=wish, now=clock.now(),
        override_reason="They are here",
    )  # fmt: skip
    assert all("ready" not in subject for subject in subjects())
    assert ("called", "seated") in kinds("dropped")


def test_whoever_is_taken_off_or_waited_in_vain_hears_of_it_and_whoever_left_does_not(
    shop: Shop, friday: time_machine.Traveller
) -> None:
    removed, expired, left = (wait(shop, person(name), from_time=NEVER) for name in ("Ada", "Ben", "Cid"))
    walked_in = wait(shop, person("Dot"), days=0, actor=shop.actor(), walk_in=True, from_time=NEVER)
    drain()
    mail.outbox.clear()
    business_id = shop.business_id
    remove_entry(actor=shop.actor(), business_id=business_id, entry_id=removed.id, now=clock.now())
    leave_waitlist(
        actor=GUEST.waiting_as(left.id), business_id=business_id, entry_id=left.id, now=clock.now()
    )
    (letter,) = told("ada@example.org")
    assert letter.subject == "You are off the waitlist of Fenwick"
    assert "took you off the list" in letter.body
    friday.shift(timedelta(days=5))
    expire_entries(now=clock.now())
    drain()
    assert [(sent.to, sent.subject) for sent in mail.outbox if "waitlist" in sent.subject] == [
        (["ben@example.org"], "You are off the waitlist of Fenwick")
    ]
    assert Entry.objects.get(id=expired.id).state == Entry.objects.get(id=walked_in.id).state == "expired"


def test_a_wait_that_ends_at_night_is_told_in_the_morning(shop: Shop, friday: time_machine.Traveller) -> None:
    change_business_settings(
        actor=OPERATOR, business_id=shop.business_id, wanted={"quiet_hours": ("21:00", "08:00")}
    )
    quiet_wait(shop)
    friday.move_to("2026-11-24T06:05:00Z")
    expire_entries(now=clock.now())
    assert subjects() == []
    friday.move_to("2026-11-24T08:00:00Z")
    assert subjects() == ["You are off the waitlist of Fenwick"]


def test_leaving_and_coming_back_sends_nothing(shop: Shop, friday: time_machine.Traveller) -> None:
    entry = quiet_wait(shop)
    me = {"actor": GUEST.waiting_as(entry.id), "business_id": shop.business_id, "entry_id": entry.id}
    leave_waitlist(**me, now=clock.now(), undo=True)
    undo_leaving(**me, now=clock.now())
    friday.shift(300)
    assert subjects() == []


def test_handling_an_event_twice_writes_each_message_once(shop: Shop) -> None:
    entry = quiet_wait(shop)
    offer = offered(shop, entry)
    Message.objects.all().delete()
    Entry.objects.filter(id=entry.id).update(called_at=clock.now())
    told_of = (
        (handlers.announce_entry, EntryJoined(entry.id)),
        (handlers.announce_offer, OfferMade(offer.id)),
        (handlers.announce_offer_end, OfferEnded(offer.id, "expired")),
        (handlers.announce_call, EntryCalled(entry.id)),
        (handlers.announce_off, EntryOff(entry.id, "removed")),
    )
    for _ in range(2):
        for handle, event in told_of:
            handle(event)  # type: ignore[operator]
    assert [kind for kind, _ in kinds()] == ["joined", "offer", "offer_over", "called", "off"]
    assert {row.business_id for row in Message.objects.all()} == {shop.business_id}


@pytest.mark.parametrize("state", ["declined", "accepted"])
def test_of_an_offer_that_was_answered_nothing_is_written(shop: Shop, state: str) -> None:
    entry = quiet_wait(shop)
    offer = offered(shop, entry)
    drain()
    before = kinds()
    handlers.announce_offer_end(OfferEnded(offer.id, state))
    handlers.announce_off(EntryOff(entry.id, "left"))
    assert kinds() == before


def test_whoever_gave_no_address_gets_nothing(shop: Shop) -> None:
    entry = quiet_wait(shop, Contact("Walk In"), actor=shop.actor())
    offered(shop, entry)
    work()
    assert kinds() == []


def test_an_offer_that_could_not_go_in_time_does_not_go_at_all_nor_does_its_end(
    shop: Shop, friday: time_machine.Traveller
) -> None:
    entry = quiet_wait(shop)
    offer = offered(shop, entry)
    work()
    friday.shift(timedelta(minutes=11))
    work()
    jobs.send_due_messages()
    assert mail.outbox == []
    assert kinds("dropped") == [("offer", "offer_late"), ("offer_over", "not_told")]
    assert Offer.objects.get(id=offer.id).state == "expired"


def test_nothing_is_written_about_anybody_erased(shop: Shop) -> None:
    entry = quiet_wait(shop)
    offer = offered(shop, entry)
    Message.objects.all().delete()
    Entry.objects.all().delete()
    handlers.announce_entry(EntryJoined(entry.id))
    handlers.announce_offer(OfferMade(offer.id))
    handlers.announce_offer_end(OfferEnded(offer.id, "expired"))
    handlers.announce_call(EntryCalled(entry.id))
    handlers.announce_off(EntryOff(entry.id, "removed"))
    assert not Message.objects.exists()


def test_whoever_cancels_what_they_wanted_to_have_earlier_hears_of_the_cancellation_alone(
    shop: Shop, friday: time_machine.Traveller
) -> None:
    mine = shop.book("15:00", resource=shop.theo)
    wait(shop, actor=GUEST.holding(mine.id), earlier_than=mine.id, from_time=NEVER)
    told()
    cancel_booking(actor=shop.actor(), timetable=shop.timetable, booking_id=mine.id, now=clock.now())
    assert subjects() == ["Cancelled: Mon 23 Nov, 15:00 at Fenwick"]

"""What happens to a request, as mail: the artist gets everything, the customer every step, and nothing stale goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from holdfast.bookings.commands import (
    accept_offer,
    accept_request,
    challenge_option,
    counter_request,
    decline_request,
    give_option,
    remind_of_requests,
    tidy_dead_bookings,
    withdraw_request,
)
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import request_url
from holdfast.businesses.commands import change_business_settings
from holdfast.core import clock
from holdfast.core.worker import drain
from holdfast.lib.actors import GUEST
from holdfast.notifications.models import Message
from holdfast.notifications.rules.delivery import Drop, Send
from holdfast.notifications.rules.requests import REQUEST_KINDS, fate_of_request
from tests.bookings.artist import ERIN, Studio, make_studio
from tests.cast import OPERATOR

pytestmark = pytest.mark.django_db
ARTIST, DANA_AT = "bookings@mara.example", "dana@example.org"


@pytest.fixture
def studio(db: None) -> Studio:
    return make_studio()


def told() -> list[tuple[str, str]]:
    """(reader, subject up to its first comma or colon) of what was sent since the last look."""
    drain()
    found = [(sent.to[0], sent.subject) for sent in mail.outbox]
    mail.outbox.clear()
    return found


def step(studio: Studio, act: object, booking: BookingFacts, **more: object) -> BookingFacts:
    done: BookingFacts = act(  # type: ignore[operator]
        actor=more.pop("actor", studio.actor()),
        timetable=studio.timetable,
        booking_id=booking.id,
        now=more.pop("now", clock.now()),
        **more,
    )
    return done


def test_the_artist_gets_everything_and_the_customer_a_receipt(studio: Studio) -> None:
    change_business_settings(actor=OPERATOR, business_id=studio.business_id, wanted={"staff_copies": False})
    booking = studio.ask()
    drain()
    letters = {sent.to[0]: sent for sent in mail.outbox}
    assert set(letters) == {ARTIST, DANA_AT}
    for words in (
        "The Vault", "1 Mill Lane, Leeds", "Opening night, 300 people", "£800.00", "Dana Guest",
        DANA_AT, "07700 900418", "Two hotel rooms", "Hot vegan meal for three", "20:00 to 23:00",
        f"/desk/mara/requests/{booking.shown_reference}",
    ):  # fmt: skip
        assert words in letters[ARTIST].body, words
    assert letters[ARTIST].extra_headers["Auto-Submitted"] == "auto-generated"
    assert letters[ARTIST].reply_to == [DANA_AT]
    assert request_url(booking_id=booking.id) in letters[DANA_AT].body
    assert not letters[ARTIST].attachments
    assert "calendar" not in letters[ARTIST].body


def test_accepting_sends_the_calendar_file_with_the_venue(studio: Studio) -> None:
    booking = studio.ask()
    told()
    step(studio, accept_request, booking)
    drain()
    to_dana = next(sent for sent in mail.outbox if sent.to == [DANA_AT])
    assert to_dana.subject.startswith("Accepted: ")
    event = Calendar.from_ical(to_dana.attachments[0].get_payload(decode=True)).events[0]
    assert event["LOCATION"] == "The Vault, 1 Mill Lane, Leeds"
    assert event.decoded("DTSTART") == booking.starts_at
    assert "Opening night" in to_dana.body


def test_declining_tells_the_reason(studio: Studio) -> None:
    booking = studio.ask()
    told()
    step(studio, decline_request, booking, reason="We are on tour")
    drain()
    (letter,) = mail.outbox
    assert letter.to == [DANA_AT]
    assert "We are on tour" in letter.body


def test_a_counter_offer_is_put_to_the_customer_with_the_link(studio: Studio) -> None:
    booking = studio.ask()
    told()
    step(studio, counter_request, booking, fee_minor=95_000, message="For a longer set")
    drain()
    (letter,) = mail.outbox
    assert letter.to == [DANA_AT]
    for words in ("£950.00", "For a longer set", request_url(booking_id=booking.id)):
        assert words in letter.body
    mail.outbox.clear()
    step(studio, accept_offer, booking, actor=GUEST.holding(booking.id))
    assert sorted(reader for reader, _ in told()) == [ARTIST, DANA_AT]


def test_every_other_step_is_told_to_whom_it_concerns(studio: Studio) -> None:
    now = clock.now()
    withdrawn = studio.ask(days=50)
    expiring = studio.ask(days=60, contact=ERIN)
    told()
    step(studio, withdraw_request, withdrawn, actor=GUEST.holding(withdrawn.id))
    assert sorted(reader for reader, _ in told()) == [ARTIST, DANA_AT]
    remind_of_requests(now=now + timedelta(hours=49))
    assert [reader for reader, subject in told() if subject.startswith("Still to answer")] == [ARTIST]
    with time_machine.travel(now + timedelta(hours=73), tick=False):
        tidy_dead_bookings(now=clock.now())
        assert sorted(told()) == sorted(
            [
                (ARTIST, f"Expired: The Vault, {day(expiring)}"),
                (ERIN.email, f"Expired: your request for {day(expiring)}"),
            ]
        )


def test_options_are_told_by_rank_and_a_challenge_asks_for_a_decision(studio: Studio) -> None:
    first, second = studio.ask(), studio.ask(contact=ERIN)
    told()
    step(studio, give_option, first)
    step(studio, give_option, second)
    assert told() == [
        (DANA_AT, f"Your option on {day(first)}: first"),
        (ERIN.email, f"Your option on {day(second)}: second"),
    ]
    step(studio, challenge_option, second)
    ((reader, subject),) = told()
    assert (reader, subject.startswith(f"Please confirm {day(first)} by ")) == (DANA_AT, True)
    step(studio, withdraw_request, first, actor=GUEST.holding(first.id))
    assert (ERIN.email, f"Your option on {day(second)}: first") in told()


def test_what_is_not_true_any_more_is_not_sent(studio: Studio) -> None:
    booking = studio.ask()
    step(studio, counter_request, booking, fee_minor=1)
    step(studio, withdraw_request, booking, actor=GUEST.holding(booking.id))
    assert sorted(subject.partition(":")[0] for _, subject in told()) == ["Withdrawn", "Withdrawn"]
    assert set(Message.objects.filter(state="dropped").values_list("kind", flat=True)) == {
        "requested",
        "countered",
    }


@pytest.mark.parametrize("kind", sorted(REQUEST_KINDS))
@pytest.mark.parametrize("state", ["requested", "confirmed", "completed", "declined", "cancelled", "expired"])
def test_each_kind_of_message_knows_the_states_in_which_it_is_true(kind: str, state: str) -> None:
    true_in = {
        "requested": {"requested", "confirmed", "completed"},
        "accepted": {"confirmed", "completed"},
        "declined": {"declined"},
        "withdrawn": {"cancelled"},
        "expired": {"expired"},
    }.get(kind, {"requested"})
    fate = fate_of_request(
        kind,
        state=state,
        counter_is_open=kind == "countered",
        is_challenged=kind == "challenged",
        rank=1 if kind == "option" else 0,
        told_rank=1,
    )
    assert isinstance(fate, Send if state in true_in else Drop)


def day(booking: BookingFacts) -> str:
    return booking.starts_at.strftime("%a %-d %b")

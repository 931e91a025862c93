"""The demo's artist: Ilse Varga in Berlin, with a request in every state, options on one date, riders answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from holdfast.blueprints.commands.creating import furnish
from holdfast.blueprints.commands.demo.parts import DemoBusiness, Person
from holdfast.blueprints.rules.kinds.artist import DEMO_ARTIST
from holdfast.bookings.commands import (
    Details,
    RequestWish,
    accept_request,
    answer_rider,
    challenge_option,
    check_in,
    check_line,
    complete,
    counter_request,
    decline_request,
    give_option,
    request_date,
    withdraw_request,
)
from holdfast.bookings.commands.writing import end_dead
from holdfast.bookings.models import Booking
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import request_of
from holdfast.bookings.rules.requests import Event, Span
from holdfast.businesses.commands import create_business
from holdfast.businesses.models import Business
from holdfast.catalog.commands.riders import create_rider
from holdfast.core.models import OutboxEvent
from holdfast.core.transactions import command
from holdfast.customers.rules import Contact
from holdfast.lib.actors import Actor, Role
from holdfast.schedule.queries import Timetable, load_timetable

PEOPLE = (
    Person(Role.ADMIN, "ilse@varga.example", "Ilse Varga", resource="Ilse Varga"),
    Person(Role.MANAGER, "noor@varga.example", "Noor Aziz"),
    Person(Role.STAFF, "piet@varga.example", "Piet Lammers"),
)
_SLUG = "ilse-varga"


@dataclass(frozen=True, slots=True)
class Story:
    """One request: when it is for and was made, in days from today, and what became of it."""

    venue: str
    place: str
    details: str
    fee: int
    person: str
    on: int
    asked: int
    service: int = 0
    at: tuple[int, int] = (21, 0)
    hours: int = 2
    becomes: str = "requested"


_STORIES = (
    Story(
        "Kesselhaus", "Am Ufer 12, Leipzig",
        "Opening of the spring programme, 300 people, seated on the floor.", 2200, "Rieke Sommer", 54, -2,
    ),
    Story(
        "Halcyon Festival", "Feldweg 1, Neuruppin",
        "Sunday morning slot in the forest. Two stages, the small one is yours.", 3200, "Jonas Wiek", 131, -1,
        at=(10, 30),
    ),
    Story(
        "Private party", "Lindenallee 5, Potsdam", "A sixtieth birthday, thirty guests and a garden.", 1500,
        "Marta Kühn", 33, -3, service=1, at=(19, 0), hours=4, becomes="countered",
    ),
    Story(
        "Undercroft", "7 Mill Lane, Leeds LS1", "You had us in 2023 and people still ask.", 2400,
        "Ines Calder", 82, -9, becomes="first_option",
    ),
    Story(
        "Salon Nord", "Hafenstraße 20, Hamburg", "An evening with two other artists, shared bill.", 2100,
        "Tomas Brandt", 82, -6, at=(20, 0), becomes="second_option",
    ),
    Story(
        "Kode Club", "Revaler Straße 9, Berlin", "The Friday of the label night.", 2800, "Lena Oduya", 19, -30,
        at=(23, 0), hours=3, becomes="accepted",
    ),
    Story(
        "Stadtbibliothek", "Blücherplatz 1, Berlin", "A talk for the listening room, forty chairs.", 500,
        "Aydan Roth", 8, -21, service=2, at=(18, 0), hours=1, becomes="accepted",
    ),
    Story(
        "Stadsfest", "Vrijdagmarkt, Gent", "Open air, after the parade.", 1900, "Bram Claes", 40, -12,
        becomes="declined",
    ),
    Story(
        "Lichtspiele", "Torgasse 3, Dresden", "Live score to a silent film.", 2600, "Edda Falk", 47, -10,
        becomes="withdrawn",
    ),
    Story(
        "Hof Sieben", "Dorfstraße 7, Templin", "Harvest party, small system.", 900, "Uwe Brand", 61, -14,
        becomes="expired",
    ),
    Story(
        "Philharmonie, foyer", "Herbert-von-Karajan-Straße 1, Berlin", "The late concert after the premiere.",
        3000, "Clara Denz", -12, -70, at=(22, 30), becomes="played",
    ),
)  # fmt: skip


@command
def _artist(actor: Actor) -> Business:
    business = create_business(
        actor=actor,
        slug=_SLUG,
        name="Ilse Varga",
        blueprint="artist",
        timezone="Europe/Berlin",
        currency="EUR",
        is_demo=True,
        profile={
            "tagline": "Live electronics and voice · Berlin",
            "email": "dates@varga.example",
            "phone": "030 901820 44",
            "address": "Oranienstraße 185, 10999 Berlin",
        },
        settings=dict(DEMO_ARTIST.settings),
    )
    made = furnish(actor=actor, business=business, blueprint=DEMO_ARTIST)
    wanted = {
        "name": "Touring party of two",
        "lines": [
            {"section": "hospitality", "text": "One of us eats no dairy"},
            {"section": "travel", "text": "Train tickets, not flights, within eight hours"},
        ],
        "resources": list(made.resources),
    }
    create_rider(actor=actor, business_id=business.id, wanted=wanted)
    return business


@command
def _tell_stories(actor: Actor, business: Business, now: datetime) -> int:
    """Write the requests, all or none, unless some still wait; how many were written."""
    # One at a time: the second of two demos waits here and finds them told.
    Business.objects.select_for_update(no_key=True).get(id=business.id)
    waiting = Booking.objects.filter(business=business, state="requested", releases_at__gt=now)
    if waiting.exists():
        return 0
    timetable = load_timetable(business_id=business.id)
    is_first = not Booking.objects.filter(business=business).exists()
    written: dict[Story, BookingFacts] = {}
    for story in _STORIES:
        if is_first or story.becomes != "played":
            written[story] = _tell(actor, timetable, story, now)
    second = next(booking for story, booking in written.items() if story.becomes == "second_option")
    challenge_option(actor=actor, timetable=timetable, booking_id=second.id, now=now - timedelta(hours=3))
    # Nobody is told about a story.
    told = [booking.id for booking in written.values()]
    OutboxEvent.objects.filter(business_id=business.id, subject_id__in=told).delete()
    return len(written)


def _tell(actor: Actor, timetable: Timetable, story: Story, now: datetime) -> BookingFacts:
    today = now.astimezone(timetable.tz).date()
    asked_at = (now + timedelta(days=story.asked)).replace(second=0, microsecond=0)
    starts_at = _free_evening(timetable, today + timedelta(days=story.on), story)
    service = list(timetable.services.values())[story.service]
    first, last = story.person.lower().split()
    person = Contact(story.person, f"{first}@{last.replace('ü', 'ue')}.example")
    wish = RequestWish(
        service.id,
        Span(starts_at, starts_at + timedelta(hours=story.hours)),
        Event(story.venue, story.place, story.details, story.fee * 100),
        rider=[{"line": 0, "answer": "yes"}, {"line": 1, "answer": "different", "comment": "One shared mix"}],
    )
    booking = request_date(actor=actor, timetable=timetable, wish=wish, details=Details(person), now=asked_at)
    return _end(actor, timetable, booking, story, asked_at + timedelta(hours=6))


def _free_evening(timetable: Timetable, on: date, story: Story) -> datetime:
    """The evening of the story, or one of the weeks after it if the diary has something then."""
    while True:
        local = datetime.combine(on, time(*story.at), tzinfo=timetable.tz)
        starts_at = local.astimezone(UTC)
        busy = Booking.objects.filter(
            business_id=timetable.business.id,
            state="confirmed",
            starts_at__lt=starts_at + timedelta(hours=12),
            ends_at__gt=starts_at - timedelta(hours=12),
        )
        if not busy.exists():
            return starts_at
        on += timedelta(days=7)


def _end(
    actor: Actor, timetable: Timetable, booking: BookingFacts, story: Story, at: datetime
) -> BookingFacts:
    common: dict[str, Any] = {"actor": actor, "timetable": timetable, "booking_id": booking.id, "now": at}
    business_id = timetable.business.id
    if story.becomes == "countered":
        counter_request(**common, fee_minor=180_000, message="For four hours, with our own small system.")
    elif story.becomes in ("first_option", "second_option"):
        give_option(**common)
    elif story.becomes == "declined":
        decline_request(**common, reason="We are in the studio that week. Do ask again for the autumn.")
    elif story.becomes == "withdrawn":
        withdraw_request(**common)
    elif story.becomes == "expired":
        end_dead(booking_ids=[booking.id], now=booking.releases_at or at)
    elif story.becomes in ("accepted", "played"):
        accept_request(**common)
        lines = request_of(business_id=business_id, booking=booking, now=at).rider
        answers = [{"line": line.id, "answer": "yes"} for line in lines[:3]]
        answer_rider(actor=actor, business_id=business_id, booking_id=booking.id, lines=answers, now=at)
        check_line(actor=actor, business_id=business_id, booking_id=booking.id, line_id=lines[0].id, now=at)
    if story.becomes == "played":
        step = {"actor": actor, "business_id": business_id, "booking_id": booking.id}
        check_in(**step, now=booking.starts_at)  # type: ignore[arg-type]
        complete(**step, now=booking.ends_at)  # type: ignore[arg-type]
    return booking


DEMO = DemoBusiness(
    slug=_SLUG,
    announcement="Creating Ilse Varga, an artist in Berlin",
    people=PEOPLE,
    create=_artist,
    go_on=_tell_stories,
)

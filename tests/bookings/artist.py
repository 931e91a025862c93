"""An artist whose dates are asked for: what the tests of requests share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from holdfast.bookings.commands import Details, RequestWish, request_date
from holdfast.bookings.queries import BookingFacts
from holdfast.bookings.queries.requests import RequestFacts, request_of
from holdfast.bookings.rules.requests import Event, Span
from holdfast.businesses.commands import create_business
from holdfast.catalog.commands import create_resource, create_service
from holdfast.catalog.commands.riders import create_rider
from holdfast.core import clock
from holdfast.customers.rules import Contact
from holdfast.lib.actors import GUEST, Actor, Role
from holdfast.schedule.commands import apply_hour_template
from holdfast.schedule.queries import Timetable, timetable_of
from tests.cast import DANA, OPERATOR

ERIN = Contact(name="Erin Other", email="erin@example.org")
FRAN = Contact(name="Fran Third", email="fran@example.org")
EVENT = Event("The Vault", "1 Mill Lane, Leeds", "Opening night, 300 people", 80_000)


@dataclass
class Studio:
    """Mara, an artist in London who can be asked for any time of any day; answers are due within 72 hours."""

    slug: str
    business_id: UUID
    artist_id: UUID
    service_id: UUID

    @property
    def timetable(self) -> Timetable:
        return timetable_of(business_id=self.business_id)

    def actor(self, role: Role = Role.STAFF) -> Actor:
        return Actor(role=role, business_id=self.business_id, via="page", name="Bob Agent")

    def on(self, days: int = 30) -> date:
        return (clock.now().astimezone(self.timetable.tz) + timedelta(days=days)).date()

    def at(self, hhmm: str = "20:00", days: int = 30) -> datetime:
        hour, minute = map(int, hhmm.split(":"))
        on = self.on(days)
        local = datetime(on.year, on.month, on.day, hour, minute, tzinfo=self.timetable.tz)
        return local.astimezone(UTC)

    def wish(
        self, hhmm: str = "20:00", days: int = 30, *, hours: int = 3, event: Event = EVENT
    ) -> RequestWish:
        starts_at = self.at(hhmm, days)
        return RequestWish(self.service_id, Span(starts_at, starts_at + timedelta(hours=hours)), event)

    def ask(
        self,
        hhmm: str = "20:00",
        days: int = 30,
        *,
        contact: Contact = DANA,
        wish: RequestWish | None = None,
        now: datetime | None = None,
        actor: Actor = GUEST,
        event: Event = EVENT,
    ) -> BookingFacts:
        """A request for three hours of an evening."""
        return request_date(
            actor=actor,
            timetable=self.timetable,
            wish=wish or self.wish(hhmm, days, event=event),
            details=Details(contact),
            now=now or clock.now(),
        )

    def read(self, booking: BookingFacts, now: datetime | None = None) -> RequestFacts:
        return request_of(business_id=self.business_id, booking=booking, now=now or clock.now())


def make_studio(slug: str = "mara", **settings: object) -> Studio:
    """An artist as described in :class:`Studio`, with a rider of three lines."""
    business = create_business(
        actor=OPERATOR,
        slug=slug,
        name="Mara Sound",
        blueprint="artist",
        timezone="Europe/London",
        currency="GBP",
        settings={"earliest_notice_minutes": 1440, "furthest_ahead_days": 365, **settings},
        profile={"email": "bookings@mara.example"},
    )
    apply_hour_template(actor=OPERATOR, business_id=business.id, template="24_7")
    artist = create_resource(
        actor=OPERATOR, business_id=business.id, wanted={"name": "Mara Sound", "kind": "artist"}
    )
    service = create_service(
        actor=OPERATOR,
        business_id=business.id,
        wanted={
            "name": "Live set",
            "mode": "request",
            "duration_minutes": 120,
            "price_minor": 80_000,
            "resources": [artist.id],
        },
    )
    create_rider(
        actor=OPERATOR,
        business_id=business.id,
        wanted={
            "name": "Live rider",
            "services": [service.id],
            "lines": [
                {"section": "travel", "text": "Two hotel rooms"},
                {"section": "technical", "text": "Stereo line at the stage"},
                {"section": "hospitality", "text": "Hot vegan meal for three"},
            ],
        },
    )
    return Studio(slug, business.id, artist.id, service.id)

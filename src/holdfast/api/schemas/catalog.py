"""Services and resources. On the wire a row is ``active``; the domain calls the column ``is_active``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import PARTIAL
from holdfast.catalog.queries import ResourceFacts, ServiceFacts
from holdfast.lib.money import MAX_MINOR

Mode = Literal["appointment", "table", "request", "slot"]
Guard = Literal["", "nothing", "confirm", "card"]
Kind = Literal["staff", "table", "room", "artist", "counter"]
WhoMayBook = Literal["anyone", "verified_email", "signed_in"]
# Never empty: where an id may be left out, leaving it out means "all", and nobody should mean that by an empty one.
Id = Annotated[str, Field(min_length=1, max_length=64)]
Minor = Annotated[int, Field(ge=0, le=MAX_MINOR)]
Buffer = Annotated[int, Field(ge=0, le=480)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Turn = Annotated[list[Annotated[int, Field(ge=1, le=10_000)]], Field(min_length=2, max_length=2)]
Seats = Annotated[int, Field(ge=1, le=10_000)]
Position = Annotated[int, Field(ge=0, le=100_000)]
Name = Annotated[str, Field(max_length=120, json_schema_extra={"minLength": 1})]


class ServiceOut(BaseModel):
    """What can be booked."""

    id: str
    name: str
    description: str
    mode: Mode
    duration_minutes: int
    interval_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    price_minor: int
    currency: str
    deposit_minor: int
    deposit_percent: int
    deposit_person_minor: int
    deposit_party_least: int
    deposit_weekdays: list[int]
    prepay: bool
    guard: Guard
    price_per_person: bool
    turn_minutes: Annotated[
        list[list[int]], Field(description="For tables: `[[largest party, minutes], …]`.")
    ]
    pacing_covers: Annotated[int, Field(description="Guests who may start in one interval; 0: no limit.")]
    places_per_customer: int
    answer_within_hours: int
    who_may_book: WhoMayBook
    waitlist_open: bool
    waitlist_limit: Annotated[int, Field(description="So many may wait for it; 0: any number.")]
    active: bool
    position: int
    resources: list[str]


class ServiceChange(BaseModel):
    """What to change; what is left out stays. ``resources`` are the ids of those who can give it."""

    model_config = PARTIAL

    name: Name = ""
    description: Annotated[str, Field(max_length=500)] = ""
    mode: Mode = "appointment"
    duration_minutes: Minutes = 30
    interval_minutes: Annotated[Minutes, Field(description="Starts lie on this grid from the opening.")] = 15
    buffer_before_minutes: Annotated[Buffer, Field(description="Kept free before it.")] = 0
    buffer_after_minutes: Annotated[Buffer, Field(description="Kept free after it.")] = 0
    price_minor: Minor = 0
    deposit_minor: Annotated[
        Minor, Field(description="Paid ahead. What is given of a deposit is added up.")
    ] = 0
    deposit_percent: Annotated[int, Field(ge=0, le=100, description="Of the price.")] = 0
    deposit_person_minor: Annotated[Minor, Field(description="For each person.")] = 0
    deposit_party_least: Annotated[
        int, Field(ge=1, le=10_000, description="The deposit is for parties of so many and more.")
    ] = 1
    deposit_weekdays: Annotated[
        list[Annotated[int, Field(ge=0, le=6)]],
        Field(max_length=7, description="The deposit is for these days, 0 is Monday; none: every day."),
    ] = []
    prepay: Annotated[bool, Field(description="The whole price is paid ahead.")] = False
    guard: Annotated[
        Guard,
        Field(description="What is asked where there is neither; empty: what the business’s settings say."),
    ] = ""
    price_per_person: Annotated[bool, Field(description="The price is for each person.")] = False
    turn_minutes: Annotated[
        list[Turn],
        Field(max_length=20, description="For tables: `[[largest party, minutes], …]`, parties rising."),
    ] = []
    pacing_covers: Annotated[
        int, Field(ge=0, le=10_000, description="Guests who may start in one interval; 0: no limit.")
    ] = 0
    places_per_customer: Annotated[
        int,
        Field(ge=0, le=100, description="Services by slot: bookings a person may have in one. 0: any."),
    ] = 1
    answer_within_hours: Annotated[
        int, Field(ge=1, le=720, description="Services on request: how long an answer may take.")
    ] = 72
    who_may_book: WhoMayBook = "anyone"
    waitlist_open: Annotated[bool, Field(description="Whether guests can wait for it.")] = True
    waitlist_limit: Annotated[
        int, Field(ge=0, le=10_000, description="So many may wait for it; 0: any number.")
    ] = 0
    active: Annotated[bool, Field(description="False: retired, kept for its bookings.")] = True
    position: Position = 0
    resources: Annotated[list[Id], Field(max_length=1000, description="Who can give it.")] = []


class ServiceNew(ServiceChange):
    """A new service: a name and a duration at least."""

    name: Name
    duration_minutes: Minutes


class ResourceOut(BaseModel):
    """Whoever or whatever can be busy."""

    id: str
    name: str
    kind: Kind
    detail: str
    area: str
    seats_min: int
    seats_max: int
    active: bool
    position: int


class ResourceChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = PARTIAL

    name: Name = ""
    kind: Kind = "staff"
    detail: Annotated[str, Field(max_length=120)] = ""
    area: Annotated[str, Field(max_length=60, description="Where it stands: tables are shown by area.")] = ""
    seats_min: Seats = 1
    seats_max: Seats = 1
    active: Annotated[bool, Field(description="False: retired, kept for its bookings.")] = True
    position: Position = 0


class ResourceNew(ResourceChange):
    """A new resource: a name at least."""

    name: Name


class ServiceList(BaseModel):
    items: list[ServiceOut]
    next_cursor: str | None


class ResourceList(BaseModel):
    items: list[ResourceOut]
    next_cursor: str | None


def show_service(service: ServiceFacts, currency: str) -> dict[str, Any]:
    """A service as the API shows it."""
    return {
        "id": str(service.id),
        "name": service.name,
        "description": service.description,
        "mode": service.mode,
        "duration_minutes": service.duration_minutes,
        "interval_minutes": service.interval_minutes,
        "buffer_before_minutes": service.buffer_before_minutes,
        "buffer_after_minutes": service.buffer_after_minutes,
        "price_minor": service.price_minor,
        "currency": currency,
        "deposit_minor": service.deposit_minor,
        "deposit_percent": service.deposit_percent,
        "deposit_person_minor": service.deposit_person_minor,
        "deposit_party_least": service.deposit_party_least,
        "deposit_weekdays": list(service.deposit_weekdays),
        "prepay": service.prepay,
        "guard": service.guard,
        "turn_minutes": [list(step) for step in service.turn_minutes],
        "pacing_covers": service.pacing_covers,
        "price_per_person": service.price_per_person,
        "places_per_customer": service.places_per_customer,
        "answer_within_hours": service.answer_within_hours,
        "who_may_book": service.who_may_book,
        "waitlist_open": service.waitlist_open,
        "waitlist_limit": service.waitlist_limit,
        "active": service.is_active,
        "position": service.position,
        "resources": [str(id) for id in service.resource_ids],
    }


def show_resource(resource: ResourceFacts) -> dict[str, Any]:
    """A resource as the API shows it."""
    return {
        "id": str(resource.id),
        "name": resource.name,
        "kind": resource.kind,
        "detail": resource.detail,
        "area": resource.area,
        "seats_min": resource.seats_min,
        "seats_max": resource.seats_max,
        "active": resource.is_active,
        "position": resource.position,
    }


def wanted_columns(body: ServiceChange | ResourceChange) -> dict[str, Any]:
    """What the body sets, under the domain's names."""
    wanted = body.model_dump(exclude_unset=True, exclude={"decisions"})
    if "active" in wanted:
        wanted["is_active"] = wanted.pop("active")
    return wanted

"""What the set-up says of each kind of business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind's tile, what it brings, and what its people call things."""

    title: Promise
    about: Promise
    icon: str
    sample: Promise
    gets: tuple[Promise, ...]
    resources: Promise
    resource: Promise
    services: Promise
    service: Promise
    price: Promise
    add_resource: Promise
    add_service: Promise


KINDS: Mapping[str, KindWords] = {
    "barbershop": KindWords(
        title=_("Staff and services"),
        about=_("Barbers, salons, clinics, tutors"),
        icon="service",
        sample=_("Your barbershop"),
        gets=(
            _("Four sample services with times and prices"),
            _("Two chairs, Tuesday to Saturday"),
            _("Free changes up to 24 hours before"),
            _("Reminders by email a day ahead"),
        ),
        resources=_("Who gives them"),
        resource=_("Person or chair"),
        services=_("Services"),
        service=_("Service"),
        price=_("Price"),
        add_resource=_("Add a person or chair"),
        add_service=_("Add a service"),
    ),
    "venue": KindWords(
        title=_("Tables for a night"),
        about=_("Clubs, restaurants, bars"),
        icon="venue",
        sample=_("Your restaurant"),
        gets=(
            _("Five tables for one to six guests"),
            _("Parties get the table that fits them best"),
            _("Thursday to Saturday nights, past midnight"),
            _("Reminders by email a day ahead"),
        ),
        resources=_("Tables"),
        resource=_("Table"),
        services=_("What people book"),
        service=_("Offer"),
        price=_("Price"),
        add_resource=_("Add a table"),
        add_service=_("Add an offer"),
    ),
    "waitlist": KindWords(
        title=_("Walk-in queue"),
        about=_("Clinics, repair desks, offices"),
        icon="people",
        sample=_("Your clinic"),
        gets=(
            _("Two kinds of visit, short and long"),
            _("Two rooms, Monday to Friday"),
            _("Visits today and in the next seven days"),
            _("The day at a glance for everyone at the desk"),
        ),
        resources=_("Who or where"),
        resource=_("Room or person"),
        services=_("Kinds of visit"),
        service=_("Visit"),
        price=_("Price"),
        add_resource=_("Add a room or person"),
        add_service=_("Add a kind of visit"),
    ),
    "artist": KindWords(
        title=_("Requests and offers"),
        about=_("Artists, agents, private events"),
        icon="musical-note",
        sample=_("Your name"),
        gets=(
            _("People ask for a date and name a fee"),
            _("You accept, decline or make a counter-offer"),
            _("A date is given once, whoever asks"),
            _("Everything about the event in one place"),
        ),
        resources=_("Artists"),
        resource=_("Artist"),
        services=_("What can be requested"),
        service=_("Performance"),
        price=_("Usual fee"),
        add_resource=_("Add an artist"),
        add_service=_("Add a performance"),
    ),
    "counter": KindWords(
        title=_("Counter with places"),
        about=_("Classes, tastings, collection slots"),
        icon="squares-2x2",
        sample=_("Your counter"),
        gets=(
            _("Slots of half an hour, Monday to Friday"),
            _("Ten places in each, never one too many"),
            _("People see how many places are left"),
            _("Slots can be opened, closed and made larger"),
        ),
        resources=_("Counters and rooms"),
        resource=_("Counter or room"),
        services=_("What people come for"),
        service=_("Visit"),
        price=_("Price"),
        add_resource=_("Add a counter or room"),
        add_service=_("Add a visit"),
    ),
}

STEPS: tuple[tuple[str, Promise], ...] = (
    ("kind", _("What you do")),
    ("about", _("Name and hours")),
    ("services", _("People and services")),
    ("opened", _("Go live")),
)

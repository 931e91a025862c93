"""What a business of the demo is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from holdfast.businesses.models import Business
from holdfast.lib.actors import Actor, Role
from holdfast.payments.queries import ways

Tell = Callable[[str], None]


def playing_at_payments() -> dict[str, str]:
    """The setting of a demo business that takes played money, where this installation plays."""
    return {"payments": "demo"} if "demo" in ways() else {}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the demo; ``resource`` is the name of the resource this person is, if one."""

    role: Role
    email: str
    name: str
    resource: str = ""


@dataclass(frozen=True, slots=True)
class DemoBusiness:
    """One business of the demo.

    ``create(actor)`` makes it in one transaction, the first time. ``go_on(actor, business, now)`` brings its diary up
    to date, in short transactions, and says how many bookings it wrote; it is called every time and adds only what
    is missing. ``announcement`` is told before the business is created.
    """

    slug: str
    announcement: str
    people: tuple[Person, ...]
    create: Callable[[Actor], Business]
    go_on: Callable[[Actor, Business, datetime], int]

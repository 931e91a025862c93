"""The demo: one business of every kind that Holdfast knows so far, lively, and the same again tomorrow.

One module a business, each with a ``DemoBusiness``; all are listed in ``DEMOS``. Everything is made by the same
commands that people use, with the clock set to when it would have happened; nobody is sent a message about the past.
"""

from __future__ import annotations

from datetime import datetime

from holdfast.blueprints.commands.demo import artist, barbershop, counter, venue, waitlist
from holdfast.blueprints.commands.demo.parts import DemoBusiness, Person, Tell
from holdfast.blueprints.commands.demo.people import OPERATOR_EMAIL, employ, employ_operator
from holdfast.businesses.errors import SlugTaken
from holdfast.businesses.models import Business
from holdfast.lib.actors import Actor

DEMOS: tuple[DemoBusiness, ...] = (barbershop.DEMO, counter.DEMO, waitlist.DEMO, venue.DEMO, artist.DEMO)

__all__ = ["DEMOS", "OPERATOR_EMAIL", "DemoBusiness", "Person", "load_demo", "people_of"]


def load_demo(*, actor: Actor, password: str, now: datetime, tell: Tell) -> list[Business]:
    """Create what is missing of the demo and continue its diaries up to two weeks from today; the demo's businesses.

    ``password`` is every demo account's. ``tell`` hears a line of progress now and then. Many short transactions, so
    that a running server can write meanwhile; whatever stops it, the next call goes on. Refusals: ``SlugTaken`` when
    a business that is no demo has a demo's address.
    """
    standing = {demo.slug: Business.objects.filter(slug=demo.slug).first() for demo in DEMOS}
    for slug, business in standing.items():
        if business is not None and not business.is_demo:
            raise SlugTaken(slug=slug)
    employ_operator(actor=actor, password=password)
    return [_load(actor, demo, standing[demo.slug], password, now, tell) for demo in DEMOS]


def people_of(*, slug: str) -> tuple[Person, ...]:
    """Who works in the demo's business at this address."""
    return next((demo.people for demo in DEMOS if demo.slug == slug), ())


def _load(
    actor: Actor, demo: DemoBusiness, business: Business | None, password: str, now: datetime, tell: Tell
) -> Business:
    if business is None:
        tell(demo.announcement)
        business = demo.create(actor)
    employ(actor=actor, business=business, people=demo.people, password=password)
    written = demo.go_on(actor, business, now)
    if written:
        tell(f"Wrote {written} bookings into the diary of {business.name}")
    return business

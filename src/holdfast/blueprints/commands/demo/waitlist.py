"""The demo's walk-in clinic: people come as they are, or book the next free quarter of an hour."""

from __future__ import annotations

from holdfast.blueprints.commands.creating import furnish
from holdfast.blueprints.commands.demo.barbershop import continue_diary
from holdfast.blueprints.commands.demo.parts import DemoBusiness, Person
from holdfast.blueprints.rules.kinds.waitlist import DEMO_CLINIC
from holdfast.businesses.commands import create_business
from holdfast.businesses.models import Business
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor, Role

PEOPLE = (
    Person(Role.ADMIN, "ruth@harbour.example", "Ruth Adeyemi"),
    Person(Role.MANAGER, "sam@harbour.example", "Sam Keane"),
    Person(Role.STAFF, "nina@harbour.example", "Nina Holt", resource="Nurse Nina Holt"),
)
_SLUG = "harbour-walk-in"


@command
def _clinic(actor: Actor) -> Business:
    business = create_business(
        actor=actor,
        slug=_SLUG,
        name="Harbour Walk-in Clinic",
        blueprint="waitlist",
        timezone="Europe/London",
        currency="GBP",
        is_demo=True,
        profile={
            "tagline": "No appointment needed · Bristol harbourside",
            "email": "desk@harbour.example",
            "phone": "0117 496 0233",
            "address": "3 Narrow Quay, Bristol BS1 4QA",
        },
        settings=dict(DEMO_CLINIC.settings),
    )
    furnish(actor=actor, business=business, blueprint=DEMO_CLINIC)
    return business


DEMO = DemoBusiness(
    slug=_SLUG,
    announcement="Creating Harbour Walk-in Clinic, a clinic in Bristol",
    people=PEOPLE,
    create=_clinic,
    go_on=continue_diary,
)

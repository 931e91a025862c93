"""One file for each kind of business (SPEC §1)."""

from holdfast.blueprints.rules.kinds.artist import ARTIST
from holdfast.blueprints.rules.kinds.barbershop import BARBERSHOP
from holdfast.blueprints.rules.kinds.counter import COUNTER
from holdfast.blueprints.rules.kinds.venue import VENUE
from holdfast.blueprints.rules.kinds.waitlist import WAITLIST
from holdfast.blueprints.rules.parts import Blueprint

#: In the order in which people are asked.
BLUEPRINTS: dict[str, Blueprint] = {
    blueprint.kind: blueprint for blueprint in (BARBERSHOP, VENUE, WAITLIST, ARTIST, COUNTER)
}

__all__ = ["ARTIST", "BARBERSHOP", "BLUEPRINTS", "COUNTER", "VENUE", "WAITLIST"]

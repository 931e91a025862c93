"""Ready configurations, one a kind of business (SPEC §1), and the people of the demo. Pure."""

from holdfast.blueprints.rules.barbershop import BARBERSHOP, DEMO_BARBERSHOP
from holdfast.blueprints.rules.kinds import Blueprint, Giver, Offered

BLUEPRINTS: dict[str, Blueprint] = {"barbershop": BARBERSHOP}

__all__ = ["BARBERSHOP", "BLUEPRINTS", "DEMO_BARBERSHOP", "Blueprint", "Giver", "Offered"]

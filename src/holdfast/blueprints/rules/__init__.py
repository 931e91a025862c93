"""Ready configurations, one a kind of business (SPEC §1), and the people of the demo. Pure."""

from holdfast.blueprints.rules.kinds import BLUEPRINTS
from holdfast.blueprints.rules.parts import Blueprint, Furnished, Giver, Offered

__all__ = ["BLUEPRINTS", "Blueprint", "Furnished", "Giver", "Offered"]

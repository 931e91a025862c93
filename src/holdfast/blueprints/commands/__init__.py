"""Creating businesses from blueprints, and the demo."""

from holdfast.blueprints.commands.creating import create_from_blueprint
from holdfast.blueprints.commands.demo import load_demo

__all__ = ["create_from_blueprint", "load_demo"]

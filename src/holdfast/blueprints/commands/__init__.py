"""Creating businesses from blueprints, setting up, and the demo."""

from holdfast.blueprints.commands.creating import create_from_blueprint
from holdfast.blueprints.commands.demo import load_demo
from holdfast.blueprints.commands.setting_up import create_first_account, set_up_business

__all__ = ["create_first_account", "create_from_blueprint", "load_demo", "set_up_business"]

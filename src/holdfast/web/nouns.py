"""What the people of a business call what can be busy there: a barbershop has barbers, a venue tables."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from holdfast.blueprints.rules import BLUEPRINTS

_MANY: Mapping[str, Promise] = {
    "barber": _("Barbers"),
    "table": _("Tables"),
    "artist": _("Artists"),
    "counter": _("Counters"),
    "person": _("People and places"),
}


def resources_word(kind: str) -> str:
    """The resources of a kind of business, in the plural."""
    blueprint = BLUEPRINTS.get(kind)
    return str(_MANY[blueprint.noun if blueprint else "person"])

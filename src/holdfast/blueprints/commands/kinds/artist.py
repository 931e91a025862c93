"""What only a business of the kind ``artist`` has beside hours, resources, services and settings: a rider."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.blueprints.rules import Blueprint, Furnished
from holdfast.blueprints.rules.kinds.artist import FIRST_RIDER
from holdfast.businesses.models import Business
from holdfast.catalog.commands.riders import create_rider
from holdfast.lib.actors import Actor


def finish(*, actor: Actor, business: Business, blueprint: Blueprint, made: Furnished) -> None:  # noqa: ARG001
    """A first rider that goes with every service, to be edited. Runs inside the creating command."""
    with translation.override(business.language):
        name = _("Rider")
    wanted = {
        "name": name,
        "lines": [{"section": section, "text": text} for section, text in FIRST_RIDER],
        "services": list(made.services),
    }
    create_rider(actor=actor, business_id=business.id, wanted=wanted)

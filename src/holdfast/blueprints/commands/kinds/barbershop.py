"""What only a business of the kind ``barbershop`` has beside hours, resources, services and settings."""

from __future__ import annotations

from holdfast.blueprints.rules import Blueprint, Furnished
from holdfast.businesses.models import Business
from holdfast.lib.actors import Actor


def finish(*, actor: Actor, business: Business, blueprint: Blueprint, made: Furnished) -> None:
    """Nothing more is needed to take the first booking. Runs inside the creating command."""

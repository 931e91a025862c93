"""What installation this is, for pages that have to say so."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def is_demo() -> bool:
    """Whether this installation was started as a demonstration (``HOLDFAST_ENVIRONMENT=demo``)."""
    return getattr(settings, "HOLDFAST_ENVIRONMENT", "") == "demo"

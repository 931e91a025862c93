"""What installation this is, for pages that have to say so."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def is_demo() -> bool:
    """Whether this installation was started as a demonstration (``HOLDFAST_ENVIRONMENT=demo``)."""
    return getattr(settings, "HOLDFAST_ENVIRONMENT", "") == "demo"


@register.simple_tag
def keeps_mail() -> bool:
    """Whether mail is written to files here instead of being sent, so that the demo's page can show it."""
    return not settings.EMAIL_HOST

"""``{% icon "calendar" %}``: an inline SVG by what it means."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from holdfast.web import icons

register = template.Library()


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """See :func:`holdfast.web.icons.icon`."""
    return icons.icon(str(name) + "", str(classes) + "")

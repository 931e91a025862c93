"""``{% dressed field %}``: a Django form field in our own clothes, with what assistive technology needs."""

from __future__ import annotations

from django import template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def dressed(field: BoundField) -> SafeString:
    """The field's widget with our class, marked invalid and described by its hint and errors where there are any."""
    attrs: dict[str, str | bool] = {"class": "input"}
    about = []
    if field.help_text:
        about.append(f"{field.id_for_label}_helptext")
    if field.errors:
        about.append(f"{field.id_for_label}_error")
        attrs["aria-invalid"] = "true"
    if about:
        attrs["aria-describedby"] = " ".join(about)
    attrs["placeholder"] = ""
    return field.as_widget(attrs=attrs)

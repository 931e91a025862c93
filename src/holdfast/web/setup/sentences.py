"""What the set-up pages say about a wrong answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from holdfast.lib.refusals import Invalid
from holdfast.lib.text import Mistakes
from holdfast.web.desk import words

_OWN: Mapping[str, Promise] = {
    "invalid_slug": gettext_lazy("Use small letters, digits and dashes, such as fenwick-and-rowe."),
    "no_currency": gettext_lazy("Choose the currency of your prices."),
    "no_hours": gettext_lazy("Write the hours of at least one day, or choose a ready-made week."),
    "password_too_short": gettext_lazy("Use at least 8 characters."),
    "password_too_common": gettext_lazy("Everybody's first guess. Use one that is your own."),
    "password_too_similar": gettext_lazy("This is too much like your email address."),
    "password_too_long": gettext_lazy("Use at most 128 characters."),
}
_MEASURED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "slug_taken": lambda f: (
        _("Another business has this address. %(free)s is free.") % {"free": f["free"]}
        if f.get("free")
        else _("Another business has this address.")
    )
}


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """What to do about one wrong field."""
    if code in _MEASURED:
        return _MEASURED[code](facts)
    return str(_OWN[code]) if code in _OWN else words.mistake(code, facts)


def sentences(found: Mistakes) -> dict[str, list[str]]:
    """By field."""
    return {name: [sentence(code, facts) for code, facts in wrong] for name, wrong in found.items()}


def mistakes(refusal: Invalid) -> dict[str, list[str]]:
    """The sentences of a refusal, by the names the form's fields have: ``services-0-name``."""
    return {
        name.replace("[", "-").replace("].", "-"): [sentence(code, facts) for code, facts in wrong]
        for name, wrong in refusal.fields.items()
    }

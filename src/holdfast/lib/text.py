"""What free text may be: cleaned in one place, refused with one set of codes."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from holdfast.lib.refusals import Invalid

Mistakes = dict[str, list[tuple[str, dict[str, Any]]]]

# Everything of Unicode category Cc, lone surrogates, and the marks that reorder text on a screen.
_FORBIDDEN_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FORBIDDEN_IN_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+)*"
    r"@([A-Za-z0-9\u0080-\U0010ffff]([A-Za-z0-9\u0080-\U0010ffff-]{0,61}[A-Za-z0-9\u0080-\U0010ffff])?\.)+"
    r"[A-Za-z0-9\u0080-\U0010ffff]([A-Za-z0-9\u0080-\U0010ffff-]{0,61}[A-Za-z0-9\u0080-\U0010ffff])?"
)
_PHONE = re.compile(r"\+?[0-9 ()./-]{3,30}")


def line(value: str, *, field: str, mistakes: Mistakes, limit: int, required: bool = True) -> str:
    """One trimmed, NFC-normalised line of at most ``limit`` characters; mistakes are added under ``field``."""
    return _clean(value, field, mistakes, limit, required, _FORBIDDEN_IN_LINE)


def paragraphs(value: str, *, field: str, mistakes: Mistakes, limit: int, required: bool = False) -> str:
    """The same for text of several lines; line ends become ``\\n``."""
    return _clean(
        value.replace("\r\n", "\n").replace("\r", "\n"), field, mistakes, limit, required, _FORBIDDEN_IN_TEXT
    )


def email(value: str, *, field: str, mistakes: Mistakes) -> str:
    """An email address as typed, trimmed, with its domain in lower case."""
    cleaned = line(value, field=field, mistakes=mistakes, limit=254)
    if field in mistakes:
        return cleaned
    local, _, domain = cleaned.rpartition("@")
    if len(local) > 64 or not _EMAIL.fullmatch(cleaned):
        mistakes.setdefault(field, []).append(("invalid_email", {}))
        return cleaned
    return f"{local}@{domain.lower()}"


def phone(value: str, *, field: str, mistakes: Mistakes) -> str:
    """A phone number as typed (digits, spaces, ``+ ( ) . / -``) with 5 to 15 digits, or empty."""
    cleaned = line(value, field=field, mistakes=mistakes, limit=40, required=False)
    if cleaned and field not in mistakes:
        digits = sum(letter.isdigit() for letter in cleaned)
        if not _PHONE.fullmatch(cleaned) or not 5 <= digits <= 15:
            mistakes.setdefault(field, []).append(("invalid_phone", {}))
    return cleaned


def refuse(mistakes: Mistakes) -> None:
    """Raise :class:`Invalid` with all mistakes at once, or do nothing when there are none."""
    if mistakes:
        raise Invalid(mistakes)


def _clean(
    value: str, field: str, mistakes: Mistakes, limit: int, required: bool, forbidden: re.Pattern[str]
) -> str:
    if len(value) > 4 * limit + 100:  # before any work: a megabyte of text is not worth normalising
        mistakes.setdefault(field, []).append(("too_long", {"limit": limit}))
        return ""
    if forbidden.search(value):
        mistakes.setdefault(field, []).append(("control_characters", {}))
        return ""
    cleaned = unicodedata.normalize("NFC", value).strip()
    if required and not cleaned:
        mistakes.setdefault(field, []).append(("required", {}))
    elif len(cleaned) > limit:
        mistakes.setdefault(field, []).append(("too_long", {"limit": limit}))
    return cleaned

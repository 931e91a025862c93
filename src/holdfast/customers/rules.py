"""What a contact may be, and how a person is found again. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.lib import text
from holdfast.lib.refusals import Invalid

NAME_LIMIT = 120
CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
MOST_TIER = 3


@dataclass(frozen=True, slots=True)
class Contact:
    """What a person gave to be reached by. Staff may book a walk-in with a name alone."""

    name: str
    email: str = ""
    phone: str = ""


def clean_contact(given: Contact, *, email_required: bool = True, prefix: str = "customer.") -> Contact:
    """The contact trimmed and normalised.

    Refusals: :class:`Invalid` naming each wrong field, ``customer.name`` and so on.
    """
    mistakes: text.Mistakes = {}
    name = text.line(given.name, field=f"{prefix}name", mistakes=mistakes, limit=NAME_LIMIT)
    email = ""
    if email_required or given.email.strip():
        email = text.email(given.email, field=f"{prefix}email", mistakes=mistakes)
    phone = text.phone(given.phone, field=f"{prefix}phone", mistakes=mistakes)
    if mistakes:
        raise Invalid(mistakes)
    return Contact(name=name, email=email, phone=phone)


def email_key(email: str) -> str:
    """The form under which an address is indexed: letter case never makes two people of one."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def phone_key(phone: str) -> str:
    """Digits alone, so that spaces and brackets do not hide a number; the last ten, so that a prefix does not."""
    return "".join(letter for letter in phone if letter.isdigit())[-10:]


def name_words(name: str) -> list[str]:
    """The words of a name without case and accents, at most eight, each once."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return list(dict.fromkeys(letters.split()))[:8]


def code_key(given: str) -> str:
    """A code as it is compared: its digits, whatever spaces or hyphens were typed between them; at most a dozen."""
    return "".join(letter for letter in given[:40] if letter.isascii() and letter.isdigit())[:12]


def is_code_alive(*, expires_at: datetime, tries: int, now: datetime) -> bool:
    """Whether a code can still prove anything."""
    return now < expires_at and tries < CODE_TRIES


def consent_via(*, via: str, is_staff: bool) -> str:
    """Through which door a consent came: what staff record was told to them, whatever program they use."""
    return "desk" if is_staff else via

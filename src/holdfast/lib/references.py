"""Booking references that can be read aloud, and signed links that need no account (SPEC D4).

A reference is ten characters of a 32-letter alphabet without 0, O, 1 and I, shown as ``K7QM3-XWPHT``: eight random
ones and two check characters keyed with ``BOOKING_REFERENCE_SECRET``. The check catches mistyping before the database
is asked, and a guesser who lacks the secret hits a well-formed reference once in 1,024 tries.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_RANDOM_LENGTH = 8
_CHECK_LENGTH = 2
LENGTH = _RANDOM_LENGTH + _CHECK_LENGTH
_SIGNATURE_BYTES = 16


def new_reference(key: bytes) -> str:
    """A fresh reference, 40 random bits and 10 check bits, stored without its dash."""
    number = int.from_bytes(secrets.token_bytes(5), "big")
    body = "".join(ALPHABET[(number >> shift) & 31] for shift in range(0, 40, 5))
    return body + _check(body, key)


def read_reference(text: str, key: bytes) -> str | None:
    """The stored form of what a person typed (any case, dashes and spaces), or None if it cannot be a reference."""
    plain = "".join(text.upper().replace("-", " ").split())
    if len(plain) != LENGTH or any(letter not in ALPHABET for letter in plain):
        return None
    body, check = plain[:_RANDOM_LENGTH], plain[_RANDOM_LENGTH:]
    return plain if hmac.compare_digest(check, _check(body, key)) else None


def show_reference(reference: str) -> str:
    """As people see it: two groups of five."""
    return f"{reference[:5]}-{reference[5:]}"


def sign_link(purpose: str, id: UUID, key: bytes) -> str:
    """A URL-safe token of 43 characters that proves its bearer was given it for this purpose and this row."""
    signature = _signature(purpose, id, key)
    return base64.urlsafe_b64encode(id.bytes + signature).rstrip(b"=").decode()


def read_link(purpose: str, token: str, key: bytes) -> UUID | None:
    """The id inside a token signed for this purpose, or None for anything else."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (ValueError, UnicodeEncodeError):
        return None
    if len(raw) != 16 + _SIGNATURE_BYTES:
        return None
    id = UUID(bytes=raw[:16])
    # The canonical spelling only: stray bits at the end of the last letter would make two links of one.
    canonical = hmac.compare_digest(token.encode(), sign_link(purpose, id, key).encode())
    return id if canonical else None


def _check(body: str, key: bytes) -> str:
    digest = hmac.digest(key, b"reference:" + body.encode(), hashlib.sha256)
    return ALPHABET[digest[0] & 31] + ALPHABET[digest[1] & 31]


def _signature(purpose: str, id: UUID, key: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b":" + id.bytes, hashlib.sha256)[:_SIGNATURE_BYTES]

"""Encryption of personal data at rest: AES-256-GCM under a ring of keys, and keyed indexes for exact search.

A sealed value is ``kind (1) · key id (4) · nonce (12) · ciphertext and tag``. The table, the column and the row's id
are its associated data: a value copied into another row, column or table does not open. The first key of
``ENCRYPTION_KEY`` seals; every listed key opens.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signals import setting_changed

_TEXT, _JSON = b"\x01", b"\x02"
_KEY_ID = slice(1, 5)
_NONCE = slice(5, 17)
_HEADER = 17

RowId = UUID | int | str
_indexing: ContextVar[bytes | None] = ContextVar("holdfast_indexing", default=None)


class CannotDecrypt(Exception):
    """A sealed value does not open: its key is not in the ring, or it was moved or changed."""


@dataclass(frozen=True, slots=True)
class _Key:
    id: bytes
    cipher: AESGCM
    index_secret: bytes


@dataclass(frozen=True, slots=True)
class _Ring:
    current: _Key
    by_id: dict[bytes, _Key]
    index_secret: bytes


def parse_keys(text: str) -> list[bytes]:
    """The 32-byte keys of ``ENCRYPTION_KEY`` (base64, comma-separated); ValueError says what is wrong."""
    keys = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        try:
            key = base64.b64decode(part.replace("-", "+").replace("_", "/"), validate=True)
        except ValueError:
            raise ValueError("is not base64") from None
        if len(key) != 32:
            raise ValueError(f"must be 32 bytes of base64, not {len(key)}")
        keys.append(key)
    if not keys:
        raise ValueError("is empty")
    return keys


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"holdfast " + purpose).derive(master)


def _key(master: bytes) -> _Key:
    return _Key(
        id=sha256(b"holdfast key id" + master).digest()[:4],
        cipher=AESGCM(_derive(master, b"data v1")),
        index_secret=_derive(master, b"index v1"),
    )


@cache
def _ring() -> _Ring:
    keys = [_key(master) for master in parse_keys(settings.ENCRYPTION_KEY)]
    # Indexes stay on the oldest key, so that adding a key for new values leaves every stored index searchable.
    return _Ring(current=keys[0], by_id={key.id: key for key in keys}, index_secret=keys[-1].index_secret)


def _reread_keys(*, setting: str, **_: Any) -> None:
    if setting == "ENCRYPTION_KEY":
        _ring.cache_clear()


setting_changed.connect(_reread_keys)


def _place(table: str, column: str, row_id: RowId) -> bytes:
    return f"{table}.{column}:{row_id}".encode()


def encrypt(value: Any, *, table: str, column: str, row_id: RowId) -> bytes:
    """Seal ``value`` for one place in the database.

    A ``str`` is sealed as text, anything else as JSON (dates, UUIDs and decimals become strings). The result is
    what belongs into the binary column, also for statements written by hand.
    """
    if isinstance(value, str):
        kind, plain = _TEXT, value.encode()
    else:
        kind, plain = _JSON, _to_json(value)
    key = _ring().current
    nonce = os.urandom(12)
    head = kind + key.id
    return head + nonce + key.cipher.encrypt(nonce, plain, head + _place(table, column, row_id))


def decrypt(sealed: bytes | memoryview, *, table: str, column: str, row_id: RowId) -> Any:
    """Open what ``encrypt`` sealed for the same table, column and row; ``CannotDecrypt`` otherwise."""
    sealed = bytes(sealed)
    key = _ring().by_id.get(sealed[_KEY_ID])
    if key is None or len(sealed) < _HEADER + 16:
        raise CannotDecrypt(f"{table}.{column}: no key of the ring fits")
    head = sealed[:5]
    try:
        plain = key.cipher.decrypt(sealed[_NONCE], sealed[_HEADER:], head + _place(table, column, row_id))
    except InvalidTag:
        raise CannotDecrypt(f"{table}.{column}: sealed for another place, or damaged") from None
    return json.loads(plain) if head[:1] == _JSON else plain.decode()


def key_ids() -> list[str]:
    """The ids of the ring's keys in their order, which say nothing of the keys."""
    return [id.hex() for id in _ring().by_id]


def current_key_id() -> bytes:
    """The id of the key that seals now."""
    return _ring().current.id


def sealed_under(sealed: bytes) -> bytes:
    """The id of the key a value is sealed with."""
    return sealed[_KEY_ID]


@contextmanager
def indexing_with_the_first_key() -> Iterator[None]:
    """Make indexes with the first key meanwhile, as if it were the last: for working them out anew before the others go."""
    token = _indexing.set(_ring().current.index_secret)
    try:
        yield
    finally:
        _indexing.reset(token)


def blind_index(value: str, *, purpose: str, business_id: UUID | None) -> str:
    """A keyed fingerprint for exact search: 32 hexadecimal characters, different per purpose and business.

    The caller normalises ``value`` first (case, spaces); equal values of one purpose and business are equal here, and
    nothing can be told about the value without the key.
    """
    scope = business_id.hex if business_id else "-"
    message = f"{purpose}\x00{scope}\x00{value}".encode()
    return hmac.digest(_indexing.get() or _ring().index_secret, message, "sha256")[:16].hex()


def _to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder).encode()

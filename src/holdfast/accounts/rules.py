"""Pure decisions about accounts and tokens."""

from __future__ import annotations

import hashlib


def digest_of(secret: str) -> str:
    """What is stored of a token's secret. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Secrets that an installation makes for itself on its first start: one file each, readable by the owner alone.

Used by the settings before Django is ready, and by the demo for its sign-ins.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

# 31 letters and digits, without those that are mistaken for each other.
_CODE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def kept_secret(home: Path, name: str, make: Callable[[], str] | None = None) -> str:
    """The secret ``name`` of this installation; made, and stored in ``home/secrets`` with mode 0600, when missing.

    Several processes may start at once: the first to finish writing wins, all of them return the same value.
    """
    folder = home / "secrets"
    path = folder / name
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write((make or random_text)() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    return path.read_text().strip()


def random_text() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def random_key() -> str:
    """A random 32-byte key in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def random_code() -> str:
    """A one-time code that somebody copies from a terminal: 59 random bits in three groups."""
    groups = ("".join(secrets.choice(_CODE_ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def forget_secret(home: Path, name: str) -> None:
    """Delete a secret that is of no use any more; nothing happens if it is gone already."""
    (home / "secrets" / name).unlink(missing_ok=True)

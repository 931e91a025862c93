"""A migrated SQLite database that lies ready for the next run: migrating takes ten seconds, copying none.

It is kept in pytest's cache under a fingerprint of everything that makes the schema, so a changed migration makes a new one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from importlib.metadata import version
from pathlib import Path

import holdfast

_MAKES_THE_SCHEMA = ("migrations/*.py", "sql.py", "sql/*.py", "apps.py")


class ReadyDatabase:
    """The database that lies ready in a directory, if one does."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / f"{_fingerprint()}.sqlite3"

    def copy_to(self, place: Path) -> bool:
        """Put it in place; False where none lies ready."""
        try:
            shutil.copyfile(self.path, place)
        except FileNotFoundError:
            return False
        return True

    def keep(self, made: Path) -> None:
        """Have a database that was just migrated lie ready; those of older schemas go."""
        for old in self.path.parent.glob("*.sqlite3"):
            if old != self.path:
                old.unlink(missing_ok=True)
        half = self.path.with_suffix(f".{os.getpid()}")
        with sqlite3.connect(made) as source, sqlite3.connect(half) as target:
            source.backup(target)  # the file alone may lack what is still in the write-ahead log
        half.replace(self.path)


def _fingerprint() -> str:
    root = Path(holdfast.__file__).parent
    told = hashlib.sha256(f"{version('django')} {version('django-allauth')}".encode())
    for pattern in _MAKES_THE_SCHEMA:
        for path in sorted(root.glob(f"**/{pattern}")):
            told.update(path.read_bytes())
    return told.hexdigest()[:16]

"""Files that people uploaded, once they were checked: kept in ``HOLDFAST_HOME/uploads`` under a digest of their content.

The name says what is in it, so a file never changes, and the same file twice is one. Machines that serve one database
share the folder.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from holdfast.lib.pictures import MOST_BYTES

_NAME = re.compile(r"[0-9a-f]{64}")


def keep_upload(content: bytes) -> str:
    """Store the content durably; its name."""
    name = hashlib.sha256(content).hexdigest()
    path = _path(name)
    if path.exists():
        return name
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{name[:12]}.{os.getpid()}.{secrets.token_hex(4)}"
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return name


def read_upload(name: str) -> bytes | None:
    """What was stored under the name; None if nothing was, or it is no name."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return _path(name).read_bytes()
    except FileNotFoundError:
        return None


def forget_upload(name: str) -> None:
    """Delete it; nothing happens if it is gone."""
    if _NAME.fullmatch(name):
        _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    home: Path = settings.HOLDFAST_HOME
    return home / "uploads" / name[:2] / name


class BoundedFiles(FileUploadHandler):
    """Keeps uploaded files in memory and no more of each than one byte beyond what any may have.

    The rest is read and dropped: whoever sends a film instead of a logo fills neither memory nor disk, and is told that
    it is too large.
    """

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self._kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002
        self._kept.write(raw_data[: max(0, MOST_BYTES + 1 - self._kept.tell())])
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self._kept.seek(0)
        return InMemoryUploadedFile(
            file=self._kept,
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type or "",
            size=min(file_size, MOST_BYTES + 1),
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

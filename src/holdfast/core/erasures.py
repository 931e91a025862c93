"""Who was forgotten, kept outside the database so that a restored backup forgets them again (SPEC K2).

``HOLDFAST_HOME/privacy/erasures.jsonl`` holds keyed digests and no personal data.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from holdfast.core.clock import now


def erasures_file() -> Path:
    """Where erasures are written down."""
    home: Path = settings.HOLDFAST_HOME
    return home / "privacy" / "erasures.jsonl"


def note(*, business_id: UUID, person: str, at: datetime) -> None:
    """Write an erasure down, durably. What cannot be written down must not happen: OSError is the caller's."""
    path = erasures_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"business": str(business_id), "person": person, "at": at.isoformat()})
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def by_business() -> dict[UUID, set[str]]:
    """The digests of those who were forgotten, by business; half a line, of a crash, is passed over."""
    found: dict[UUID, set[str]] = {}
    path = erasures_file()
    if not path.exists():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            fact = json.loads(line)
            found.setdefault(UUID(fact["business"]), set()).add(str(fact["person"]))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def add_digests(found: Mapping[UUID, Collection[str]]) -> None:
    """Write the same erasures down under another key; the lines before stay, and mean nothing once their key is gone."""
    moment = now()
    for business_id, digests in found.items():
        for digest in sorted(digests):
            note(business_id=business_id, person=digest, at=moment)

"""Facts about the people who book."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EmailCodeIssued:
    """Somebody wants to prove an address: its code is to be mailed there. The code itself is not in the event."""

    code_id: UUID
    business_id: UUID

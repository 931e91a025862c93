"""The audit trail (SPEC J7)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from holdfast.api.values import show_instant
from holdfast.core.trail import TrailLine


class AuditLineOut(BaseModel):
    """One line: who did what to which object, when and from where."""

    id: str
    at: str
    action: Annotated[str, Field(description="The area and what was done, such as `bookings.cancel`.")]
    account: Annotated[str | None, Field(description="Whose sign-in it was.")]
    token: Annotated[str | None, Field(description="Which API token it was.")]
    actor: Annotated[str, Field(description="Who it was where no account was: `customer`, `command line` …")]
    role: str
    via: Annotated[str, Field(description="`page`, `api`, `command`, `admin`.")]
    origin: Annotated[str, Field(description="The network it came from, never a whole address.")]
    subject: str
    subject_id: str | None
    details: Annotated[
        dict[str, Any],
        Field(
            description="`changed` has values before and after, `values` what was given; texts are named in `fields`."
        ),
    ]
    request_id: str
    sealed: Annotated[bool, Field(description="Whether the chain has it: within a minute.")]


class AuditPage(BaseModel):
    items: list[AuditLineOut]
    next_cursor: str | None


def show_line(line: TrailLine) -> dict[str, Any]:
    """A line as the API shows it."""
    return {
        "id": str(line.id),
        "at": show_instant(line.at),
        "action": line.action,
        "account": str(line.account_id) if line.account_id else None,
        "token": str(line.token_id) if line.token_id else None,
        "actor": line.actor,
        "role": line.role,
        "via": line.via,
        "origin": line.origin,
        "subject": line.subject,
        "subject_id": str(line.subject_id) if line.subject_id else None,
        "details": line.details,
        "request_id": line.request_id,
        "sealed": line.is_sealed,
    }

"""Messages and what became of them (SPEC H3, H4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from holdfast.api.values import show_instant, show_instant_if_any
from holdfast.lib.references import show_reference
from holdfast.notifications.queries import LogLine, MessageFacts


class MessageEventOut(BaseModel):
    """What a provider told about a message."""

    what: Annotated[str, Field(description="`delivered`, `opened`, `bounced`, `deferred`, `replied` …")]
    provider: str
    detail: Annotated[str, Field(description="A status code such as `5.1.1`, or what was answered.")]
    at: str


class MessageOut(BaseModel):
    """One message to one person."""

    id: str
    channel: Annotated[str, Field(description="`email` or `sms`.")]
    kind: Annotated[str, Field(description="What it says: `booked`, `reminder`, `offer` …")]
    audience: Annotated[str, Field(description="`customer` or `staff`.")]
    to: str
    state: Annotated[
        str,
        Field(
            description="`queued`, `sent`, `delivered`, `opened`, `bounced`, `complained`, `failed`, or `dropped` when it"
            " was not true any more."
        ),
    ]
    problem: Annotated[str, Field(description="Why it failed, came back or was dropped, as a code.")]
    booking: Annotated[str | None, Field(description="Reference of the booking it is about.")]
    entry: Annotated[str | None, Field(description="The entry of the waitlist it is about.")]
    created_at: str
    send_after: str
    sent_at: str | None
    next_attempt_at: Annotated[str | None, Field(description="When it is tried next, while it waits.")]
    attempts: int


class MessageWithLogOut(MessageOut):
    """One message with what was heard of it, the earliest first."""

    events: list[MessageEventOut]


class MessagePage(BaseModel):
    items: list[MessageOut]
    next_cursor: str | None


def show_message(message: MessageFacts) -> dict[str, Any]:
    """A message as the API shows it."""
    return {
        "id": str(message.id),
        "channel": message.channel,
        "kind": message.kind,
        "audience": message.audience,
        "to": message.recipient,
        "state": message.state,
        "problem": message.problem,
        "booking": show_reference(message.reference) if message.reference else None,
        "entry": str(message.entry_id) if message.entry_id else None,
        "created_at": show_instant(message.created_at),
        "send_after": show_instant(message.send_after),
        "sent_at": show_instant_if_any(message.sent_at),
        "next_attempt_at": show_instant_if_any(message.next_attempt_at),
        "attempts": message.attempts,
    }


def show_with_log(message: MessageFacts, log: Sequence[LogLine]) -> dict[str, Any]:
    """A message with its delivery log."""
    events = [
        {"what": line.what, "provider": line.provider, "detail": line.detail, "at": show_instant(line.at)}
        for line in log
    ]
    return show_message(message) | {"events": events}

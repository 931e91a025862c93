"""What is held about a person, and forgetting them (SPEC K2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import STRICT, described
from holdfast.core.people import Fate


class OwnProof(BaseModel):
    """An address and the code that was mailed there (see `verifications`)."""

    model_config = {**STRICT, **described(example={"email": "dana@example.org", "email_code": "123456"})}

    email: Annotated[str, Field(max_length=254)]
    email_code: Annotated[str, Field(max_length=20)]


class PersonOut(BaseModel):
    """Rows by subject: `person`, `bookings`, `messages` and so on, each with what it holds."""

    business: dict[str, Any]
    person: list[dict[str, Any]]
    consents: list[dict[str, Any]]
    bookings: list[dict[str, Any]]
    requests: list[dict[str, Any]]
    history: list[dict[str, Any]]
    waitlist: list[dict[str, Any]]
    offers: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    suppressions: list[dict[str, Any]]


class FateOut(BaseModel):
    """What became of the rows of one kind."""

    what: str
    count: int
    kept: Annotated[bool, Field(description="Kept without the person.")]
    why: Annotated[str, Field(description="Why it is kept: `proof`, `accounts`, `figures`.")]


class ErasedOut(BaseModel):
    fates: list[FateOut]


def show_fates(fates: Iterable[Fate]) -> dict[str, Any]:
    """An erasure as the API shows it."""
    return {
        "fates": [
            {"what": one.what, "count": one.count, "kept": one.is_kept, "why": one.why} for one in fates
        ]
    }

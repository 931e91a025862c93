"""What a refusal looks like."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FieldMistake(BaseModel):
    """One thing that is wrong with one field; facts of the mistake stand beside ``code``."""

    model_config = ConfigDict(extra="allow")

    code: str
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457). ``code`` is stable; facts such as ``state`` or ``alternatives`` stand beside it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    fields: dict[str, list[FieldMistake]] | None = Field(default=None, description="By name of the field.")

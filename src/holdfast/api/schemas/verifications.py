"""Proving an address, and what is agreed to with a booking."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from holdfast.api.schemas.business import STRICT, described

EmailCode = Annotated[
    str,
    Field(
        max_length=20,
        description="The code mailed to the address, where the service is for proven addresses (see `verifications`).",
    ),
]


class VerificationNew(BaseModel):
    """The address to prove."""

    model_config = described(example={"email": "dana@example.org"})

    email: Annotated[str, Field(max_length=254)]


class VerificationOut(BaseModel):
    """The same for every address, known or not."""

    expires_at: Annotated[str, Field(description="Until when the code is good.")]


class ConsentsIn(BaseModel):
    """What the person says yes to beyond the booking; the privacy text in force is recorded with every booking."""

    model_config = STRICT

    news: Annotated[bool, Field(description="News and offers by email.")] = False

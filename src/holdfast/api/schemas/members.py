"""Who works for a business, who is asked to, and the keys of programs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from holdfast.accounts.commands import LONGEST_TOKEN_NAME
from holdfast.accounts.queries import TokenFacts
from holdfast.api.schemas.business import PARTIAL, STRICT
from holdfast.api.values import Instant, show_instant, show_instant_if_any
from holdfast.businesses.queries import InvitationFacts, MemberFacts
from holdfast.businesses.rules import LONGEST_OVERLAP_HOURS, Action

MemberRole = Literal["staff", "manager", "admin"]
Scope = Annotated[str, Field(json_schema_extra={"enum": [str(action) for action in Action]})]


class MemberOut(BaseModel):
    """Somebody who works here. `active` is false while the operator keeps the account from signing in."""

    id: str
    name: str
    email: str
    role: MemberRole
    active: bool
    created_at: str


class MemberList(BaseModel):
    items: list[MemberOut]
    next_cursor: str | None


class MemberChange(BaseModel):
    """Another role."""

    model_config = STRICT

    role: MemberRole


class InvitationNew(BaseModel):
    """Whom to ask, and for which role."""

    model_config = STRICT

    email: Annotated[str, Field(max_length=254, json_schema_extra={"minLength": 3})]
    role: MemberRole


class InvitationOut(BaseModel):
    """A role that waits for somebody to take it. The link is in the mail alone."""

    id: str
    email: str
    role: MemberRole
    sent_at: str
    expires_at: str


class InvitationList(BaseModel):
    items: list[InvitationOut]
    next_cursor: str | None


class TokenOut(BaseModel):
    """A key of a program. No `scopes`: all that its role may. `prefix` is how its secret begins."""

    id: str
    name: str
    prefix: str
    role: MemberRole
    scopes: list[str]
    made_by: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class TokenMade(TokenOut):
    """The same with its `secret`, which nobody will see again."""

    secret: str


class TokenList(BaseModel):
    items: list[TokenOut]
    next_cursor: str | None


class TokenNew(BaseModel):
    """What a program is to be let do. Without `scopes` it may all that its role may; without `expires_at` it works
    until somebody revokes it."""

    model_config = STRICT

    name: Annotated[str, Field(max_length=LONGEST_TOKEN_NAME, json_schema_extra={"minLength": 1})]
    role: MemberRole
    scopes: Annotated[list[Scope], Field(max_length=100, description="Actions, as in the roles guide.")] = []
    expires_at: Instant | None = None


class TokenRotation(BaseModel):
    """How long the old secret goes on working."""

    model_config = PARTIAL

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_HOURS)] = 24


def show_member(member: MemberFacts) -> dict[str, Any]:
    """A member as the API shows one."""
    return {
        "id": str(member.id),
        "name": member.name,
        "email": member.email,
        "role": str(member.role),
        "active": member.is_active,
        "created_at": show_instant(member.created_at),
    }


def show_invitation(invitation: InvitationFacts) -> dict[str, Any]:
    """An invitation as the API shows it."""
    return {
        "id": str(invitation.id),
        "email": invitation.email,
        "role": str(invitation.role),
        "sent_at": show_instant(invitation.sent_at),
        "expires_at": show_instant(invitation.expires_at),
    }


def show_token(token: TokenFacts) -> dict[str, Any]:
    """A token as the API shows it: without its secret."""
    return {
        "id": str(token.id),
        "name": token.name,
        "prefix": f"hf_{token.prefix}_",
        "role": str(token.role),
        "scopes": list(token.scopes),
        "made_by": token.maker,
        "created_at": show_instant(token.created_at),
        "expires_at": show_instant_if_any(token.expires_at),
        "last_used_at": show_instant_if_any(token.last_used_at),
    }

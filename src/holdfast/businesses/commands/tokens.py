"""Keys of programs to one business: made, replaced, taken back (SPEC J4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.accounts.commands import NewToken, create_token, revoke_token, shorten_token
from holdfast.accounts.queries import token_of
from holdfast.businesses.commands.members import change_members
from holdfast.businesses.rules import (
    LONGEST_OVERLAP_HOURS,
    Action,
    member_role,
    token_scopes,
    within,
)
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Forbidden, Invalid


@command
def issue_token(
    *,
    actor: Actor,
    business_id: UUID,
    role: str,
    name: str,
    scopes: Iterable[str] = (),
    expires_at: datetime | None = None,
    granted: tuple[str, ...] = (),
    now: datetime,
) -> NewToken:
    """Make a token that may what ``role`` may, or of that only what ``scopes`` name; its secret is told this once.

    ``granted`` are the scopes of the token that asks for it: a program gives nobody more than it has. Refusals:
    :class:`Missing`, :class:`Forbidden`, :class:`Invalid` (name, role, scopes, expires_at).
    """
    change_members(actor=actor, business_id=business_id, action=Action.CHANGE_TOKENS)
    wanted = member_role(role)
    limited = token_scopes(scopes, wanted)
    if not within(limited, granted):
        raise Forbidden(action=str(Action.CHANGE_TOKENS), needs="scope")
    return create_token(
        actor=actor,
        business_id=business_id,
        role=wanted,
        name=name,
        scopes=limited,
        expires_at=expires_at,
        account_id=actor.account_id,
        now=now,
    )


@command
def rotate_token(
    *,
    actor: Actor,
    business_id: UUID,
    token_id: UUID,
    overlap_hours: int,
    granted: tuple[str, ...] = (),
    now: datetime,
) -> NewToken:
    """Make another token like this one, which goes on working for ``overlap_hours`` (0 to 168), so that programs can
    change over. The new one lives as long as the old one was meant to.

    Refusals: :class:`Missing` (also when it is revoked or has run out), :class:`Forbidden`, :class:`Invalid` on
    ``overlap_hours``.
    """
    change_members(actor=actor, business_id=business_id, action=Action.CHANGE_TOKENS)
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
        raise Invalid.field("overlap_hours", "out_of_bounds", least=0, most=LONGEST_OVERLAP_HOURS)
    former = token_of(business_id=business_id, token_id=token_id, now=now)
    made = issue_token(
        actor=actor,
        business_id=business_id,
        role=str(former.role),
        name=former.name,
        scopes=former.scopes,
        expires_at=now + (former.expires_at - former.created_at) if former.expires_at else None,
        granted=granted,
        now=now,
    )
    if overlap_hours:
        until = now + timedelta(hours=overlap_hours)
        shorten_token(actor=actor, business_id=business_id, token_id=token_id, until=until)
    else:
        revoke_token(actor=actor, business_id=business_id, token_id=token_id, now=now)
    return made


@command
def withdraw_token(*, actor: Actor, business_id: UUID, token_id: UUID, now: datetime) -> None:
    """Make a token useless from now on. Refusals: :class:`Missing` (also when it is already), :class:`Forbidden`."""
    change_members(actor=actor, business_id=business_id, action=Action.CHANGE_TOKENS)
    revoke_token(actor=actor, business_id=business_id, token_id=token_id, now=now)

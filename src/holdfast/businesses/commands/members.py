"""Writes to who works for a business and as what (SPEC A2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from holdfast.accounts.commands import revoke_tokens_of
from holdfast.accounts.queries import token_stands
from holdfast.businesses.errors import AlreadyMember, LastAdmin
from holdfast.businesses.models import Business, Invitation, Member
from holdfast.businesses.queries import MemberFacts, member_by_id, role_in
from holdfast.businesses.rules import Action, authorise, member_role
from holdfast.core.transactions import command, violated
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Missing


@command
def add_member(*, actor: Actor, business_id: UUID, account_id: UUID, role: Role) -> Member:
    """Give an account a role in the business (SPEC A2).

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`AlreadyMember`.
    """
    authorise(actor, Action.CHANGE_MEMBERS, business_id)
    member = Member(business_id=business_id, account_id=account_id, role=Member.MemberRole(str(role)))
    try:
        member.save(force_insert=True)
    except IntegrityError as error:
        if violated(error) not in (None, "one_membership_per_account"):
            raise
        raise AlreadyMember from error
    return member


@command
def change_role(*, actor: Actor, business_id: UUID, member_id: UUID, role: str, now: datetime) -> MemberFacts:
    """Give a member another role, from their next request on; tokens of theirs that may more than it are revoked.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``role``, :class:`LastAdmin`.
    """
    wanted = member_role(role)
    change_members(actor=actor, business_id=business_id)
    member = _found(business_id, member_id)
    if not wanted.includes(Role(member.role)):
        _keep_an_admin(member)
        revoke_tokens_of(account_id=member.account_id, business_id=business_id, beyond=wanted, now=now)
    member.role = Member.MemberRole(str(wanted))
    member.save(update_fields=["role"])
    return member_by_id(business_id=business_id, member_id=member_id)


@command
def remove_member(*, actor: Actor, business_id: UUID, member_id: UUID, now: datetime) -> None:
    """End somebody's access at once: their pages answer 404 from the next request on, their tokens of this business are
    revoked and the invitations they sent are withdrawn. Their account stays, it may belong to others, too.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`LastAdmin`.
    """
    change_members(actor=actor, business_id=business_id)
    member = _found(business_id, member_id)
    _keep_an_admin(member)
    revoke_tokens_of(account_id=member.account_id, business_id=business_id, beyond=None, now=now)
    Invitation.objects.filter(business_id=business_id, invited_by_id=member.account_id).delete()
    member.delete()


def change_members(*, actor: Actor, business_id: UUID, action: Action = Action.CHANGE_MEMBERS) -> Business:
    """Let one change of who may do what happen at a time, and only by somebody who may still.

    The actor's role was read when the request began; under the lock it is read again, or two admins who remove each
    other at the same moment would both succeed. Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, action, business_id)
    business = lock_members(business_id=business_id)
    if actor.token_id is not None:
        if not token_stands(token_id=actor.token_id):
            raise Missing(what="token")
    elif actor.role is not Role.OPERATOR and actor.account_id is not None:
        role = role_in(business_id=business_id, account_id=actor.account_id)
        if role is None:
            raise Missing(what="business")
        authorise(Actor(role, business_id), action, business_id)
    return business


def lock_members(*, business_id: UUID) -> Business:
    """The business, locked until the transaction ends. Refusals: :class:`Missing`."""
    business = Business.objects.select_for_update().filter(id=business_id).first()
    if business is None:
        raise Missing(what="business")
    return business


def _found(business_id: UUID, member_id: UUID) -> Member:
    member = Member.objects.filter(business_id=business_id, id=member_id).first()
    if member is None:
        raise Missing(what="member")
    return member


def _keep_an_admin(member: Member) -> None:
    """Refusals: :class:`LastAdmin` when nobody else who can sign in is an admin here."""
    if member.role != Member.MemberRole.ADMIN:
        return
    others = Member.objects.filter(business_id=member.business_id, role=Member.MemberRole.ADMIN)
    if not others.exclude(id=member.id).filter(account__is_active=True).exists():
        raise LastAdmin

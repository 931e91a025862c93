"""Asking somebody to work for a business, by a link in a mail (SPEC A2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from holdfast.accounts.commands import create_account, queue_mail
from holdfast.accounts.models import Account
from holdfast.businesses.commands.members import change_members, lock_members
from holdfast.businesses.errors import (
    AlreadyInvited,
    AlreadyMember,
    OtherAddress,
    SentJustNow,
    TooManyInvitations,
)
from holdfast.businesses.models import Invitation, Member
from holdfast.businesses.queries import InvitationFacts, invitation_by_link, invitation_letter
from holdfast.businesses.queries.members import facts_of_invitation
from holdfast.businesses.rules import INVITED_FOR, MOST_INVITATIONS, RESEND_AFTER, member_role
from holdfast.core.transactions import command
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing


@command
def invite_member(
    *, actor: Actor, business_id: UUID, email: str, role: str, now: datetime
) -> InvitationFacts:
    """Mail somebody a link by which they become a member, whether they have an account or not.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` (email, role), :class:`AlreadyMember`,
    :class:`AlreadyInvited`, :class:`TooManyInvitations`.
    """
    wanted = member_role(role)
    mistakes: text.Mistakes = {}
    address = text.email(email, field="email", mistakes=mistakes).lower()
    text.refuse(mistakes)
    change_members(actor=actor, business_id=business_id)
    if Member.objects.filter(business_id=business_id, account__email=address).exists():
        raise AlreadyMember
    open_ones = Invitation.objects.filter(business_id=business_id)
    open_ones.filter(email=address, expires_at__lte=now).delete()
    if open_ones.filter(email=address).exists():
        raise AlreadyInvited
    if open_ones.count() >= MOST_INVITATIONS:
        raise TooManyInvitations(most=MOST_INVITATIONS)
    row = Invitation(
        business_id=business_id,
        email=address,
        role=Member.MemberRole(str(wanted)),
        invited_by_id=actor.account_id,
        sent_at=now,
        expires_at=now + INVITED_FOR,
        created_at=now,
    )
    row.save(force_insert=True)
    _mail(row, now)
    return facts_of_invitation(row=row)


@command
def resend_invitation(
    *, actor: Actor, business_id: UUID, invitation_id: UUID, now: datetime
) -> InvitationFacts:
    """Mail it once more with a new link, good for another week; the link before stops working.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`SentJustNow`.
    """
    change_members(actor=actor, business_id=business_id)
    row = _found(business_id, invitation_id)
    if row.sent_at + RESEND_AFTER > now:
        raise SentJustNow(**{"from": (row.sent_at + RESEND_AFTER).isoformat()})
    row.link_id, row.sent_at, row.expires_at = uuid4(), now, now + INVITED_FOR
    row.save(update_fields=["link_id", "sent_at", "expires_at"])
    _mail(row, now)
    return facts_of_invitation(row=row)


@command
def withdraw_invitation(*, actor: Actor, business_id: UUID, invitation_id: UUID) -> None:
    """Take it back: its link stops working. Refusals: :class:`Missing`, :class:`Forbidden`."""
    change_members(actor=actor, business_id=business_id)
    _found(business_id, invitation_id).delete()


@command
def accept_invitation(*, actor: Actor, token: str, now: datetime) -> Member:
    """Make the signed-in account a member, once. Who works here already keeps the role they have.

    Refusals: :class:`Missing` (the link is unknown, used, withdrawn or too old), :class:`OtherAddress` when the account
    is not of the address that was asked.
    """
    offered = invitation_by_link(token=token, now=now)
    account = (
        Account.objects.filter(id=actor.account_id, is_active=True).first() if actor.account_id else None
    )
    if account is None:
        raise Missing(what="account")
    if account.email != offered.email:
        raise OtherAddress
    return _join(account, token, now)


@command
def join_by_invitation(*, token: str, name: str, password: str, now: datetime) -> Account:
    """Make the account of somebody new, whose address the mailed link has proven, and the member.

    Refusals: :class:`Missing` as ``accept_invitation``, :class:`Invalid` (name, password), ``EmailTaken``.
    """
    offered = invitation_by_link(token=token, now=now)
    account = create_account(email=offered.email, name=name, password=password)
    _join(account, token, now)
    return account


def _join(account: Account, token: str, now: datetime) -> Member:
    lock_members(business_id=invitation_by_link(token=token, now=now).business_id)
    offered = invitation_by_link(
        token=token, now=now
    )  # as it is under the lock: it may have been used meanwhile
    Invitation.objects.filter(id=offered.id).delete()
    member, _ = Member.objects.get_or_create(
        business_id=offered.business_id,
        account_id=account.id,
        defaults={"role": Member.MemberRole(str(offered.role))},
    )
    return member


def _found(business_id: UUID, invitation_id: UUID) -> Invitation:
    row = Invitation.objects.filter(business_id=business_id, id=invitation_id).first()
    if row is None:
        raise Missing(what="invitation")
    return row


def _mail(row: Invitation, now: datetime) -> None:
    subject, letter = invitation_letter(row=row)
    queue_mail(to=row.email, subject=subject, text=letter, html=None, now=now)

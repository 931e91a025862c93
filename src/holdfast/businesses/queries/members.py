"""Reads about who works for a business, and who is asked to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.accounts.queries import has_second_factor
from holdfast.businesses.models import Invitation, Member
from holdfast.businesses.rules import demands_second_factor, read_settings
from holdfast.lib.actors import Role
from holdfast.lib.references import read_link, sign_link
from holdfast.lib.refusals import Missing

_PURPOSE = "invitation"


@dataclass(frozen=True, slots=True)
class Membership:
    """A business an account works for, and as what."""

    business_id: UUID
    slug: str
    name: str
    role: Role
    member_id: UUID


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """Somebody who works for a business."""

    id: UUID
    account_id: UUID
    email: str
    name: str
    role: Role
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """A role that waits for somebody to take it."""

    id: UUID
    business_id: UUID
    business_name: str
    email: str
    role: Role
    sent_at: datetime
    expires_at: datetime
    created_at: datetime


def role_in(*, business_id: UUID, account_id: UUID) -> Role | None:
    """The account's role in the business, or None for a stranger; one statement."""
    role = Member.objects.filter(business_id=business_id, account_id=account_id).values_list(
        "role", flat=True
    )
    found = role.first()
    return Role(found) if found else None


def memberships_of(*, account_id: UUID) -> list[Membership]:
    """The businesses an account works for, by name."""
    rows = (
        Member.objects.filter(account_id=account_id)
        .select_related("business")
        .order_by("business__name", "id")
    )
    return [
        Membership(
            business_id=row.business_id,
            slug=row.business.slug,
            name=row.business.name,
            role=Role(row.role),
            member_id=row.id,
        )
        for row in rows
    ]


def member_accounts(*, business_id: UUID) -> list[UUID]:
    """The accounts that have a role in the business."""
    return list(Member.objects.filter(business_id=business_id).values_list("account_id", flat=True))


def needs_second_factor(*, account_id: UUID, is_operator: bool) -> bool:
    """Whether this account must sign in with a second step (SPEC J2).

    With ``SECOND_FACTOR=required`` operators must, and managers and admins of any business; all who work for a business
    that asks for it must in any case.
    """
    by_role = settings.SECOND_FACTOR == "required"
    if by_role and is_operator:
        return True
    rows = Member.objects.filter(account_id=account_id).values_list("role", "business__settings")
    return any(
        demands_second_factor(Role(role), read_settings(stored), by_role=by_role) for role, stored in rows
    )


def lacks_second_factor(*, account_id: UUID, is_operator: bool) -> bool:
    """Whether this account needs a second step and has none yet, so that it may do nothing but set one up."""
    return needs_second_factor(account_id=account_id, is_operator=is_operator) and not has_second_factor(
        account_id=account_id
    )


def members_of(*, business_id: UUID) -> list[MemberFacts]:
    """Everybody who works for the business, in the order in which they came."""
    rows = Member.objects.filter(business_id=business_id).select_related("account")
    return [_member(row) for row in rows.order_by("created_at", "id")]


def member_by_id(*, business_id: UUID, member_id: UUID) -> MemberFacts:
    """One of them. Refusals: :class:`Missing`."""
    row = Member.objects.filter(business_id=business_id, id=member_id).select_related("account").first()
    if row is None:
        raise Missing(what="member")
    return _member(row)


def invitations_of(*, business_id: UUID) -> list[InvitationFacts]:
    """The invitations nobody has answered, in the order in which they were made, run out or not."""
    rows = Invitation.objects.filter(business_id=business_id).select_related("business")
    return [facts_of_invitation(row=row) for row in rows.order_by("created_at", "id")]


def invitation_by_link(*, token: str, now: datetime) -> InvitationFacts:
    """What the link of a mail offers. Refusals: :class:`Missing` when it is unknown, used, withdrawn, replaced by a later
    mail or too old."""
    link_id = read_link(_PURPOSE, token, _key())
    row = (
        Invitation.objects.filter(link_id=link_id, expires_at__gt=now).select_related("business").first()
        if link_id
        else None
    )
    if row is None:
        raise Missing(what="invitation")
    return facts_of_invitation(row=row)


def facts_of_invitation(*, row: Invitation) -> InvitationFacts:
    """The plain values of a loaded row."""
    return InvitationFacts(
        id=row.id,
        business_id=row.business_id,
        business_name=row.business.name,
        email=row.email,
        role=Role(row.role),
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        created_at=row.created_at,
    )


def invitation_letter(*, row: Invitation) -> tuple[str, str]:
    """Subject and text of the mail, in the business's language; its link lets whoever reads it in."""
    with translation.override(row.business.language):
        facts = {
            "business": row.business.name,
            "role": row.get_role_display(),
            "link": f"{settings.BASE_URL}/invitation/{sign_link(_PURPOSE, row.link_id, _key())}",
            "days": (row.expires_at - row.sent_at).days,
        }
        subject = _("%(business)s asks you to join") % facts
        parts = [
            _("%(business)s asks you to work with them in Holdfast. Your role would be: %(role)s."),
            _("Open this link to accept:"),
            "%(link)s",
            _(
                "It works once and for %(days)s days. Whoever has it can join in your place: do not pass it on."
            ),
            _("If you do not know what this is about, you need not do anything."),
        ]
        return subject, "\n\n".join(part % facts for part in parts) + "\n"


def _key() -> bytes:
    return str(settings.BOOKING_REFERENCE_SECRET).encode()


def _member(row: Member) -> MemberFacts:
    return MemberFacts(
        id=row.id,
        account_id=row.account_id,
        email=row.account.email,
        name=row.account.name,
        role=Role(row.role),
        is_active=row.account.is_active,
        created_at=row.created_at,
    )

"""Members: invited by mail, given roles, removed at once; the last admin stays (SPEC A2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from holdfast.accounts.commands import create_account
from holdfast.accounts.models import Account, AccountMail, ApiToken
from holdfast.businesses.commands import (
    accept_invitation,
    add_member,
    change_role,
    invite_member,
    issue_token,
    join_by_invitation,
    remove_member,
    resend_invitation,
    withdraw_invitation,
)
from holdfast.businesses.errors import (
    AlreadyInvited,
    AlreadyMember,
    LastAdmin,
    OtherAddress,
    SentJustNow,
    TooManyInvitations,
)
from holdfast.businesses.models import Invitation, Member
from holdfast.businesses.queries import InvitationFacts, invitation_by_link, role_in
from holdfast.businesses.rules import MOST_INVITATIONS
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from tests.cast import OPERATOR, Shop

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def as_actor(account: Account) -> Actor:
    return Actor(Role.CUSTOMER, account_id=account.id, via="page")


def invited(shop: Shop, email: str = "dora@example.org", role: str = "staff") -> InvitationFacts:
    return invite_member(
        actor=shop.actor(Role.ADMIN), business_id=shop.business_id, email=email, role=role, now=NOW
    )


def newest_link() -> str:
    """The token in the mail that was queued last."""
    mail = AccountMail.objects.order_by("-created_at", "-id")[0]
    [token] = re.findall(r"/invitation/([\w-]+)\n", mail.content["text"])
    return str(token)


def membership(shop: Shop, account: Account) -> Member:
    return Member.objects.get(business_id=shop.business_id, account=account)


def test_an_invitation_is_a_mail_whose_link_makes_a_member(shop: Shop, alice: Account) -> None:
    invited(shop, "Dora@Example.org", "manager")
    mail = AccountMail.objects.get().content
    assert mail["to"] == "dora@example.org"
    assert mail["subject"] == "Fenwick asks you to join"
    assert "Your role would be: Manager." in mail["text"]
    dora = create_account(email="dora@example.org", name="Dora")
    accept_invitation(actor=as_actor(dora), token=newest_link(), now=NOW)
    assert role_in(business_id=shop.business_id, account_id=dora.id) is Role.MANAGER
    assert not Invitation.objects.exists()


def test_somebody_without_an_account_makes_one_by_the_link(shop: Shop, alice: Account) -> None:
    invited(shop)
    with pytest.raises(Invalid) as refused:
        join_by_invitation(token=newest_link(), name="Dora", password="short", now=NOW)
    assert set(refused.value.fields) == {"password"}
    made = join_by_invitation(token=newest_link(), name="Dora", password="correct horse battery", now=NOW)
    assert (made.email, made.is_operator) == ("dora@example.org", False)
    assert role_in(business_id=shop.business_id, account_id=made.id) is Role.STAFF


def test_a_link_works_once_and_for_a_week(shop: Shop, alice: Account) -> None:
    dora = create_account(email="dora@example.org")
    invited(shop)
    link = newest_link()
    assert invitation_by_link(token=link, now=NOW + timedelta(days=7, seconds=-1)).email == dora.email
    with pytest.raises(Missing):
        accept_invitation(actor=as_actor(dora), token=link, now=NOW + timedelta(days=7))
    accept_invitation(actor=as_actor(dora), token=link, now=NOW)
    Member.objects.filter(account=dora).delete()
    with pytest.raises(Missing):
        accept_invitation(actor=as_actor(dora), token=link, now=NOW)
    for forged in ("", "x" * 43, link[:-1] + ("A" if link[-1] != "A" else "B")):
        with pytest.raises(Missing):
            invitation_by_link(token=forged, now=NOW)


def test_the_link_is_for_the_address_it_was_sent_to(shop: Shop, alice: Account, charlie: Account) -> None:
    invited(shop)
    with pytest.raises(OtherAddress):
        accept_invitation(actor=as_actor(charlie), token=newest_link(), now=NOW)
    with pytest.raises(Missing):
        accept_invitation(actor=Actor(), token=newest_link(), now=NOW)
    assert role_in(business_id=shop.business_id, account_id=charlie.id) is None


def test_sending_again_makes_the_link_before_worthless(shop: Shop, alice: Account) -> None:
    made = invited(shop)
    first = newest_link()
    admin = shop.actor(Role.ADMIN)
    again = {"actor": admin, "business_id": shop.business_id, "invitation_id": made.id}
    with pytest.raises(SentJustNow):
        resend_invitation(**again, now=NOW + timedelta(seconds=59))
    later = NOW + timedelta(days=8)
    resend_invitation(**again, now=later)
    with pytest.raises(Missing):
        invitation_by_link(token=first, now=NOW)
    second = newest_link()
    assert invitation_by_link(token=second, now=later).id == made.id
    withdraw_invitation(**again)
    with pytest.raises(Missing):
        invitation_by_link(token=second, now=later)


def test_one_open_invitation_an_address_and_none_for_members(
    shop: Shop, alice: Account, bob: Account
) -> None:
    with pytest.raises(AlreadyMember):
        invited(shop, "BOB@example.org")
    invited(shop)
    with pytest.raises(AlreadyInvited):
        invited(shop, "DORA@example.org")
    late = NOW + timedelta(days=7)
    renewed = invite_member(
        actor=shop.actor(Role.ADMIN),
        business_id=shop.business_id,
        email="dora@example.org",
        role="admin",
        now=late,
    )
    assert [row.id for row in Invitation.objects.all()] == [renewed.id]


def test_invitations_are_limited_and_their_words_are_checked(shop: Shop, alice: Account) -> None:
    for email, role, field in (
        ("dora", "staff", "email"),
        ("", "staff", "email"),
        ("a\n@b.example", "staff", "email"),
    ):
        with pytest.raises(Invalid) as refused:
            invited(shop, email, role)
        assert set(refused.value.fields) == {field}
    Invitation.objects.bulk_create(
        Invitation(
            business_id=shop.business_id,
            email=f"p{number}@example.org",
            role="staff",
            sent_at=NOW,
            expires_at=NOW + timedelta(days=7),
            created_at=NOW,
        )
        for number in range(MOST_INVITATIONS)
    )
    with pytest.raises(TooManyInvitations):
        invited(shop)
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize("role", ["operator", "customer", "guest", "owner", ""])
def test_no_role_but_a_members_can_be_given(role: str, shop: Shop, alice: Account, bob: Account) -> None:
    with pytest.raises(Invalid):
        invited(shop, role=role)
    with pytest.raises(Invalid):
        change_role(
            actor=shop.actor(Role.ADMIN),
            business_id=shop.business_id,
            member_id=membership(shop, bob).id,
            role=role,
            now=NOW,
        )


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER])
def test_nobody_below_an_admin_changes_a_role_not_even_their_own(
    role: Role, shop: Shop, alice: Account, bob: Account, mona: Account
) -> None:
    actor = shop.actor(role)
    own = membership(shop, shop.accounts[role]).id
    with pytest.raises(Forbidden):
        change_role(actor=actor, business_id=shop.business_id, member_id=own, role="admin", now=NOW)
    with pytest.raises(Forbidden):
        invite_member(actor=actor, business_id=shop.business_id, email="x@example.org", role="staff", now=NOW)
    with pytest.raises(Forbidden):
        remove_member(actor=actor, business_id=shop.business_id, member_id=own, now=NOW)
    assert membership(shop, shop.accounts[role]).role == str(role)


def test_another_businesss_members_are_not_there(
    shop: Shop, alice: Account, bob: Account, other_shop: Shop, charlie: Account
) -> None:
    made, bobs = invited(shop), membership(shop, bob).id
    stranger = other_shop.actor(Role.ADMIN)
    for business_id in (shop.business_id, other_shop.business_id):
        facts = {"actor": stranger, "business_id": business_id}
        with pytest.raises(Missing):
            change_role(**facts, member_id=bobs, role="admin", now=NOW)
        with pytest.raises(Missing):
            remove_member(**facts, member_id=bobs, now=NOW)
        with pytest.raises(Missing):
            withdraw_invitation(**facts, invitation_id=made.id)
        with pytest.raises(Missing):
            resend_invitation(**facts, invitation_id=made.id, now=NOW + timedelta(hours=1))
    assert membership(shop, bob).role == "staff"


def test_the_last_admin_who_can_sign_in_stays_one(shop: Shop, alice: Account, bob: Account) -> None:
    admin = shop.actor(Role.ADMIN)
    own = {"actor": admin, "business_id": shop.business_id, "member_id": membership(shop, alice).id}
    for asked in (
        lambda: remove_member(**own, now=NOW),
        lambda: change_role(**own, role="manager", now=NOW),
        lambda: remove_member(**{**own, "actor": OPERATOR}, now=NOW),
    ):
        with pytest.raises(LastAdmin):
            asked()
    change_role(**{**own, "member_id": membership(shop, bob).id}, role="admin", now=NOW)
    Account.objects.filter(id=bob.id).update(is_active=False)
    with pytest.raises(LastAdmin):
        remove_member(**own, now=NOW)
    Account.objects.filter(id=bob.id).update(is_active=True)
    remove_member(**own, now=NOW)
    assert role_in(business_id=shop.business_id, account_id=alice.id) is None


def tokens_standing(shop: Shop) -> set[str]:
    return set(
        ApiToken.objects.filter(business_id=shop.business_id, revoked_at=None).values_list("name", flat=True)
    )


def test_a_removed_members_tokens_and_invitations_end_with_them(
    shop: Shop, alice: Account, other_shop: Shop, charlie: Account
) -> None:
    add_member(actor=OPERATOR, business_id=shop.business_id, account_id=charlie.id, role=Role.ADMIN)
    theirs = Actor(Role.ADMIN, shop.business_id, charlie.id)
    for actor, at, name in (
        (theirs, shop, "charlie here"),
        (other_shop.actor(Role.ADMIN), other_shop, "charlie there"),
        (shop.actor(Role.ADMIN), shop, "alice"),
    ):
        issue_token(actor=actor, business_id=at.business_id, role="staff", name=name, now=NOW)
    invited(shop, "stays@example.org")
    invite_member(
        actor=theirs, business_id=shop.business_id, email="friend@example.org", role="admin", now=NOW
    )
    remove_member(
        actor=shop.actor(Role.ADMIN),
        business_id=shop.business_id,
        member_id=membership(shop, charlie).id,
        now=NOW,
    )
    assert tokens_standing(shop) == {"alice"}
    assert tokens_standing(other_shop) == {"charlie there"}
    assert [row.email for row in Invitation.objects.all()] == ["stays@example.org"]
    assert role_in(business_id=other_shop.business_id, account_id=charlie.id) is Role.ADMIN


def test_a_lower_role_takes_the_tokens_that_may_more_with_it(
    shop: Shop, alice: Account, mona: Account
) -> None:
    member = membership(shop, mona)
    facts = {"actor": shop.actor(Role.ADMIN), "business_id": shop.business_id, "member_id": member.id}
    change_role(**facts, role="admin", now=NOW)
    for role in ("staff", "manager", "admin"):
        issue_token(
            actor=Actor(Role.ADMIN, shop.business_id, mona.id),
            business_id=shop.business_id,
            role=role,
            name=role,
            now=NOW,
        )
    change_role(**facts, role="manager", now=NOW)
    assert tokens_standing(shop) == {"staff", "manager"}
    change_role(**facts, role="staff", now=NOW)
    assert tokens_standing(shop) == {"staff"}


def test_who_lost_the_role_since_the_request_began_changes_nothing(
    shop: Shop, alice: Account, bob: Account
) -> None:
    stale = Actor(Role.ADMIN, shop.business_id, bob.id)  # as if Bob had been an admin a moment ago
    with pytest.raises(Forbidden):
        remove_member(
            actor=stale, business_id=shop.business_id, member_id=membership(shop, alice).id, now=NOW
        )
    with pytest.raises(Forbidden):
        issue_token(actor=stale, business_id=shop.business_id, role="staff", name="late", now=NOW)
    membership(shop, bob).delete()
    with pytest.raises(Missing):
        invite_member(actor=stale, business_id=shop.business_id, email="x@example.org", role="admin", now=NOW)
    program = Actor(Role.ADMIN, shop.business_id, alice.id, token_id=alice.id)
    with pytest.raises(Missing):
        issue_token(actor=program, business_id=shop.business_id, role="staff", name="late", now=NOW)

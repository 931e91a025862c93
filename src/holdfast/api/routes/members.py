"""Members and invitations: who works for a business and as what (SPEC A2)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from holdfast.api.answers import create_once, no_content, read_answer, write, write_answer
from holdfast.api.auth import Door
from holdfast.api.operations import operation
from holdfast.api.paging import Cursor, Limit, page_in_memory
from holdfast.api.routes import caller_of
from holdfast.api.schemas.members import (
    InvitationList,
    InvitationNew,
    InvitationOut,
    MemberChange,
    MemberList,
    MemberOut,
    show_invitation,
    show_member,
)
from holdfast.api.values import known_id
from holdfast.businesses import commands
from holdfast.businesses.queries import invitations_of, member_by_id, members_of
from holdfast.businesses.rules import Action
from holdfast.lib.pages import MAX_LIMIT

router = Router(tags=["Members"])
SEE, CHANGE = Door(Action.SEE_MEMBERS), Door(Action.CHANGE_MEMBERS)


@operation(router, "GET", "/members", door=SEE, answers={200: MemberList})
def list_members(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Everybody who works here, in the order in which they came, continued by `next_cursor`."""
    page = page_in_memory(
        members_of(business_id=caller_of(request).business_id),
        key=lambda member: (member.created_at, member.id),
        cursor=cursor,
        limit=limit,
    )
    items = [show_member(member) for member in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(router, "GET", "/members/{member_id}", door=SEE, answers={200: MemberOut})
def get_member(request: HttpRequest, slug: str, member_id: str) -> HttpResponse:  # noqa: ARG001
    """One member."""
    business_id = caller_of(request).business_id
    member = member_by_id(business_id=business_id, member_id=known_id(member_id, "member"))
    return read_answer(request, write(show_member(member)))


@operation(
    router,
    "PATCH",
    "/members/{member_id}",
    door=CHANGE,
    answers={200: MemberOut},
    body=True,
    conflicts=("last_admin",),
)
def change_member(request: HttpRequest, slug: str, member_id: str, body: MemberChange) -> HttpResponse:  # noqa: ARG001
    """Give a member another role, from their next request on. Tokens they made that may more are revoked. The last admin
    stays one."""
    caller = caller_of(request)
    member = commands.change_role(
        actor=caller.actor,
        business_id=caller.business_id,
        member_id=known_id(member_id, "member"),
        role=body.role,
        now=caller.now,
    )
    return write_answer(write(show_member(member)))


@operation(
    router, "DELETE", "/members/{member_id}", door=CHANGE, answers={204: None}, conflicts=("last_admin",)
)
def remove_member(request: HttpRequest, slug: str, member_id: str) -> HttpResponse:  # noqa: ARG001
    """End somebody's access at once, with the tokens they made and the invitations they sent. The last admin stays."""
    caller = caller_of(request)
    commands.remove_member(
        actor=caller.actor,
        business_id=caller.business_id,
        member_id=known_id(member_id, "member"),
        now=caller.now,
    )
    return no_content()


@operation(router, "GET", "/invitations", door=SEE, answers={200: InvitationList})
def list_invitations(
    request: HttpRequest,
    slug: str,  # noqa: ARG001
    cursor: Cursor = "",
    limit: Limit = MAX_LIMIT,
) -> HttpResponse:
    """Invitations that nobody has answered, also those that have run out, continued by `next_cursor`."""
    page = page_in_memory(
        invitations_of(business_id=caller_of(request).business_id),
        key=lambda invitation: (invitation.created_at, invitation.id),
        cursor=cursor,
        limit=limit,
    )
    items = [show_invitation(invitation) for invitation in page.items]
    return read_answer(request, write({"items": items, "next_cursor": page.next_cursor}))


@operation(
    router,
    "POST",
    "/invitations",
    door=CHANGE,
    answers={201: InvitationOut},
    body=True,
    creates=True,
    conflicts=("already_member", "already_invited", "too_many_invitations"),
)
def invite_member(request: HttpRequest, slug: str, body: InvitationNew) -> HttpResponse:  # noqa: ARG001
    """Mail somebody a link by which they become a member, whether they have an account or not. It works once, for a
    week."""
    caller = caller_of(request)

    def create() -> str:
        return write(
            show_invitation(
                commands.invite_member(
                    actor=caller.actor,
                    business_id=caller.business_id,
                    email=body.email,
                    role=body.role,
                    now=caller.now,
                )
            )
        )

    return create_once(request, caller, create)


@operation(
    router,
    "POST",
    "/invitations/{invitation_id}/resend",
    door=CHANGE,
    answers={200: InvitationOut},
    conflicts=("sent_just_now",),
)
def resend_invitation(request: HttpRequest, slug: str, invitation_id: str) -> HttpResponse:  # noqa: ARG001
    """Mail it once more with a new link, good for another week. The link before stops working."""
    caller = caller_of(request)
    invitation = commands.resend_invitation(
        actor=caller.actor,
        business_id=caller.business_id,
        invitation_id=known_id(invitation_id, "invitation"),
        now=caller.now,
    )
    return write_answer(write(show_invitation(invitation)))


@operation(router, "DELETE", "/invitations/{invitation_id}", door=CHANGE, answers={204: None})
def withdraw_invitation(request: HttpRequest, slug: str, invitation_id: str) -> HttpResponse:  # noqa: ARG001
    """Take an invitation back. Its link stops working."""
    caller = caller_of(request)
    commands.withdraw_invitation(
        actor=caller.actor,
        business_id=caller.business_id,
        invitation_id=known_id(invitation_id, "invitation"),
    )
    return no_content()

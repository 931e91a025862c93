"""Who works here and as what, and who is asked to (SPEC A2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from holdfast.businesses.commands import (
    change_role,
    invite_member,
    remove_member,
    resend_invitation,
    withdraw_invitation,
)
from holdfast.businesses.queries import InvitationFacts, MemberFacts, invitations_of, member_by_id, members_of
from holdfast.businesses.rules import INVITED_FOR, Action
from holdfast.lib.refusals import Conflict, Invalid
from holdfast.web import formats
from holdfast.web.desk import roles_words, words
from holdfast.web.desk.access import Desk, at_desk
from holdfast.web.desk.fields import Errors, Field, choices, identity
from holdfast.web.desk.settings_pages import Group, saved, settings_page
from holdfast.web.recency import recently_signed_in

_NOBODY = UUID(int=0)


@recently_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def members(desk: Desk) -> HttpResponse:
    """Everybody who works here, the invitations that are open, and the form of another."""
    desk.require(Action.SEE_MEMBERS)
    if desk.request.method != "POST":
        return _list(desk, {"email": "", "role": "staff"}, {})
    desk.require(Action.CHANGE_MEMBERS)
    acts = {"resend": _resend, "withdraw": _withdraw}
    act = acts.get(desk.request.POST.get("do", ""))
    values = {name: desk.request.POST.get(name, "").strip() for name in ("email", "role")}
    try:
        if act is not None:
            act(desk, identity(desk.request.POST.get("invitation", "")) or _NOBODY)
        else:
            invite_member(actor=desk.actor, business_id=desk.business.id, now=desk.now, **values)
    except Invalid as refusal:
        return _list(desk, values, words.mistakes(refusal))
    except Conflict as refusal:
        kept = {"email": "", "role": "staff"} if act is not None else values
        return _list(desk, kept, {"" if act is not None else "email": [words.sentence(refusal)]}, status=409)
    return saved(desk, "members")


@recently_signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def member(desk: Desk, member: UUID) -> HttpResponse:
    """One member: another role, or the end of their access."""
    desk.require(Action.SEE_MEMBERS)
    item = member_by_id(business_id=desk.business.id, member_id=member)
    if desk.request.method != "POST":
        return _page(desk, item, str(item.role), {})
    desk.require(Action.CHANGE_MEMBERS)
    if desk.request.POST.get("do") == "remove":
        return _decide(desk, item, lambda: remove_member(**_about(desk, item)))
    role = desk.request.POST.get("role", "")
    return _decide(desk, item, lambda: change_role(**_about(desk, item), role=role))


def _about(desk: Desk, item: MemberFacts) -> dict[str, Any]:
    return {"actor": desk.actor, "business_id": desk.business.id, "member_id": item.id, "now": desk.now}


def _decide(desk: Desk, item: MemberFacts, change: Callable[[], object]) -> HttpResponse:
    """Do it and go where the person may still be, or say why not."""
    wanted = desk.request.POST.get("role", str(item.role))
    try:
        change()
    except Invalid as refusal:
        return _page(desk, item, wanted, words.mistakes(refusal))
    except Conflict as refusal:
        return _page(desk, item, str(item.role), {"role": [words.sentence(refusal)]}, status=409)
    if (item.account_id == desk.actor.account_id and wanted != str(item.role)) or _is_gone(desk, item):
        return redirect("desk:home")
    return saved(desk, "members")


def _is_gone(desk: Desk, item: MemberFacts) -> bool:
    return item.account_id == desk.actor.account_id and desk.request.POST.get("do") == "remove"


def _resend(desk: Desk, invitation_id: UUID) -> None:
    resend_invitation(
        actor=desk.actor, business_id=desk.business.id, invitation_id=invitation_id, now=desk.now
    )


def _withdraw(desk: Desk, invitation_id: UUID) -> None:
    withdraw_invitation(actor=desk.actor, business_id=desk.business.id, invitation_id=invitation_id)


def _list(desk: Desk, values: dict[str, str], errors: Errors, *, status: int = 422) -> HttpResponse:
    context = {
        "rows": [_row(desk, one) for one in members_of(business_id=desk.business.id)],
        "invitations": [_invitation(desk, one) for one in invitations_of(business_id=desk.business.id)],
        "fields": [
            Field(
                "email",
                _("Email"),
                values["email"],
                "email",
                _("They get a link that works once, for %(days)s days, with an account or without.")
                % {"days": INVITED_FOR.days},
                required=True,
                limit=254,
                errors=errors.get("email", ()),
            ),
            _role_field(values["role"], errors),
        ],
    }
    page = settings_page(
        desk, "desk/settings_members.html", "members", _("Members"), context,
        action=Action.CHANGE_MEMBERS, errors=errors,
    )  # fmt: skip
    page.status_code = status if errors else 200
    return page


def _role_field(role: str, errors: Errors, *, is_fixed: bool = False) -> Field:
    return Field(
        "role",
        _("Role"),
        kind="select",
        choices=choices(roles_words.roles(), role),
        errors=errors.get("role", ()),
        is_fixed=is_fixed,
    )


def _row(desk: Desk, one: MemberFacts) -> dict[str, Any]:
    return {
        "name": one.name or one.email,
        "email": one.email,
        "role": words.role(one.role),
        "is_you": one.account_id == desk.actor.account_id,
        "is_off": not one.is_active,
        "url": reverse("desk:member", args=[desk.business.slug, one.id]),
    }


def _invitation(desk: Desk, one: InvitationFacts) -> dict[str, Any]:
    def day(at: Any) -> str:
        return formats.full_date(at.astimezone(desk.timetable.tz).date())

    is_over = one.expires_at <= desk.now
    said = _("Sent %(day)s, ran out %(end)s") if is_over else _("Sent %(day)s, good until %(end)s")
    return {
        "id": one.id,
        "email": one.email,
        "role": words.role(one.role),
        "is_over": is_over,
        "when": said % {"day": day(one.sent_at), "end": day(one.expires_at)},
    }


def _page(desk: Desk, item: MemberFacts, role: str, errors: Errors, *, status: int = 422) -> HttpResponse:
    name = item.name or item.email
    field = _role_field(role, errors, is_fixed=not desk.may(Action.CHANGE_MEMBERS))
    about = _("A change holds from their next click on. Tokens they made that may more are revoked.")
    context = {
        "groups": [Group(_("Role"), [field], about)],
        "item": {"name": name, "email": item.email},
        "back": reverse("desk:members", args=[desk.business.slug]),
        "is_you": item.account_id == desk.actor.account_id,
    }
    page = settings_page(
        desk, "desk/settings_member.html", "members", name, context,
        action=Action.CHANGE_MEMBERS, errors=errors,
    )  # fmt: skip
    page.status_code = status if errors else 200
    return page

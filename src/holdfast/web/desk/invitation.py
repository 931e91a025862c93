"""The page behind the link of an invitation: joining with the account one has, or with a new one (SPEC A2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.accounts.commands import LONGEST_NAME
from holdfast.accounts.errors import EmailTaken
from holdfast.accounts.queries import account_by_email
from holdfast.businesses.commands import accept_invitation, join_by_invitation
from holdfast.businesses.errors import OtherAddress
from holdfast.businesses.queries import InvitationFacts, business_facts, invitation_by_link
from holdfast.core import clock
from holdfast.core.request import client_address
from holdfast.lib.actors import Actor, Role
from holdfast.lib.refusals import Invalid, Missing
from holdfast.web.desk import words
from holdfast.web.desk.fields import Errors, Field, summary

_BACKEND = "holdfast.accounts.backends.SignInBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What is offered, and the way to take it; 404 in calm words for a link that no longer works."""
    now = clock.now()
    try:
        offered = invitation_by_link(token=token, now=now)
        return (
            _take(request, offered, token, now) if request.method == "POST" else _page(request, offered, {})
        )
    except Missing:
        return render(request, "desk/invitation_over.html", status=404)


def _take(request: HttpRequest, offered: InvitationFacts, token: str, now: datetime) -> HttpResponse:
    try:
        if request.user.is_authenticated:
            accept_invitation(actor=_actor(request), token=token, now=now)
        else:
            account = join_by_invitation(
                token=token,
                name=request.POST.get("name", ""),
                password=request.POST.get("password", ""),
                now=now,
            )
            login(request, account, backend=_BACKEND)
    except Invalid as refusal:
        return _page(request, offered, _mistakes(refusal))
    except (OtherAddress, EmailTaken):
        return _page(request, offered, {}, status=409)  # the page itself shows the right way
    return redirect("desk:day", business_facts(business_id=offered.business_id).slug)


def _actor(request: HttpRequest) -> Actor:
    return Actor(Role.CUSTOMER, account_id=request.user.pk, via="page", address=client_address(request))


def _mistakes(refusal: Invalid) -> Errors:
    from holdfast.web.setup.sentences import mistakes

    found = mistakes(refusal)
    if "name" in found:
        found["name"] = [_("Use up to %(limit)s ordinary characters.") % {"limit": LONGEST_NAME}]
    return found


def _page(
    request: HttpRequest, offered: InvitationFacts, errors: Errors, *, status: int = 422
) -> HttpResponse:
    user = request.user
    is_signed_in = user.is_authenticated
    context: dict[str, Any] = {
        "business_name": offered.business_name,
        "email": offered.email,
        "role": words.role(offered.role),
        "is_signed_in": is_signed_in,
        "is_theirs": is_signed_in and getattr(user, "email", "") == offered.email,
        "signed_in_as": getattr(user, "email", ""),
        "has_account": account_by_email(email=offered.email) is not None,
        "sign_in_url": f"{resolve_url('account_login')}?{urlencode({'next': request.path})}",
        "mistakes": summary(errors),
        "fields": [
            Field(
                "name",
                _("Your name"),
                request.POST.get("name", ""),
                hint=_("Colleagues see it."),
                limit=LONGEST_NAME,
                autocomplete="name",
                errors=errors.get("name", ()),
            )
        ],
        "password": Field("password", _("Password"), required=True, errors=errors.get("password", ())),
    }
    failed = bool(errors) or status != 422
    return render(request, "desk/invitation.html", context, status=status if failed else 200)

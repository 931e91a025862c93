"""Somebody's own sign-in: address, password, second step, passkeys, devices, connected accounts (SPEC J1, J2)."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from holdfast.accounts.commands import end_session as end
from holdfast.accounts.models import Account
from holdfast.lib.refusals import Missing


@require_safe
@never_cache
@login_required
def your_sign_in(request: HttpRequest) -> HttpResponse:
    """What the account has, a line each, with the way to change it."""
    account = request.user
    assert isinstance(account, Account)  # a guest was sent to sign in
    addresses = list(EmailAddress.objects.filter(user=account))
    steps = {str(one.type): one for one in Authenticator.objects.filter(user=account)}
    keys = Authenticator.objects.filter(user=account, type=Authenticator.Type.WEBAUTHN)
    codes = steps.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "is_verified": any(one.verified and one.email == account.email for one in addresses),
        "new_email": next((one.email for one in addresses if not one.primary and not one.verified), ""),
        "app_is_on": Authenticator.Type.TOTP in steps,
        "passkeys": [key.wrap().name for key in keys],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "connected": [one.get_provider().name for one in SocialAccount.objects.filter(user=account)],
        "offers_google": bool(get_adapter().list_providers(request)),
        "devices": max(1, len(UserSession.objects.purge_and_list(account))),
    }
    return render(request, "account/your_sign_in.html", context)


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign out one device."""
    account = request.user
    assert isinstance(account, Account)  # a guest was sent to sign in
    try:
        end(account_id=account.pk, session_id=session_id)
    except Missing as refusal:
        raise Http404 from refusal
    messages.success(request, _("That device is signed out."))
    return redirect("usersessions_list")

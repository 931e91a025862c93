"""The first account of an installation. The page works while there is none, and outside a demo it asks for the code that
only the installation's owner can read: a public server that was just started must not fall to the first visitor."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.blueprints.commands import create_first_account
from holdfast.blueprints.errors import AlreadySetUp
from holdfast.blueprints.queries import SET_UP_CODE, has_accounts, set_up_code
from holdfast.core import ratelimit
from holdfast.core.request import client_network
from holdfast.core.secret_files import forget_secret
from holdfast.lib.refusals import Invalid
from holdfast.web.desk.fields import Errors, Field, summary
from holdfast.web.setup.sentences import mistakes

_BACKEND = "holdfast.accounts.backends.SignInBackend"
_BUCKET = "set-up code"
_GUESSES = 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password", "code")
def account(request: HttpRequest) -> HttpResponse:
    """Address and password of the first person, who then goes on signed in."""
    if has_accounts():
        return redirect("setup:kind")
    wanted_code = set_up_code()
    if request.method != "POST":
        return _page(request, {}, asks_code=bool(wanted_code))
    client = client_network(request)
    verdict = ratelimit.look(_BUCKET, client, limit=_GUESSES)
    if not verdict.allowed:
        return _too_many(request, verdict.retry_after)
    if wanted_code and not _same(request.POST.get("code", ""), wanted_code):
        ratelimit.hit(_BUCKET, client, limit=_GUESSES)
        return _page(request, {"code": [_code_words(request)]}, asks_code=True)
    try:
        made = create_first_account(
            email=request.POST.get("email", ""),
            name=request.POST.get("name", ""),
            password=request.POST.get("password", ""),
        )
    except Invalid as refusal:
        return _page(request, mistakes(refusal), asks_code=bool(wanted_code))
    except AlreadySetUp:
        return redirect("account_login")
    forget_secret(settings.HOLDFAST_HOME, SET_UP_CODE)
    login(request, made, backend=_BACKEND)
    return redirect("setup:kind")


def _same(given: str, wanted: str) -> bool:
    """Whether it is the code, however it was typed: small or large, with or without dashes."""
    plain = "".join(letter for letter in given.lower() if letter.isalnum())
    return hmac.compare_digest(plain.encode(), wanted.replace("-", "").encode())


def _code_words(request: HttpRequest) -> str:
    if not request.POST.get("code", "").strip():
        return _("Write the set-up code.")
    return _("This is not the set-up code of this installation.")


def _page(request: HttpRequest, errors: Errors, *, asks_code: bool) -> HttpResponse:
    typed = request.POST
    fields = [
        Field(
            "email",
            _("Email"),
            typed.get("email", ""),
            "email",
            _("You sign in with it."),
            required=True,
            limit=254,
            autocomplete="username",
            errors=errors.get("email", ()),
        )
    ]
    context = {
        "fields": fields,
        "password": Field("password", _("Password"), required=True, errors=errors.get("password", ())),
        "code": Field(
            "code", _("Set-up code"), typed.get("code", ""), required=True, errors=errors.get("code", ())
        )
        if asks_code
        else None,
        "mistakes": summary(errors),
    }
    return render(request, "setup/account.html", context, status=422 if errors else 200)


def _too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"minutes": max(1, round(seconds / 60))}, status=429)
    response["Retry-After"] = str(seconds)
    return response

"""Who must have a second step sets one up before anything else (SPEC J2)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url

from holdfast.businesses.queries import lacks_second_factor
from holdfast.core.middleware import PUBLIC, GetResponse

# What anybody sees (the API asks at its own door), and what setting up takes: a confirmed address, the password once
# more, and the way out.
_OPEN = (
    *PUBLIC,
    "/accounts/2fa/",
    "/accounts/confirm-email/",
    "/accounts/email/",
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/password/set/",
    "/accounts/reauthenticate/",
)


class Enrolment:
    """Leads every page to the set-up of a second step while the account needs one and has none."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(_OPEN) or not request.user.is_authenticated:
            return self.get_response(request)
        account = request.user
        if not lacks_second_factor(account_id=account.pk, is_operator=bool(account.is_superuser)):
            return self.get_response(request)
        if not getattr(request, "htmx", False):
            return redirect("mfa_index")
        response = HttpResponse(status=401)
        response["HX-Redirect"] = resolve_url("mfa_index")
        return response

"""Before sensitive actions: whoever has not shown for a while who they are does so again (SPEC J1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast, overload
from urllib.parse import urlencode

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from holdfast.accounts.adapter import proved_recently

View = Callable[..., HttpResponseBase]


@overload
def recently_signed_in(view: View) -> View: ...


@overload
def recently_signed_in(*, reading: bool) -> Callable[[View], View]: ...


def recently_signed_in(view: View | None = None, *, reading: bool = False) -> View | Callable[[View], View]:
    """Stands outermost on a view (``@recently_signed_in`` above ``@at_desk``) and asks for proof before it is written to.

    With ``reading=True`` also before it is read, for what is sensitive to see. Guests pass: the view itself sends them to
    sign in. What was posted is kept and done once the proof is given. Proof lasts ``ACCOUNT_REAUTHENTICATION_TIMEOUT``.
    """

    def decorate(inner: View) -> View:
        @wraps(inner)
        def with_proof(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in ("GET", "HEAD", "OPTIONS") and not reading:
                return inner(request, *args, **kwargs)
            if request.user.is_authenticated and not proved_recently(request):
                return _prove(request)
            return inner(request, *args, **kwargs)

        return cast("View", with_proof)

    return decorate if view is None else decorate(view)


def _prove(request: HttpRequest) -> HttpResponse:
    if not getattr(request, "htmx", False):
        raise ReauthenticationRequired  # allauth's middleware keeps the request and asks in the way the account can answer
    back = request.headers.get("HX-Current-URL", "").split("//", 1)[-1].partition("/")[2]
    response = HttpResponse(status=401)
    response["HX-Redirect"] = f"{resolve_url('account_reauthenticate')}?{urlencode({'next': f'/{back}'})}"
    return response

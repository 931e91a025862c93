"""Pages while the database or the shared cache is away: 503 and a calm word, where a fault would be 500.

Signing in counts its tries in the cache: while that is away nobody signs in, and nobody tries passwords uncounted. What
only reads asks the cache nothing.
"""

from __future__ import annotations

import sys

import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.defaults import server_error

from holdfast.core.transactions import is_busy

RETRY_AFTER_SECONDS = 5


def is_away(error: BaseException | None) -> bool:
    """Whether it is the database or Redis that cannot be spoken to now, or is taken by somebody else for too long."""
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        return True
    return isinstance(error, OperationalError | InterfaceError) and is_busy(error)


def back_in_a_moment(request: HttpRequest) -> HttpResponse:
    """The page, or for HTMX the fragment, with a link that asks again; it reads nothing from the database."""
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted:
        is_fragment, address = True, htmx.current_url_abs_path
    else:
        is_fragment, address = False, request.get_full_path()
    template = "503_fragment.html" if is_fragment else "503.html"
    context = {"address": address or "/", "may_ask_again": is_fragment or request.method in ("GET", "HEAD")}
    response = HttpResponse(render_to_string(template, context), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """Django's page for faults, except where a middleware met the database away (a session that was to be stored)."""
    if is_away(sys.exc_info()[1]):
        return back_in_a_moment(request)
    return server_error(request)

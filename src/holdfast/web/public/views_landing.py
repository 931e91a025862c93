"""The front door: what Holdfast is, where to book in a demonstration, and the way to the desk for those who work here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from holdfast.businesses.queries import all_businesses, memberships_of
from holdfast.web.public.frame import unkept


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The page at ``/``. Only a demonstration lists its businesses: elsewhere nobody learns who else is here."""
    is_demo = settings.HOLDFAST_ENVIRONMENT == "demo"
    desks = memberships_of(account_id=request.user.pk) if request.user.is_authenticated else []
    context = {"is_demo": is_demo, "businesses": all_businesses() if is_demo else [], "desks": desks}
    return unkept(render(request, "public/landing.html", context))

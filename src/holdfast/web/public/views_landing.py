"""The front door: what Holdfast is, where to book in a demonstration, and the way to the desk for those who work here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from holdfast.blueprints.queries import has_accounts, has_businesses
from holdfast.businesses.queries import all_businesses, memberships_of
from holdfast.web.public.frame import unkept


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The page at ``/``. Only a demonstration lists its businesses: elsewhere nobody learns who else is here.

    An empty installation leads to its set-up: everybody before the first account, then the operator.
    """
    if not has_businesses() and (getattr(request.user, "is_superuser", False) or not has_accounts()):
        return redirect("setup:kind")
    is_demo = settings.HOLDFAST_ENVIRONMENT == "demo"
    desks = memberships_of(account_id=request.user.pk) if request.user.is_authenticated else []
    context = {"is_demo": is_demo, "businesses": all_businesses() if is_demo else [], "desks": desks}
    return unkept(render(request, "public/landing.html", context))

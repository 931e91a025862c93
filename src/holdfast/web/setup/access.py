"""Who may set a business up: the operator, and where the installation allows it whoever works for none yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from holdfast.blueprints.queries import has_accounts
from holdfast.businesses.queries import memberships_of
from holdfast.core.request import client_address
from holdfast.lib.actors import Actor, Role

P = ParamSpec("P")


def is_open_to_all() -> bool:
    """Whether the installation lets anybody who is signed in make a business."""
    return bool(settings.WHO_MAY_SET_UP == "anyone")


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person, as commands want to know them."""
    is_operator = getattr(request.user, "is_superuser", False)
    return Actor(
        role=Role.OPERATOR if is_operator else Role.CUSTOMER,
        account_id=request.user.pk,
        via="page",
        address=client_address(request),
        name=getattr(request.user, "name", ""),
    )


def may_set_up(request: HttpRequest) -> bool:
    """Whether the person of this request may make a business."""
    if not request.user.is_authenticated:
        return False
    if getattr(request.user, "is_superuser", False):
        return True
    return is_open_to_all() and not memberships_of(account_id=request.user.pk)


def for_founders(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in who may set up; on an empty installation the first account comes first."""

    @wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            if not has_accounts():
                return redirect("setup:account")
            return redirect_to_login(request.get_full_path())
        if not may_set_up(request):
            return render(request, "setup/not_yours.html", status=403)
        return view(request, *args, **kwargs)

    return never_cache(page)

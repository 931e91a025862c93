"""Who may enter the operator's admin, and from where."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from holdfast.core.request import client_address


class OperatorSite(admin.AdminSite):
    """For operators alone, and only from ``ADMIN_ALLOWED_NETWORKS`` if there are any (SPEC J6)."""

    site_title = gettext_lazy("Holdfast")
    site_header = gettext_lazy("Holdfast: this installation")
    index_title = gettext_lazy("Everything on this installation")
    site_url = "/desk/"
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # It deletes by itself, past every command.
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        account = request.user
        return account.is_authenticated and account.is_active and bool(getattr(account, "is_operator", False))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def from_here(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            demand_network(request)
            answer: HttpResponseBase = inner(request, *args, **kwargs)
            return answer

        from_here.csrf_exempt = getattr(inner, "csrf_exempt", False)  # type: ignore[attr-defined]
        return from_here

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Where everybody changes theirs: with the same checks, and a second factor if there is one."""
        return redirect("account_change_password")

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        demand_network(request)
        return super().login(request, extra_context)


def demand_network(request: HttpRequest) -> None:
    """From elsewhere there is no such page (404): not even that an operator could sign in here is told."""
    allowed = settings.ADMIN_ALLOWED_NETWORKS
    if allowed and not _is_within(client_address(request), allowed):
        raise Http404


def _is_within(address: str, networks: Any) -> bool:
    try:
        client = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket: no address, so not one of these
        return False
    return any(client in network for network in networks)

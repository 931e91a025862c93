"""Puts the operator's site in the place of Django's default one, and on it our own pages only."""

from __future__ import annotations

from importlib import import_module

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig

PAGES = (
    "accounts",
    "bookings",
    "businesses",
    "catalog",
    "customers",
    "floor",
    "messages",
    "plumbing",
    "riders",
    "schedule",
    "slots",
    "terms",
    "waitlist",
    "remaining",  # last: what the others left
)


class OperatorAdminConfig(AdminConfig):
    default_site = "holdfast.web.admin.site.OperatorSite"

    def ready(self) -> None:
        super().ready()
        # What packages register by themselves writes by itself.
        for model in list(admin.site._registry):
            admin.site.unregister(model)
        for page in PAGES:
            import_module(f"holdfast.web.admin.{page}")

"""Addresses of the set-up, under ``/setup/``."""

from __future__ import annotations

from django.urls import path

from holdfast.web.setup import views_account, views_steps

app_name = "setup"

urlpatterns = [
    path("", views_steps.kind, name="kind"),
    path("account", views_account.account, name="account"),
    path("about", views_steps.about, name="about"),
    path("services", views_steps.services, name="services"),
    path("<slug:slug>/open", views_steps.opened, name="opened"),
]

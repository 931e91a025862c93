"""The root of all addresses."""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# The operator's sign-in goes through the same limits and second factor as everybody's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("holdfast.core.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
for _prefix, _module in (
    ("api/v1/", "holdfast.api.urls"),
    ("", "holdfast.web.urls"),
):  # TEMPORARY until both exist
    if find_spec(_module) is not None:
        urlpatterns.append(path(_prefix, include(_module)))

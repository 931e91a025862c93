"""The root of all addresses."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# The operator's sign-in goes through the same limits and second factor as everybody's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("api/v1/", include("holdfast.api.urls")),  # first, for the sake of its speed: nothing else begins so
    path("", include("holdfast.core.urls")),
    path("accounts/", include("holdfast.web.account.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("holdfast.web.urls")),
]

handler500 = "holdfast.core.away.failed"

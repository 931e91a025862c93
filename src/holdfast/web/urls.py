"""Pages: for people who book, and for the people at the desk."""

from __future__ import annotations

from django.urls import include, path

from holdfast.web.desk.invitation import invitation

urlpatterns = [
    path("", include("holdfast.web.public.urls")),
    path("invitation/<str:token>", invitation, name="invitation"),
    path("desk/", include("holdfast.web.desk.urls")),
    path("webhooks/", include("holdfast.web.incoming.urls")),
    path("setup/", include("holdfast.web.setup.urls")),
]

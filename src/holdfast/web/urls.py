"""Pages: for people who book, and for the people at the desk."""

from __future__ import annotations

from django.urls import include, path

from holdfast.web import webhooks
from holdfast.web.desk.invitation import invitation
from holdfast.web.public import views_demo_payment

urlpatterns = [
    path("", include("holdfast.web.public.urls")),
    path("webhooks/stripe", webhooks.stripe, name="webhook-stripe"),
    path("pay/demo/<str:token>", views_demo_payment.demo_payment, name="demo-payment"),
    path("invitation/<str:token>", invitation, name="invitation"),
    path("desk/", include("holdfast.web.desk.urls")),
    path("webhooks/", include("holdfast.web.incoming.urls")),
    path("setup/", include("holdfast.web.setup.urls")),
]

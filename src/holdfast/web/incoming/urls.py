"""Addresses that providers of mail and texts call, under ``/webhooks/``."""

from __future__ import annotations

from django.urls import path

from holdfast.web.incoming import mail, texts

urlpatterns = [
    path("email/<slug:provider>", mail.news, name="mail-news"),
    path("sms/<slug:provider>", texts.call, name="text-news"),
]

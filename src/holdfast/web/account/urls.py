"""Addresses of our own beside allauth's."""

from __future__ import annotations

from django.urls import path

from holdfast.web.account import pages

urlpatterns = [
    path("", pages.your_sign_in, name="your_sign_in"),
    path("sessions/<int:session_id>/end/", pages.end_session, name="end_session"),
]

"""Addresses for machines, outside the API's versions."""

from __future__ import annotations

from django.urls import path

from holdfast.core import http

urlpatterns = [
    path("health", http.healthy, name="health"),
    path("api/health", http.healthy),
    path("api/v2/health", http.healthy),
    path("health/live", http.live, name="health_live"),
    path("health/ready", http.ready, name="health_ready"),
    path("metrics", http.figures, name="metrics"),
]

"""The WSGI application that granian serves."""

from __future__ import annotations

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "holdfast.config.settings")

application = get_wsgi_application()


def _load_stripe() -> None:
    """Stripe's library is large: read before the first webhook comes, and only where Stripe is used."""
    from django.conf import settings

    if settings.STRIPE_SECRET_KEY:
        import_module("holdfast.payments.providers.stripe")


_load_stripe()

"""Periodic work about people's data."""

from __future__ import annotations

import structlog
from django.conf import settings

from holdfast.core import clock
from holdfast.privacy.commands import clean_up

log = structlog.get_logger("holdfast.privacy")


def keep_no_longer() -> None:
    """Let go of what is older than its retention period."""
    log.info("retention", **clean_up(now=clock.now(), days=settings.RETENTION_DAYS))

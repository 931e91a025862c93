"""Periodic work of the plumbing itself."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session

from holdfast.core import idempotency, ratelimit, sealing
from holdfast.core.clock import now
from holdfast.core.models import WorkerHeartbeat


def forget_idempotency_keys() -> None:
    """Delete answers kept for repeats after a day."""
    idempotency.forget_old()


def forget_rate_windows() -> None:
    """Delete counters of windows that have ended."""
    ratelimit.forget_ended()


def forget_sessions() -> None:
    """Delete sessions that have expired."""
    Session.objects.filter(expire_date__lt=now()).delete()


def forget_heartbeats() -> None:
    """Delete workers that have not been seen for a day."""
    WorkerHeartbeat.objects.filter(seen_at__lt=now() - timedelta(days=1)).delete()


def seal_audit_trail() -> None:
    """Give the new lines of the audit trail their places in their businesses' chains, and write down how far they reach."""
    sealing.seal()

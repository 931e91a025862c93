"""Refusals of the plumbing."""

from __future__ import annotations

from holdfast.lib.refusals import Invalid, Refusal


class SettingsRefused(Exception):
    """The environment cannot be started with; the text lists every reason, one per line."""


class IdempotencyKeyReused(Invalid):
    """The key was used before, with another request."""

    code = "idempotency_key_reused"


class IdempotencyKeyUnusable(Invalid):
    """The key is empty, too long, or not printable."""

    code = "idempotency_key_unusable"


class TooMany(Refusal):
    """This client has used up its share; facts: ``retry_after`` in seconds, ``limit``. 429 with ``Retry-After``."""

    code = "rate_limited"

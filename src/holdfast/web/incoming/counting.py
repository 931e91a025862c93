"""How many calls of providers came, and what became of each."""

from __future__ import annotations

from holdfast.core.metrics import counter

_KNOWN = frozenset({"sendgrid", "mailgun", "postmark", "brevo", "mailersend", "sparkpost", "twilio"})
_calls = counter(
    "holdfast_message_webhooks_total",
    "What providers of mail and texts told, and what became of it",
    ("provider", "outcome"),
)


def count(provider: str, outcome: str, number: int = 1) -> None:
    """``outcome``: ``refused`` (a whole call), or of each piece of news ``recorded``, ``repeated`` or ``unknown``."""
    if number:
        _calls.labels(provider if provider in _KNOWN else "other", outcome).inc(number)

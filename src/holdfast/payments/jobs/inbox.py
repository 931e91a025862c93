"""The inbox of webhooks: taken in at once, dealt with by the worker, in whatever order and however often they come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from holdfast.core import clock, outbox
from holdfast.core.metrics import counter
from holdfast.payments.commands.settling import note_foreign_refund, settle_payment, settle_refund
from holdfast.payments.commands.working import finish_word, forget_old_words, receive_word, take_due_words
from holdfast.payments.models import Payment, ProviderEvent
from holdfast.payments.providers import Known, Refused, Unreachable, Unsigned, provider_of
from holdfast.payments.queries.work import payment_told_of, refund_told_of, words_are_due
from holdfast.payments.rules import Outcome, RefundOutcome, Seen

log = structlog.get_logger("holdfast.payments")

BATCH = 20
PATIENCE = 4
KEPT = timedelta(days=90)
_webhooks = counter(
    "holdfast_provider_webhooks_total", "Webhooks of payment providers", ("provider", "outcome")
)
_SEEN = frozenset(Seen.__dataclass_fields__)


def take_in(provider: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Store a webhook; False (and nothing stored) when it is not the provider's word."""
    try:
        told = provider_of(provider).read_webhook(body, headers)
    except Unsigned:
        _webhooks.labels(provider, "unsigned").inc()
        return False
    now = clock.now()
    is_new = receive_word(
        provider=provider,
        event_id=told.event_id,
        kind=told.kind,
        facts=dict(told.facts),
        now=now,
        due_at=now if told.facts else None,
    )
    _webhooks.labels(provider, "stored" if is_new else "repeated").inc()
    return True


def process_inbox(limit: int = BATCH) -> int:
    """Deal with what waits in the inbox; how many were taken. The worker calls it until it returns 0."""
    if not words_are_due(now=clock.now()):
        return 0
    taken = take_due_words(now=clock.now(), limit=limit)
    for word in taken:
        try:
            error = _deal_with(word)
        except (Unreachable, Refused) as trouble:
            finish_word(word_id=word.id, error=str(trouble), again=True, now=clock.now())
        except Exception as trouble:
            log.exception("word_not_understood", kind=word.kind, word_id=str(word.id))
            finish_word(word_id=word.id, error=type(trouble).__name__, again=True, now=clock.now())
        else:
            finish_word(word_id=word.id, error=error, again=False, now=clock.now())
    return len(taken)


def forget_words() -> int:
    """Delete what was dealt with long ago."""
    return forget_old_words(before=clock.now() - KEPT)


def _deal_with(word: ProviderEvent) -> str:
    """Why nothing was done about it, or nothing."""
    facts: dict[str, Any] = word.told
    if facts.get("about") == "refund":
        return _refund(word, facts)
    payment = payment_told_of(provider=word.provider, facts=facts)
    if payment is None:
        return "not_ours"
    _settle(payment, facts)
    return ""


def _settle(payment: Payment, facts: Mapping[str, Any]) -> None:
    told = {name: facts[name] for name in _SEEN & facts.keys() if name != "outcome"}
    seen = Seen(Outcome(facts["outcome"]), **told)
    if seen.outcome is Outcome.PAID and payment.kind == Payment.Kind.CARD and not seen.brand:
        ref = payment.checkout_ref or seen.checkout_ref
        seen = provider_of(payment.provider).look(Known(payment.id, ref, seen.charge_ref))
    settle_payment(payment_id=payment.id, seen=seen, now=clock.now())
    outbox.wake()


def _refund(word: ProviderEvent, facts: dict[str, Any]) -> str:
    provider, outcome, ref = word.provider, RefundOutcome(facts["outcome"]), facts["refund_ref"]
    known = refund_told_of(provider=provider, facts=facts)
    if known is not None:
        settle_refund(
            refund_id=known.id, provider_ref=ref, outcome=outcome, failure=facts["failure"], now=clock.now()
        )
        return ""
    payment = payment_told_of(provider=provider, facts={"charge_ref": facts["charge_ref"]})
    if payment is None and word.attempts < PATIENCE:
        raise Unreachable("unknown_yet")  # the word about its payment may be behind it
    if payment is None or outcome is RefundOutcome.FAILED:
        return "not_ours"
    note_foreign_refund(
        payment_id=payment.id,
        provider_ref=ref,
        amount_minor=facts["amount_minor"],
        outcome=outcome,
        now=clock.now(),
    )
    return ""

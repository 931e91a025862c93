"""Writing a business's own letters, taking them back, and trying one on oneself (SPEC H2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from holdfast.accounts.models import Account
from holdfast.businesses.rules import Action, authorise
from holdfast.core.ids import uuid7
from holdfast.core.outbox import wake
from holdfast.core.transactions import command
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing
from holdfast.notifications.errors import NobodyToSendTo
from holdfast.notifications.models import Message, Template
from holdfast.notifications.rules.defaults import LANGUAGES, default_of
from holdfast.notifications.rules.defaults.parts import Source
from holdfast.notifications.rules.delivery import dedupe_key
from holdfast.notifications.rules.vocabulary import EVENTS, check_source

Channel = Template.Channel


@command
def write_template(
    *, actor: Actor, business_id: UUID, event: str, language: str, source: Source, now: datetime
) -> None:
    """Keep how a business words the letter of an event in a language. What is as the default goes on following it.

    Refusals: :class:`Forbidden`, :class:`Missing`, :class:`Invalid` as of ``vocabulary.check_source``.
    """
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    source = _checked(event, language, source)
    default = default_of(event, language)
    mail = (
        (source.subject, source.body)
        if (source.subject, source.body) != (default.subject, default.body)
        else None
    )
    short = ("", source.sms) if source.sms != default.sms else None
    for channel, words in ((Channel.EMAIL, mail), (Channel.SMS, short)):
        rows = Template.objects.filter(
            business_id=business_id, event=event, language=language, channel=channel
        )
        if words is None:
            rows.delete()
            continue
        Template.objects.update_or_create(
            business_id=business_id,
            event=event,
            language=language,
            channel=channel,
            defaults={"subject": words[0], "body": words[1], "changed_at": now},
        )


@command
def reset_template(*, actor: Actor, business_id: UUID, event: str, language: str) -> None:
    """Give the letter of an event in a language its default back. Refusals: :class:`Forbidden`, :class:`Missing`."""
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    _check_known(event, language)
    Template.objects.filter(business_id=business_id, event=event, language=language).delete()


@command
def send_test(
    *, actor: Actor, business_id: UUID, event: str, language: str, source: Source, now: datetime
) -> str:
    """Mail the letter as it is written here, saved or not, to whoever asks, about a made-up booking. The address.

    Refusals: :class:`Forbidden`, :class:`Missing`, :class:`Invalid` as of ``vocabulary.check_source``,
    :class:`NobodyToSendTo` when no account asks.
    """
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    source = _checked(event, language, source)
    account = Account.objects.filter(id=actor.account_id).first() if actor.account_id else None
    if account is None:
        raise NobodyToSendTo
    id = uuid7()
    Message.objects.create(
        id=id,
        business_id=business_id,
        kind=Message.Kind.TEST,
        audience=Message.Audience.STAFF,
        recipient=account.email,
        locale=language,
        context={"event": event, "subject": source.subject, "body": source.body, "sms": source.sms},
        dedupe_key=dedupe_key(Message.Kind.TEST, id),
        send_after=now,
        next_attempt_at=now,
    )
    wake()
    return account.email


def _checked(event: str, language: str, source: Source) -> Source:
    _check_known(event, language)
    clean = Source(source.subject.strip(), _lines(source.body), _lines(source.sms).strip())
    check_source(EVENTS[event], clean)
    return clean


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n" if text.strip() else ""


def _check_known(event: str, language: str) -> None:
    if event not in EVENTS or language not in LANGUAGES:
        raise Missing(what="template")

"""Sending: takes due messages, speaks to mail servers and providers outside any transaction, hands their answers back as
commands. Also writes the texts that events ask for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings

from holdfast.businesses.queries import BusinessFacts, business_facts
from holdfast.core import clock
from holdfast.core.metrics import counter, gauge
from holdfast.lib.refusals import Busy, Missing
from holdfast.notifications import commands
from holdfast.notifications.commands import TakenMessage
from holdfast.notifications.models import Channel, Message, Suppression
from holdfast.notifications.providers.mail import (
    Line,
    ServerUnreachable,
    build_mail,
    failure_name,
    is_dead_address,
    is_permanent,
)
from holdfast.notifications.providers.sms import TextFailed, Texts, open_texts
from holdfast.notifications.queries import (
    delivery_rate,
    failed_count,
    letter_of,
    queue_size,
    something_is_due,
)
from holdfast.notifications.queries.limits import person_waits_until, sent_lately
from holdfast.notifications.queries.suppressions import reason_against, suppresses_anybody
from holdfast.notifications.queries.texts import text_of
from holdfast.notifications.rules.delivery import Drop, Wait
from holdfast.notifications.rules.letters import Letter
from holdfast.waitlist.events import EntryCalled, OfferMade

__all__ = ["BATCH", "LEASE_MINUTES", "build_mail", "send_due_messages"]

log = structlog.get_logger("holdfast.messages")

BATCH = 100
LEASE_MINUTES = 10
RECORDING_TRIES = 4
# One mail may take this long when a server answers slowly; nobody begins one that might outlive the lease.
LONGEST_SENDING = timedelta(minutes=2)

_messages = counter("holdfast_messages_total", "Messages by what became of the attempt", ("outcome",))


def _waiting() -> Iterator[tuple[tuple[str, ...], float]]:
    yield ("overdue",), queue_size(now=clock.now())
    yield ("failed",), failed_count()


def _rate() -> Iterator[tuple[tuple[str, ...], float]]:
    rate = delivery_rate(now=clock.now())
    if rate is not None:
        yield (), rate


gauge("holdfast_message_queue", "Messages that should be gone and are not, by state", ("state",), _waiting)
gauge("holdfast_message_delivery_rate", "Share of the last day's messages that reached somebody", (), _rate)


class Unsendable(Exception):
    """A message that must not go, or cannot from here; its text says why."""


@dataclass(slots=True)
class Hands:
    """What a batch is sent by: one connection for each channel, opened when it is needed, and what is known of the businesses.

    ``unreachable`` has by channel why nothing more of it is tried in this batch.
    """

    mail: Line = field(default_factory=Line)
    texts: Texts | None = None
    unreachable: dict[str, BaseException] = field(default_factory=dict)
    businesses: dict[UUID, BusinessFacts] = field(default_factory=dict)
    sent: dict[UUID, tuple[int, datetime | None]] = field(default_factory=dict)
    suppressing: dict[UUID, bool] = field(default_factory=dict)

    def business(self, id: UUID) -> BusinessFacts:
        """The business, read once a batch."""
        if id not in self.businesses:
            self.businesses[id] = business_facts(business_id=id)
        return self.businesses[id]

    def reason_against(self, message: TakenMessage, address: str) -> str:
        """Why nothing goes to this address. Most businesses have no such address, which is asked once a batch."""
        id = message.business_id
        if id not in self.suppressing:
            self.suppressing[id] = suppresses_anybody(business_id=id)
        if not self.suppressing[id]:
            return ""
        return reason_against(business_id=id, channel=message.channel, address=address)

    def text(self, message: TakenMessage, letter: Letter) -> str:
        """Hand a text over; the provider's id for it. Raises :class:`TextFailed`, :class:`Unsendable`."""
        if self.texts is None:
            self.texts = open_texts()
        if self.texts is None:
            raise Unsendable("no_sms_provider")
        words = text_of(business_id=message.business_id, letter=letter)
        return self.texts.send(to=letter.to, text=words, message_id=message.id)

    def close(self) -> None:
        self.mail.close()
        if self.texts is not None:
            self.texts.close()


def send_due_messages(limit: int = BATCH) -> int:
    """Send up to ``limit`` due messages; how many were taken. The worker calls it until it returns 0."""
    now = clock.now()
    if not something_is_due(now=now):
        return 0  # a look does not need SQLite's only write lock
    taken = commands.take_due_messages(now=now, limit=limit, lease_minutes=LEASE_MINUTES)
    with _hands() as hands:
        for message in taken:
            if message.channel in hands.unreachable:
                _failed(message, hands.unreachable[message.channel])
            elif clock.now() > message.leased_until - LONGEST_SENDING:
                _postpone(message, clock.now())
            else:
                _deliver(hands, message)
    return len(taken)


def text_offer(event: OfferMade) -> None:
    """A place is held for somebody who waits: ask them by text as well."""
    if settings.SMS_PROVIDER:
        commands.text_offer(offer_id=event.offer_id, now=clock.now())


def text_call(event: EntryCalled) -> None:
    """Somebody's place is ready: call them by text as well."""
    if settings.SMS_PROVIDER:
        commands.text_call(entry_id=event.entry_id, now=clock.now())


@contextmanager
def _hands() -> Iterator[Hands]:
    hands = Hands()
    try:
        yield hands
    finally:
        hands.close()


def _deliver(hands: Hands, message: TakenMessage) -> None:
    """Send one message and record what became of it."""
    letter: Letter | Drop | Wait | None = None
    try:
        letter = letter_of(business_id=message.business_id, message_id=message.id, now=clock.now())
        if isinstance(letter, Drop):
            _drop(message, letter.reason)
            return
        until = letter.until if isinstance(letter, Wait) else _held_back(hands, message, letter.to)
        if until is not None:
            _postpone(message, until)
            return
        assert not isinstance(letter, Wait)
        _text_beside(hands, message)
        provider_id = _send(hands, message, letter)
    except Missing:
        _drop(message, "gone")
    except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others; it is tried again
        _failed(message, error)
        if isinstance(error, ServerUnreachable) or (isinstance(error, TextFailed) and error.is_our_fault):
            hands.unreachable[message.channel] = error
        _give_up_address(hands, message, error, letter)
    else:
        _sent(message, provider_id)
        count, first = hands.sent.get(message.business_id, (0, None))
        hands.sent[message.business_id] = (count + 1, first or clock.now())


def _send(hands: Hands, message: TakenMessage, letter: Letter) -> str:
    """Hand a message over; by what the provider knows it. Raises what goes wrong."""
    against = hands.reason_against(message, letter.to)
    if against:
        raise Unsendable(f"suppressed_{against}")
    if message.channel == Channel.SMS:
        return hands.text(message, letter)
    mail = build_mail(_from_business(letter, message, hands.business(message.business_id)))
    hands.mail.send(mail)
    return str(mail.extra_headers["Message-ID"])


def _from_business(letter: Letter, message: TakenMessage, business: BusinessFacts) -> Letter:
    """The letter from whom the business wants to be, with answers to where it wants them."""
    chosen = business.settings
    to_customer = message.audience == Message.Audience.CUSTOMER
    return replace(
        letter,
        from_name=chosen.sender_name or letter.from_name,
        reply_to=(chosen.reply_to if to_customer else "") or letter.reply_to,
    )


def _text_beside(hands: Hands, message: TakenMessage) -> None:
    """A reminder by mail goes by text as well, where that is wanted."""
    is_reminder = message.kind == Message.Kind.REMINDER and message.audience == Message.Audience.CUSTOMER
    if message.channel != Channel.EMAIL or not is_reminder or not settings.SMS_PROVIDER:
        return
    if hands.business(message.business_id).settings.sms:
        commands.text_reminder(business_id=message.business_id, message_id=message.id, now=clock.now())


def _held_back(hands: Hands, message: TakenMessage, address: str) -> datetime | None:
    """Until when a message waits because too many went: of the business in an hour, to the person in a day."""
    if message.kind == Message.Kind.CODE:
        return None
    now, id = clock.now(), message.business_id
    chosen = hands.business(id).settings
    if chosen.messages_per_hour:
        if id not in hands.sent:
            hands.sent[id] = sent_lately(business_id=id, now=now)
        count, first = hands.sent[id]
        if count >= chosen.messages_per_hour:
            return (first or now) + timedelta(hours=1)
    if message.audience != Message.Audience.CUSTOMER:
        return None
    return person_waits_until(
        business_id=id,
        message_id=message.id,
        channel=message.channel,
        address=address,
        most=chosen.messages_per_person_per_day,
        now=now,
    )


def _sent(message: TakenMessage, provider_id: str) -> None:
    """Record it with patience: what is not recorded is sent a second time."""
    for remaining in reversed(range(RECORDING_TRIES)):
        try:
            commands.record_sent(
                business_id=message.business_id,
                message_id=message.id,
                provider_message_id=provider_id,
                now=clock.now(),
            )
            break
        except Busy:
            if not remaining:
                raise
    _messages.labels("sent").inc()


def _drop(message: TakenMessage, reason: str) -> None:
    commands.drop_message(
        business_id=message.business_id, message_id=message.id, attempt=message.attempt, reason=reason
    )
    _messages.labels("dropped").inc()


def _postpone(message: TakenMessage, until: datetime) -> None:
    commands.postpone_message(
        business_id=message.business_id, message_id=message.id, attempt=message.attempt, until=until
    )


def _failed(message: TakenMessage, error: BaseException) -> None:
    named = isinstance(error, ServerUnreachable | TextFailed | Unsendable)
    name = str(error) if named else failure_name(error)
    commands.record_failure(
        business_id=message.business_id,
        message_id=message.id,
        attempt=message.attempt,
        error=name,
        is_permanent=isinstance(error, Unsendable)
        or (isinstance(error, TextFailed) and error.is_permanent)
        or is_permanent(error),
        now=clock.now(),
        chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
    )
    log.warning("message_not_sent", message_id=str(message.id), attempt=message.attempt, error=name)
    _messages.labels("failed").inc()


def _give_up_address(hands: Hands, message: TakenMessage, error: BaseException, letter: object) -> None:
    """No such address, or its owner wants nothing: nothing more goes there."""
    stopped = isinstance(error, TextFailed) and error.is_stopped
    if isinstance(letter, Letter) and (stopped or is_dead_address(error)):
        hands.suppressing[message.business_id] = True
        commands.suppress(
            business_id=message.business_id,
            channel=message.channel,
            address=letter.to,
            reason=Suppression.Reason.STOPPED if stopped else Suppression.Reason.BOUNCED,
            now=clock.now(),
        )

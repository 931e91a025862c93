"""Writes about customers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from holdfast.businesses.rules import Action, authorise
from holdfast.core import audit, outbox, ratelimit
from holdfast.core.people import Fate
from holdfast.core.transactions import command
from holdfast.customers.events import EmailCodeIssued
from holdfast.customers.models import Consent, Customer, EmailCode, NameToken
from holdfast.customers.queries import (
    code_digest,
    customer_at,
    email_index,
    fits,
    live_code,
    name_tokens,
    phone_index,
)
from holdfast.customers.rules import CODE_DIGITS, CODE_LASTS, CODE_TRIES, MOST_TIER, email_key
from holdfast.lib import text
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Invalid, Missing

CODES_PER_CLIENT = 20
CODES_PER_ADDRESS = 5


@command
def block_customer(*, actor: Actor, business_id: UUID, customer_id: UUID, now: datetime) -> None:
    """Take no more online bookings from this person (SPEC D8); staff may still book for them.

    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    _set(business_id, customer_id, now)


@command
def unblock_customer(*, actor: Actor, business_id: UUID, customer_id: UUID) -> None:
    """Take online bookings from this person again. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    _set(business_id, customer_id, None)


@command
def note_on_customer(*, actor: Actor, business_id: UUID, customer_id: UUID, notes: str) -> None:
    """Replace the staff's notes about a person. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`."""
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    mistakes: text.Mistakes = {}
    cleaned = text.paragraphs(notes, field="notes", mistakes=mistakes, limit=2000)
    text.refuse(mistakes)
    customer = Customer.objects.select_for_update().filter(business_id=business_id, id=customer_id).first()
    if customer is None:
        raise Missing(what="customer")
    customer.notes = cleaned
    customer.save(update_fields=["notes"])


@command
def change_tier(*, actor: Actor, business_id: UUID, customer_id: UUID, tier: int) -> None:
    """How dear a person is to the business, 0 to 3, which counts on the waitlist (SPEC F2, L2).

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``tier``.
    """
    authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    if not 0 <= tier <= MOST_TIER:
        raise Invalid.field("tier", "out_of_bounds", least=0, most=MOST_TIER)
    rows = Customer.objects.filter(business_id=business_id, id=customer_id)
    former = rows.values_list("tier", flat=True).first()
    if former is None:
        raise Missing(what="customer")
    rows.update(tier=tier)
    audit.note_changed("tier", former, tier)


@command
def issue_code(*, business_id: UUID, email: str, now: datetime) -> datetime:
    """Have a six-digit code mailed to an address that somebody wants to prove (SPEC D1); until when it is good.

    An earlier code of that address is worth nothing from then on. It says nothing of whether the business knows the
    address. Shells call :func:`request_code`. Refusals: :class:`Invalid` on ``email``.
    """
    mistakes: text.Mistakes = {}
    address = text.email(email, field="email", mistakes=mistakes)
    text.refuse(mistakes)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    index = email_index(business_id=business_id, email=address)
    EmailCode.objects.filter(business_id=business_id, email_index=index).delete()
    issued = EmailCode(
        business_id=business_id,
        email_index=index,
        digest=code_digest(business_id=business_id, email=address, code=code),
        letter={"to": address, "code": code},
        expires_at=now + CODE_LASTS,
        created_at=now,
    )
    try:
        with transaction.atomic():
            issued.save(force_insert=True)
    except IntegrityError:
        # Asked for twice at once: the other call's code is on its way, and it is the one that counts.
        other = live_code(business_id=business_id, email=address, now=now)
        return other.expires_at if other is not None else issued.expires_at
    outbox.record(EmailCodeIssued(issued.id, business_id), business_id=business_id, subject_id=issued.id)
    return issued.expires_at


def request_code(
    *, business_id: UUID, email: str, client: str, now: datetime, again: bool = True
) -> datetime:
    """:func:`issue_code` for somebody outside, limited per client and per address: nobody's inbox is filled by others.

    ``client`` names who asks; with ``again`` False a code that is alive stays, and nothing is mailed. Counted outside the command's transaction, before it is known what comes of it, so that
    the limits say nothing of an address either. Refusals: :class:`TooMany`, :class:`Invalid` on ``email``.
    """
    if not again:
        alive = live_code(business_id=business_id, email=email, now=now)
        if alive is not None:
            return alive.expires_at
    ratelimit.demand(ratelimit.hit("email codes of a client", client, limit=CODES_PER_CLIENT))
    address = f"{business_id} {email_key(email)}"
    ratelimit.demand(ratelimit.hit("email codes to an address", address, limit=CODES_PER_ADDRESS))
    return issue_code(business_id=business_id, email=email, now=now)


@command
def try_code(*, business_id: UUID, email: str, code: str, now: datetime) -> bool:
    """Try a code for an address: the right one proves it until the code ends, a wrong one is counted (five at most).

    A transaction of its own, before the booking's: a booking that is refused must not take the count back, and a
    booking without this step finds nothing proved.
    """
    found = live_code(business_id=business_id, email=email, now=now, lock=True)
    if found is None:
        return False
    if fits(stored=found, email=email, code=code):
        EmailCode.objects.filter(id=found.id, proved_at=None).update(proved_at=now)
        return True
    EmailCode.objects.filter(id=found.id).update(tries=min(found.tries + 1, CODE_TRIES))
    return False


@command
def spend_code(*, business_id: UUID, email: str, code: str, now: datetime) -> None:
    """Use up the code that proved an address, in the transaction of what it was for.

    Refusals: :class:`Invalid` on ``customer.email_code``: ``wrong_code``, or ``code_ended`` when there is none that is
    alive (it ran out, was used, was tried wrongly too often, or was never asked for).
    """
    found = live_code(business_id=business_id, email=email, now=now, lock=True)
    if found is None:
        raise Invalid.field("customer.email_code", "code_ended")
    if found.proved_at is None or not fits(stored=found, email=email, code=code):
        raise Invalid.field("customer.email_code", "wrong_code")
    found.delete()


@command
def prove_code(*, business_id: UUID, email: str, code: str, now: datetime) -> None:
    """Whether the code, tried before, proved the address; it stays good. Refusals: as :func:`spend_code`."""
    found = live_code(business_id=business_id, email=email, now=now, lock=True)
    if found is None:
        raise Invalid.field("customer.email_code", "code_ended")
    if found.proved_at is None or not fits(stored=found, email=email, code=code):
        raise Invalid.field("customer.email_code", "wrong_code")


@command
def letter_written(*, code_id: UUID) -> None:
    """Wipe what the mail needed of a code: the message has it now."""
    EmailCode.objects.filter(id=code_id).update(letter=None)


@command
def forget_codes(*, now: datetime) -> int:
    """Delete the codes that have run out; how many."""
    return EmailCode.objects.filter(expires_at__lte=now).delete()[0]


@command
def withdraw_news(*, actor: Actor, business_id: UUID, customer_id: UUID, now: datetime) -> None:
    """Take back the consent to news and offers (SPEC K4); what was agreed stays on record with its end.

    By whoever holds one of the person's bookings, or by staff. Doing it twice is no mistake.
    Refusals: :class:`Missing`, :class:`Forbidden`.
    """
    if actor.is_staff or actor.booking_id is None:
        authorise(actor, Action.CHANGE_CUSTOMERS, business_id)
    Consent.objects.filter(
        business_id=business_id, customer_id=customer_id, kind=Consent.Kind.NEWS, withdrawn_at=None
    ).update(withdrawn_at=now)


@command
def forget_person(*, business_id: UUID, customer_id: UUID, now: datetime) -> list[Fate]:
    """Empty a customer's row of the person and take them out of every index (SPEC K2); the row keeps what refers to it.

    ``privacy`` calls it, after the rooms above. Refusals: :class:`Missing`.
    """
    customer = Customer.objects.select_for_update().filter(business_id=business_id, id=customer_id).first()
    if customer is None:
        raise Missing(what="customer")
    codes = 0
    if customer.email_index:
        codes = EmailCode.objects.filter(business_id=business_id, email_index=customer.email_index).delete()[
            0
        ]
    words = NameToken.objects.filter(business_id=business_id, customer_id=customer_id).delete()[0]
    news = Consent.objects.filter(
        business_id=business_id, customer_id=customer_id, kind=Consent.Kind.NEWS, withdrawn_at=None
    )
    news.update(withdrawn_at=now)
    customer.name, customer.email, customer.phone, customer.notes = "", None, None, None
    customer.email_index, customer.phone_index = None, ""
    customer.tier, customer.erased_at = 0, now
    customer.save()
    consents = Consent.objects.filter(business_id=business_id, customer_id=customer_id).count()
    return [
        Fate("person", 1, is_kept=False),
        Fate("search_words", words + codes, is_kept=False),
        Fate("consents", consents, is_kept=True, why="proof"),
    ]


@command
def withdraw_own_news(*, actor: Actor, business_id: UUID, email: str, code: str, now: datetime) -> None:  # noqa: ARG001
    """Take back the consent to news and offers, by whoever proved the address with its code (SPEC K4).

    An address that nobody has is no mistake. Refusals: :class:`Invalid` on ``customer.email_code``.
    """
    prove_code(business_id=business_id, email=email, code=code, now=now)
    customer_id = customer_at(business_id=business_id, email=email)
    if customer_id is None:
        return
    audit.note_subject("customer", customer_id)
    Consent.objects.filter(
        business_id=business_id, customer_id=customer_id, kind=Consent.Kind.NEWS, withdrawn_at=None
    ).update(withdrawn_at=now)


@command
def forget_all_codes() -> int:
    """Void every code that was mailed: by a new key none of them is found; how many."""
    return EmailCode.objects.all().delete()[0]


@command
def reindex_customers(*, names: Callable[..., list[str]]) -> int:
    """Work out anew by what every customer is found; ``names`` says which names they gave with bookings. How many."""
    NameToken.objects.all().delete()
    count = 0
    for customer in Customer.objects.filter(erased_at=None).order_by("id").iterator(chunk_size=200):
        business_id = customer.business_id
        if customer.email:
            customer.email_index = email_index(business_id=business_id, email=customer.email)
        customer.phone_index = phone_index(business_id=business_id, phone=customer.phone or "")
        customer.save(update_fields=["email_index", "phone_index"])
        given = [customer.name, *names(business_id=business_id, customer_id=customer.id)]
        tokens = {token for name in given for token in name_tokens(business_id=business_id, name=name)}
        NameToken.objects.bulk_create(
            NameToken(business_id=business_id, customer_id=customer.id, token=token)
            for token in sorted(tokens)
        )
        count += 1
    return count


def _set(business_id: UUID, customer_id: UUID, blocked_at: datetime | None) -> None:
    rows = Customer.objects.filter(business_id=business_id, id=customer_id)
    if not rows.update(blocked_at=blocked_at):
        raise Missing(what="customer")

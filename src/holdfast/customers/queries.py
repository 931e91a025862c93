"""Finding people by what is known of them, without reading anything encrypted."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from holdfast.core.fields import blind_index
from holdfast.customers.models import Consent, Customer, EmailCode, NameToken
from holdfast.customers.rules import code_key, consent_via, email_key, is_code_alive, name_words, phone_key
from holdfast.lib.actors import Actor
from holdfast.lib.refusals import Missing


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """A customer as the business's staff sees them."""

    id: UUID
    name: str
    email: str
    phone: str
    notes: str
    blocked_at: datetime | None
    created_at: datetime
    tier: int = 0
    erased_at: datetime | None = None


def email_index(*, business_id: UUID, email: str) -> str:
    """The blind index of an email address in one business."""
    return blind_index(email_key(email), purpose="customer.email", business_id=business_id)


def phone_index(*, business_id: UUID, phone: str) -> str:
    """The blind index of a phone number, or empty for none."""
    key = phone_key(phone)
    return blind_index(key, purpose="customer.phone", business_id=business_id) if key else ""


def name_tokens(*, business_id: UUID, name: str) -> list[str]:
    """One blind index a word of the name."""
    return [blind_index(word, purpose="customer.name", business_id=business_id) for word in name_words(name)]


def is_blocked(*, business_id: UUID, customer_id: UUID) -> bool:
    """Whether the business takes no online bookings from this person."""
    return Customer.objects.filter(business_id=business_id, id=customer_id, blocked_at__isnull=False).exists()


def matching(*, business_id: UUID, text: str) -> QuerySet[Customer]:
    """Customers with this exact email or phone, or with all these words in their name (SPEC D13)."""
    customers = Customer.objects.filter(business_id=business_id)
    if "@" in text:
        return customers.filter(email_index=email_index(business_id=business_id, email=text))
    by_phone = Q(phone_index=phone_index(business_id=business_id, phone=text)) & ~Q(phone_index="")
    words = name_tokens(business_id=business_id, name=text)
    if sum(letter.isdigit() for letter in text) >= 5 or not words:
        return customers.filter(by_phone)
    for token in words:
        holders = NameToken.objects.filter(business_id=business_id, token=token).values("customer_id")
        customers = customers.filter(id__in=holders)
    return customers


def customer_by_id(*, business_id: UUID, customer_id: UUID) -> CustomerFacts:
    """One customer. Refusals: :class:`Missing`."""
    found = Customer.objects.filter(business_id=business_id, id=customer_id).first()
    if found is None:
        raise Missing(what="customer")
    return CustomerFacts(
        id=found.id,
        name=found.name,
        email=found.email or "",
        phone=found.phone or "",
        notes=found.notes or "",
        blocked_at=found.blocked_at,
        created_at=found.created_at,
        tier=found.tier,
        erased_at=found.erased_at,
    )


def code_digest(*, business_id: UUID, email: str, code: str) -> str:
    """What is stored of a code: bound to the business and the address, worth nothing without the key."""
    value = f"{email_key(email)}\x00{code_key(code)}"
    return blind_index(value, purpose="customer.email_code", business_id=business_id)


def fits(*, stored: EmailCode, email: str, code: str) -> bool:
    """Whether this is the code, compared in constant time."""
    given = code_digest(business_id=stored.business_id, email=email, code=code)
    return hmac.compare_digest(stored.digest, given)


def live_code(*, business_id: UUID, email: str, now: datetime, lock: bool = False) -> EmailCode | None:
    """The code that can still prove this address to the business, if there is one; ``lock`` inside a command."""
    rows = EmailCode.objects.filter(
        business_id=business_id, email_index=email_index(business_id=business_id, email=email)
    )
    found = (rows.select_for_update() if lock else rows).first()
    if found is None or not is_code_alive(expires_at=found.expires_at, tries=found.tries, now=now):
        return None
    return found


def letter_of_code(*, code_id: UUID) -> tuple[str, str, datetime] | None:
    """``(address, code, expiry)`` for the mail, until it is written; None once it is, or for a code that is gone."""
    found = EmailCode.objects.filter(id=code_id).first()
    if found is None or found.letter is None:
        return None
    return found.letter["to"], found.letter["code"], found.expires_at


def consent_rows(
    *,
    actor: Actor,
    business_id: UUID,
    customer_id: UUID,
    booking_id: UUID | None,
    version: int,
    kinds: Collection[str],
    now: datetime,
) -> list[dict[str, Any]]:
    """The rows that record what was agreed to with a booking, to be inserted beside it: no statement of their own."""
    via = consent_via(via=actor.via, is_staff=actor.is_staff)
    return [
        {
            "business_id": business_id,
            "customer_id": customer_id,
            "booking_id": booking_id,
            "kind": kind,
            "version": version,
            "given_at": now,
            "via": via,
        }
        for kind in kinds
    ]


def news_since(*, business_id: UUID, customer_id: UUID) -> datetime | None:
    """Since when this person wants to hear of news and offers; None if they do not."""
    rows = Consent.objects.filter(
        business_id=business_id, customer_id=customer_id, kind=Consent.Kind.NEWS, withdrawn_at__isnull=True
    )
    return rows.order_by("given_at").values_list("given_at", flat=True).first()


def customer_at(*, business_id: UUID, email: str) -> UUID | None:
    """Who has this address in the business, if anybody does."""
    index = email_index(business_id=business_id, email=email)
    found = Customer.objects.filter(business_id=business_id, email_index=index).values_list("id", flat=True)
    return found.first()


def about_person(*, business_id: UUID, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What this room holds about a customer: how to reach them, notes about them, what they agreed to (SPEC K2)."""
    found = Customer.objects.get(business_id=business_id, id=customer_id)
    consents = Consent.objects.filter(business_id=business_id, customer_id=customer_id).order_by("given_at")
    return {
        "person": [
            {
                "name": found.name,
                "email": found.email or "",
                "phone": found.phone or "",
                "notes": found.notes or "",
                "tier": found.tier,
                "blocked_at": found.blocked_at,
                "known_since": found.created_at,
            }
        ],
        "consents": [
            {
                "kind": one.kind,
                "version": one.version,
                "given_at": one.given_at,
                "withdrawn_at": one.withdrawn_at,
                "via": one.via,
            }
            for one in consents
        ],
    }


def erasure_digest(*, business_id: UUID, customer_id: UUID) -> str:
    """By what an erasure is known outside the database: worth nothing without the key."""
    return blind_index(str(customer_id), purpose="erasure", business_id=business_id)


def unerased_customers(*, business_id: UUID) -> Iterator[UUID]:
    """Everybody the business still knows, by id."""
    rows = Customer.objects.filter(business_id=business_id, erased_at=None).values_list("id", flat=True)
    return iter(rows.iterator(chunk_size=2000))


def erased_customers(*, business_id: UUID) -> list[UUID]:
    """Everybody who was forgotten, by id."""
    rows = Customer.objects.filter(business_id=business_id).exclude(erased_at=None)
    return list(rows.values_list("id", flat=True))

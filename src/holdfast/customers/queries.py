"""Finding people by what is known of them, without reading anything encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from holdfast.core.fields import blind_index
from holdfast.customers.models import Customer, NameToken
from holdfast.customers.rules import email_key, name_words, phone_key
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
    )

"""Reads about businesses and their members."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from holdfast.businesses.models import Business, Member
from holdfast.businesses.rules import Settings, read_settings
from holdfast.core import sql
from holdfast.lib.actors import Role
from holdfast.lib.refusals import Missing


@dataclass(frozen=True, slots=True)
class BusinessFacts:
    """What every request needs to know of a business; plain values, safe to keep and to share between threads."""

    id: UUID
    version: int
    slug: str
    name: str
    blueprint: str
    timezone: str
    currency: str
    language: str
    tagline: str
    email: str
    phone: str
    address: str
    is_demo: bool
    settings: Settings


@dataclass(frozen=True, slots=True)
class Membership:
    """A business an account works for, and as what."""

    business_id: UUID
    slug: str
    name: str
    role: Role
    member_id: UUID


def version_of(*, slug: str) -> tuple[UUID, int]:
    """``(id, version)`` of the business at this address; one statement. Refusals: :class:`Missing`."""
    row = sql.one("SELECT id, version FROM businesses_business WHERE slug = %s", [slug])
    if row is None:
        raise Missing(what="business")
    return sql.as_uuid(row[0]), row[1]


def business_facts(*, business_id: UUID) -> BusinessFacts:
    """One business whole. Refusals: :class:`Missing`."""
    business = Business.objects.filter(id=business_id).first()
    if business is None:
        raise Missing(what="business")
    return facts_of(business=business)


def facts_of(*, business: Business) -> BusinessFacts:
    """The plain values of a loaded row."""
    return BusinessFacts(
        id=business.id,
        version=business.version,
        slug=business.slug,
        name=business.name,
        blueprint=business.blueprint,
        timezone=business.timezone,
        currency=business.currency,
        language=business.language,
        tagline=business.tagline,
        email=business.email,
        phone=business.phone,
        address=business.address,
        is_demo=business.is_demo,
        settings=read_settings(business.settings),
    )


def all_businesses() -> list[BusinessFacts]:
    """Every business of the installation by name, for the operator and the demo's landing page."""
    return [facts_of(business=business) for business in Business.objects.order_by("name", "id")]


def role_in(*, business_id: UUID, account_id: UUID) -> Role | None:
    """The account's role in the business, or None for a stranger; one statement."""
    role = Member.objects.filter(business_id=business_id, account_id=account_id).values_list(
        "role", flat=True
    )
    found = role.first()
    return Role(found) if found else None


def memberships_of(*, account_id: UUID) -> list[Membership]:
    """The businesses an account works for, by name."""
    rows = (
        Member.objects.filter(account_id=account_id)
        .select_related("business")
        .order_by("business__name", "id")
    )
    return [
        Membership(
            business_id=row.business_id,
            slug=row.business.slug,
            name=row.business.name,
            role=Role(row.role),
            member_id=row.id,
        )
        for row in rows
    ]

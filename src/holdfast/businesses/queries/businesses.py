"""Reads about businesses: profile, settings, privacy notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from holdfast.businesses.models import Business, PrivacyText
from holdfast.businesses.rules import Settings, read_settings
from holdfast.core import sql
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
    privacy_version: int
    logo: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyFacts:
    """One version of a business's privacy text; blank lines part its paragraphs, ``# `` begins a heading."""

    version: int
    text: str
    is_default: bool
    created_at: datetime


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
        logo=business.logo,
        privacy_version=business.privacy_version,
    )


def all_businesses() -> list[BusinessFacts]:
    """Every business of the installation by name, for the operator and the demo's landing page."""
    return [facts_of(business=business) for business in Business.objects.order_by("name", "id")]


def privacy_text(*, business_id: UUID, version: int) -> PrivacyFacts:
    """One version of what the business tells people about their details. Refusals: :class:`Missing`."""
    found = PrivacyText.objects.filter(business_id=business_id, version=version).first()
    if found is None:
        raise Missing(what="privacy_text")
    return PrivacyFacts(found.version, found.text, found.is_default, found.created_at)


def privacy_versions(*, business_id: UUID) -> list[PrivacyFacts]:
    """All versions, the newest first."""
    rows = PrivacyText.objects.filter(business_id=business_id).order_by("-version")
    return [PrivacyFacts(row.version, row.text, row.is_default, row.created_at) for row in rows]


def default_privacy_text(*, name: str, email: str, phone: str, address: str, language: str) -> str:
    """The text a business begins with, in its language, made of its name and contact."""
    with translation.override(language):
        reached = ", ".join(filter(None, (email, phone, address)))
        parts = [
            _("# Who we are"),
            _(
                "%(name)s is responsible for the details you give when you book. You reach us here: %(reached)s."
            )
            if reached
            else _("%(name)s is responsible for the details you give when you book."),
            _("# What we keep"),
            _(
                "Your name, your email address, your phone number if you give it, what you write to us, and what you "
                "book with us."
            ),
            _("# What for"),
            _(
                "To keep your booking, to confirm it and remind you of it, and to reach you if something changes. We "
                "send news and offers only if you ask for them; you can stop them on the page of your booking."
            ),
            _("# Who sees it"),
            _(
                "Our own staff, and the services that carry our messages. We do not sell your details. They are stored "
                "encrypted."
            ),
            _("# How long"),
            _("As long as your bookings need it and the law asks us to keep records; then it is deleted."),
            _("# Your rights"),
            _(
                "You can ask us what we keep of you, have it corrected, given to you or deleted, and complain to the "
                "data protection authority."
            ),
        ]
        return "\n\n".join(part % {"name": name, "reached": reached} for part in parts)

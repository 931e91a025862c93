"""Writes to businesses: profile, settings, privacy notice, logo."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.conf import settings as installation
from django.db import IntegrityError, transaction
from django.db.models import F

from holdfast.businesses.errors import SlugTaken
from holdfast.businesses.events import BusinessCreated, OfferingChanged, SettingsChanged
from holdfast.businesses.models import Business, PrivacyText
from holdfast.businesses.queries import default_privacy_text
from holdfast.businesses.rules import (
    PRIVACY_LIMIT,
    Action,
    Settings,
    authorise,
    change_settings,
    may_be_slug,
    read_settings,
    write_settings,
)
from holdfast.core import audit, outbox
from holdfast.core.transactions import command
from holdfast.core.uploads import forget_upload, keep_upload
from holdfast.lib import text
from holdfast.lib.actors import Actor, Role
from holdfast.lib.pictures import UnusablePicture, as_logo
from holdfast.lib.refusals import Forbidden, Invalid, Missing
from holdfast.lib.walltime import zone

_CURRENCY = re.compile(r"[A-Z]{3}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_PROFILE_LIMITS = {"name": 120, "tagline": 160, "email": 254, "phone": 40, "address": 300}
_IN_THE_PRIVACY_TEXT = frozenset({"name", "email", "phone", "address"})


@command
def create_business(
    *,
    actor: Actor,
    slug: str,
    name: str,
    blueprint: str,
    timezone: str,
    currency: str,
    language: str = "en",
    is_demo: bool = False,
    profile: dict[str, str] | None = None,
    settings: dict[str, Any] | None = None,
) -> Business:
    """A new business with its settings; catalog and hours come from its blueprint (SPEC A1).

    Refusals: :class:`Forbidden` for anyone but the operator, :class:`Invalid` naming each wrong field,
    :class:`SlugTaken`.
    """
    if actor.role is not Role.OPERATOR:
        raise Forbidden(action="create_business", needs=str(Role.OPERATOR))
    mistakes: text.Mistakes = {}
    facts = _clean_profile({"name": name, **(profile or {})}, mistakes)
    foundation = {
        "slug": slug,
        "blueprint": blueprint,
        "timezone": timezone,
        "currency": currency,
        "language": language,
    }
    _check_foundation(foundation, mistakes)
    text.refuse(mistakes)
    chosen = _changed(Settings(), settings or {})
    _check_holidays(chosen)
    business = Business(**foundation, **facts, is_demo=is_demo, settings=write_settings(chosen))
    try:
        business.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken(slug=slug) from error
    _write_privacy(business, _default_privacy(business), is_default=True)
    outbox.record(BusinessCreated(business.id), business_id=business.id, subject_id=business.id)
    return business


@command
def change_business_settings(*, actor: Actor, business_id: UUID, wanted: dict[str, Any]) -> Settings:
    """Change some of a business's settings (SPEC A3); the rest stay.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` naming each wrong field.
    """
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    business = _locked(business_id)
    former = read_settings(business.settings)
    settings = _changed(former, wanted)
    for name in wanted:
        audit.note_changed(name, getattr(former, name), getattr(settings, name))
    if "public_holidays" in wanted:
        _check_holidays(settings)
    business.settings = write_settings(settings)
    business.version += 1
    business.save(update_fields=["settings", "version"])
    outbox.record(
        SettingsChanged(business_id, sorted(wanted)), business_id=business_id, subject_id=business_id
    )
    return settings


@command
def change_profile(*, actor: Actor, business_id: UUID, wanted: dict[str, str]) -> Business:
    """Change what the public sees of a business: name, tagline, email, phone, address.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid`.
    """
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    mistakes: text.Mistakes = {
        name: [("unknown_field", {})] for name in wanted if name not in _PROFILE_LIMITS
    }
    text.refuse(mistakes)
    facts = _clean_profile(wanted, mistakes)
    text.refuse(mistakes)
    business = _locked(business_id)
    for name, value in facts.items():
        setattr(business, name, value)
    if _IN_THE_PRIVACY_TEXT & set(facts):
        _renew_default_privacy(business)
    business.version += 1
    business.save(update_fields=[*facts, "privacy_version", "version"])
    return business


@command
def change_privacy_text(*, actor: Actor, business_id: UUID, wanted: str) -> int:
    """Tell people anew what the business does with their details (SPEC K4); the number of the version now in force.

    Every change is a new version; earlier ones stay readable, for people agreed to them. Saving the same text again
    changes nothing. Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``text``.
    """
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    mistakes: text.Mistakes = {}
    cleaned = text.paragraphs(wanted, field="text", mistakes=mistakes, limit=PRIVACY_LIMIT, required=True)
    text.refuse(mistakes)
    business = _locked(business_id)
    current = PrivacyText.objects.filter(business_id=business_id, version=business.privacy_version).first()
    if current is None or current.text != cleaned:
        business.privacy_version += 1
        _write_privacy(business, cleaned, is_default=False)
        business.version += 1
        business.save(update_fields=["privacy_version", "version"])
        outbox.record(
            SettingsChanged(business_id, ["privacy_text"]), business_id=business_id, subject_id=business_id
        )
    return business.privacy_version


@command
def change_logo(*, actor: Actor, business_id: UUID, picture: bytes) -> Business:
    """Make a picture the business's logo: a PNG, JPEG or WebP of at most 2 MB, which is written anew as a PNG of at most
    512 pixels a side.

    Refusals: :class:`Missing`, :class:`Forbidden`, :class:`Invalid` on ``logo``: ``too_large``, ``not_a_picture``,
    ``too_many_pixels``, ``more_than_a_picture``.
    """
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    try:
        drawn = as_logo(picture)
    except UnusablePicture as error:
        raise Invalid.field("logo", error.code) from error
    return _set_logo(business_id, keep_upload(drawn))


@command
def remove_logo(*, actor: Actor, business_id: UUID) -> Business:
    """Go back to the letters of the name; nothing changes without a logo. Refusals: :class:`Missing`, :class:`Forbidden`."""
    authorise(actor, Action.CHANGE_SETTINGS, business_id)
    return _set_logo(business_id, "")


def _set_logo(business_id: UUID, logo: str) -> Business:
    business = _locked(business_id)
    former = business.logo
    if former == logo:
        return business
    business.logo = logo
    business.version += 1
    business.save(update_fields=["logo", "version"])
    if former:
        transaction.on_commit(lambda: _forget_unused_logo(former))
    return business


def _forget_unused_logo(logo: str) -> None:
    """Delete the file of a logo unless another business shows the same picture."""
    if not Business.objects.filter(logo=logo).exists():
        forget_upload(logo)


def offer_changed(*, business_id: UUID) -> None:
    """Raise the business's version inside the caller's transaction: what it offers is no longer what it was."""
    if not Business.objects.filter(id=business_id).update(version=F("version") + 1):
        raise Missing(what="business")
    # One event stands for all changes that nobody has looked at yet.
    outbox.withdraw(OfferingChanged, business_id, business_id)
    outbox.record(OfferingChanged(business_id), business_id=business_id, subject_id=business_id)


def _changed(current: Settings, wanted: dict[str, Any]) -> Settings:
    """Within the limits of the installation."""
    ways = {"stripe": bool(installation.STRIPE_SECRET_KEY), "demo": installation.DEMO_PAYMENTS}
    return change_settings(
        current,
        wanted,
        most_tables=installation.BOOKING_MAX_TABLES,
        ways=("counter", *(way for way, is_set_up in ways.items() if is_set_up)),
    )


def _default_privacy(business: Business) -> str:
    return default_privacy_text(
        name=business.name,
        email=business.email,
        phone=business.phone,
        address=business.address,
        language=business.language,
    )


def _renew_default_privacy(business: Business) -> None:
    """A text that nobody has touched follows the business's name and contact, as a version of its own."""
    current = PrivacyText.objects.filter(business_id=business.id, version=business.privacy_version).first()
    renewed = _default_privacy(business)
    if current is not None and current.is_default and current.text != renewed:
        business.privacy_version += 1
        _write_privacy(business, renewed, is_default=True)


def _write_privacy(business: Business, content: str, *, is_default: bool) -> None:
    PrivacyText.objects.create(
        business_id=business.id, version=business.privacy_version, text=content, is_default=is_default
    )


def _check_foundation(foundation: dict[str, str], mistakes: text.Mistakes) -> None:
    """What a business is built on and keeps: its address, kind, zone, currency, language."""
    if not may_be_slug(foundation["slug"]):
        mistakes["slug"] = [("invalid_slug", {})]
    if foundation["blueprint"] not in Business.Blueprint.values:
        mistakes["blueprint"] = [("unknown_choice", {"choices": list(Business.Blueprint.values)})]
    for name, pattern in (("currency", _CURRENCY), ("language", _LANGUAGE)):
        if not pattern.fullmatch(foundation[name]):
            mistakes[name] = [("wrong_format", {})]
    try:
        zone(foundation["timezone"])
    except ValueError:
        mistakes["timezone"] = [("unknown_timezone", {})]


def _check_holidays(settings: Settings) -> None:
    """Whether the calendar of public holidays knows the place: an unknown one would silently have none."""
    if settings.public_holidays is None:
        return
    import holidays  # a large package: read only where a business closes on holidays

    country, _, part = settings.public_holidays.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known or (part and part not in known[country]):
        raise Invalid.field("public_holidays", "unknown_choice", choices=sorted(known))


def _locked(business_id: UUID) -> Business:
    business = Business.objects.select_for_update().filter(id=business_id).first()
    if business is None:
        raise Missing(what="business")
    return business


def _clean_profile(wanted: dict[str, str], mistakes: text.Mistakes) -> dict[str, str]:
    facts: dict[str, str] = {}
    for name, value in wanted.items():
        if name == "email" and value:
            facts[name] = text.email(value, field=name, mistakes=mistakes)
        elif name == "phone":
            facts[name] = text.phone(value, field=name, mistakes=mistakes)
        else:
            limit, required = _PROFILE_LIMITS.get(name, 200), name == "name"
            facts[name] = text.line(value, field=name, mistakes=mistakes, limit=limit, required=required)
    return facts

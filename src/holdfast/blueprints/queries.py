"""What an installation has so far, and addresses that are free."""

from __future__ import annotations

from django.conf import settings

from holdfast.accounts.models import Account
from holdfast.businesses.models import Business
from holdfast.businesses.rules import may_be_slug
from holdfast.core.secret_files import kept_secret, random_code

SET_UP_CODE = "set_up_code"
_LONGEST_SLUG = 63


def has_accounts() -> bool:
    """Whether anybody can sign in here."""
    return Account.objects.exists()


def set_up_code() -> str:
    """What whoever makes the first account has to know, so that no stranger does: kept in ``HOLDFAST_HOME/secrets`` and
    printed by ``holdfast serve``. Empty where none is asked for: in a demo, and once there is an account."""
    if settings.HOLDFAST_ENVIRONMENT == "demo" or has_accounts():
        return ""
    return kept_secret(settings.HOLDFAST_HOME, SET_UP_CODE, random_code)


def has_businesses() -> bool:
    """Whether there is anything to book here."""
    return Business.objects.exists()


def is_free_slug(*, slug: str) -> bool:
    """Whether a new business can have this address."""
    return may_be_slug(slug) and not Business.objects.filter(slug=slug).exists()


def free_slug(*, like: str) -> str:
    """An address a new business can have: ``like`` itself, or with the first number that is free behind it; empty when
    ``like`` can be no address at all."""
    like = like[:_LONGEST_SLUG].strip("-")
    if not may_be_slug(like):
        return ""
    stem = like[: _LONGEST_SLUG - 5].strip("-")
    taken = set(Business.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (like, *numbered) if slug not in taken)

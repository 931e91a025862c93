"""Passwords: how they are hashed, the rules a new one must keep, and making one."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

# Without characters that are mistaken for each other when read from a screen.
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP_LENGTH = 4, 5
# What is put around or into a common word to please a rule, and changes nothing for who guesses.
_DECORATION = "0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
_DISGUISES = str.maketrans("@4301!$57", "aaeoiisst")
_DECORATION_AT_MOST = 8
_DISTINCT_AT_LEAST = 4


class Argon2id(Argon2PasswordHasher):
    """RFC 9106's second choice: 64 MiB, 3 passes, 4 lanes. A hash with other values is renewed at the next sign-in."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 4


class CommonValidator(CommonPasswordValidator):
    """Refuses the 20,000 passwords that leaks show most often (Django carries the list), bare, decorated and disguised."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        bare = _bare(password)
        guesses = {bare, bare.translate(_DISGUISES), _bare(password.lower().translate(_DISGUISES))}
        is_decorated = len(password) - len(bare) <= _DECORATION_AT_MOST and len(bare) >= _DISTINCT_AT_LEAST
        if len(set(password)) < _DISTINCT_AT_LEAST or (is_decorated and guesses & self.passwords):
            raise ValidationError(self.get_error_message(), code="password_too_common")


class OwnWordsValidator:
    """Refuses what everybody here would try first: the product's name and the host's, decorated or not."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        host = urlsplit(settings.BASE_URL).hostname or ""
        words = {"holdfast", host, *(part for part in host.split(".") if len(part) >= _DISTINCT_AT_LEAST)}
        if _bare(password) in words or _bare(password.lower().translate(_DISGUISES)) in words:
            raise ValidationError(self.get_help_text(), code="password_too_similar")

    def get_help_text(self) -> str:
        return gettext("Your password must not be the name of this installation.")


def _bare(password: str) -> str:
    return password.lower().strip(_DECORATION)


class MaximumLengthValidator:
    """Refuses passwords so long that hashing them would be an attack."""

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return ngettext(
            "Your password must not be longer than %(count)d character.",
            "Your password must not be longer than %(count)d characters.",
            self.max_length,
        ) % {"count": self.max_length}


def generated_password() -> str:
    """A password for one person: 20 characters in groups, about 115 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)

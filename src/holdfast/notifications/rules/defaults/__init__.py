"""What every letter says as long as a business has not written it otherwise, one file a language. Pure."""

from __future__ import annotations

from holdfast.notifications.rules.defaults.de import LETTERS as GERMAN
from holdfast.notifications.rules.defaults.en import LETTERS as ENGLISH
from holdfast.notifications.rules.defaults.es import LETTERS as SPANISH
from holdfast.notifications.rules.defaults.fr import LETTERS as FRENCH
from holdfast.notifications.rules.defaults.parts import Source

DEFAULTS: dict[str, dict[str, Source]] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}
LANGUAGES: tuple[str, ...] = tuple(DEFAULTS)


def known_language(language: str) -> str:
    """The language of ours that is nearest: ``de`` for ``de-at``, English for one we do not write."""
    base = language.lower().replace("_", "-").partition("-")[0]
    return base if base in DEFAULTS else "en"


def default_of(event: str, language: str) -> Source:
    """The letter of an event in the nearest language."""
    return DEFAULTS[known_language(language)][event]

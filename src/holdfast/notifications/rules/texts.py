"""Text messages: numbers that can be dialled, what a text costs, and what an answer means (SPEC H5). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The alphabet of GSM 03.38; what is in the second row takes two places.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")
# Characters that look the same in the cheap alphabet.
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " "}
)
MOST_SEGMENTS = 4
_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "stopp"})
_START = frozenset({"start", "yes", "unstop"})
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
# Who asks for reminders and offers by text gets them for these.
TEXTED_KINDS = frozenset({"reminder", "offer", "called"})


@dataclass(frozen=True, slots=True)
class Size:
    """What a text takes: ``gsm7`` or ``ucs2``, how many places of it, and in how many parts it travels and is paid."""

    encoding: str
    places: int
    segments: int


def size_of(text: str) -> Size:
    """The size of a text. One part has 160 places (70 with any character beyond GSM 03.38), each of several 153 (67)."""
    if all(letter in _GSM or letter in _GSM_TWICE for letter in text):
        places = sum(2 if letter in _GSM_TWICE else 1 for letter in text)
        return Size("gsm7", places, 1 if places <= 160 else _parts(text, 153, gsm=True))
    places = sum(_ucs2(letter) for letter in text)
    return Size("ucs2", places, 1 if places <= 70 else _parts(text, 67, gsm=False))


def _parts(text: str, room: int, *, gsm: bool) -> int:
    """How many parts of that room the text fills; no character is cut in two."""
    parts, used = 1, 0
    for letter in text:
        needs = (2 if letter in _GSM_TWICE else 1) if gsm else _ucs2(letter)
        if used + needs > room:
            parts, used = parts + 1, 0
        used += needs
    return parts


def _ucs2(letter: str) -> int:
    return 2 if ord(letter) > 0xFFFF else 1


def compose(words: str, link: str, hint: str = "", *, most: int = MOST_SEGMENTS) -> str:
    """A text of some words, a link and a hint, in at most so many parts: what is too much is cut from the words.

    Quotation marks and dashes of print become those of the cheap alphabet.
    """
    words = " ".join(words.translate(_PLAIN).split())
    tail = " ".join(part for part in (link, hint.translate(_PLAIN)) if part)
    text = f"{words} {tail}".strip()
    while words and size_of(text).segments > most:
        words = words[:-1].rstrip()
        text = f"{words}... {tail}".strip()
    return text


def dialable(phone: str, prefix: str = "") -> str:
    """The number as ``+441134960000``, or empty if it cannot be dialled from here.

    ``prefix`` is the country's (``+44``), for numbers as people write them at home; without it those are left alone.
    """
    digits = "".join(letter for letter in phone if letter.isascii() and letter.isdigit())
    if phone.strip().startswith("+"):
        number = "+" + re.sub(r"^(\d{1,3})\s*\(0\)", r"\1", phone.strip()[1:])
        number = "+" + "".join(letter for letter in number if letter.isascii() and letter.isdigit())
    elif digits.startswith("00"):
        number = "+" + digits[2:]
    elif prefix:
        number = prefix + digits.removeprefix("0")
    else:
        return ""
    return number if _NUMBER.fullmatch(number) else ""


def meaning_of(answer: str) -> str:
    """What somebody means by their answer: ``accept``, ``pass``, ``stop``, ``start``, or empty for anything else."""
    word = " ".join(answer.split()).strip(".!\"' ").casefold()
    if word in _STOP:
        return "stop"
    if word in _START:
        return "start"
    return {"1": "accept", "9": "pass"}.get(word, "")

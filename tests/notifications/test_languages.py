"""Letters in four languages: every label is translated, the catalogues are compiled, and a letter is of one language."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import holdfast.notifications
from holdfast.notifications.queries.letters import compose
from holdfast.notifications.rules.defaults import LANGUAGES
from tests.notifications.test_letters import FACTS, STARTS_AT

ROOT = Path(holdfast.notifications.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]


def said() -> set[str]:
    """Every label of a letter, as English has it; of one and many the first."""
    found: set[str] = set()
    for name in ("words", "together", "requests", "waiting_words", "codes"):
        source = ROOT / "queries" / f"{name}.py"
        for _, message, _, _ in extract_from_file("python", source, keywords={"_": None, "ngettext": (1, 2)}):
            found.add(message if isinstance(message, str) else message[0])
    for path in (ROOT / "templates").rglob("*.*"):
        text = path.read_text()
        found |= set(re.findall(r'{% translate "(.*?)" %}', text))
        for block in re.findall(r"{% blocktranslate.*?%}(.*?){% endblocktranslate %}", text):
            found.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", block))
    return found


@pytest.mark.parametrize("language", OTHERS)
def test_every_label_is_translated_with_the_same_places_and_compiled(language: str) -> None:
    folder = ROOT / "locale" / language / "LC_MESSAGES"
    with (folder / "django.po").open("rb") as written, (folder / "django.mo").open("rb") as compiled:
        catalogue, made = read_po(written, locale=language), read_mo(compiled)
    there = {one.id if isinstance(one.id, str) else one.id[0]: one for one in catalogue if one.id}
    assert said() == set(there)
    assert {tuple(_all(one.id)) for one in made if one.id} == {tuple(_all(one.id)) for one in there.values()}
    for one in there.values():
        for english, other in zip(_all(one.id), _all(one.string), strict=True):
            assert other, one.id
            assert set(re.findall(r"%\(\w+\)s", english)) == set(re.findall(r"%\(\w+\)s", other)), one.id
        assert _all(made.get(one.id).string) == _all(one.string), "run pybabel compile"


def _all(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("language", "subject", "lines"),
    [
        ("de", "Gebucht: Sa., 28. Nov., 10:30 bei Fenwick & Rowe", ("Ihr Termin steht, Dana", "Leistung: Skin fade", "Bei: Bob Marsh")),
        ("fr", "Réservé : sam. 28 nov., 10:30 chez Fenwick & Rowe", ("C'est réservé, Dana", "Prestation: Skin fade", "Avec: Bob Marsh")),
        ("es", "Reservado: sáb, 28 nov, 10:30 en Fenwick & Rowe", ("Su reserva está hecha, Dana", "Servicio: Skin fade", "Con: Bob Marsh")),
        ("de-at", "Gebucht: Sa., 28. Nov., 10:30 bei Fenwick & Rowe", ("Leistung: Skin fade",)),
    ],
)  # fmt: skip
def test_a_letter_is_of_one_language(language: str, subject: str, lines: tuple[str, ...]) -> None:
    letter = compose(replace(FACTS, language=language))
    assert letter.subject.replace("\xa0", " ").replace("\u202f", " ") == subject
    for line in lines:
        assert line in letter.text
    for english in ("Service", "When", "Where", "See or change", "Move or cancel", "attached"):
        assert english not in letter.text


def test_a_discreet_letter_names_no_service_anywhere_and_tells_staff_all() -> None:
    from holdfast.notifications.rules.letters import discreet

    secret = replace(FACTS, notes="About the rash", promo_code="RASH10", answers=(("Where is it?", "arm"),))
    for kind in ("booked", "changed", "cancelled", "reminder", "come", "thanks", "paid", "refunded"):
        moved = {"old_starts_at": STARTS_AT.replace(hour=9)} if kind == "changed" else {}
        letter = compose(discreet(replace(secret, kind=kind, **moved)))
        whole = letter.subject + letter.text + letter.html + letter.short + letter.calendar.decode()
        for word in ("Skin", "fade", "rash", "RASH", "£32", "arm<"):
            assert word not in whole, (kind, word)
    assert (
        compose(discreet(replace(FACTS, kind="cancelled")))
        .text.splitlines()[2]
        .startswith("Your booking with Bob")
    )
    assert "Skin fade" in compose(replace(secret, audience="staff")).text


def test_a_signature_of_ones_own_stands_below() -> None:
    letter = compose(replace(FACTS, signature="Your barbers\n<Briggate>"))
    assert letter.text.endswith("-- \nYour barbers\n<Briggate>\n")
    assert "Your barbers<br>&lt;Briggate&gt;" in letter.html

"""What free text may be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib import text
from holdfast.lib.refusals import Invalid


def cleaned(kind: str, value: str, **options: object) -> tuple[str, list[str]]:
    """The text and the codes of what is wrong with it."""
    mistakes: text.Mistakes = {}
    found = getattr(text, kind)(value, field="it", mistakes=mistakes, **options)
    return found, [code for code, _ in mistakes.get("it", [])]


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("Dana", []),
        (" Zoë ", []),
        ("محمد", []),
        ("李小龙", []),
        ("O'Neil-Smith Jr.", []),
        ("👩‍🚀", []),
        ("", ["required"]),
        (" \u00a0 ", ["required"]),
        ("a\nb", ["control_characters"]),
        ("a\x00b", ["control_characters"]),
        ("\ud800", ["control_characters"]),
        ("abc\u202edef", ["control_characters"]),
        ("x" * 20, []),
        ("x" * 21, ["too_long"]),
        ("x" * 10_240, ["too_long"]),
    ],
)
def test_a_line_is_trimmed_normalised_and_bounded(value: str, codes: list[str]) -> None:
    found, wrong = cleaned("line", value, limit=20)
    assert wrong == codes
    if not codes:
        assert found == unicodedata.normalize("NFC", value).strip()


def test_paragraphs_keep_their_lines_and_may_be_empty() -> None:
    assert cleaned("paragraphs", " a\r\nb\rc ", limit=20) == ("a\nb\nc", [])
    assert cleaned("paragraphs", "", limit=20) == ("", [])
    assert cleaned("paragraphs", "a\x07", limit=20)[1] == ["control_characters"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("dana@example.org", "dana@example.org"),
        (" Dana.Guest+tag@EXAMPLE.Org ", "Dana.Guest+tag@example.org"),
        ("zoë@bücher.example", "zoë@bücher.example"),
        ("d@a.b", "d@a.b"),
    ],
)
def test_an_address_keeps_its_name_and_its_domain_in_small_letters(value: str, found: str) -> None:
    assert cleaned("email", value) == (found, [])


@pytest.mark.parametrize(
    "value",
    ["dana", "dana@", "@example.org", "dana@example", "a@@example.org", "a b@example.org", "a@-x.org", "a@x-.org",
     "a@x..org", ".a@x.org", "a.@x.org", "a..b@x.org", "x" * 65 + "@x.org", "a@" + "x" * 64 + ".org", "a@x.org,b@x.org",
     "a@x.org>", "\u202ea@x.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(value: str) -> None:
    assert cleaned("email", value)[1] in (["invalid_email"], ["control_characters"])


@pytest.mark.parametrize("value", ["07700 900418", "+44 (0)20 7946-0018", "12345", "", "030/12.34.56"])
def test_a_phone_number_is_kept_as_typed(value: str) -> None:
    assert cleaned("phone", value) == (value, [])


@pytest.mark.parametrize("value", ["1234", "call me", "1" * 16, "+", "0x12345", "٠١٢٣٤٥"])
def test_what_is_no_phone_number_is_refused(value: str) -> None:
    assert cleaned("phone", value)[1] == ["invalid_phone"]


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(value: str) -> None:
    found, wrong = cleaned("paragraphs", value, limit=300)
    if not wrong:
        assert cleaned("paragraphs", found, limit=300) == (found, [])


@given(st.text(max_size=300))
def test_no_text_makes_a_check_fail(value: str) -> None:
    for kind in ("email", "phone"):
        cleaned(kind, value)


def test_all_mistakes_are_refused_at_once_and_none_is_no_refusal() -> None:
    text.refuse({})
    with pytest.raises(Invalid) as refused:
        text.refuse({"a": [("required", {})], "b": [("too_long", {"limit": 3})]})
    assert set(refused.value.fields) == {"a", "b"}

"""What a text costs, whom it reaches, and what an answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.notifications.rules.texts import MOST_SEGMENTS, compose, dialable, meaning_of, size_of


@pytest.mark.parametrize(
    ("text", "encoding", "places", "segments"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("a" * 159 + "€", "gsm7", 161, 2),
        # A character of two places is not cut in two: the first part stays one short.
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),
        ("Grüße aus Köln", "gsm7", 14, 1),
        ("š" * 70, "ucs2", 70, 1),
        ("š" * 71, "ucs2", 71, 2),
        ("š" * 134, "ucs2", 134, 2),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
        ("š" * 66 + "😀" + "š" * 66, "ucs2", 134, 3),
    ],
)
def test_a_text_takes_as_many_parts_as_a_phone_company_counts(
    text: str, encoding: str, places: int, segments: int
) -> None:
    size = size_of(text)
    assert (size.encoding, size.places, size.segments) == (encoding, places, segments)


def test_dashes_and_quotation_marks_of_print_do_not_make_a_text_dear() -> None:
    text = compose("Tomorrow, 10:30 – “Skin fade” at Alice’s…", "https://x.example/m/1", "STOP ends texts.")
    assert text == 'Tomorrow, 10:30 - "Skin fade" at Alice\'s... https://x.example/m/1 STOP ends texts.'
    assert size_of(text).encoding == "gsm7"


@given(words=st.text(max_size=900))
def test_a_text_has_its_link_and_no_more_parts_than_it_may(words: str) -> None:
    link = "https://book.example.com/m/" + "k" * 60
    text = compose(words, link, "STOP ends texts.")
    assert text.endswith(f"{link} STOP ends texts.")
    assert size_of(text).segments <= MOST_SEGMENTS


@pytest.mark.parametrize(
    ("phone", "prefix", "number"),
    [
        ("+44 113 496 0000", "", "+441134960000"),
        ("+44 (0)113 496 0000", "", "+441134960000"),
        ("0044 113 496 0000", "", "+441134960000"),
        ("0113 496 0000", "+44", "+441134960000"),
        ("113 496 0000", "+44", "+441134960000"),
        ("0113 496 0000", "", ""),
        ("+44 113 496 0000", "+49", "+441134960000"),
        ("12", "+44", ""),
        ("", "+44", ""),
    ],
)
def test_a_number_is_dialled_only_if_its_country_is_known(phone: str, prefix: str, number: str) -> None:
    assert dialable(phone, prefix) == number


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("1", "accept"), (" 1. ", "accept"), ("9", "pass"), ("STOP", "stop"), ("Stop.", "stop"), ("start", "start"),
        ("19", ""), ("1 please", ""), ("who is this?", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_answer_means_one_thing_or_nothing(answer: str, meaning: str) -> None:
    assert meaning_of(answer) == meaning

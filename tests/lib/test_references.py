"""References people read aloud, and links that prove something (SPEC D4)."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib.references import (
    ALPHABET,
    LENGTH,
    new_reference,
    read_link,
    read_reference,
    show_reference,
    sign_link,
)

KEY, OTHER_KEY = b"a secret of the tests", b"another secret"


def test_the_alphabet_has_no_letters_that_are_mistaken_for_each_other() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("0O1I")


@given(st.integers(1, 5), st.sampled_from([" ", "-", ""]))
def test_a_reference_is_read_back_however_it_is_typed(split: int, mark: str) -> None:
    reference = new_reference(KEY)
    assert len(reference) == LENGTH
    assert set(reference) <= set(ALPHABET)
    typed = f" {reference[:split]}{mark}{reference[split:].lower()} "
    assert read_reference(typed, KEY) == reference == read_reference(show_reference(reference), KEY)


def test_a_single_mistyped_letter_is_nearly_always_caught() -> None:
    reference, passed, tried = new_reference(KEY), 0, 0
    for place in range(LENGTH):
        for letter in ALPHABET:
            if letter != reference[place]:
                tried += 1
                passed += read_reference(reference[:place] + letter + reference[place + 1 :], KEY) is not None
    assert tried == LENGTH * 31
    assert passed <= 4  # one in 1,024 is to be expected of the eight random letters; none of the check's


def test_references_of_another_secret_do_not_pass_but_for_one_in_a_thousand() -> None:
    assert sum(read_reference(new_reference(OTHER_KEY), KEY) is not None for _ in range(2000)) < 20
    assert all(read_reference(new_reference(KEY), KEY) for _ in range(200))


def test_references_differ() -> None:
    assert len({new_reference(KEY) for _ in range(5000)}) == 5000


@pytest.mark.parametrize(
    "typed", ["", "ABCDE", "O0I1O0I1O0", "ABCDE-FGHJKX", "ÄBCDEFGHJK", "\x00" * 10, "A" * 10_000]
)
def test_what_cannot_be_a_reference_is_none(typed: str) -> None:
    assert read_reference(typed, KEY) is None


@given(st.uuids(), st.sampled_from(["manage", "hold", "waitlist"]))
def test_a_link_opens_for_its_purpose_and_secret_alone(id: UUID, purpose: str) -> None:
    token = sign_link(purpose, id, KEY)
    assert len(token) == 43
    assert read_link(purpose, token, KEY) == id
    assert read_link("other", token, KEY) is None
    assert read_link(purpose, token, OTHER_KEY) is None


@given(st.uuids(), st.integers(0, 42), st.characters(codec="ascii"))
def test_a_link_with_any_other_letter_opens_nothing(id: UUID, place: int, letter: str) -> None:
    token = sign_link("manage", id, KEY)
    changed = token[:place] + letter + token[place + 1 :]
    assert (read_link("manage", changed, KEY) is None) == (changed != token)


@given(st.text(max_size=60))
def test_no_text_makes_reading_a_link_fail(text: str) -> None:
    assert read_link("manage", text, KEY) is None


def test_a_hundred_guesses_find_one_of_ten_thousand_bookings_less_than_once_in_a_billion_windows() -> None:
    spoken_for, tries, bookings = len(ALPHABET) ** LENGTH, 100, 10_000
    assert tries * bookings / spoken_for < 1e-9  # docs/operate/security.md shows this sum
    assert tries * bookings / len(ALPHABET) ** 8 > 1e-9, "without the check letters it would not be so"

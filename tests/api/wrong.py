"""What tables of bad input share: what is expected of a refusal, and values that are nobody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.api.conftest import Answer, nothing_stored

Body = dict[str, Any]
# How the body differs from a good one, status, field, code.
Wrong = tuple[Body, int, str, str]
HUGE = 10**40
ODD = "Da\ud800na\x00"


def expect(wrong: Wrong, send: Callable[[], Answer]) -> None:
    """The refusal names the field with the code, in words without gaps, and nothing is stored."""
    _, status, field, code = wrong
    with nothing_stored():
        answer = send()
        assert (answer.status, answer.mistakes.get(field)) == (status, [code]), answer.body
        assert answer.code == ("not_found" if status == 404 else "invalid")
        assert all(each["detail"] and "…" not in each["detail"] for each in answer.body["fields"][field])

"""What a rider may be: lines under three headings, and what it goes with. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.lib import text

SECTIONS = ("technical", "hospitality", "travel")
MOST_LINES = 100
LINE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class RiderLine:
    """One requirement under ``technical``, ``hospitality`` or ``travel``."""

    section: str
    text: str


def clean_name(name: str, mistakes: text.Mistakes) -> str:
    """A rider's name."""
    return text.line(name, field="name", mistakes=mistakes, limit=120)


def clean_lines(given: Sequence[Mapping[str, Any]], mistakes: text.Mistakes) -> list[RiderLine]:
    """The lines, in the order of the sections and, within one, as given; ``mistakes`` name each by its place."""
    if len(given) > MOST_LINES:
        mistakes["lines"] = [("too_many", {"limit": MOST_LINES})]
        return []
    lines = []
    for index, item in enumerate(given):
        if item["section"] not in SECTIONS:
            mistakes[f"lines[{index}].section"] = [("unknown_choice", {"choices": list(SECTIONS)})]
            continue
        words = text.line(item["text"], field=f"lines[{index}].text", mistakes=mistakes, limit=LINE_LIMIT)
        lines.append(RiderLine(item["section"], words))
    return sorted(lines, key=lambda line: SECTIONS.index(line.section))

"""CSV that a spreadsheet cannot be tricked with: no cell begins like a formula (SPEC D13)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(value: object) -> str:
    """The value as text; what a spreadsheet would take for a formula is preceded by an apostrophe, numbers are not."""
    if isinstance(value, (int, float)):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" \n").startswith(_BEGINS_A_FORMULA) else text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time, so that a long list is never held whole. RFC 4180, with a byte-order mark
    because spreadsheets read UTF-8 only with one."""
    yield "\ufeff" + _line(head)
    for row in rows:
        yield _line([safe_cell(value) for value in row])


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()

"""CSV and XLSX that a spreadsheet cannot be tricked with: no text in them is ever taken for a formula (SPEC D13).

A cell is text, a whole number, a date, a wall time or :class:`~holdfast.lib.money.Money`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from tempfile import TemporaryFile
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from holdfast.lib.money import Money

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_OF_A_SHEET = 1_000_000  # Excel ends at 1,048,576; what is more goes on to a further sheet
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LONGEST_CELL = 32_767
_ORIGIN = datetime(2000, 1, 1)


def safe_cell(value: object) -> str:
    """The value as text; what a spreadsheet would take for a formula is preceded by an apostrophe, numbers are not."""
    if isinstance(value, Money):
        return value.decimal
    if isinstance(value, time):
        return value.strftime("%H:%M")
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


def xlsx_file(head: Sequence[str], rows: Iterable[Sequence[object]], *, title: str) -> IO[bytes]:
    """An XLSX file, open at its beginning and gone when closed; rows go to disk as they are read.

    Text is stored as text, in cells that stay text when somebody edits them; dates and times are dates and times as
    the clocks of the rows show them (a spreadsheet knows no zones), money is a number. The first row stays in sight.
    """
    # One file, written once and read once; whoever gets it closes it.
    file = TemporaryFile()  # noqa: SIM115
    try:
        with Workbook(file, {"constant_memory": True}) as book:
            # Not the day it was written: the same list makes the same file.
            book.set_properties({"title": title, "created": _ORIGIN})
            _fill(_Cells(book), title, head, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _fill(cells: _Cells, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    sheet, at = cells.sheet(title, head), 0
    for row in rows:
        if at == ROWS_OF_A_SHEET:
            sheet, at = cells.sheet("", head), 0
        at += 1
        for column, value in enumerate(row):
            cells.write(sheet, at, column, value)


class _Cells:
    """One workbook's ways of writing a cell."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.text = book.add_format({"num_format": "@"})
        self.head = book.add_format({"num_format": "@", "bold": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.clock = book.add_format({"num_format": "hh:mm"})
        self.amounts: dict[int, Format] = {}

    def sheet(self, title: str, head: Sequence[str]) -> Worksheet:
        sheet: Worksheet = self.book.add_worksheet(_sheet_name(title))
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(head):
            sheet.set_column(column, column, max(12, len(name) + 3))
            sheet.write_string(0, column, name, self.head)
        return sheet

    def write(self, sheet: Worksheet, row: int, column: int, value: object) -> None:
        # Never the writer's own guessing of types: it would take "=1" for a formula and "http:" for a link.
        match value:
            case Money():
                amount = value.minor / 10**value.exponent
                sheet.write_number(row, column, amount, self._amount(value.exponent))
            case int():
                sheet.write_number(row, column, value)
            case time():
                sheet.write_datetime(row, column, value, self.clock)
            case date():
                sheet.write_datetime(row, column, value, self.day)
            case None | "":
                return
            case _:
                sheet.write_string(row, column, str(value)[:_LONGEST_CELL], self.text)

    def _amount(self, digits: int) -> Format:
        if digits not in self.amounts:
            shown = f"0.{'0' * digits}" if digits else "0"
            self.amounts[digits] = self.book.add_format({"num_format": shown})
        return self.amounts[digits]


def _sheet_name(title: str) -> str | None:
    """What Excel takes for a sheet's name; None lets the writer number it."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31] or None


def _line(cells: Sequence[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()

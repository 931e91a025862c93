"""Files for spreadsheets: read back by somebody else's reader (SPEC D13)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.lib import spreadsheets
from holdfast.lib.money import Money
from holdfast.lib.spreadsheets import csv_lines, xlsx_file

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\uff1d1",
    '=HYPERLINK("http://x")',
    "=cmd|'/C calc'!A0",
]


def sheet_of(rows: list[list[object]], head: tuple[str, ...] = ("a", "b")) -> Any:
    with xlsx_file(head, rows, title="List") as file:
        return openpyxl.load_workbook(io.BytesIO(file.read()))["List"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula_in_either_file(text: str) -> None:
    cell = sheet_of([[text]])["A2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    # openpyxl leaves Excel's own way of writing a carriage return as it is.
    assert cell.value.replace("_x000D_", "\r") == text
    [_, line] = csv.reader(io.StringIO("".join(csv_lines(["a"], [[text]])), newline=""))
    assert line == [f"'{text}"]


def test_the_file_holds_no_formula_and_no_link_at_all() -> None:
    with xlsx_file(
        ["a"], [[text] for text in [*DANGEROUS, "https://example.org", "internal:A1"]], title="x"
    ) as file:
        parts = zipfile.ZipFile(io.BytesIO(file.read()))
        sheets = [parts.read(name) for name in parts.namelist() if "worksheets/" in name]
        assert sheets
        assert not any(mark in sheet for sheet in sheets for mark in (b"<f>", b"<f ", b"<hyperlink"))
        assert not any("externalLink" in name for name in parts.namelist())


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60))
def test_any_text_comes_back_as_text(text: str) -> None:
    sheet = sheet_of([[text, "end"]])
    assert sheet["B2"].value == "end"
    assert sheet["A2"].data_type in ("s", "n", "inlineStr")
    if text.isprintable() and text.strip():
        assert sheet["A2"].value == text


@pytest.mark.parametrize(
    ("value", "found", "shown"),
    [
        (date(2026, 11, 21), datetime(2026, 11, 21), "yyyy-mm-dd"),
        (time(9, 5), time(9, 5), "hh:mm"),
        (Money(2650, "GBP"), 26.5, "0.00"),
        (Money(-2650, "GBP"), -26.5, "0.00"),
        (Money(3000, "JPY"), 3000, "0"),
        (Money(1234, "KWD"), 1.234, "0.000"),
        (7, 7, "General"),
        (None, None, "General"),
        ("", None, "General"),
    ],
)
def test_dates_times_money_and_numbers_keep_their_types(value: object, found: object, shown: str) -> None:
    cell = sheet_of([[value]])["A2"]
    assert (cell.value, cell.number_format) == (found, shown)


def test_the_csv_writes_the_same_values_as_text() -> None:
    row: list[object] = [date(2026, 11, 21), time(9, 5), Money(-2650, "GBP"), Money(3000, "JPY"), 7, None]
    [_, line] = csv.reader(io.StringIO("".join(csv_lines(["a"] * 6, [row])), newline=""))
    assert line == ["2026-11-21", "09:05", "-26.50", "3000", "7", ""]


def test_the_first_row_stays_in_sight() -> None:
    sheet = sheet_of([["x", "y"]])
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == ["a", "b"]
    assert sheet["A1"].font.bold


def test_a_list_too_long_for_a_sheet_goes_on_with_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "ROWS_OF_A_SHEET", 3)
    with xlsx_file(["n"], ([n] for n in range(7)), title="Long") as file:
        book = openpyxl.load_workbook(io.BytesIO(file.read()))
    assert [[row[0] for row in sheet.values] for sheet in book] == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]


def test_rows_are_read_one_after_the_other_and_not_kept() -> None:
    alive: set[int] = set()
    most = 0

    class Row(list[object]):
        def __del__(self) -> None:
            alive.discard(id(self))

    def rows() -> Iterator[list[object]]:
        nonlocal most
        for n in range(500):
            row = Row([n])
            alive.add(id(row))
            most = max(most, len(alive))
            yield row

    xlsx_file(["n"], rows(), title="x").close()
    assert most < 5


def test_a_title_that_excel_would_refuse_is_cut_to_one_it_takes() -> None:
    with xlsx_file(["a"], [], title="[a/b]:*?" + "x" * 60) as file:
        [name] = openpyxl.load_workbook(io.BytesIO(file.read())).sheetnames
    assert name == "ab" + "x" * 29

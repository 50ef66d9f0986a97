"""No cell of a file that leaves the portal is ever a formula, whoever typed it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.exports import Table, as_csv, as_xlsx, looks_like_formula

COMMAND = "cmd|'/C calc'!A0"
STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠", "｜", "−"]
BEFORE = ["", "\ufeff", "\u200b", "\u2060", "\x00", "\x0b", "\x1f", " ", "\u3000", "\u202e", "\xa0"]
HARMLESS = ["示例一园", "2026年10月", "a=b", "3-4岁", "（=）", "", "'=1", "1+1", "50%", "—"]


def table(*cells: str) -> Table:
    return Table("示例", ["=园名", "人数"], [[cell, 3] for cell in cells], notes=["=1+1"])


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("start", STARTS, ids=ascii)
def test_what_could_run_is_known(before: str, start: str) -> None:
    assert looks_like_formula(f"{before}{start}{COMMAND}")


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert not looks_like_formula(text)


def test_csv_marks_what_could_run() -> None:
    cells = [f"{start}{COMMAND}" for start in STARTS]
    content = as_csv(table(*cells, *HARMLESS)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[0][0] == "'=园名"
    assert [row[0] for row in rows[1:]] == [f"'{cell}" for cell in cells] + HARMLESS


def test_xlsx_holds_text_and_no_formula() -> None:
    # Excel cannot hold NUL and reads CR as LF; what people type has neither (typed_text).
    cells = [f"{start}{COMMAND}" for start in STARTS if start != "\r"]
    content = as_xlsx(table(*cells, *HARMLESS))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name).decode("utf-8", "replace")
            assert not re.search(r"<f[ >/]", part), name
            assert 't="f"' not in part
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    read = [sheet.cell(row, 1) for row in range(2, len(cells) + 2)]
    assert [cell.value for cell in read] == cells
    assert {cell.data_type for cell in read} == {"s"}
    assert all(cell.quotePrefix for cell in read)
    # Saved again by another program, it is still text.
    again = io.BytesIO()
    sheet.parent.save(again)
    with zipfile.ZipFile(again) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_whatever_is_typed_csv_never_begins_with_a_sign(text: str) -> None:
    rows = csv.reader(io.StringIO(as_csv(table(text)).decode("utf-8-sig"), newline=""))
    cell = list(rows)[1][0]
    assert not looks_like_formula(cell)
    assert cell in {text, f"'{text}"}


def test_numbers_stay_numbers() -> None:
    content = as_xlsx(Table("a", ["a", "b"], [[-3, Decimal("-1.50")]]))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert (sheet["A2"].value, sheet["B2"].value) == (-3, -1.5)

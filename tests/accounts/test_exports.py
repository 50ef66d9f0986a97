"""Files that leave the portal: no cell is ever a formula, no list is too long, none is half a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import resource
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import exports
from accounts.exports import NotExported, Row, Table, looks_like_formula, write

COMMAND = "cmd|'/C calc'!A0"
STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠", "｜", "−"]
BEFORE = ["", "\ufeff", "\u200b", "\u2060", "\x00", "\x0b", "\x1f", " ", "\u3000", "\u202e", "\xa0"]
HARMLESS = ["示例一园", "2026年10月", "a=b", "3-4岁", "（=）", "", "'=1", "1+1", "50%", "—"]


def table(*cells: str) -> Table:
    return Table("示例", ["=园名", "人数"], [[cell, 3] for cell in cells], notes=["=1+1"])


def file_of(made: Table, ending: str, watermark: str = "") -> bytes:
    with write(made, ending, lambda rows: watermark).file as file:
        return file.read()


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("start", STARTS, ids=ascii)
def test_what_could_run_is_known(before: str, start: str) -> None:
    assert looks_like_formula(f"{before}{start}{COMMAND}")


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert not looks_like_formula(text)


def test_csv_marks_what_could_run() -> None:
    cells = [f"{start}{COMMAND}" for start in STARTS]
    content = file_of(table(*cells, *HARMLESS), "csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[0][0] == "'=园名"
    assert [row[0] for row in rows[1:]] == [f"'{cell}" for cell in cells] + HARMLESS


def test_xlsx_holds_text_and_no_formula() -> None:
    # Excel cannot hold NUL and reads CR as LF; what people type has neither (typed_text).
    cells = [f"{start}{COMMAND}" for start in STARTS if start != "\r"]
    content = file_of(table(*cells, *HARMLESS), "xlsx")
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
    rows = csv.reader(io.StringIO(file_of(table(text), "csv").decode("utf-8-sig"), newline=""))
    cell = list(rows)[1][0]
    assert not looks_like_formula(cell)
    assert cell in {text, f"'{text}"}


def test_numbers_stay_numbers() -> None:
    content = file_of(Table("a", ["a", "b"], [[-3, Decimal("-1.50")]]), "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert (sheet["A2"].value, sheet["B2"].value) == (-3, -1.5)


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("甲县幼儿园名册_20261126", "甲县幼儿园名册"),
        ("园/班：[一]*?", "园 班： 一"),
        ("'", "数据"),
        ("长" * 40, "长" * 31),
    ],
)
def test_a_sheet_is_named_after_its_table(name: str, sheet: str) -> None:
    content = file_of(Table(name, ["代码"], [["0012"], ["110000000000000012"]]), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [sheet]
    cells = [book.active["A2"], book.active["A3"]]
    assert [cell.value for cell in cells] == ["0012", "110000000000000012"]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}


# ---- of any length -------------------------------------------------------------------------------

ENDINGS = ["csv", "xlsx"]
ROW: Row = (
    "示例第一幼儿园",
    "1165000001",
    95,
    Decimal("83.33"),
    dt.date(2026, 11, 5),
    None,
    "示例路1号",
)
HEADS = ("园名", "代码", "人数", "比率", "日期", "空", "地址")


def rows_of(number: int) -> Iterator[Row]:
    for n in range(number):
        yield (f"示例第{n}幼儿园", *ROW[1:])


def most_memory(number: int, ending: str) -> int:
    """Bytes Python held at most while so many rows were written, above what it held before."""
    tracemalloc.start()
    try:
        write(Table("长表", HEADS, rows_of(number)), ending, lambda rows: "").file.close()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("ending", ENDINGS)
def test_ten_times_the_rows_take_the_same_memory(ending: str) -> None:
    most_memory(10, ending)  # what is imported and cached once
    few, many = most_memory(3_000, ending), most_memory(30_000, ending)
    print(f"{ending}: {few // 1024} kB for 3,000 rows, {many // 1024} kB for 30,000")
    # A list of these rows alone would be over 20 MB. Up to a megabyte of the file itself is not
    # put on the disk.
    assert many < few + exports.IN_MEMORY + 512 * 1024
    assert many < 6 * 1024 * 1024


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_record_is_told_of_the_rows_in_the_file_before_its_end(ending: str) -> None:
    read, told = [], []

    def counted() -> Iterator[Row]:
        for row in rows_of(7):
            read.append(row)
            yield row

    def recorded(rows: int) -> str:
        told.append((rows, len(read)))
        return "示例甲导出"

    notes: list[exports.Note] = ["没有不算", lambda rows: f"共{rows}所"]
    written = write(Table("表", HEADS, counted(), notes), ending, recorded)
    assert told == [(7, 7)]
    assert (written.rows, written.watermark, written.name) == (7, "示例甲导出", f"表_7行.{ending}")
    with written.file as file:
        content = file.read()
    if ending == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert (len(lines), lines[-1]) == (1 + 7 + 1, "示例甲导出")
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        column = [row[0] for row in sheet.iter_rows(values_only=True)]
        assert column[-4:] == [None, "没有不算", "共7所", "示例甲导出"]
        assert len(column) == 1 + 7 + 4
        assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == "示例甲导出"
        # Known only when the last row was read.
        assert sheet.column_dimensions["A"].width > sheet.column_dimensions["F"].width


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


class Broken(Exception):
    pass


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("where", ["rows", "record"])
def test_an_error_half_way_leaves_no_file_anywhere(beside: Path, ending: str, where: str) -> None:
    recorded: list[int] = []
    held: list[int] = []

    def rows() -> Iterator[Row]:
        yield from rows_of(20_000)
        # By now the file has left the memory; xlsx rows stand in a file with a name.
        held.append(len(list(beside.rglob("*"))))
        if where == "rows":
            raise Broken

    def record(number: int) -> str:
        recorded.append(number)
        raise Broken

    with pytest.raises(Broken):
        write(Table("表", HEADS, rows()), ending, record)
    assert recorded == ([] if where == "rows" else [20_000])
    assert held == [0 if ending == "csv" else 2]
    assert list(beside.iterdir()) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_is_said_and_leaves_nothing(beside: Path, ending: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file may grow beyond two megabytes: the system refuses as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 1024 * 1024, hard))
    try:
        with pytest.raises(NotExported, match="临时文件的地方就用完了") as failed:
            write(Table("表", HEADS, rows_of(60_000)), ending, lambda rows: "")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failed.value.is_passing
    assert "请过几分钟再导出" in failed.value.next_step
    assert list(beside.iterdir()) == []


def too_many(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(exports, "MOST_ROWS", 5)
    return Table("表", HEADS, rows_of(6))


def too_long(monkeypatch: pytest.MonkeyPatch) -> Table:
    return Table("表", ["园名"], [["短"], ["长" * 32_768]])


@pytest.mark.parametrize(("make", "said"), [(too_many, "超过5行"), (too_long, "第2行的“园名”太长")])
def test_what_a_sheet_cannot_hold_is_refused_and_not_cut_off(
    beside: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[pytest.MonkeyPatch], Table],
    said: str,
) -> None:
    with pytest.raises(NotExported, match=said) as failed:
        write(make(monkeypatch), "xlsx", lambda rows: "")
    assert "csv" in failed.value.next_step
    assert list(beside.iterdir()) == []
    assert write(make(monkeypatch), "csv", lambda rows: "").rows in {2, 6}


def test_a_row_that_does_not_fit_its_heads_is_no_file() -> None:
    with pytest.raises(ValueError, match="1 cells under 2 heads"):
        write(Table("表", ["甲", "乙"], [["一"]]), "csv", lambda rows: "")

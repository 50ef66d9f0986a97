"""What honest people send is taken, and comes out as it has to."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from PIL import Image, ImageStat

from accounts.files import FileRefused, intake
from accounts.files.refusal import Flaw
from accounts.files.workbook import read_cells, read_rows
from tests.accounts.files import honest, hostile


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return tmp_path


def drawn(name: str, content: bytes) -> tuple[Image.Image, bytes]:
    accepted = intake.accept(name, content)
    return Image.open(io.BytesIO(accepted.content)), accepted.content


@pytest.mark.parametrize(
    "content",
    [
        honest.written_by_excel(),
        honest.written_by_excel(constant_memory=True, use_zip64=False),
        honest.written_by_openpyxl(),
        hostile.workbook(),
    ],
    ids=["excel", "excel stream", "openpyxl", "smallest"],
)
def test_workbooks_are_kept_as_they_are(content):
    accepted = intake.accept(" 账号名单（2026年9月）.XLSX ", content)
    assert accepted.content == content
    assert accepted.name == "账号名单（2026年9月）.XLSX"
    assert accepted.content_type.endswith("spreadsheetml.sheet")


def test_rows_are_read_as_plain_values():
    rows = read_rows(honest.written_by_excel())
    assert rows[1][:4] == ["姓名", "手机号", "到岗日期", "课时"]
    assert rows[2][:4] == ["示例甲", "13800001234", dt.date(2026, 9, 1), Decimal("2.5")]
    assert rows[3][3] == Decimal("2.5")  # a formula's value
    assert rows[3][0] is None
    assert len({len(row) for row in rows}) == 1
    assert rows[-1] != [None] * len(rows[-1])


def test_empty_rows_at_the_start_and_between_keep_their_place():
    book = openpyxl.Workbook()
    book.active["B3"] = 7
    book.active["A5"] = "末"
    out = io.BytesIO()
    book.save(out)
    assert read_rows(out.getvalue()) == [
        [None, None], [None, None], [None, 7], [None, None], ["末", None]
    ]  # fmt: skip


def test_an_empty_sheet_has_no_rows():
    assert read_rows(hostile.workbook(SHEET=hostile.sheet())) == []


@pytest.mark.parametrize(
    ("cell", "code", "says"),
    [
        ("<c r='A1'><f>1+1</f><v></v></c>", "xlsx-formula-without-value", "第1行第1列是公式"),
        ("<c r='B1' t='e'><v>#REF!</v></c>", "xlsx-error-value", "第1行第2列是错误值"),
        ("<c r='A1'><v>110101199003071234</v></c>", "xlsx-number-too-long", "超过15位"),
        ("<c r='A1'><v>1e300</v></c>", "xlsx-number-too-long", "超过15位"),
    ],
)
def test_what_would_be_read_wrongly_is_refused(cell, code, says):
    content = hostile.workbook(SHEET=hostile.sheet(f'<row r="1">{cell}</row>'))
    with pytest.raises(FileRefused) as refused:
        read_rows(content)
    assert refused.value.code == code
    assert says in refused.value.reason


def test_an_empty_text_of_a_formula_is_an_empty_cell():
    row = '<row r="1"><c r="A1" t="str"><f>IF(1,"","")</f><v></v></c><c r="B1"><v>3</v></c></row>'
    assert read_rows(hostile.workbook(SHEET=hostile.sheet(row))) == [[None, 3]]


def test_bounds_are_those_of_the_caller():
    content = honest.large(rows=30, columns=5)
    assert len(read_rows(content, max_rows=30, max_columns=5)) == 30
    with pytest.raises(FileRefused, match="第30行"):
        read_rows(content, max_rows=29)
    with pytest.raises(FileRefused, match="第5列"):
        read_rows(content, max_columns=4)


def test_a_large_honest_list_is_read_whole():
    rows = read_rows(honest.large())
    assert len(rows) == 4900
    assert rows[4899][39] == 4899 * 39


@pytest.mark.parametrize("name", ["现场.jpg", "现场.JPEG"])
def test_a_photo_leaves_its_place_behind(name):
    content = honest.photo()
    assert honest.PLACE.encode() in content
    image, kept = drawn(name, content)
    assert image.format == "JPEG"
    assert image.size == (60, 40)
    assert honest.PLACE.encode() not in kept
    assert b"Exif" not in kept
    assert dict(image.getexif()) == {}
    assert "icc_profile" not in image.info
    assert "comment" not in image.info
    assert abs(image.getpixel((5, 5))[0] - 200) < 12


def test_a_photo_stands_upright():
    image, _ = drawn("a.jpg", honest.photo(60, 40, orientation=6))
    assert image.size == (40, 60)
    # What was left is up.
    assert image.getpixel((20, 5))[0] > 150
    assert image.getpixel((20, 55))[0] < 60


def test_a_large_photo_is_made_smaller():
    image, _ = drawn("a.jpg", honest.photo(6000, 3000))
    assert max(image.size) == 4096
    assert abs(image.width / image.height - 2) < 0.01


def test_a_photo_with_a_second_picture_keeps_the_first():
    image, _ = drawn("a.jpg", honest.two_pictures())
    assert image.size == (60, 40)
    assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "LA"])
def test_pictures_of_every_usual_kind(mode):
    out = io.BytesIO()
    honest.picture().convert(mode).save(out, "PNG")
    image, _ = drawn("屏幕.png", out.getvalue())
    assert (image.format, image.size) == ("PNG", (60, 40))
    grey = image.convert("L")
    left, right = (ImageStat.Stat(grey.crop(half)) for half in ((0, 0, 30, 20), (30, 0, 60, 20)))
    assert right.mean[0] == 0
    assert left.mean[0] > 50


PAYLOADS = {
    "html": b"<html><script>alert('polyglot')</script></html>",
    "zip": hostile.packed({"polyglot.txt": b"polyglot"}),
    "pdf": b"%PDF-1.4\n%polyglot\n" + honest.pdf(),
    "php": b"<?php polyglot(); ?>",
}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_what_hangs_on_a_picture_does_not_survive(name, payload):
    picture = honest.photo() if name == "a.jpg" else honest.png()
    hung = [picture + PAYLOADS[payload]]
    if name == "a.png":
        text = honest.chunk(b"tEXt", b"Comment\0" + PAYLOADS[payload])
        hung.append(picture[:33] + text + picture[33:])
    for content in hung:
        _, kept = drawn(name, content)
        for mark in (b"polyglot", b"<script", b"PK\x03\x04", b"%PDF", b"<?php"):
            assert mark not in kept


@pytest.mark.parametrize(
    "content",
    [honest.pdf(), honest.pdf(200), honest.pdf_with_link(), honest.pdf() + b"\r\n\0\0"],
    ids=["one page", "200 pages", "links", "blanks after the end"],
)
def test_ordinary_pdfs_are_kept_as_they_are(content):
    accepted = intake.accept("情况说明.pdf", content)
    assert accepted.content == content
    assert accepted.content_type == "application/pdf"


@pytest.mark.parametrize(
    "name",
    ["情况说明.pdf", "2026年10月：分班（定稿）.pdf", "a b-c_d.v2.pdf", "Ｗ.pdf", "conference.pdf"],
)
def test_ordinary_names_stay(name):
    assert intake.accept(name, honest.pdf()).name == name


@pytest.mark.parametrize(
    ("cell", "code", "says"),
    [
        ("<c r='B1'><f>1+1</f><v></v></c>", "xlsx-formula-without-value", "是公式"),
        ("<c r='B1' t='e'><v>#REF!</v></c>", "xlsx-error-value", "是错误值"),
        ("<c r='B1'><v>110101199003071234</v></c>", "xlsx-number-too-long", "超过15位"),
    ],
)
def test_a_form_that_is_checked_by_cell_keeps_the_bad_one_and_all_others(cell, code, says):
    row = f"<row r='1'><c r='A1'><v>1</v></c>{cell}</row><row r='3'><c r='A3'><v>3</v></c></row>"
    content = hostile.workbook(SHEET=hostile.sheet(row))
    first, empty, third = read_cells(content, max_rows=10, max_columns=5)
    assert (first[0], empty, third) == (1, [None, None], [3, None])
    assert isinstance(first[1], Flaw)
    assert (first[1].row, first[1].column, first[1].code) == (1, 2, code)
    assert says in first[1].text


def test_a_bad_cell_below_and_beside_everything_else_is_not_lost():
    row = "<row r='1'><c r='A1'><v>1</v></c></row><row r='4'><c r='C4'><f>A1</f></c></row>"
    rows = read_cells(hostile.workbook(SHEET=hostile.sheet(row)), max_rows=10, max_columns=5)
    assert [len(cells) for cells in rows] == [3, 3, 3, 3]
    assert isinstance(rows[3][2], Flaw)


def test_a_bad_cell_of_a_sheet_that_is_not_read_still_refuses_the_file():
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.create_sheet("选项")["A1"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileRefused, match="是公式"):
        read_cells(out.getvalue(), max_rows=10, max_columns=5)


def test_what_reaches_out_of_the_file_is_refused_whoever_reads_it():
    row = "<row r='1'><c r='A1'><f>WEBSERVICE(\"http://x\")</f></c></row>"
    with pytest.raises(FileRefused, match="链接"):
        read_cells(hostile.workbook(SHEET=hostile.sheet(row)), max_rows=10, max_columns=5)

"""Every kind of bad input meets a Chinese sentence at its cell, and nothing is written."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from accounts.exchange import reports, services
from accounts.exchange.checking import FAULTS_KEPT
from accounts.files import store
from accounts.files.refusal import FileRefused
from accounts.files.workbook_cells import letters
from accounts.models import ImportBatch, User
from kindergartens.models import Kindergarten
from kindergartens.registering.importable import REGISTRY_TABLE
from tests.accounts.exchange.conftest import checked
from tests.accounts.exchange.tables import HEADS, as_csv, changed, excel, kindergarten_row
from tests.small_county import NOW

pytestmark = pytest.mark.django_db


def faults(batch: ImportBatch) -> list[tuple[str, str, str]]:
    report = reports.unpack(REGISTRY_TABLE, batch)
    return [(fault.cell, fault.head, fault.text) for fault in report.faults]


def with_cell(head: str, value: Any, rows: int = 4) -> list[list[Any]]:
    """A good table with one cell of its third row replaced."""
    table = [HEADS, *(kindergarten_row(number) for number in range(1, rows + 1))]
    table[3] = list(table[3])
    table[3][HEADS.index(head)] = value
    return table


CELLS: dict[str, tuple[str, Any, str, str]] = {
    "no code": ("学校标识码", None, "A4", "请填学校标识码"),
    "short code": ("学校标识码", "11660", "A4", "应为10位数字，幼儿园以11开头"),
    "code repeated": ("学校标识码", "1165900001", "A4", "和第2行重复"),
    "no name": ("园名", None, "B4", "新登记的要填园名"),
    "same name": ("园名", "示例第1幼儿园", "B4", "和第2行同名"),
    "town of another county": (
        "乡镇街道",
        "外镇",
        "C4",
        "没有“外镇”这个乡镇街道，或不在您的范围内",
    ),
    "unknown choice": ("办别", "私立", "D4", "没有这个选项。可以填：教育部门、"),
    "not yes or no": ("营利性", "也许", "F4", "请填“是”或“否”"),
    "no day": ("建园日期", "去年秋天", "G4", "看不出是哪一天"),
    "no such day": ("建园日期", "2012-02-30", "G4", "没有这一天"),
    "too early": ("建园日期", "1012-09-01", "G4", "不在1949"),
    "before it was built": ("建园日期", "2026-10-20", "H4", "早于建园日期2026-10-20"),
    "in a locked month": ("状态起始日期", "2026-09-30", "H4", "最早填2026-10-01"),
    "public and for profit": ("营利性", "是", "F4", "公办幼儿园不能是营利性的"),
    "name too long": ("园名", "长" * 121, "B4", "最多120字，现在121字"),
    "digits lost": ("学校标识码", 11659000031234567890, "A4", "数字超过15位"),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_bad_cell_is_named_with_what_to_do(officer: User, case: str):
    head, value, cell, text = CELLS[case]
    batch = checked(officer, excel(with_cell(head, value)))
    assert batch.state == "faulty"
    found = faults(batch)
    assert any(at == cell and text in says for at, _, says in found), found
    assert len(found) == 1
    assert not Kindergarten.objects.exists()


GOOD: dict[str, tuple[str, Any]] = {
    "number for a code": ("学校标识码", 1165900003),
    "full-width code": ("学校标识码", "１１６５９００００３"),
    "code with blanks": ("学校标识码", " 1165 900003\u3000"),
    "dashed day": ("建园日期", "2012-9-1"),
    "slashed day": ("建园日期", "2012/09/01"),
    "dotted day": ("建园日期", "2012.9.1"),
    "bare day": ("建园日期", "20120901"),
    "bare number of a day": ("建园日期", 20120901),
    "Chinese day": ("建园日期", "2012年9月1日"),
    "full-width day": ("建园日期", "２０１２年９月１日"),
    "serial": ("建园日期", 41153),
    "serial as text": ("建园日期", "41153"),
    "tick": ("营利性", "×"),
    "blanks inside a choice": ("办别", " 教育 部门"),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_people_write_is_understood(officer: User, case: str):
    head, value = GOOD[case]
    batch = checked(officer, excel(with_cell(head, value)))
    assert (batch.state, faults(batch)) == ("ready", [])
    line = reports.unpack(REGISTRY_TABLE, batch).lines[2].values
    assert (line["code"], line["opened_on"], line["for_profit"], line["sponsor_type"]) == (
        "1165900003", dt.date(2012, 9, 1), False, "education",
    )  # fmt: skip


def test_columns_in_another_order_and_other_heads_are_found(officer: User):
    order = [4, 1, 0, 3, 2, 7, 6]
    heads = [HEADS[place] for place in order]
    heads[1], heads[2] = "幼儿园名称", "标识码*"
    rows = [[kindergarten_row(n)[place] for place in order] for n in range(1, 4)]
    batch = checked(officer, excel([["某区幼儿园一览表"], heads, *rows]))
    assert (batch.state, batch.new_count) == ("ready", 3)


def test_swapped_columns_are_told_once_and_not_by_thousands(officer: User):
    rows = [kindergarten_row(number) for number in range(1, 40)]
    for row in rows:
        row[0], row[1] = row[1], row[0]
    found = faults(checked(officer, excel([HEADS, *rows])))
    assert len(found) == 1
    assert found[0][0] == "A1"
    assert "像的在B列“园名”下面" in found[0][2]
    assert "对调" in found[0][2]


def test_merged_cells_formulas_and_errors_are_named(officer: User):
    table = [HEADS, *(kindergarten_row(number) for number in range(1, 6))]

    def spoil(book: Any, sheet: Any) -> None:
        sheet.merge_range("C3:C4", "甲镇")
        sheet.write_formula("B5", '=CONCATENATE("示例","园")', None, "示例园")
        sheet.write_formula("G6", "=1/0", None, "#DIV/0!")

    found = faults(checked(officer, excel(table, change=spoil)))
    assert [(cell, text[:8]) for cell, _, text in found] == [
        ("C3", "这里合并了单元格"), ("C4", "这里合并了单元格"), ("B5", "这里是公式。请复"), ("G6", "这里是错误值（如"),
    ] or {cell for cell, _, _ in found} == {"C3", "C4", "B5", "G6"}  # fmt: skip


def test_missing_and_repeated_heads(officer: User):
    heads = [*HEADS]
    heads[4] = "办园性质1"
    found = faults(checked(officer, excel([heads, kindergarten_row(1)])))
    assert len(found) == 1
    assert "缺少“办园性质”这一栏。E列“办园性质1”是不是它？" in found[0][2]
    heads[4] = "园名"
    found = faults(checked(officer, excel([heads, kindergarten_row(1)])))
    assert any("“园名”和B列重复" in text for _, _, text in found)
    batch = checked(officer, excel([["张三", "李四"], [1, 2]]))
    assert services.summary(batch, REGISTRY_TABLE).startswith("没有读到内容：表头")
    found = faults(batch)
    assert "找不到表头" in found[0][2]
    found = faults(checked(officer, excel([HEADS])))
    assert "表里没有内容。请从第2行起填写" in found[0][2]


def test_an_older_template_says_what_differs(officer: User, monkeypatch):
    from dataclasses import replace

    newer = [
        replace(column, since=4) if column.name == "half_day" else column
        for column in REGISTRY_TABLE.columns
    ]
    monkeypatch.setattr(type(REGISTRY_TABLE), "columns", tuple(newer))
    monkeypatch.setattr(type(REGISTRY_TABLE), "version", 4)
    monkeypatch.setattr(type(REGISTRY_TABLE), "dropped", {"备注": "第2版起不再要"})
    rows = [[*HEADS, "备注"], [*kindergarten_row(1), "旧"]]

    def about(book: Any, sheet: Any) -> None:
        told = book.add_worksheet("填写说明")
        told.write_row(1, 0, ["模板版本", 3])

    batch = checked(officer, excel(rows, change=about))
    assert (batch.state, batch.template_version) == ("ready", 3)
    notices = reports.unpack(REGISTRY_TABLE, batch).notices
    assert any("第3版模板，现在是第4版。新模板多了：半日制。" in text for text in notices)
    assert any("I列“备注”没有读取：第2版起不再要" in text for text in notices)


def test_a_template_of_a_version_to_come_is_refused_with_a_sentence(officer: User):
    def about(book: Any, sheet: Any) -> None:
        book.add_worksheet("填写说明").write_row(1, 0, ["模板版本", REGISTRY_TABLE.version + 1])

    batch = checked(officer, excel([HEADS, kindergarten_row(1)], change=about))
    assert (batch.state, batch.row_count) == ("faulty", 0)
    (fault,) = reports.unpack(REGISTRY_TABLE, batch).faults
    assert (fault.cell, fault.head) == ("整份", "模板版本")
    assert f"第{REGISTRY_TABLE.version + 1}版模板" in fault.text
    assert "请下载现在的模板" in fault.text


def _protected() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def _million_cells() -> bytes:
    """Empty cells with a style, as a whole sheet filled with a colour leaves them."""
    row = "".join(f'<c r="{letters(n)}%s" s="0"/>' for n in range(1, 71))
    rows = "".join(f'<row r="{n}">{row.replace("%s", str(n))}</row>' for n in range(2, 15_000))
    return changed(
        excel([HEADS]), "xl/worksheets/sheet1.xml",
        lambda text: text.replace("</sheetData>", f"{rows}</sheetData>"),
    )  # fmt: skip


FILES = {
    "password": (_protected, "名册.xlsx", "打开密码"),
    "old": (lambda: b"x", "名册.xls", "xls格式不收"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n", "名册.png", "只收xlsx和csv"),
    "renamed": (lambda: b"a,b\n", "名册.xlsx", "对不上"),
    "empty": (lambda: b"", "名册.csv", "文件是空的"),
}
READ = {
    "broken": (lambda: excel([HEADS])[:-40], "已损坏"),
    "million cells": (_million_cells, "超过100万个单元格"),
    "not a workbook": (lambda: _zip({"a.txt": b"x"}), "不是Excel工作簿"),
    "macro": (lambda: _zip({"xl/vbaProject.bin": b"x"}, excel([HEADS])), "宏"),
    "far cell": (
        lambda: excel([HEADS], change=lambda _, sheet: sheet.write(900_000, 3, 1)), "第900001行",
    ),
}  # fmt: skip


def _zip(parts: dict[str, bytes], onto: bytes = b"") -> bytes:
    out = io.BytesIO(onto)
    with zipfile.ZipFile(out, "a") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("case", FILES)
def test_what_is_no_table_is_not_taken(officer: User, case: str):
    make, name, says = FILES[case]
    with pytest.raises(FileRefused, match=says):
        services.upload(code="registry", raw_name=name, content=make(), by=officer, now=NOW)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("case", READ)
def test_what_cannot_be_read_is_said_on_its_page(officer: User, case: str):
    make, says = READ[case]
    batch = checked(officer, make())
    assert batch.state == "refused"
    assert says in batch.refusal


CSV = {
    "formula": (b"\xe5\xad\xa6\xe6\xa0\xa1\xe6\xa0\x87\xe8\xaf\x86\xe7\xa0\x81\n=1+1\n", None),
    "encoding": (b"\xe5\xad\xa6\xff\xff\xff,\x81\n", "编码读不出来"),
    "quotes": ('学校标识码,园名\n"没有完'.encode(), "引号或分隔不完整"),
    "nul": ("学校标识码\0,园名\n".encode(), "不是文字"),
}


@pytest.mark.parametrize("case", CSV)
def test_bad_csv(officer: User, case: str):
    content, says = CSV[case]
    batch = checked(officer, content, "名册.csv")
    if says is None:
        assert batch.state == "faulty"
    else:
        assert (batch.state, says in batch.refusal) == ("refused", True), batch.refusal


def test_a_code_of_another_county_is_refused_by_cell(officer: User, small):
    elsewhere = small.kindergarten(small.county.__class__.objects.get(name="外镇"), "外园")
    table = with_cell("学校标识码", elsewhere.code)
    found = faults(checked(officer, excel(table)))
    assert [(cell, "登记在别的区县" in text) for cell, _, text in found] == [("A4", True)]


def test_the_marked_copy_shows_the_faults_and_can_be_mended_and_sent(officer: User):
    table = with_cell("办别", "私立")
    table[1][1] = "=危险()"
    batch = checked(officer, excel(table))
    content = store.read(batch.marked)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[:2] == ["检查结果", "幼儿园名册"]
    listed = [[cell.value for cell in row] for row in book["检查结果"].iter_rows(min_row=4)]
    assert [(row[0], row[1], row[2]) for row in listed] == [
        ("B2", "园名", "=危险()"),
        ("D4", "办别", "私立"),
    ]
    cell = book["幼儿园名册"]["D4"]
    assert cell.fill.start_color.rgb == "FFFFC7CE"
    assert "没有这个选项" in cell.comment.text
    assert book["幼儿园名册"]["B2"].data_type == "s"
    assert not any(part.data_type == "f" for row in book["幼儿园名册"].iter_rows() for part in row)
    cell.value = "民办"
    book["幼儿园名册"]["B2"].value = "示例第1幼儿园"
    book["幼儿园名册"]["E4"].value = "非普惠民办"
    out = io.BytesIO()
    book.save(out)
    mended = checked(officer, out.getvalue(), "改好.xlsx")
    assert (mended.state, mended.new_count, mended.template_version) == (
        "ready",
        4,
        REGISTRY_TABLE.version,
    )


FORMULAS = (
    '="示例"&A2', "=VLOOKUP(A3,Z:Z,1,0)", '="朝阳"&"路1号"', '=_xlfn.CONCAT("示例",A5)',
    "='表 1'!A1", "=3*12", "={1,2}*1", "=园名", "=名册[园名]", "=-1", '=""', "=TRUE", "=$B$2", "=r1c1",
)  # fmt: skip


def test_the_marked_copy_shows_formulas_and_errors_as_they_were_uploaded(officer: User):
    count = len(FORMULAS)
    table = [HEADS, *(kindergarten_row(number) for number in range(1, count + 1))]
    shown = {f"B{row}": formula for row, formula in enumerate(FORMULAS, start=2)}
    # Nothing but an error below the last row.
    below = f"A{count + 3}"
    errors = {"D4": "=NA()", below: "=#REF!"}

    def change(_, sheet) -> None:
        for number, (place, formula) in enumerate(shown.items(), start=1):
            sheet.write_formula(place, formula, None, f"示例幼儿园{number}")
        sheet.write_formula("D4", "=NA()", None, "#N/A")
        sheet.write_formula(below, "=#REF!", None, "#REF!")

    batch = checked(officer, excel(table, change=change))
    marked = store.read(batch.marked)
    sheet = openpyxl.load_workbook(io.BytesIO(marked)).worksheets[1]
    for place, text in (shown | errors).items():
        cell = sheet[place]
        assert (cell.value, cell.data_type) == (text, "s"), place
        assert cell.fill.start_color.rgb == "FFFFC7CE"
        assert cell.comment is not None, place
        assert cell.quotePrefix
    found = {cell: text for cell, _, text in faults(batch)}
    assert all("公式" in found[place] or "错误值" in found[place] for place in shown | errors), (
        found
    )
    # Sent back as it is, the text of a formula is no name of a kindergarten.
    again = checked(officer, marked, "没有改.xlsx")
    told = {cell: text for cell, _, text in faults(again)}
    assert again.state == "faulty"
    assert not (shown | errors).keys() - told.keys()
    assert all("公式" in told[place] for place in shown), told


def test_error_values_without_formula_and_formulas_filled_down_keep_their_place(officer: User):
    table = [HEADS, *(kindergarten_row(number) for number in range(1, 4))]

    def rewritten(text: str) -> str:
        cells = {
            "B2": '<c r="B2" t="str"><f t="shared" ref="B2:B3" si="0">A2&amp;"园"</f><v>甲园</v></c>',
            "B3": '<c r="B3" t="str"><f t="shared" si="0"/><v>乙园</v></c>',
            "B4": '<c r="B4" t="e"><v>#N/A</v></c>',
        }
        for place, cell in cells.items():
            text = re.sub(rf'<c r="{place}"[^>]*>.*?</c>', cell, text)
        return text

    batch = checked(officer, changed(excel(table), "xl/worksheets/sheet1.xml", rewritten))
    sheet = openpyxl.load_workbook(io.BytesIO(store.read(batch.marked))).worksheets[1]
    cells = [sheet[place].value for place in ("B2", "B3", "B4")]
    assert cells == ['=A2&"园"', "公式，同B2", "#N/A"]
    assert [cell for cell, _, _ in faults(batch)] == ["B2", "B3", "B4"]


def test_csv_of_many_faults_counts_them_all(officer: User):
    rows = [[f"{n}", "园", "", "", "", "也许", "", ""] for n in range(1, FAULTS_KEPT)]
    batch = checked(officer, as_csv([HEADS, *rows]), "名册.csv")
    # Two of every row: a code that is none, and what is neither yes nor no.
    assert (batch.state, batch.row_count) == ("faulty", FAULTS_KEPT - 1)
    assert batch.fault_count == 2 * (FAULTS_KEPT - 1)
    found = faults(batch)
    assert len(found) == FAULTS_KEPT
    assert found[:2] == [
        ("A2", "学校标识码", "应为10位数字，幼儿园以11开头，附设幼儿班填所附学校的码。"),
        ("F2", "营利性", "请填“是”或“否”。"),
    ]
    assert found[-1][0] == f"F{FAULTS_KEPT // 2 + 1}"

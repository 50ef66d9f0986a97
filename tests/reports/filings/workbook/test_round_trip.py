"""Any draft written into a workbook and read back is the same draft; what a director does to one."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.exchange.checking import ERROR_VALUES
from accounts.files import FileRefused
from accounts.models import Organisation
from accounts.typed_text import clean
from kindergartens.models import Kindergarten, MonthlyFiling, ReportingPeriod
from reports.filings.checks import GRADE_LABELS, SECTIONS, Section
from reports.filings.checks.sections.declaring import Kind
from reports.filings.workbook import layout
from reports.filings.workbook.filling import fill
from tests.reports.filings.workbook.book import HEADS, edited, made, place, put, read
from tests.small_county import OCTOBER, moment


def filing_of(draft: dict[str, Any]) -> MonthlyFiling:
    organisation = Organisation(pk=7, name="示例一园")
    period = ReportingPeriod(
        month=OCTOBER, reference_date=dt.date(2026, 10, 31), due_at=moment(2026, 11, 6, 18)
    )
    return MonthlyFiling(
        pk=12, kindergarten=Kindergarten(pk=3, organisation=organisation), period=period,
        month=OCTOBER, revision=5, draft=draft,
    )  # fmt: skip


def a_class(name: str, grade: str = "small", **counts: str) -> dict[str, Any]:
    blank = dict.fromkeys(layout.COUNTS, "")
    return {"name": name, "grade": grade, **blank, **counts, "explanations": {}}


def a_draft(*classes: dict[str, Any], **more: Any) -> dict[str, Any]:
    sections = {code: section.blank() for code, section in SECTIONS.items()}
    return {
        "classes": list(classes), **sections, "days_open": "", "explanations": {},
        "remarks": "", **more,
    }  # fmt: skip


# Names that spreadsheets take for an error value are another test.
TYPED = (
    st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn")), max_size=12)
    .map(clean)
    .filter(lambda text: text not in ERROR_VALUES)
)
COUNT = st.one_of(
    st.just(""), st.integers(0, 99).map(str), st.sampled_from(["007", "１２", "-3", "=1+1", "3.5"]), TYPED
)  # fmt: skip
CLASS = st.fixed_dictionaries(
    {
        "name": st.one_of(st.sampled_from(["小一班", "小二班", "", "=cmd|x"]), TYPED),
        "grade": st.sampled_from([*GRADE_LABELS, ""]),
        **dict.fromkeys(layout.COUNTS, COUNT),
        "explanations": st.just({"class_size": "示例原因"}) | st.just({}),
    }
)


def typed_part(section: Section) -> st.SearchStrategy[dict[str, Any]]:
    """A declared section as anybody may have typed it; choices and days as a browser offers them."""
    of_kind = {
        Kind.COUNT: lambda one: COUNT,
        Kind.MONEY: lambda one: COUNT,
        Kind.CHOICE: lambda one: st.sampled_from(["", *one.choices]),
        Kind.TEXT: lambda one: TYPED,
        Kind.DAY: lambda one: st.sampled_from(["", "2026-10-12"]),
        Kind.MOMENT: lambda one: st.sampled_from(["", "2026-10-12T09:30"]),
        Kind.TICK: lambda one: st.sampled_from(["", "1"]),
    }
    # Of slots that may be there, two are enough.
    few = list(section.rows)[:3] if section.is_open else list(section.rows)
    rows: dict[str, dict[str, Any]] = {
        row: {one.name: st.just("") for one in section.fields} for row in few
    }
    for row, one in section.cells():
        if row in rows:
            rows[row][one.name] = of_kind[one.kind](one)
    parts = st.fixed_dictionaries(
        {row: st.fixed_dictionaries(cells) for row, cells in rows.items()}
    )
    return parts.map(lambda part: {row: part[row] for row in section.rows_in(part)})


DRAFT = st.fixed_dictionaries(
    {
        "classes": st.lists(CLASS, max_size=5),
        **{code: typed_part(section) for code, section in SECTIONS.items()},
        "days_open": COUNT,
        "explanations": st.just({"class_vanished@小二班": "并班"}),
        "remarks": st.text(st.characters(categories=("L", "P", "Zs")), max_size=80).map(clean),
    }
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DRAFT)
def test_a_draft_written_and_read_back_is_the_same_draft(draft: dict[str, Any]) -> None:
    form = read(made(filing_of(draft)))
    filled = fill(draft, form)
    assert filled.draft == draft
    assert (filled.gone, filled.unread) == ([], [])
    assert (form.about.key, form.about.month, form.about.revision) == ("3-12", "2026-10", 5)


def test_full_width_digits_blanks_and_numbers_as_text_are_numbers() -> None:
    draft = a_draft(a_class("小一班", boys="12", girls="11", age3="5", entered="0"))
    content = put(
        made(filing_of(draft)),
        ("男", 0, "１３"), ("女", 0, " 10 "), ("3岁", 0, "6"), ("入园", 0, None), ("离园", 0, 0),
    )  # fmt: skip
    [row] = fill(draft, read(content)).draft["classes"]
    typed = [row[name] for name in ("boys", "girls", "age3", "entered", "departed", "moved_in")]
    # What was emptied is missing, never 0; and nobody fills in what was missing.
    assert typed == ["13", "10", "6", "", "0", ""]


def test_heads_are_found_below_a_row_put_above_and_where_columns_moved() -> None:
    draft = a_draft(a_class("小一班", boys="12", girls="11"))

    def edit(book: Any) -> None:
        sheet = book["班级"]
        sheet.insert_rows(1, 2)
        boys, girls = place(sheet, "男"), place(sheet, "女")
        for row in range(HEADS + 2, HEADS + 4):
            one, other = sheet.cell(row, boys), sheet.cell(row, girls)
            one.value, other.value = other.value, one.value
        sheet.cell(1, 1).value = "示例园长填"
        book["教职工"].insert_cols(1)

    assert fill(draft, read(edited(made(filing_of(draft)), edit))).draft == draft


def test_a_month_of_before_has_the_sheets_of_what_it_was_asked() -> None:
    """And a book of it that was downloaded with all the sheets is read all the same."""
    august = dt.date(2026, 8, 1)
    filing = filing_of(a_draft(a_class("小一班"), safety={"fire": {"answer": "no"}}))
    with_all = edited(made(filing), lambda book: _say_month(book, "2026-08"))
    filing.month = filing.period.month = august
    content = made(filing)
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == [
        layout.CLASSES, "教职工", layout.OTHER, layout.ABOUT,
    ]  # fmt: skip
    for book in (content, with_all):
        assert list(read(book).parts) == ["staff"]
        assert fill(filing.draft, read(book)).draft["safety"] == {"fire": {"answer": "no"}}


def _say_month(book: Any, month: str) -> None:
    for row in book[layout.ABOUT].iter_rows():
        if row[0].value == layout.MONTH:
            row[1].value = month


def test_a_class_put_in_is_a_class_and_one_taken_out_stays_and_is_asked_about() -> None:
    draft = a_draft(
        a_class("小一班", boys="12"), a_class("小二班", boys="9"), a_class("大一班", "large")
    )

    def edit(book: Any) -> None:
        sheet = book["班级"]
        sheet.delete_rows(HEADS + 2)  # 小二班
        row = HEADS + 5
        sheet.cell(row, 1).value, sheet.cell(row, 2).value = "中一班", "中班"
        sheet.cell(row, place(sheet, "男")).value = 8

    filled = fill(draft, read(edited(made(filing_of(draft)), edit)))
    assert [row["name"] for row in filled.draft["classes"]] == [
        "小一班",
        "小二班",
        "大一班",
        "中一班",
    ]
    assert [filled.draft["classes"][at]["name"] for at in filled.gone] == ["小二班"]
    new = filled.draft["classes"][3]
    assert (new["grade"], new["boys"], new["girls"], new["explanations"]) == ("middle", "8", "", {})


def test_a_class_renamed_in_its_row_keeps_what_was_explained() -> None:
    row = a_class("小一班", boys="12") | {"explanations": {"class_size": "示例原因"}}
    draft = a_draft(row, a_class("小二班"))
    filled = fill(draft, read(put(made(filing_of(draft)), ("班级", 0, "小甲班"))))
    assert filled.draft["classes"][0] == row | {"name": "小甲班"}
    assert filled.gone == []


@pytest.mark.parametrize(
    ("value", "typed", "why"),
    [
        ("=C5+1", "=C5+1", "公式"),
        (dt.date(2026, 3, 5), "2026-03-05", "日期"),
        (True, "是", "不是数"),
        (1234567890123456789, "1234567890123457000", "超过15位"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_and_never_the_number_before(
    value: Any, typed: str, why: str
) -> None:
    draft = a_draft(a_class("小一班", boys="12", girls="11"))
    content = put(made(filing_of(draft)), ("男", 0, value), ("女", 0, 13))
    filled = fill(draft, read(content))
    [one] = filled.unread
    assert (one.sheet, one.cell, one.head, one.value) == ("班级", "C5", "男", typed)
    assert why in one.why
    # The check at the field names it, and the rest is taken in.
    assert filled.draft["classes"][0]["boys"] == typed
    assert filled.draft["classes"][0]["girls"] == "13"


def test_merged_cells_have_no_value_and_are_named() -> None:
    draft = a_draft(a_class("小一班", boys="12"), a_class("小二班", boys="9"))
    content = edited(made(filing_of(draft)), lambda book: book["班级"].merge_cells("C5:C6"))
    filled = fill(draft, read(content))
    assert [one.cell for one in filled.unread] == ["C5", "C6"]
    assert [row["boys"] for row in filled.draft["classes"]] == ["", ""]


def test_words_that_cannot_be_read_leave_those_before() -> None:
    draft = a_draft(a_class("小一班", "small"), remarks="停课一天")

    def edit(book: Any) -> None:
        book["其他"]["B4"].value = "=A1"
        book["班级"].cell(HEADS + 1, 2).value = "大大班"

    filled = fill(draft, read(edited(made(filing_of(draft)), edit)))
    assert filled.draft == draft
    assert [(one.sheet, one.cell, one.value) for one in filled.unread] == [
        ("其他", "B4", "=A1"), ("班级", "B5", "大大班"),
    ]  # fmt: skip


def test_a_post_whose_row_is_gone_is_named_and_stays() -> None:
    draft = a_draft(a_class("小一班"))
    draft["staff"]["principal"] |= {"people": "1", "certified": "1"}
    content = edited(made(filing_of(draft)), lambda book: book["教职工"].delete_rows(3))
    filled = fill(draft, read(content))
    assert filled.draft == draft
    assert [one.head for one in filled.unread] == ["园长"]


def rename(sheet: str, to: str) -> Any:
    def edit(book: Any) -> None:
        book[sheet].title = to

    return edit


def say(label: str, value: str) -> Any:
    def edit(book: Any) -> None:
        for row in book["说明"].iter_rows():
            if row[0].value == label:
                row[1].value = value

    return edit


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (rename("说明", "别的"), "form-not-ours"),
        (say("月报编号", ""), "form-not-ours"),
        (say("草稿保存次数", "很多"), "form-not-ours"),
        (say("模板版本", "0"), "form-old-template"),
        (say("模板版本", "99"), "form-newer-template"),
        (rename("教职工", "人员"), "form-sheet-missing"),
        (lambda book: book["班级"].delete_cols(3), "form-heads"),
    ],
)
def test_a_file_that_would_be_read_wrongly_is_refused_whole(edit: Any, code: str) -> None:
    content = edited(made(filing_of(a_draft(a_class("小一班", boys="12")))), edit)
    with pytest.raises(FileRefused, match=r"请.*下载") as refused:
        read(content)
    assert refused.value.code == code


def test_the_sheet_guides_whoever_fills_it_in() -> None:
    draft = a_draft(
        a_class("小一班", boys="12", girls="11"), a_class("托一班", "nursery", boys="3")
    )
    book = openpyxl.load_workbook(io.BytesIO(made(filing_of(draft))))
    assert book.sheetnames == [
        "班级",
        "教职工",
        "收费",
        "安全自查",
        "事故与突发事件",
        "其他",
        "说明",
    ]
    sheet = book["班级"]
    heads = [cell.value for cell in sheet[HEADS]]
    assert heads[:5] == ["班级", "年级", "男", "上月男", "女"]
    assert (sheet.freeze_panes, sheet.page_setup.orientation, sheet.page_setup.paperSize) == (
        "B5", "landscape", 9,
    )  # fmt: skip
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.protection.sheet
    assert not sheet.cell(HEADS + 1, place(sheet, "男")).protection.locked
    assert sheet.cell(HEADS + 1, place(sheet, "上月男")).protection.locked
    assert sheet.cell(HEADS + 1, place(sheet, "合计")).protection.locked
    assert "在册的幼儿" in sheet.cell(HEADS, place(sheet, "男")).comment.text
    kinds = {rule.type for rule in sheet.data_validations.dataValidation}
    assert kinds == {"list", "whole"}
    values = openpyxl.load_workbook(io.BytesIO(made(filing_of(draft))), data_only=True)["班级"]
    # Kept values, for programs that do not compute: the nursery class is outside the total.
    assert values.cell(HEADS + 1, place(sheet, "合计")).value == 23
    assert values.cell(2, place(sheet, "男")).value == 12


@pytest.mark.parametrize(
    ("head", "typed", "kept"),
    [
        ("发生日期", dt.date(2026, 10, 12), "2026-10-12"),
        ("发生日期", "2026/10/12", "2026-10-12"),
        ("发生日期", "2026年10月12日", "2026-10-12"),
        ("发生日期", "十二日", "十二日"),
        ("已上报时间", dt.datetime(2026, 10, 12, 9, 30), "2026-10-12T09:30"),  # noqa: DTZ001 - a cell
        ("已上报时间", "2026/10/12 9:30", "2026-10-12T09:30"),
        ("已上报时间", "2026-10-12", "2026-10-12"),
    ],
)
def test_a_day_is_taken_in_as_the_form_shows_it(head: str, typed: Any, kept: str) -> None:
    """In another notation a date field would show nothing, and the next save would lose it."""

    def edit(book: Any) -> None:
        sheet = book["事故与突发事件"]
        sheet.cell(4, place(sheet, head)).value = typed

    draft = a_draft(a_class("小一班", boys="12"))
    form = read(edited(made(filing_of(draft)), edit))
    assert form.unread == []
    row = fill(draft, form).draft["incidents"]["1"]
    assert row[{"发生日期": "occurred_on", "已上报时间": "reported_at"}[head]] == kept

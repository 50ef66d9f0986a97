"""The workbook of a return, made of its saved draft: to be filled in without a network.

What is typed is text or a number, never a formula; the formulas here are the form's own sums, and
nothing of them is read back. Cells that are not for filling in are locked without a password: that
keeps from slips, it is no wall.
"""

from __future__ import annotations

import datetime as dt
from typing import IO, Any

from accounts.exports import workbook
from accounts.formatting import zhdatetime
from kindergartens.models import MonthlyFiling
from reports.filings.checks import MOST_DAYS, asked_sections
from reports.filings.presenters.definitions import Definition, definitions_of
from reports.filings.submitted import Submitted, working_days
from reports.filings.workbook import layout
from reports.filings.workbook.book import Book, title_of, whole_number
from reports.filings.workbook.class_sheet import ClassSheet
from reports.filings.workbook.section_sheet import write_section


def write_workbook(
    filing: MonthlyFiling, last: Submitted | None, out: IO[bytes], *, created: dt.datetime
) -> None:
    """Write the saved draft of a return, with last month's numbers beside it."""
    with workbook(out) as book:
        book.set_properties({"created": created.replace(tzinfo=None), "title": title_of(filing)})
        made = Book(book, filing, last)
        ClassSheet(made, book.add_worksheet(layout.CLASSES)).write()
        for section in asked_sections(filing.month):
            write_section(made, book.add_worksheet(section.label), section)
        _write_other(made, book.add_worksheet(layout.OTHER))
        _write_about(made, book.add_worksheet(layout.ABOUT), created)


def _write_other(made: Book, sheet: Any) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, 2, 44)
    sheet.write_string(0, 0, "开园天数和其他情况", made.title)
    for number, head in enumerate(("项目", "填写", "怎么填")):
        sheet.write_string(1, number, head, made.head)
    days = working_days(made.filing.month)
    how = (
        "请按实际开园天数填。"
        if days is None
        else f"本月{days}个工作日（国务院放假调休安排），放假、停课的天数请减去。"
    )
    sheet.write_string(2, 0, layout.DAYS_OPEN, made.label)
    made.typed(sheet, 2, 1, str(made.draft.get("days_open", "")))
    sheet.write_string(2, 2, how, made.wrapped)
    sheet.set_row(3, 96)
    sheet.write_string(3, 0, layout.REMARKS, made.label)
    made.typed(sheet, 3, 1, str(made.draft.get("remarks", "")), words=True)
    about = "选填，最多500字。停课、并班、停办等，审核人会看到。不写幼儿和家长的姓名、电话。"
    sheet.write_string(3, 2, about, made.wrapped)
    sheet.data_validation(2, 1, 2, 1, whole_number(MOST_DAYS))
    made.prepared(sheet, 3, 2, landscape=True)


HOW = (
    "浅黄色的格子填写，灰色的格子自动计算或是上次月报的数，不用填。没有的填0，不知道的先空着，空着不等于0。",
    "加一个班：在“班级”表下面的空行里填，或插入一行。撤一个班：清空或删去那一行，上传后页面会问。",
    "可以移动列、在表头上面加行；不要改表头的字和表的名字，不要在填写的格子里写公式、合并单元格。",
    "填好后保存为xlsx，在月报页面点“上传填报表”。上传只改草稿，不会提交；同一个文件再传一次，不会重复。",
    "下载以后网上又改过的：只有一边改过的自动合并，两边都改过的逐格问，不会悄悄覆盖。",
    "写明原因（经验校验的说明）和附件在上传后的月报页面上填。",
)


def _write_about(made: Book, sheet: Any, created: dt.datetime) -> None:
    filing = made.filing
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 70)
    sheet.set_column(2, 2, 26)
    sheet.write_string(0, 0, title_of(filing), made.title)
    said = (
        (layout.KINDERGARTEN, str(filing.kindergarten)),
        (layout.MONTH, f"{filing.month:%Y-%m}"),
        (layout.KEY, layout.key_of(filing.kindergarten_id, filing.pk)),
        (layout.TEMPLATE, str(layout.VERSION)),
        (layout.REVISION, str(filing.revision)),
        (layout.MADE, zhdatetime(created)),
        ("截止时间", zhdatetime(filing.period.due_at)),
    )
    for row, (name, text) in enumerate(said, start=1):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text, made.key)
    below = len(said) + 2
    sheet.write_string(below, 0, "怎么填", made.title)
    for number, text in enumerate(HOW, start=1):
        sheet.set_row(below + number, 32)
        sheet.write_string(below + number, 0, str(number), made.wrapped)
        sheet.write_string(below + number, 1, text, made.wrapped)
    heads = below + len(HOW) + 2
    for number, head in enumerate(("栏目", "填什么", "统计时点")):
        sheet.write_string(heads, number, head, made.head)
    definitions = definitions_of(filing.period)
    for row, one in enumerate(definitions, start=heads + 1):
        _write_definition(made, sheet, row, one)
    made.prepared(sheet, heads + len(definitions), 2, landscape=False)


def _write_definition(made: Book, sheet: Any, row: int, one: Definition) -> None:
    text = f"{one.text}依据：{one.source}。" if one.source else one.text
    sheet.set_row(row, 48 if one.source else 32)
    sheet.write_string(row, 0, one.label, made.wrapped)
    sheet.write_string(row, 1, text, made.wrapped)
    sheet.write_string(row, 2, one.as_of, made.wrapped)

"""What the sheets of a return's workbook share: the return, the formats, how a cell is written."""

from __future__ import annotations

from typing import Any

from accounts.exports import looks_like_formula
from kindergartens.models import MonthlyFiling
from reports.filings.reviewing import review_beside
from reports.filings.submitted import Submitted

INPUT, LOCKED, HEAD, LINE = "#FFFDF2", "#F2F4F7", "#E8EEF7", "#B8C2D0"


def title_of(filing: MonthlyFiling) -> str:
    return f"{filing.kindergarten} {filing.month.year}年{filing.month.month}月月报填报表"


class Book:
    """What all sheets of one workbook share: the return, the formats, how a cell is written."""

    def __init__(self, book: Any, filing: MonthlyFiling, last: Submitted | None) -> None:
        self.filing, self.last, self.draft = filing, last, filing.draft
        # Which class of the last return each class is: by the same reading as on the page.
        rows = review_beside(last, filing.month, filing.draft, peers={}).classes
        self.before = [last.classes.get(row.name_in_last) if last else None for row in rows]
        self.since = "上月" if last is None else last.called_in(filing.month)
        add = book.add_format
        box = {"border": 1, "border_color": LINE, "valign": "vcenter"}
        number = {**box, "align": "right"}
        self.title = add({"bold": True, "font_size": 14})
        self.said = add({"font_color": "#5B6675"})
        self.head = add(
            {**box, "bold": True, "text_wrap": True, "align": "center", "bg_color": HEAD}
        )
        # Over several columns without merging them.
        self.group = add(
            {"bold": True, "bg_color": HEAD, "top": 1, "border_color": LINE, "valign": "vcenter"}
        )
        self.head_last = add(
            {**box, "text_wrap": True, "align": "center", "bg_color": HEAD, "font_color": "#5B6675", "font_size": 9}
        )  # fmt: skip
        self.input = add({**number, "bg_color": INPUT, "locked": False})
        self.words = add(
            {**box, "bg_color": INPUT, "locked": False, "text_wrap": True, "num_format": "@"}
        )
        self.risky = add(
            {**box, "bg_color": INPUT, "locked": False, "text_wrap": True, "num_format": "@", "quote_prefix": True}
        )  # fmt: skip
        self.computed = add({**number, "bg_color": LOCKED})
        self.bold = add({**number, "bg_color": LOCKED, "bold": True})
        self.signed = add({**number, "bg_color": LOCKED, "num_format": "+0;-0;0"})
        self.percent = add({**number, "bg_color": LOCKED, "num_format": "0.0%"})
        self.last_number = add(
            {**number, "bg_color": LOCKED, "font_color": "#5B6675", "font_size": 9}
        )
        self.label = add({**box, "bg_color": LOCKED})
        self.wrapped = add({"text_wrap": True, "valign": "top"})
        self.key = add({"align": "left"})

    def typed(self, sheet: Any, row: int, column: int, text: str, *, words: bool = False) -> None:
        """What was typed: a plain number as one, anything else as the text it is."""
        number = None if words else plain_number(text)
        if not text:
            sheet.write_blank(row, column, None, self.words if words else self.input)
        elif number is not None:
            sheet.write_number(row, column, number, self.input)
        else:
            risky = looks_like_formula(text)
            sheet.write_string(row, column, text, self.risky if risky else self.words)

    def known(self, sheet: Any, row: int, column: int, number: int | None) -> None:
        """A number of the last return; empty where there is none."""
        if number is None:
            sheet.write_blank(row, column, None, self.last_number)
        else:
            sheet.write_number(row, column, number, self.last_number)

    def prepared(self, sheet: Any, last_row: int, last_column: int, *, landscape: bool) -> None:
        """A4, as wide as the page, with what is needed to tell one sheet of paper from another."""
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, last_row, last_column)
        # An ampersand steers a foot.
        title = title_of(self.filing).replace("&", "＆")[:150]
        sheet.set_footer(f"&L&8{title}，第{self.filing.revision}次保存的草稿&R&8第&P页，共&N页")
        sheet.protect("", PROTECTED_BUT)


PROTECTED_BUT = {
    "format_cells": True, "format_columns": True, "format_rows": True, "insert_rows": True,
    "delete_rows": True, "sort": True, "autofilter": True,
}  # fmt: skip


def plain_number(text: str) -> int | None:
    """The number whose text it is, of at most the digits a spreadsheet keeps."""
    is_plain = text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if is_plain and str(int(text)) == text else None


def whole_number(most: int) -> dict[str, Any]:
    return {
        "validate": "integer", "criteria": "between", "minimum": 0, "maximum": most,
        "error_title": "请填整数", "error_message": f"请填0到{most}的整数。没有的填0，不知道的先空着。",
    }  # fmt: skip

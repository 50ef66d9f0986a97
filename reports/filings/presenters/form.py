"""The return form: rows by grade, totals, open checks, how much time is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.formatting import time_left, zhdatetime
from kindergartens.models import FilingExtension, ReportingPeriod
from kindergartens.rules import class_size_limit
from reports.filings.checks import AGES, FLOWS, GRADE_LABELS, SEXES, Review
from reports.filings.presenters.explanations import class_explanations
from reports.filings.presenters.rows import MORE_FIELDS, RowView, row_view
from reports.filings.selectors import Earlier
from reports.filings.submitted import Submitted

GRADE_AGES = {
    "small": "3–4岁",
    "middle": "4–5岁",
    "large": "5–6岁",
    "mixed": "混龄",
    "nursery": "2–3岁",
}
# The order of the page; the nursery class stands last, outside the total.
GRADE_ORDER = ("small", "middle", "large", "mixed", "nursery")


@dataclass
class GradeView:
    code: str
    label: str
    hint: str
    rows: list[RowView]

    @property
    def subtotal(self) -> int | None:
        numbers = [view.total for view in self.rows]
        if any(number is None for number in numbers):
            return None
        return sum(number for number in numbers if number is not None)


def grades(
    review: Review,
    last: Submitted | None,
    earlier: Mapping[str, list[Earlier]],
    month: dt.date,
) -> list[GradeView]:
    """The classes in page order. Every grade stands there, so that a class can be added to it.

    `earlier`: the reasons that may be used again, by Finding.key.
    """
    views = [
        row_view(
            number,
            row,
            last,
            class_explanations(number, row, earlier, month),
            review.days_open.value,
        )
        for number, row in enumerate(review.classes)
    ]
    unknown = [view for view in views if view.row.grade not in GRADE_LABELS]
    found = [GradeView("", "没有年级的班", "请撤销后加到对应年级", unknown)] if unknown else []
    return found + [
        GradeView(
            code,
            GRADE_LABELS[code],
            _grade_hint(code),
            [view for view in views if view.row.grade == code],
        )
        for code in GRADE_ORDER
    ]


def _grade_hint(code: str) -> str:
    limit = class_size_limit(code)
    rule = "不进三率，不填年龄" if limit is None else f"班额不超过{limit}人"
    return f"{GRADE_AGES[code]}，{rule}"


def totals(review: Review, last: Submitted | None) -> dict[str, int | None]:
    """The bottom row: sums over classes in the rates, and the change since last month."""
    children = review.enrolled_children
    before = None if last is None else last.enrolled_children
    return {
        **{column: review.total(column) for column in (*SEXES, *AGES, *FLOWS)},
        "children": children,
        "last_children": before,
        "change": None if children is None or before is None else children - before,
    }


def errors(review: Review) -> list[dict[str, str]]:
    """Everything that stops submission, each with a link to its field."""
    return [{"href": f"#{anchor}", "text": text} for anchor, text in review.problems]


def open_counts(review: Review, *, refused: bool) -> tuple[int, int]:
    """How many classes and rows must be mended, and how many reasons are still to be given.

    What begins empty, such as attendance, counts once the return was refused for it.
    """
    wrong = sum(
        1
        for row in review.classes
        if row.errors
        or any(
            cell.error and (refused or cell.raw or column not in MORE_FIELDS)
            for column, cell in row.cells.items()
        )
    )
    wrong += sum(
        1
        for part in review.parts.values()
        for row, cells in part.cells.items()
        if part.errors_of(row)
        or any(cell.error and (refused or cell.raw) for cell in cells.values())
    )
    open_reasons = sum(len(row.unexplained) for row in review.classes) + len(review.unexplained)
    wrong += bool(review.days_open.error and (refused or review.days_open.raw))
    return wrong + len(review.errors), open_reasons


def deadline_text(
    period: ReportingPeriod, now: dt.datetime, extension: FilingExtension | None = None
) -> str:
    """How much time is left: 还剩3天, 今天截止, or that a return now counts as late."""
    if now >= period.locks_at and extension is not None:
        until = zhdatetime(extension.until, short=True)
        return f"已延期到{until}，现在提交记为迟报"
    if now > period.due_at:
        lock = zhdatetime(period.locks_at, short=True)
        return f"已过截止，现在提交记为迟报，{lock}锁定"
    return time_left(period.due_at, now)

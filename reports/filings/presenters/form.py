"""The return form: rows by grade, last month beside each value, totals, open checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from accounts.formatting import time_left, zhdatetime
from kindergartens.calendar.rules import add_months
from kindergartens.models import ClassCount, FilingExtension, ReportingPeriod
from kindergartens.rules import CLASS_SIZE_LIMITS, class_size_limit
from reports.filings.checks import (
    AGES,
    COLUMN_LABELS,
    FLOWS,
    GRADE_LABELS,
    LEAST_OF_AGE,
    LOW_ATTENDANCE,
    MORE,
    MOST_CLASSES,
    MOST_DAYS,
    MOST_STAFF_IN_A_POST,
    PARTS,
    SEXES,
    UNUSUAL_CHANGE,
    UNUSUAL_TOTAL_CHANGE,
    About,
    ClassRow,
    Finding,
    Peers,
    Review,
    StaffRow,
    called,
    catalogue,
    experiences,
    in_percent,
    missed_since,
    most_in,
    rate_in_tenths,
)
from reports.filings.selectors import Earlier, Submitted, flows_add_up, working_days

GRADE_AGES = {
    "small": "3–4岁",
    "middle": "4–5岁",
    "large": "5–6岁",
    "mixed": "混龄",
    "nursery": "2–3岁",
}
# The order of the page; the nursery class stands last, outside the total.
GRADE_ORDER = ("small", "middle", "large", "mixed", "nursery")


# What stands in the table of attendance and parts, and the reasons asked for there.
MORE_FIELDS = ("attended", *PARTS)
MORE_REASONS = ("attendance_low",)


def _is_more(finding: Finding) -> bool:
    return finding.fields[0] in MORE_FIELDS or finding.fields[0].endswith(MORE_REASONS)


@dataclass
class CellView:
    """One number of the form: what was typed, last month's value, what is wrong with it."""

    name: str
    label: str
    input_name: str
    value: str
    # Flows are no stocks: they are compared with none, not with last month's.
    last: int | None
    errors: list[str]
    # A reason was given here when the return came back.
    is_asked: bool = False

    @property
    def is_changed(self) -> bool:
        return self.last is not None and self.value.strip() != str(self.last)

    @property
    def shows_last(self) -> bool:
        return self.last is not None and self.name not in FLOWS


@dataclass(frozen=True)
class EarlierView:
    """A reason given before, with the words that say when."""

    when: str
    text: str


@dataclass(frozen=True)
class ExplanationView:
    """The place for one reason. It stands on the page also while there is nothing to explain:
    the script shows it when there is, and what was typed stays."""

    code: str
    place: str
    input_name: str
    finding: Finding | None
    value: str
    earlier: list[EarlierView]


@dataclass
class RowView:
    """One class of the form."""

    number: int
    row: ClassRow
    # In the table of head-counts, and in the one below of attendance and parts.
    fields: list[CellView]
    more_fields: list[CellView]
    attendance: str
    reasons: list[ExplanationView]
    # presenters.asked.Asked
    asked: list[Any] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"class-{self.number}"

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def errors(self) -> list[str]:
        return self._errors(self.fields, [one for one in self.row.errors if not _is_more(one)])

    @property
    def more_errors(self) -> list[str]:
        return self._errors(self.more_fields, [one for one in self.row.errors if _is_more(one)])

    def _errors(self, fields: list[CellView], findings: list[Finding]) -> list[str]:
        name = self.row.name or "这个班"
        of_cells = [f"{name}：{text}" for cell in fields for text in cell.errors]
        return [one.text for one in findings] + of_cells

    @property
    def warnings(self) -> list[Finding]:
        return [one for one in self.row.warnings if not _is_more(one)]

    @property
    def more_warnings(self) -> list[Finding]:
        return [one for one in self.row.warnings if _is_more(one)]

    @property
    def explanations(self) -> list[ExplanationView]:
        return [one for one in self.reasons if one.code not in MORE_REASONS]

    @property
    def more_explanations(self) -> list[ExplanationView]:
        return [one for one in self.reasons if one.code in MORE_REASONS]

    @property
    def unexplained(self) -> list[Finding]:
        return [one for one in self.row.unexplained if not _is_more(one)]

    @property
    def total(self) -> int | None:
        return self.row.children

    @property
    def last_total(self) -> int | None:
        return None if self.row.last is None else self.row.last.children

    @property
    def change(self) -> int | None:
        return self.row.change

    @property
    def changes(self) -> int:
        return sum(1 for cell in self.fields if cell.is_changed)


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


@dataclass
class StaffView:
    """One post of the form: the people, and how many of them hold the certificate."""

    post: str
    label: str
    input_name: str
    value: str
    last: int | None
    change: int | None
    errors: list[str]
    certified: CellView | None
    asked: list[Any] = field(default_factory=list)
    is_asked: bool = False


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
        _row_view(
            number,
            row,
            last,
            _class_explanations(number, row, earlier, month),
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


def _class_explanations(
    number: int, row: ClassRow, earlier: Mapping[str, list[Earlier]], month: dt.date
) -> list[ExplanationView]:
    found = {one.code: one for one in row.warnings}
    return [
        ExplanationView(
            code,
            "",
            f"class-{number}-explain-{code}",
            found.get(code),
            row.explanations.get(code, ""),
            _earlier_views(earlier.get(f"{code}@{row.name}", []), month),
        )
        for code in experiences(About.CLASS)
    ]


def whole_explanations(
    review: Review,
    last: Submitted | None,
    earlier: Mapping[str, list[Earlier]],
    month: dt.date,
) -> list[ExplanationView]:
    """Places for reasons about the whole return: one for each class of last month that may go."""
    found = {one.key: one for one in review.warnings}
    classes = list(last.classes) if last else []
    places = [
        (code, place)
        for code in experiences(About.WHOLE)
        for place in (classes if code == "class_vanished" else [""])
    ]
    return [
        ExplanationView(
            code,
            place,
            f"explain-{code}@{place}",
            found.get(f"{code}@{place}"),
            review.explanations.get(f"{code}@{place}", ""),
            _earlier_views(earlier.get(f"{code}@{place}", []), month),
        )
        for code, place in places
    ]


def _earlier_views(earlier: list[Earlier], month: dt.date) -> list[EarlierView]:
    return [
        EarlierView(
            f"去年{one.month.month}月"
            if one.month == add_months(month, -12)
            else f"{one.month.month}月",
            one.text,
        )
        for one in earlier
    ]


def _row_view(
    number: int,
    row: ClassRow,
    last: Submitted | None,
    explanations: list[ExplanationView],
    days_open: int | None,
) -> RowView:
    before = last.classes.get(row.name) if last else None
    columns = (*SEXES, *(() if row.is_nursery else AGES), *FLOWS)
    return RowView(
        number,
        row,
        [_cell_view(number, row, column, before) for column in columns],
        [_cell_view(number, row, column, before) for column in MORE_FIELDS],
        _attendance(row, days_open),
        explanations,
    )


def _cell_view(number: int, row: ClassRow, column: str, before: ClassCount | None) -> CellView:
    if column in FLOWS:
        last: int | None = 0
    elif column == "attended" or before is None:
        last = None
    else:
        last = getattr(before, column)
    cell = row.cells[column]
    return CellView(
        column,
        COLUMN_LABELS[column],
        f"class-{number}-{column}",
        cell.raw,
        last,
        _listed(cell.error),
    )


def _attendance(row: ClassRow, days_open: int | None) -> str:
    """The attendance rate in words; 无法计算 without children or days open."""
    attended, due = row.cells["attended"].value, row.attendance_due(days_open)
    if attended is None or not due:
        return "—"
    return f"{in_percent(rate_in_tenths(attended, due))}%"


def _listed(error: str) -> list[str]:
    return [error] if error else []


def staff(review: Review, last: Submitted | None) -> list[StaffView]:
    return [_staff_view(row, last) for row in review.staff]


def _staff_view(row: StaffRow, last: Submitted | None) -> StaffView:
    before = last.staff.get(row.post) if last else None
    certified = None
    if row.certified is not None:
        certified = CellView(
            "certified",
            f"{row.label}持证",
            f"staff-{row.post}-certified",
            row.certified.raw,
            before.certified if before else None,
            _listed(row.certified.error) + [one.text for one in row.errors],
        )
    change = None
    if before is not None and row.people.value is not None:
        change = row.people.value - before.people
    return StaffView(
        row.post,
        row.label,
        f"staff-{row.post}",
        row.people.raw,
        before.people if before else None,
        change,
        _listed(row.people.error),
        certified,
    )


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
    """How many classes and posts must be mended, and how many reasons are still to be given.

    Attendance begins empty: that counts once the return was refused for it.
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
        for row in review.staff
        if row.errors or row.people.error or (row.certified and row.certified.error)
    )
    open_reasons = sum(len(row.unexplained) for row in review.classes) + len(review.unexplained)
    wrong += bool(review.days_open.error and (refused or review.days_open.raw))
    return wrong + len(review.errors), open_reasons


def script_rules(
    month: dt.date, last: Submitted | None, peers: Mapping[str, Peers]
) -> dict[str, Any]:
    """What the page's script needs to check while typing; the server checks again."""
    return {
        "most": {column: most_in(column) for column in (*SEXES, *AGES, *MORE)},
        "max_days": MOST_DAYS,
        "labels": COLUMN_LABELS,
        # Cells that one button may fill with 0 while they are empty.
        "zeros": [*FLOWS, *PARTS],
        "flows": flows_add_up(last, month),
        "working_days": working_days(month),
        "peers": {code: asdict(one) for code, one in peers.items()},
        "low_attendance": LOW_ATTENDANCE,
        "least_of_age": LEAST_OF_AGE,
        "max_staff": MOST_STAFF_IN_A_POST,
        "max_classes": MOST_CLASSES,
        "class_limits": {str(grade): limit for grade, limit in CLASS_SIZE_LIMITS.items()},
        "unusual_change": UNUSUAL_CHANGE,
        "unusual_total_change": UNUSUAL_TOTAL_CHANGE,
        "last_classes": [
            {"name": name, "grade": row.grade, "children": row.children}
            for name, row in (last.classes if last else {}).items()
        ],
        "says": {code: [check.says, check.advice] for code, check in catalogue().items()},
        "compare_with_last": last is not None and last.compares_with(month),
        "follows_last": last is not None and last.is_followed_by(month),
        "since": called(None if last is None else missed_since(month, last.month)),
    }


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

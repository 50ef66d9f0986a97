"""What the return pages show, ready to print: rows by grade, marks, last month's values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from kindergartens.models import ClassCount, FilingEvent, MonthlyFiling, ReportingPeriod
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.filings.checks import (
    AGES,
    COLUMN_LABELS,
    GRADE_LABELS,
    MOST_IN_A_CLASS_CELL,
    MOST_STAFF_IN_A_POST,
    POST_LABELS,
    SEXES,
    UNUSUAL_CHANGE,
    ClassRow,
    Review,
    StaffRow,
    compares_with_last,
)
from reports.filings.selectors import Submitted

GRADE_HINTS = {
    "small": "3–4岁，班额不超过25人",
    "middle": "4–5岁，班额不超过30人",
    "large": "5–6岁，班额不超过35人",
    "mixed": "混龄，班额不超过30人",
    "nursery": "2–3岁，不进三率，不填年龄",
}
# The order of the page; the nursery class stands last, outside the total.
GRADE_ORDER = ("small", "middle", "large", "mixed", "nursery")


@dataclass
class CellView:
    """One number of the form: what was typed, last month's value, what is wrong with it."""

    name: str
    label: str
    input_name: str
    value: str
    last: int | None
    errors: list[str]

    @property
    def is_changed(self) -> bool:
        return self.last is not None and self.value.strip() != str(self.last)


@dataclass
class RowView:
    """One class of the form."""

    number: int
    row: ClassRow
    fields: list[CellView]

    @property
    def prefix(self) -> str:
        return f"class-{self.number}"

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def errors(self) -> list[str]:
        name = self.row.name or "这个班"
        of_cells = [f"{name}：{text}" for cell in self.fields for text in cell.errors]
        return self.row.errors + of_cells

    @property
    def warnings(self) -> list[str]:
        return self.row.warnings

    @property
    def needs_note(self) -> bool:
        return self.row.needs_note

    @property
    def note_name(self) -> str:
        return f"{self.prefix}-note"

    @property
    def note_value(self) -> str:
        return self.row.note

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


def grades(review: Review, last: Submitted | None) -> list[GradeView]:
    """The classes in page order. Every grade stands there, so that a class can be added to it."""
    views = [_row_view(number, row, last) for number, row in enumerate(review.classes)]
    unknown = [view for view in views if view.row.grade not in GRADE_LABELS]
    found = [GradeView("", "没有年级的班", "请撤销后加到对应年级", unknown)] if unknown else []
    return found + [
        GradeView(
            code,
            GRADE_LABELS[code],
            GRADE_HINTS[code],
            [view for view in views if view.row.grade == code],
        )
        for code in GRADE_ORDER
    ]


def _row_view(number: int, row: ClassRow, last: Submitted | None) -> RowView:
    before = last.classes.get(row.name) if last else None
    columns = SEXES if row.is_nursery else SEXES + AGES
    return RowView(
        number,
        row,
        [
            CellView(
                column,
                COLUMN_LABELS[column],
                f"class-{number}-{column}",
                row.cells[column].raw,
                None if before is None else getattr(before, column),
                _listed(row.cells[column].error),
            )
            for column in columns
        ],
    )


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
            _listed(row.certified.error) + row.errors,
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


def staff_total(review: Review) -> int | None:
    """All staff; None while a post is missing or wrong."""
    numbers = [row.people.value for row in review.staff]
    if any(number is None for number in numbers):
        return None
    return sum(number for number in numbers if number is not None)


def totals(review: Review, last: Submitted | None) -> dict[str, int | None]:
    """The bottom row: sums over classes in the rates, and the change since last month."""
    children = review.enrolled_children
    before = None if last is None else last.enrolled_children
    return {
        **{column: review.total(column) for column in SEXES + AGES},
        "children": children,
        "last_children": before,
        "change": None if children is None or before is None else children - before,
    }


def errors(review: Review) -> list[dict[str, str]]:
    """Everything that stops submission, each with a link to its field."""
    return [{"href": f"#{anchor}", "text": text} for anchor, text in review.problems]


def open_counts(review: Review) -> tuple[int, int]:
    """How many classes and posts must be mended, and how many classes need a reason."""
    wrong = sum(
        1 for row in review.classes if row.errors or any(c.error for c in row.cells.values())
    )
    wrong += sum(
        1
        for row in review.staff
        if row.errors or row.people.error or (row.certified and row.certified.error)
    )
    notes = sum(1 for row in review.classes if row.needs_note and not row.note)
    notes += 0 if review.remarks else len(review.warnings)
    return wrong + len(review.errors), notes


def script_rules(month: dt.date, last: Submitted | None) -> dict[str, Any]:
    """What the page's script needs to check while typing; the server checks again."""
    return {
        "max_count": MOST_IN_A_CLASS_CELL,
        "max_staff": MOST_STAFF_IN_A_POST,
        "class_limits": {str(grade): limit for grade, limit in CLASS_SIZE_LIMITS.items()},
        "unusual_change": UNUSUAL_CHANGE,
        "compare_with_last": last is not None
        and compares_with_last(month, last.version.filing.month),
    }


def deadline_text(period: ReportingPeriod, now: dt.datetime) -> str:
    """How much time is left: 还剩3天, 今天截止, or that a return now counts as late."""
    if now > period.due_at:
        lock = timezone.localtime(period.locks_at)
        return f"已过截止，现在提交记为迟报，{lock.month}月{lock.day}日{lock:%H:%M}锁定"
    days = (timezone.localdate(period.due_at) - timezone.localdate(now)).days
    return f"还剩{days}天" if days else "今天截止"


TONES = {
    FilingEvent.Action.SUBMITTED: ("past", "send"),
    FilingEvent.Action.RETURNED: ("back", "arrow-back-up"),
    FilingEvent.Action.REOPENED: ("back", "arrow-back-up"),
    FilingEvent.Action.WITHDRAWN: ("past", "arrow-back"),
    FilingEvent.Action.ACCEPTED: ("done", "circle-check"),
}


def timeline(filing: MonthlyFiling) -> list[dict[str, Any]]:
    """What was done to a return, oldest first."""
    events = filing.events.select_related("done_as__organisation", "done_as__user")
    return [
        {
            "title": f"{event.get_action_display()}第{event.version}版",
            "who": f"{event.done_as.organisation.name} {event.done_as.user.full_name}",
            "at": event.at,
            "text": _event_text(event),
            "tone": TONES[FilingEvent.Action(event.action)][0],
            "icon": TONES[FilingEvent.Action(event.action)][1],
        }
        for event in events
    ]


def _event_text(event: FilingEvent) -> str:
    parts = [event.reason] if event.reason else []
    parts += [f"{field_label(key)}：{text}" for key, text in event.field_reasons.items()]
    return "；".join(parts)


def field_label(key: str) -> str:
    """The words for a field key: ``class:小一班:boys`` → 小一班 男."""
    kind, _, rest = key.partition(":")
    name, _, column = rest.rpartition(":")
    if kind == "staff":
        return f"{POST_LABELS.get(name, name)}{'持证' if column == 'certified' else ''}"
    return f"{name} {COLUMN_LABELS.get(column, '整班')}"


def latest_reasons(filing: MonthlyFiling) -> tuple[str, dict[str, str]]:
    """Why the return came back: the general reason and those per field, of the latest return."""
    if filing.state != MonthlyFiling.State.RETURNED:
        return "", {}
    event = (
        filing.events.filter(action__in=[FilingEvent.Action.RETURNED, FilingEvent.Action.REOPENED])
        .order_by("-at", "-pk")
        .first()
    )
    return ("", {}) if event is None else (event.reason, event.field_reasons)


@dataclass(frozen=True)
class ContentCell:
    """One value of a submitted version beside last month's."""

    key: str
    label: str
    value: int | None
    last: int | None
    compares: bool

    @property
    def changed(self) -> bool:
        return self.compares and self.last is not None and self.value != self.last

    @property
    def text(self) -> str:
        return "—" if self.value is None else str(self.value)


@dataclass(frozen=True)
class ContentRow:
    name: str
    cells: list[ContentCell]
    note: str = ""
    is_new: bool = False

    @property
    def label(self) -> str:
        return self.name


def content(now: Submitted, last: Submitted | None) -> dict[str, Any]:
    """A submitted version as rows of cells: `classes`, `class_totals`, `posts`."""
    classes = [
        _class_content(name, row, last.classes.get(name) if last else None, last is not None)
        for name, row in now.classes.items()
    ]
    counted = [row for row in now.classes.values() if row.grade != "nursery"]
    sums = {column: sum(getattr(row, column) for row in counted) for column in SEXES + AGES}
    ordered = ["boys", "girls", "children", *AGES]
    sums["children"] = sums["boys"] + sums["girls"]
    labels = COLUMN_LABELS | {"children": "合计"}
    return {
        "content": now,
        "classes": classes,
        "class_totals": [
            ContentCell("", labels[column], sums[column], None, compares=False)
            for column in ordered
        ],
        "posts": [
            ContentRow(
                POST_LABELS[post],
                [
                    ContentCell(
                        f"staff:{post}:{column}",
                        label,
                        getattr(row, column),
                        getattr(last.staff.get(post), column, None) if last else None,
                        compares=True,
                    )
                    for column, label in (("people", "人数"), ("certified", "其中持证"))
                ],
            )
            for post, row in sorted(
                now.staff.items(), key=lambda item: list(POST_LABELS).index(item[0])
            )
        ],
    }


def _class_content(
    name: str, row: ClassCount, before: ClassCount | None, has_last: bool
) -> ContentRow:
    cells = []
    for column in ("boys", "girls", "children", *AGES):
        ages_do_not_apply = row.grade == "nursery" and column in AGES
        cells.append(
            ContentCell(
                f"class:{name}:{column}",
                "合计" if column == "children" else COLUMN_LABELS[column],
                None if ages_do_not_apply else getattr(row, column),
                None if before is None else getattr(before, column),
                compares=not ages_do_not_apply,
            )
        )
    return ContentRow(name, cells, row.note, is_new=has_last and before is None)


@dataclass(frozen=True)
class ReasonField:
    key: str
    label: str
    reason: str


def reason_fields(
    rows: dict[str, Any], changed: set[str], reasons: Mapping[str, str]
) -> list[ReasonField]:
    """A place for a reason at every value that did not change."""
    cells = [
        (
            cell.key,
            f"{row.name} {cell.label}" if cell.key.startswith("class") else field_label(cell.key),
        )
        for row in [*rows["classes"], *rows["posts"]]
        for cell in row.cells
        if cell.value is not None and not cell.key.endswith(":children")
    ]
    return [
        ReasonField(key, label, reasons.get(key, "")) for key, label in cells if key not in changed
    ]

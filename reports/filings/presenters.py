"""What the return pages show, ready to print: rows by grade, marks, last month's values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from kindergartens.models import ClassCount, FilingEvent, MonthlyFiling, ReportingPeriod
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.filings.checks import (
    AGES,
    COLUMN_LABELS,
    GRADE_LABELS,
    MOST_IN_A_CLASS_CELL,
    POST_LABELS,
    SEXES,
    UNUSUAL_CHANGE,
    ClassRow,
    Review,
    StaffRow,
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
class FieldView:
    name: str
    label: str
    input_name: str
    value: str
    last: int | None
    error: str = ""
    reason: str = ""

    @property
    def is_changed(self) -> bool:
        return self.last is not None and self.value.strip() != str(self.last)


@dataclass
class RowView:
    """One class: its fields, total, change and state of the row."""

    number: int
    row: ClassRow
    fields: list[FieldView]
    reasons: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"class-{self.number}"

    @property
    def changed_count(self) -> int:
        return sum(1 for item in self.fields if item.is_changed)

    @property
    def state(self) -> str:
        """must (a check stops it), explain, explained, changed, new or same."""
        if self.row.errors or any(item.error for item in self.fields):
            return "must"
        if self.row.needs_note:
            return "explained" if self.row.note else "explain"
        if self.row.last is None:
            return "new"
        return "changed" if self.changed_count else "same"


@dataclass
class GradeView:
    code: str
    label: str
    hint: str
    limit: int | None
    rows: list[RowView]

    @property
    def children(self) -> int | None:
        numbers = [view.row.children for view in self.rows]
        if any(number is None for number in numbers):
            return None
        return sum(number for number in numbers if number is not None)


@dataclass
class StaffView:
    post: str
    label: str
    people: FieldView
    certified: FieldView | None
    errors: list[str]


def grades(
    review: Review, last: Submitted | None, reasons: Mapping[str, str] | None = None
) -> list[GradeView]:
    """The classes in page order; classes without a valid grade come first, to be mended."""
    reasons = reasons or {}
    views = [
        _row_view(number, row, last, reasons) for number, row in enumerate(review.classes)
    ]
    unknown = [view for view in views if view.row.grade not in GRADE_LABELS]
    found = [GradeView("", "还没选年级", "请选年级", None, unknown)] if unknown else []
    for code in GRADE_ORDER:
        rows = [view for view in views if view.row.grade == code]
        if rows:
            limit = {str(g): n for g, n in CLASS_SIZE_LIMITS.items()}.get(code)
            found.append(GradeView(code, GRADE_LABELS[code], GRADE_HINTS[code], limit, rows))
    return found


def _row_view(
    number: int, row: ClassRow, last: Submitted | None, reasons: Mapping[str, str]
) -> RowView:
    before = last.classes.get(row.name) if last else None
    columns = SEXES if row.is_nursery else SEXES + AGES
    return RowView(
        number,
        row,
        [
            FieldView(
                column,
                COLUMN_LABELS[column],
                f"class-{number}-{column}",
                row.cells[column].raw,
                None if before is None else getattr(before, column),
                row.cells[column].error,
                reasons.get(f"class:{row.name}:{column}", ""),
            )
            for column in columns
        ],
    )


def staff(
    review: Review, last: Submitted | None, reasons: Mapping[str, str] | None = None
) -> list[StaffView]:
    return [_staff_view(row, last, reasons or {}) for row in review.staff]


def _staff_view(row: StaffRow, last: Submitted | None, reasons: Mapping[str, str]) -> StaffView:
    before = last.staff.get(row.post) if last else None
    certified = None
    if row.certified is not None:
        certified = FieldView(
            "certified",
            f"{row.label}持证",
            f"staff-{row.post}-certified",
            row.certified.raw,
            before.certified if before else None,
            row.certified.error,
            reasons.get(f"staff:{row.post}:certified", ""),
        )
    people = FieldView(
        "people",
        row.label,
        f"staff-{row.post}",
        row.people.raw,
        before.people if before else None,
        row.people.error,
        reasons.get(f"staff:{row.post}:people", ""),
    )
    return StaffView(row.post, row.label, people, certified, row.errors)


def totals(review: Review, last: Submitted | None) -> dict[str, Any]:
    """The bottom row: sums over classes in the rates, the nursery apart, the change."""
    children = review.enrolled_children
    nursery = [row for row in review.classes if row.is_nursery]
    nursery_children = (
        sum(row.children or 0 for row in nursery)
        if all(row.children is not None for row in nursery)
        else None
    )
    return {
        "columns": [(column, review.total(column)) for column in SEXES + AGES],
        "children": children,
        "nursery": nursery_children,
        "change": None if children is None or last is None else children - last.enrolled_children,
    }


def problems(review: Review) -> list[dict[str, str]]:
    return [{"href": f"#{anchor}", "text": text} for anchor, text in review.problems]


def script_rules() -> dict[str, Any]:
    """What the page's script needs to check while typing; the server checks again."""
    return {
        "limits": {str(grade): limit for grade, limit in CLASS_SIZE_LIMITS.items()},
        "most": MOST_IN_A_CLASS_CELL,
        "unusual": UNUSUAL_CHANGE,
        "grades": GRADE_LABELS,
        "columns": COLUMN_LABELS,
    }


def deadline_text(period: ReportingPeriod, now: dt.datetime) -> str:
    due = timezone.localtime(period.due_at)
    text = f"{due.month}月{due.day}日{due:%H:%M}"
    if now > period.due_at:
        lock = timezone.localtime(period.locks_at)
        return f"{text}已截止，现在提交记为迟报；{lock.month}月{lock.day}日{lock:%H:%M}锁定"
    return f"{text}截止"


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
    return f"{name} {COLUMN_LABELS.get(column, column)}"


def latest_reasons(filing: MonthlyFiling) -> tuple[str, dict[str, str]]:
    """Why the return came back: the general reason and those per field, of the latest return."""
    if filing.state != MonthlyFiling.State.RETURNED:
        return "", {}
    event = (
        filing.events.filter(
            action__in=[FilingEvent.Action.RETURNED, FilingEvent.Action.REOPENED]
        )
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
        (cell.key, f"{row.name} {cell.label}" if cell.key.startswith("class") else
         field_label(cell.key))
        for row in [*rows["classes"], *rows["posts"]]
        for cell in row.cells
        if cell.value is not None and not cell.key.endswith(":children")
    ]
    return [
        ReasonField(key, label, reasons.get(key, "")) for key, label in cells if key not in changed
    ]

"""Checks of a monthly return, on what was typed. Plain Python, no database.

Two kinds, in the words of the annual statistics that directors know: a 逻辑校验 must be mended
before the return can be submitted; an 经验校验 may stand if the reason is written down.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kindergartens.rules import school_year

SEXES = ("boys", "girls")
AGES = ("age3", "age4", "age5", "age6")
COLUMN_LABELS = {
    "boys": "男",
    "girls": "女",
    "age3": "3岁",
    "age4": "4岁",
    "age5": "5岁",
    "age6": "6岁以上",
}
GRADE_LABELS = {
    "nursery": "托班",
    "small": "小班",
    "middle": "中班",
    "large": "大班",
    "mixed": "混合班",
}
POST_LABELS = {
    "principal": "园长",
    "full_time_teacher": "专任教师",
    "childcare_worker": "保育员",
    "health_staff": "卫生保健人员",
    "administrative": "行政人员",
    "teaching_assistant": "教辅人员",
    "service_staff": "工勤人员",
}
CERTIFIED_POSTS = ("principal", "full_time_teacher")

# What a Chinese keyboard types in full-width mode; nothing else that merely looks like a digit.
FULL_WIDTH = str.maketrans("０１２３４５６７８９－−．，", "0123456789--.,")
WITH_SEPARATORS = re.compile(r"^\d{1,3}(,\d{3})+$")
MOST_IN_A_NAME, MOST_IN_A_NOTE, MOST_IN_REMARKS = 30, 300, 500
MOST_IN_A_CLASS_CELL = 200
MOST_STAFF_IN_A_POST = 2000
MOST_CLASSES = 60
# What moved this much since last month is explained (经验校验): children of a class, of all.
UNUSUAL_CHANGE = 6
UNUSUAL_TOTAL_CHANGE = 15


def compares_with_last(month: dt.date, last_month: dt.date) -> bool:
    """Within one school year only: over the summer classes move up, a name means others."""
    return school_year(month) == school_year(last_month)


@dataclass(frozen=True)
class Cell:
    """One typed number: as typed, as understood (None when empty or wrong), what is wrong."""

    raw: str
    value: int | None
    error: str = ""

    @property
    def number(self) -> int:
        """The count of a cell that passed the checks; ValueError for one that did not."""
        if self.value is None:
            raise ValueError(self.error)
        return self.value


def read_count(raw: Any, label: str, most: int) -> Cell:
    """Understand a typed head-count. Full-width digits count; anything else is named, not dropped."""
    text = str(raw if raw is not None else "").strip()
    digits = text.translate(FULL_WIDTH)
    if WITH_SEPARATORS.match(digits):
        digits = digits.replace(",", "")
    if not digits:
        return Cell(text, None, f"{label}没有填。没有人请填0。")
    if digits.startswith("-") and digits[1:].isdecimal():
        return Cell(text, None, f"{label}不能是负数，填0或正整数。")
    if not (digits.isascii() and digits.isdecimal()):
        return Cell(text, None, f"{label}要填整数，不能写“{text[:12]}”，例如12。")
    if len(digits) > 9 or int(digits) > most:
        return Cell(text, None, f"{label}填了{digits[:12]}，超过{most}。请核对是不是多打了位数。")
    return Cell(text, int(digits))


@dataclass
class ClassRow:
    """One class as typed, with what is wrong (errors) and what is unusual (warnings)."""

    name: str
    grade: str
    cells: dict[str, Cell]
    note: str = ""
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    last: LastClass | None = None
    # The change since last month that is unusual, in words: a reason is asked for.
    unusual_change: str = ""

    @property
    def needs_note(self) -> bool:
        return bool(self.unusual_change)

    @property
    def is_nursery(self) -> bool:
        return self.grade == "nursery"

    @property
    def children(self) -> int | None:
        """Boys and girls together; None while either is missing or wrong."""
        boys, girls = self.cells["boys"].value, self.cells["girls"].value
        return None if boys is None or girls is None else boys + girls

    @property
    def change(self) -> int | None:
        if self.children is None or self.last is None:
            return None
        return self.children - self.last.children


@dataclass(frozen=True)
class LastClass:
    """The same class in the last return, to compare with."""

    grade: str
    counts: Mapping[str, int]

    @property
    def children(self) -> int:
        return self.counts["boys"] + self.counts["girls"]


@dataclass
class StaffRow:
    post: str
    people: Cell
    certified: Cell | None
    errors: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        return POST_LABELS[self.post]


@dataclass
class Review:
    """A return as understood: rows, staff, totals, and everything that must or should be mended."""

    classes: list[ClassRow]
    staff: list[StaffRow]
    errors: list[str]
    remarks: str
    # What is unusual about the return as a whole; explained in the remarks.
    warnings: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(anchor of the field, message) of everything that stops submission, in page order."""
        found: list[tuple[str, str]] = [("classes", message) for message in self.errors]
        for index, row in enumerate(self.classes):
            name = row.name or f"第{index + 1}个班"
            for column, cell in row.cells.items():
                if cell.error:
                    found.append((f"class-{index}-{column}", f"{name}：{cell.error}"))
            found.extend((f"class-{index}-name", message) for message in row.errors)
            if row.needs_note and not row.note:
                found.append((f"class-{index}-note", f"{row.unusual_change}请写明原因。"))
        if len(self.remarks) > MOST_IN_REMARKS:
            found.append(
                (
                    "remarks",
                    f"其他情况写了{len(self.remarks)}字，最多{MOST_IN_REMARKS}字。请删减。",
                )
            )
        if not self.remarks:
            found.extend(
                ("remarks", f"{message}请在“其他情况”里写明原因。") for message in self.warnings
            )
        for person in self.staff:
            if person.people.error:
                found.append((f"staff-{person.post}", person.people.error))
            if person.certified is not None and person.certified.error:
                found.append((f"staff-{person.post}-certified", person.certified.error))
            found.extend((f"staff-{person.post}-certified", m) for m in person.errors)
        return found

    @property
    def may_be_submitted(self) -> bool:
        return not self.problems

    def total(self, column: str, *, nursery: bool = False) -> int | None:
        """Sum of a column over the classes in the rates (or the nursery classes).

        None while a cell is missing or wrong: a missing count is never 0.
        """
        values = [row.cells[column].value for row in self.classes if row.is_nursery == nursery]
        if any(value is None for value in values):
            return None
        return sum(value for value in values if value is not None)

    @property
    def enrolled_children(self) -> int | None:
        boys, girls = self.total("boys"), self.total("girls")
        return None if boys is None or girls is None else boys + girls


def review(
    draft: Mapping[str, Any],
    last: Mapping[str, LastClass],
    limits: Mapping[str, int],
    *,
    compare_with_last: bool,
) -> Review:
    """Understand and check a draft.

    `last` are the classes of the last return by name; `limits` the class sizes by grade.
    `compare_with_last`: see compares_with_last.
    """
    raw_classes = [row for row in draft.get("classes", []) if isinstance(row, Mapping)]
    rows = [_read_class(row, last, limits, compare_with_last) for row in raw_classes]
    errors = _errors_between(rows)
    if len(raw_classes) > MOST_CLASSES:
        errors.append(f"一所园最多填{MOST_CLASSES}个班，现有{len(raw_classes)}个。请核对。")
    if not rows:
        errors.append("还没有填班级。请至少填一个班；本月没有幼儿的，填一个班，人数填0。")
    staff_draft = draft.get("staff", {})
    staff = [
        _read_staff(post, staff_draft.get(post, {}) if isinstance(staff_draft, Mapping) else {})
        for post in POST_LABELS
    ]
    found = Review(rows, staff, errors, str(draft.get("remarks", "")).strip())
    if compare_with_last and last:
        found.warnings = _unusual_as_a_whole(found, last)
    return found


def _unusual_as_a_whole(found: Review, last: Mapping[str, LastClass]) -> list[str]:
    names = {row.name for row in found.classes}
    warnings = [
        f"上月的{name}（{row.children}人）本月没有了。"
        for name, row in last.items()
        if name not in names and row.children
    ]
    before = sum(row.children for row in last.values() if row.grade != "nursery")
    now = found.enrolled_children
    explained = any(row.needs_note for row in found.classes)
    if now is not None and not explained and abs(now - before) >= UNUSUAL_TOTAL_CHANGE:
        word = "多" if now > before else "少"
        warnings.append(f"在园合计比上月{word}{abs(now - before)}人（{before}人变为{now}人）。")
    return warnings


def _read_class(
    raw: Mapping[str, Any],
    last: Mapping[str, LastClass],
    limits: Mapping[str, int],
    compare_with_last: bool,
) -> ClassRow:
    name = str(raw.get("name", "")).strip()
    grade = str(raw.get("grade", ""))
    columns = SEXES if grade == "nursery" else SEXES + AGES
    cells = {
        column: read_count(raw.get(column), COLUMN_LABELS[column], MOST_IN_A_CLASS_CELL)
        for column in columns
    }
    for column in AGES:
        cells.setdefault(column, Cell("", 0))
    row = ClassRow(name, grade, cells, str(raw.get("note", "")).strip(), last=last.get(name))
    if not name:
        row.errors.append("班级名称没有填，例如“小一班”。")
    if len(name) > MOST_IN_A_NAME:
        row.errors.append(f"班级名称“{name[:10]}…”有{len(name)}个字，最多{MOST_IN_A_NAME}个。")
    if len(row.note) > MOST_IN_A_NOTE:
        row.errors.append(f"{name}的原因写了{len(row.note)}字，最多{MOST_IN_A_NOTE}字。请删减。")
    if grade not in GRADE_LABELS:
        row.errors.append(f"{name or '这个班'}没有选年级，请选托、小、中、大或混合班。")
        return row
    _check_sexes_against_ages(row)
    _note_what_is_unusual(row, limits, compare_with_last)
    return row


def _check_sexes_against_ages(row: ClassRow) -> None:
    if row.is_nursery or row.children is None:
        return
    ages = [row.cells[column].value for column in AGES]
    if any(age is None for age in ages):
        return
    by_age = sum(age for age in ages if age is not None)
    if by_age != row.children:
        row.errors.append(
            f"{row.name}男女合计{row.children}人，各年龄合计{by_age}人，"
            f"相差{abs(row.children - by_age)}人。请核对。"
        )


def _note_what_is_unusual(
    row: ClassRow, limits: Mapping[str, int], compare_with_last: bool
) -> None:
    limit = limits.get(row.grade)
    if limit is not None and row.children is not None and row.children > limit:
        row.warnings.append(
            f"{row.name}{row.children}人，{GRADE_LABELS[row.grade]}班额不超过{limit}人，"
            f"多{row.children - limit}人。"
        )
    if compare_with_last and row.change is not None and abs(row.change) >= UNUSUAL_CHANGE:
        word = "多" if row.change > 0 else "少"
        assert row.last is not None  # noqa: S101 - a change has something to compare with
        row.unusual_change = (
            f"{row.name}比上月{word}{abs(row.change)}人"
            f"（{row.last.children}人变为{row.children}人）。"
        )
        row.warnings.append(row.unusual_change)


def _errors_between(rows: list[ClassRow]) -> list[str]:
    seen: dict[str, int] = {}
    for row in rows:
        if row.name:
            seen[row.name] = seen.get(row.name, 0) + 1
    return [
        f"有{count}个班都叫“{name}”。请改成不同的班名。"
        for name, count in seen.items()
        if count > 1
    ]


def _read_staff(post: str, raw: Any) -> StaffRow:
    label = POST_LABELS[post]
    values = raw if isinstance(raw, Mapping) else {}
    people = read_count(values.get("people"), label, MOST_STAFF_IN_A_POST)
    certified = None
    row_errors: list[str] = []
    if post in CERTIFIED_POSTS:
        certified = read_count(values.get("certified"), f"{label}持证人数", MOST_STAFF_IN_A_POST)
        if (
            people.value is not None
            and certified.value is not None
            and certified.value > people.value
        ):
            row_errors.append(
                f"{label}持证{certified.value}人，多于{label}{people.value}人。请核对。"
            )
    return StaffRow(post, people, certified, row_errors)

"""A submitted version beside last month's: rows of cells, and a place for reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindergartens.models import ClassCount, FilingExplanation
from reports.filings.checks import (
    AGES,
    COLUMN_LABELS,
    GRADE_LABELS,
    MORE,
    PARTS,
    SECTIONS,
    SEXES,
    About,
    Begins,
    Field,
    Part,
    Section,
    catalogue,
    in_percent,
    rate_in_tenths,
    text_at,
)
from reports.filings.checks.cells import said_day
from reports.filings.checks.sections.declaring import Kind
from reports.filings.presenters.history import field_label
from reports.filings.presenters.same import same_sections
from reports.filings.submitted import Submitted, names_before
from safety.rules import NO


@dataclass(frozen=True)
class ContentCell:
    """One value of a submitted version beside last month's."""

    key: str
    label: str
    value: int | str | None
    last: int | str | None
    compares: bool
    # Words, a choice or a day: nothing there is nothing said, no number that is missing.
    is_words: bool = False

    @property
    def changed(self) -> bool:
        return self.compares and self.last is not None and self.value != self.last

    @property
    def text(self) -> str:
        if self.value is None:
            return "" if self.is_words else "—"
        return str(self.value)


@dataclass(frozen=True)
class ContentRow:
    name: str
    cells: list[ContentCell]
    note: str = ""
    is_new: bool = False
    # Of a class; `last_name` and `last_grade` only where it was another last month.
    last_name: str = ""
    grade: str = ""
    last_grade: str = ""

    @property
    def label(self) -> str:
        return self.name


def content(
    now: Submitted,
    last: Submitted | None,
    explanations: Sequence[FilingExplanation],
    checked: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A submitted version as rows of cells: `classes`, `class_totals`, `sections`,
    `explanations`.

    `since`: how the month is called that it is compared with (Submitted.called_in). `checked`: what
    stands beside the answers of the safety section, by item (self_checks.beside_answers).
    """
    reasons: dict[str, list[str]] = {}
    for one in explanations:
        # A row of a section goes by its number, which may be the name of a class.
        check = catalogue().get(one.code)
        if check is not None and check.about == About.ROW:
            continue
        reasons.setdefault(one.place, []).append(one.text)
    earlier = names_before(now, last)
    before = {name: last.classes[there] for name, there in earlier.items()} if last else {}
    classes = [
        _class_content(
            name,
            row,
            before.get(name),
            # Returns of before there were reasons by finding had one note a class.
            "；".join(filter(None, [row.note, *reasons.get(name, [])])),
            is_new=last is not None and name not in before,
        )
        for name, row in now.classes.items()
    ]
    counted = [row for row in now.classes.values() if row.grade != "nursery"]
    sums = {column: sum(getattr(row, column) for row in counted) for column in SEXES + AGES}
    ordered = ["boys", "girls", "children", *AGES]
    sums["children"] = sums["boys"] + sums["girls"]
    labels = COLUMN_LABELS | {"children": "合计"}
    return {
        "content": now,
        "since": "上月" if last is None else last.called_in(now.month),
        "explanations": explanations,
        "attention": attention(now),
        "same_sections": same_sections(now, last),
        "classes": classes,
        "class_totals": [
            ContentCell("", labels[column], sums[column], None, compares=False)
            for column in ordered
        ],
        # None of a version of before flows, attendance and parts were asked for.
        "more": [
            _more_content(name, row, before.get(name))
            for name, row in now.classes.items()
            if row.asked_for_more
        ],
        "days_open": now.version.days_open,
        "attendance": _attendance(list(now.classes.values()), now.version.days_open),
        "sections": [
            section_content(
                section,
                now.part(code),
                last.part(code) if last else {},
                (checked or {}) if code == "safety" else {},
            )
            for code, section in SECTIONS.items()
        ],
    }


def _class_content(
    name: str, row: ClassCount, before: ClassCount | None, note: str, *, is_new: bool
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
    moved = before is not None and before.grade != row.grade
    return ContentRow(
        name,
        cells,
        note,
        is_new=is_new,
        last_name=before.name if before is not None and before.name != name else "",
        grade=GRADE_LABELS[row.grade],
        last_grade=GRADE_LABELS[before.grade] if before is not None and moved else "",
    )


def _more_content(name: str, row: ClassCount, before: ClassCount | None) -> ContentRow:
    cells = [
        ContentCell(
            f"class:{name}:{column}",
            COLUMN_LABELS[column],
            getattr(row, column),
            getattr(before, column, None) if column in PARTS else None,
            compares=column in PARTS,
        )
        for column in MORE
    ]
    return ContentRow(name, cells)


def _attendance(classes: Sequence[ClassCount], days_open: int | None) -> str:
    """The attendance rate of all classes together, or "" where it cannot be computed."""
    attended = [row.attended for row in classes if row.attended is not None]
    due = sum(row.children for row in classes) * (days_open or 0)
    if len(attended) < len(classes) or not due:
        return ""
    return f"{in_percent(rate_in_tenths(sum(attended), due))}%"


@dataclass(frozen=True)
class SectionContent:
    """A declared section of a version. `is_asked` False: nobody was asked for it then."""

    section: Section
    rows: list[ContentRow]
    totals: list[ContentCell]
    is_asked: bool

    @property
    def fields(self) -> list[Field]:
        """The columns: a tick about the section as a whole is none."""
        return [one for one in self.section.shown_fields if one.kind != Kind.TICK]


def section_content(
    section: Section, now: Part, last: Part, beside: Mapping[str, str]
) -> SectionContent:
    """What is there, row by row, with last month's beside what changed, and a note `beside` a row."""
    was_asked = section.says_something(last)
    rows = []
    fields = [one for one in section.shown_fields if one.kind != Kind.TICK]
    for row in section.rows_in(now):
        if not any(one.asked_of(row) for one in fields):
            continue
        cells = []
        for one in fields:
            compares = was_asked and one.begins == Begins.AS_LAST and one.asked_of(row)
            cells.append(
                ContentCell(
                    f"{section.code}:{row}:{one.name}",
                    one.label,
                    one.value(text_at(now, row, one.name)),
                    one.value(text_at(last, row, one.name)),
                    compares=compares,
                    is_words=one.kind not in {Kind.COUNT, Kind.MONEY},
                )
            )
        rows.append(ContentRow(section.title_in(now, row), cells, beside.get(row, "")))
    return SectionContent(
        section, rows, _section_totals(section, rows), section.says_something(now)
    )


def attention(now: Submitted) -> list[str]:
    """What a reviewer reads first: every 否 of the self-check, every incident, in one sentence each."""
    safety, incidents = SECTIONS["safety"], SECTIONS["incidents"]
    found = [
        f"安全自查{safety.rows.get(item, item)}答“否”：{cells['account']}，"
        f"整改期限{said_day(cells['repair_by'])}。"
        for item, cells in now.part("safety").items()
        if cells["answer"] == NO
    ]
    for row, cells in now.part("incidents").items():
        if "occurred_on" not in cells:
            continue
        said = {one.name: one.value(cells.get(one.name, "")) for one in incidents.fields}
        hurt = f"受伤儿童{said['children_hurt']}人、教职工{said['staff_hurt']}人"
        found.append(
            f"{incidents.rows[row]}，{said['occurred_on']}，{said['kind']}，{hurt}："
            f"{said['account']}（{said['reported_at']}上报）"
        )
    return found


def _section_totals(section: Section, rows: Sequence[ContentRow]) -> list[ContentCell]:
    """The sums of the fields that are summed; none where the section has none."""
    if not any(one.is_summed for one in section.fields):
        return []
    totals = []
    for at, one in enumerate(section.fields):
        values = [row.cells[at].value for row in rows]
        known = [value for value in values if isinstance(value, int)]
        total = sum(known) if one.is_summed and values and len(known) == len(values) else None
        totals.append(ContentCell("", one.label, total, None, compares=False))
    return totals


@dataclass(frozen=True)
class ReasonField:
    key: str
    label: str
    reason: str


def reason_fields(
    rows: dict[str, Any], changed: set[str], reasons: Mapping[str, str]
) -> list[ReasonField]:
    """A place for a reason at every value that did not change."""
    said: Submitted = rows["content"]
    cells = [
        (cell.key, field_label(cell.key, said.parts))
        for row in [
            *rows["classes"],
            *rows["more"],
            *(row for section in rows["sections"] for row in section.rows),
        ]
        for cell in row.cells
        if cell.value is not None and not cell.key.endswith(":children")
    ]
    return [
        ReasonField(key, label, reasons.get(key, "")) for key, label in cells if key not in changed
    ]

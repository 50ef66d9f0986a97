"""The declared sections on the form: cells with last month beside them, what is wrong, what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.filings.checks import (
    Begins,
    Cell,
    Field,
    PartReview,
    Review,
    Section,
    text_at,
)
from reports.filings.checks.sections.incidents import MONTH
from reports.filings.presenters.rows import Asked
from reports.filings.submitted import Submitted
from safety.rules import NOT_APPLICABLE, SafetyItem, safety_items

# Of rows that may be there, how many more a page has room for.
MOST_BLANK = 3


@dataclass
class SectionCell:
    """One cell: what was typed, what the last return says there (None: nothing to compare with)."""

    field: Field
    label: str
    input_name: str
    value: str
    last: str | None
    errors: list[str]
    # A reason was given here when the return came back.
    is_asked: bool = False

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def kind(self) -> str:
        return self.field.kind.value

    @property
    def section(self) -> str:
        """Its code, as its form field begins."""
        return self.input_name.partition("-")[0]

    @property
    def is_changed(self) -> bool:
        return self.last is not None and self.value != self.last

    @property
    def shows_last(self) -> bool:
        """Flows are compared with none, not with last month's."""
        return self.field.begins == Begins.AS_LAST

    @property
    def last_words(self) -> str:
        return "" if not self.last else str(self.field.value(self.last))


@dataclass
class SectionRow:
    """`cells` has None where a field is not asked of the row; `change` is of its first number."""

    code: str
    label: str
    input_name: str
    cells: list[SectionCell | None]
    findings: list[str]
    change: int | None
    asked: list[Asked] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        return [text for cell in self.cells if cell for text in cell.errors] + self.findings

    @property
    def is_blank(self) -> bool:
        return not any(cell.value for cell in self.cells if cell)

    @property
    def item(self) -> SafetyItem:
        """Of the self-check: what 是 means there."""
        return safety_items()[self.code]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The answers offered; not 不适用 where every kindergarten has the thing."""
        field = next(cell.field for cell in self.cells if cell and cell.field.choices)
        item = safety_items().get(self.code)
        return [
            (code, words)
            for code, words in field.choices.items()
            if code != NOT_APPLICABLE or item is None or item.may_lack
        ]


@dataclass
class SectionView:
    """`findings` are about the section as a whole; `whole` is its row of that (本月无), where it has one."""

    section: Section
    rows: list[SectionRow]
    total: int | None
    findings: list[str]
    whole: SectionCell | None = None

    @property
    def code(self) -> str:
        return self.section.code


def section_views(
    review: Review, last: Submitted | None, *, refused: bool
) -> dict[str, SectionView]:
    """By code. What begins empty is called missing only once a submission was `refused`."""
    return {code: _view(part, last, refused=refused) for code, part in review.parts.items()}


def _view(part: PartReview, last: Submitted | None, *, refused: bool) -> SectionView:
    section = part.section
    before = None if last is None else last.part(section.code)
    first = section.fields[0]
    rows = []
    shown = dict(part.cells)
    for row in blank_rows(part):
        shown[row] = {one.name: Cell("", None) for one in section.fields if one.asked_of(row)}
    order = list(section.rows)
    for row, cells in sorted(shown.items(), key=lambda one: order.index(one[0])):
        called = section.title_in({row: {name: cell.raw for name, cell in cells.items()}}, row)
        views = [
            _cell(
                section, row, f"{called}{one.after}", one, cells[one.name], before, refused=refused
            )
            if one.name in cells
            else None
            for one in section.fields
        ]
        now, was = part.value(row, first.name), first.value(text_at(before, row, first.name))
        rows.append(
            SectionRow(
                row,
                called,
                section.input_name(row, first.name),
                views,
                [one.text for one in part.errors_of(row)],
                now - was if isinstance(now, int) and isinstance(was, int) else None,
            )
        )
    of_whole = [one.text for one in part.errors if one.place not in section.rows]
    view = SectionView(section, rows, part.total(first.name), of_whole if refused else [])
    if section.is_open and rows and rows[0].code == MONTH:
        view.whole = next(cell for cell in rows.pop(0).cells if cell)
    return view


def blank_rows(part: PartReview) -> list[str]:
    """Rows that are not there yet, as many as the page offers."""
    if not part.section.is_open:
        return []
    absent = [row for row in part.section.rows if row not in part.cells]
    whole = [row for row in absent if row == MONTH]
    return whole + [row for row in absent if row != MONTH][:MOST_BLANK]


def _cell(
    section: Section,
    row: str,
    label: str,
    one: Field,
    cell: Cell,
    before: object,
    *,
    refused: bool,
) -> SectionCell:
    last: str | None = None
    if one.begins == Begins.AT_ZERO:
        last = "0"
    elif one.begins == Begins.AS_LAST:
        last = section.carried(before, row, one) or None
    is_missing = not cell.raw and not last
    return SectionCell(
        one,
        label,
        section.input_name(row, one.name),
        cell.raw,
        last,
        [cell.error] if cell.error and (refused or not is_missing) else [],
    )

"""What was asked for when a return came back, at the fields of the form that answers it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kindergartens.models import MonthlyFiling
from reports.filings.checks import GRADE_LABELS, SECTIONS, read_count, text_at
from reports.filings.presenters.comparison import value_at
from reports.filings.presenters.form import GradeView
from reports.filings.presenters.history import field_label, latest_reasons, standing_return
from reports.filings.presenters.rows import Asked
from reports.filings.presenters.sections import SectionView
from reports.filings.submitted import Submitted, read_version

# Any number that a field takes: only whether it is the returned one is asked here.
ANY = 10**9


def asked(filing: MonthlyFiling, draft: Mapping[str, Any]) -> tuple[str, list[Asked]]:
    """The general reason, and those per field in the order they were given; also of gone fields."""
    reason, reasons = latest_reasons(filing)
    if not reasons:
        return reason, []
    event = standing_return(filing)
    version = filing.versions.get(version=event.version if event else filing.version)
    before = read_version(version)
    return reason, [_asked(key, text, before, draft) for key, text in reasons.items()]


def _asked(key: str, text: str, before: Submitted, draft: Mapping[str, Any]) -> Asked:
    returned = value_at(before, key)
    kind, _, rest = key.partition(":")
    name, _, column = rest.rpartition(":")
    label = field_label(key, before.parts)
    if kind == "class":
        classes: Sequence[Mapping[str, Any]] = draft.get("classes", [])
        number = next(
            (n for n, row in enumerate(classes) if str(row.get("name", "")).strip() == name), None
        )
        if number is None:
            return Asked(label, text, "", None, is_done=True, is_gone=True)
        field = f"class-{number}-{column}"
        if column == "name":
            return Asked(label, text, field, None, is_done=False)
        if column == "grade":
            # A class is put into another grade by its row: its name leads there.
            grade = GRADE_LABELS.get(str(classes[number].get("grade")))
            return Asked(label, text, f"class-{number}-name", returned, grade != returned)
        return Asked(label, text, field, returned, _differs(classes[number].get(column), returned))
    section = SECTIONS.get(kind)
    cell = section.field(column) if section else None
    if section and cell:
        typed = text_at(draft.get(kind), name, column)
        return Asked(
            label, text, section.input_name(name, column), returned, cell.value(typed) != returned
        )
    return Asked(label, text, "", None, is_done=False)


def _differs(typed: Any, returned: int | str | None) -> bool:
    return read_count(typed, "", ANY).value != returned


def put_at_fields(
    reasons: Sequence[Asked], grades: Sequence[GradeView], sections: Collection[SectionView]
) -> None:
    """Hang each reason on the row and the cell it was given for."""
    by_input: dict[str, list[Asked]] = {}
    for one in reasons:
        if one.input_name:
            by_input.setdefault(one.input_name, []).append(one)
    for grade in grades:
        for row in grade.rows:
            fields = [*row.fields, *row.more_fields]
            names = [f"{row.prefix}-name", *(cell.input_name for cell in fields)]
            row.asked = [one for name in names for one in by_input.get(name, [])]
            for cell in fields:
                cell.is_asked = cell.input_name in by_input
    for line in (row for section in sections for row in section.rows):
        here = [cell for cell in line.cells if cell is not None]
        line.asked = [reason for cell in here for reason in by_input.get(cell.input_name, [])]
        for place in here:
            place.is_asked = place.input_name in by_input

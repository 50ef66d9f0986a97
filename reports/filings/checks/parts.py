"""A declared section as understood: its cells, and what is wrong with them. See sections/declaring.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reports.filings.checks.catalogue import Finding
from reports.filings.checks.cells import Cell

if TYPE_CHECKING:
    from reports.filings.checks.sections.declaring import Section


@dataclass
class PartReview:
    """`cells` by row and field, only of rows that are there; findings are about a row (`place`)."""

    section: Section
    cells: Mapping[str, Mapping[str, Cell]]
    errors: list[Finding] = field(default_factory=list)

    def text(self, row: str, name: str) -> str:
        """As typed; "" where nothing was, or the row is not there."""
        return self.cells[row][name].raw if name in self.cells.get(row, {}) else ""

    def value(self, row: str, name: str) -> int | None:
        """A count; None where it is not asked, missing or wrong."""
        return self.cells[row][name].value if name in self.cells.get(row, {}) else None

    def total(self, name: str) -> int | None:
        """Sum over all rows; None while one is missing or wrong: a missing count is never 0."""
        values = [row[name].value for row in self.cells.values() if name in row]
        known = [value for value in values if value is not None]
        return sum(known) if values and len(known) == len(values) else None

    def errors_of(self, row: str) -> list[Finding]:
        return [one for one in self.errors if one.place == row]

    @property
    def problems(self) -> Iterator[tuple[str, str]]:
        """(anchor of the field, message) of everything that stops submission, in page order."""
        for row, cells in self.cells.items():
            for name, cell in cells.items():
                if cell.error:
                    yield self.section.input_name(row, name), cell.error
            for one in self.errors_of(row):
                yield self.section.input_name(row, one.fields[0]), one.text
        for one in self.errors:
            if one.place not in self.cells:
                yield one.fields[0], one.text

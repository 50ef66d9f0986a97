"""A return as understood: its classes, posts, totals, and everything found about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from reports.filings.checks.catalogue import Finding
from reports.filings.checks.cells import Cell
from reports.filings.checks.parts import PartReview
from reports.filings.checks.schedule import ScheduledLine


@dataclass(frozen=True)
class Peers:
    """How one figure lies among kindergartens of the same type; all but `peers` in hundredths."""

    peers: int
    median: int
    low: int
    high: int


@dataclass(frozen=True)
class Stated:
    """One figure of the annual statistics; more than `percent` and at least `least` off is unusual.

    `on` is the reference date in words.
    """

    on: str
    number: int
    percent: int
    least: int


@dataclass(frozen=True)
class LastClass:
    """The same class in the last return, to compare with."""

    grade: str
    counts: Mapping[str, int]

    @property
    def children(self) -> int:
        return self.counts["boys"] + self.counts["girls"]


@dataclass(frozen=True)
class Known:
    """What the checks compare with: the last return's classes by name, class sizes by grade.

    `compare_with_last`: see months.compares_with_last, `missed_since`: see months.missed_since.
    """

    last: Mapping[str, LastClass]
    limits: Mapping[str, int]
    compare_with_last: bool
    missed_since: int | None = None
    # Last month's return is the accepted one of the month before, so that flows must add up to it.
    flows: bool = False
    # Working days of the month; None where they are not asked about.
    working_days: int | None = None
    # How kindergartens of the same type lie, by the check's code: see peers.py.
    peers: Mapping[str, Peers] = field(default_factory=dict)
    days_open: int | None = None
    # Children of the classes that graduated since the last return.
    graduates: int = 0
    # The last return is of the school year before: see months.moves_up_once.
    moved_up_once: bool = False
    # People by post in the last return; empty where there is none.
    last_staff: Mapping[str, int] = field(default_factory=dict)
    # The month that is reported; None where no check asks.
    month: dt.date | None = None
    # The statistical day (统计时点), which the window of filling in may come before.
    reference_date: dt.date | None = None
    # Local time when it is checked; None of a version that is read, which was right in its time.
    now: dt.datetime | None = None
    # The fee schedule on the statistical day; None where nobody asks.
    schedule: Sequence[ScheduledLine] | None = None
    # Names on the county's list that day; None where nobody asks what is banned.
    listed: Collection[str] | None = None
    # Children of the draft who were there at some time of the month, by grade; None of a grade with
    # a class that is not filled in.
    were_here: Mapping[str, int | None] = field(default_factory=dict)
    # Classes of the last return that a class of this one says it was, whatever it is called now.
    claimed: Collection[str] = ()
    # What the annual statistics say, by the check's code: see statistics.py.
    stated: Mapping[str, Stated] = field(default_factory=dict)

    def name_in_last(self, name: str, was: str) -> str:
        """Which class of the last return a class is; its own name where it is none of them."""
        if was in self.last:
            return was
        return "" if name in self.claimed else name

    @property
    def follows_last(self) -> bool:
        """The last return is of the month before, within one school year."""
        return self.compare_with_last and self.missed_since is None

    @property
    def since(self) -> str:
        """How the last return's month is called: 上月, or 3月 where months were missed since."""
        return called(self.missed_since)


def called(missed_since: int | None) -> str:
    return "上月" if missed_since is None else f"{missed_since}月"


@dataclass
class ClassRow:
    """One class as typed, with what is wrong (errors) and what is unusual (warnings)."""

    name: str
    grade: str
    cells: dict[str, Cell]
    # The reasons typed for what is unusual, by the code of the check; also of what was mended since.
    explanations: Mapping[str, str] = field(default_factory=dict)
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    last: LastClass | None = None
    # As typed by the form: which class of the last return it was before it was renamed.
    was: str = ""
    # Under which the last return has it, if it does.
    name_in_last: str = ""

    @property
    def unexplained(self) -> list[Finding]:
        return [one for one in self.warnings if not self.explanations.get(one.code)]

    @property
    def is_nursery(self) -> bool:
        return self.grade == "nursery"

    @property
    def children(self) -> int | None:
        """Boys and girls together; None while either is missing or wrong."""
        boys, girls = self.cells["boys"].value, self.cells["girls"].value
        return None if boys is None or girls is None else boys + girls

    @property
    def were_here(self) -> int | None:
        """Children of the class at some time of the month: those who left since, too."""
        left = [self.cells[name].value for name in ("departed", "moved_out")]
        known = [value for value in left if value is not None]
        return None if self.children is None or len(known) < 2 else self.children + sum(known)

    def attendance_due(self, days_open: int | None) -> int | None:
        """应到人次: children × days open; None while either is not known."""
        return None if self.children is None or days_open is None else self.children * days_open

    @property
    def change(self) -> int | None:
        if self.children is None or self.last is None:
            return None
        return self.children - self.last.children


@dataclass
class Review:
    """A return as understood: classes, sections, totals, and all that must or should be mended."""

    classes: list[ClassRow]
    # The declared sections by code.
    parts: Mapping[str, PartReview]
    days_open: Cell
    remarks: str
    # The reasons typed for what is unusual about the return as a whole, by Finding.key.
    explanations: Mapping[str, str] = field(default_factory=dict)
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Finding]:
        """What is unusual about the return as a whole and has no reason yet."""
        return [one for one in self.warnings if not self.explanations.get(one.key)]

    @property
    def explained(self) -> list[tuple[Finding, str]]:
        """Everything unusual, of classes and of the whole, with the reason typed for it."""
        of_classes = [
            (one, row.explanations.get(one.code, ""))
            for row in self.classes
            for one in row.warnings
        ]
        of_the_whole = [(one, self.explanations.get(one.key, "")) for one in self.warnings]
        return [(one, text) for one, text in of_classes + of_the_whole if text]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(anchor of the field, message) of everything that stops submission, in page order."""
        found = [(one.fields[0], one.text) for one in self.errors if "remarks" not in one.fields]
        if self.days_open.error:
            found.append(("days_open", self.days_open.error))
        for index, row in enumerate(self.classes):
            name = row.name or f"第{index + 1}个班"
            for column, cell in row.cells.items():
                if cell.error:
                    found.append((f"class-{index}-{column}", f"{name}：{cell.error}"))
            found.extend((f"class-{index}-{one.fields[0]}", one.text) for one in row.errors)
            found.extend(
                (f"class-{index}-explain-{one.code}", f"{one.sentence}请写明原因。")
                for one in row.unexplained
            )
        found.extend(
            (f"explain-{one.key}", f"{one.sentence}请写明原因。") for one in self.unexplained
        )
        for part in self.parts.values():
            found += part.problems
        found += [("remarks", one.text) for one in self.errors if "remarks" in one.fields]
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
    def people(self) -> int | None:
        """All staff; None while a post is missing or wrong."""
        staff = self.parts.get("staff")
        return None if staff is None else staff.total("people")

    @property
    def enrolled_children(self) -> int | None:
        boys, girls = self.total("boys"), self.total("girls")
        return None if boys is None or girls is None else boys + girls

"""The cells of the statistics worksheet (基表), and how many questions are spared. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

AGES = ("age3", "age4", "age5", "age6")
SEX_COLUMNS = ("classes", "boys", "girls")
# Of all grades in the rates together.
PARTS = ("disabled", "left_behind", "migrant")
ALL_COLUMNS = (*SEX_COLUMNS, *AGES, *PARTS)
GRADES = ("nursery", "small", "middle", "large", "mixed")
POSTS = (
    "principal",
    "full_time_teacher",
    "childcare_worker",
    "health_staff",
    "administrative",
    "teaching_assistant",
    "service_staff",
)
CERTIFIED_POSTS = ("principal", "full_time_teacher")
NURSERY = "nursery"


def columns_of(grade: str) -> tuple[str, ...]:
    """What is asked of a grade: no rate counts a nursery class and no return asks for its ages."""
    return SEX_COLUMNS if grade == NURSERY else (*SEX_COLUMNS, *AGES)


@dataclass(frozen=True)
class Cell:
    """One cell of a form that asks for a number; None where nothing filed answers it."""

    code: str
    value: int | Decimal | None


def spared(cells: Iterable[Cell]) -> int:
    """免填项数: the cells of a form that nobody has to fill in, because what is filed answers them.

    A cell is one place where the form asks for a number. It counts when it holds a value taken from
    a counted return or from a register, a 0 that was counted too; without a value it does not. The
    same number asked by two forms is two cells: it would have been typed twice. Totals count where
    the form asks for them. What a form does not ask of a kindergarten, such as the ages of a grade
    it has not, is no cell.
    """
    return sum(cell.value is not None for cell in cells)


def worksheet(
    grades: Mapping[str, Mapping[str, int | None]],
    staff: Mapping[str, tuple[int, int | None]],
) -> list[Cell]:
    """The cells of one kindergarten's 基表 from its counted return.

    `grades`: of each grade it has the sums by column, with `classes`; None where the version was
    not asked. `staff`: people and certified of each post that the version has. The cells are those
    of each grade, then the children of all grades in the rates with their parts, and people by
    post: a post that the version lacks is a cell without a value, for the form asks for it.
    """
    cells = []
    for grade in GRADES:
        sums = grades.get(grade)
        if sums is None:
            continue
        cells += [Cell(f"{grade}:{column}", sums[column]) for column in columns_of(grade)]
    counted = [sums for grade, sums in grades.items() if grade != NURSERY]
    if counted:
        for column in ALL_COLUMNS:
            cells.append(Cell(f"all:{column}", _sum(sums[column] for sums in counted)))
    for post in POSTS:
        people, certified = staff.get(post, (None, None))
        cells.append(Cell(f"staff:{post}", people))
        if post in CERTIFIED_POSTS:
            cells.append(Cell(f"certified:{post}", certified))
    return cells


def _sum(values: Iterable[int | None]) -> int | None:
    """None where one of them was not told: a missing count is never 0."""
    known = list(values)
    return None if any(value is None for value in known) else sum(v for v in known if v is not None)

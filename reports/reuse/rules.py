"""The cells of the statistics worksheet (基表), and how many questions are spared. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

AGES = ("age3", "age4", "age5", "age6")
PARTS = ("disabled", "left_behind", "migrant")
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
    not asked. `staff`: people and certified of each post. Classes and children by sex of each grade,
    ages of all but the nursery class, which no rate counts and no return asks for ages; then the
    children of all grades in the rates, their parts, and people by post.
    """
    cells = []
    for grade in GRADES:
        sums = grades.get(grade)
        if sums is None:
            continue
        columns = ("classes", "boys", "girls") if grade == NURSERY else (
            "classes", "boys", "girls", *AGES,
        )  # fmt: skip
        cells += [Cell(f"{grade}:{column}", sums[column]) for column in columns]
    counted = [sums for grade, sums in grades.items() if grade != NURSERY]
    if counted:
        for column in ("classes", "boys", "girls", *AGES, *PARTS):
            cells.append(Cell(f"all:{column}", _sum(sums[column] for sums in counted)))
    for post in POSTS:
        if post not in staff:
            continue
        people, certified = staff[post]
        cells.append(Cell(f"staff:{post}", people))
        if post in CERTIFIED_POSTS:
            cells.append(Cell(f"certified:{post}", certified))
    return cells


def _sum(values: Iterable[int | None]) -> int | None:
    """None where one of them was not told: a missing count is never 0."""
    known = list(values)
    return None if any(value is None for value in known) else sum(v for v in known if v is not None)

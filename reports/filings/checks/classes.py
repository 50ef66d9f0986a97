"""Reading and checking one class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.filings.checks.catalogue import Finding, answers, found_by, threshold
from reports.filings.checks.cells import Cell, read_count
from reports.filings.checks.explaining import read_explanations
from reports.filings.checks.rows import ClassRow, Known
from reports.filings.checks.words import (
    AGES,
    COLUMN_LABELS,
    GRADE_LABELS,
    MORE,
    PARTS,
    SEXES,
    listed,
)

MOST_IN_A_CLASS_CELL = threshold("count_too_large", "class")
LEAST_OF_AGE = threshold("age_for_grade", "percent")
AGE_OF_GRADE = {"small": "age3", "middle": "age4", "large": "age5"}
MOST_ATTENDED = threshold("count_too_large", "attended")
MOST_IN_A_NAME = threshold("class_name_too_long", "length")


def most_in(column: str) -> int:
    """The largest number that a column of a class takes."""
    return MOST_ATTENDED if column == "attended" else MOST_IN_A_CLASS_CELL


def read_class(raw: Mapping[str, Any], known: Known) -> ClassRow:
    """One class of a draft, as understood; not checked yet."""
    name = str(raw.get("name", "")).strip()
    grade = str(raw.get("grade", ""))
    columns = (*SEXES, *(() if grade == "nursery" else AGES), *MORE)
    cells = {
        column: read_count(raw.get(column), COLUMN_LABELS[column], most_in(column))
        for column in columns
    }
    for column in AGES:
        cells.setdefault(column, Cell("", 0))
    explanations = read_explanations(raw.get("explanations"))
    was = str(raw.get("was", "")).strip()
    there = known.name_in_last(name, was)
    return ClassRow(
        name,
        grade,
        cells,
        explanations,
        last=known.last.get(there),
        was=was,
        name_in_last=there,
    )


@answers("class_name_missing", "class_name_too_long", "class_grade_missing")
def texts_of_a_class(row: ClassRow, known: Known) -> Iterator[Finding]:
    if not row.name:
        yield found_by("class_name_missing")
    if len(row.name) > MOST_IN_A_NAME:
        yield found_by(
            "class_name_too_long",
            row.name,
            start=row.name[:10],
            length=len(row.name),
            most=MOST_IN_A_NAME,
        )
    if row.grade not in GRADE_LABELS:
        yield found_by("class_grade_missing", row.name, name=row.name or "这个班")


@answers("sexes_equal_ages")
def sexes_equal_ages(row: ClassRow, known: Known) -> Iterator[Finding]:
    """Boys and girls together are as many as all ages together; nursery classes have no ages."""
    if row.is_nursery or row.children is None:
        return
    ages = {column: row.cells[column].value for column in AGES}
    by_age = [age for age in ages.values() if age is not None]
    if len(by_age) < len(AGES) or sum(by_age) == row.children:
        return
    asked = (*SEXES, *([column for column, age in ages.items() if age] or AGES))
    yield found_by(
        "sexes_equal_ages",
        row.name,
        asked,
        name=row.name or "这个班",
        children=row.children,
        by_age=sum(by_age),
        difference=abs(row.children - sum(by_age)),
        asked=listed([COLUMN_LABELS[column] for column in asked]),
    )


@answers("part_within_children")
def part_within_children(row: ClassRow, known: Known) -> Iterator[Finding]:
    """Each of 残疾, 留守, 随迁 and 资助 is at most all children of the class."""
    for column in PARTS:
        part = row.cells[column].value
        if part is not None and row.children is not None and part > row.children:
            yield found_by(
                "part_within_children",
                row.name,
                (column,),
                name=row.name or "这个班",
                label=COLUMN_LABELS[column],
                part=part,
                children=row.children,
            )


@answers("age_for_grade")
def age_for_grade(row: ClassRow, known: Known) -> Iterator[Finding]:
    """Most children are of the grade's age; 混合班 and 托班 have none."""
    column = AGE_OF_GRADE.get(row.grade)
    if column is None or not row.children:
        return
    of_age = row.cells[column].value
    if of_age is None or of_age * 100 >= row.children * LEAST_OF_AGE:
        return
    yield found_by(
        "age_for_grade",
        row.name,
        (column,),
        name=row.name or "这个班",
        grade=GRADE_LABELS[row.grade],
        age=COLUMN_LABELS[column],
        of_age=of_age,
        children=row.children,
    )


@answers("class_size")
def class_size(row: ClassRow, known: Known) -> Iterator[Finding]:
    """No more children than the grade's class size (班额)."""
    limit = known.limits.get(row.grade)
    if limit is None or row.children is None or row.children <= limit:
        return
    yield found_by(
        "class_size",
        row.name,
        name=row.name or "这个班",
        children=row.children,
        grade=GRADE_LABELS[row.grade],
        limit=limit,
        over=row.children - limit,
    )

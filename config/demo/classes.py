"""Classes of a kindergarten, month after month: sizes, sexes, ages, promotion in September."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.demo.parts import apportion, partition
from kindergartens.models import ClassCount

Grade = ClassCount.Grade

# Children per class by rule of the kindergarten regulation (幼儿园工作规程 Art 11).
LIMITS = {Grade.SMALL: 25, Grade.MIDDLE: 30, Grade.LARGE: 35, Grade.MIXED: 30}
MAIN_AGE = {Grade.SMALL: 0, Grade.MIDDLE: 1, Grade.LARGE: 2}
PREFIX = {
    Grade.NURSERY: "托",
    Grade.SMALL: "小",
    Grade.MIDDLE: "中",
    Grade.LARGE: "大",
    Grade.MIXED: "混合",
}
PROMOTED = (Grade.SMALL, Grade.MIDDLE, Grade.LARGE)
ORDER = [Grade.NURSERY, Grade.SMALL, Grade.MIDDLE, Grade.LARGE, Grade.MIXED]
NUMERALS = "一二三四五六七八九十"
SMALLEST_CLASS = 6


@dataclass(frozen=True)
class ClassRow:
    """One class. `ages` counts children of 3, 4, 5 and 6 or more years; a nursery has none."""

    grade: Grade
    number: int
    boys: int
    girls: int
    ages: tuple[int, int, int, int]
    note: str = ""

    @property
    def children(self) -> int:
        return self.boys + self.girls

    @property
    def name(self) -> str:
        tens, ones = divmod(self.number - 1, 10)
        numeral = ("十" if tens else "") + NUMERALS[ones]
        return f"{PREFIX[self.grade]}{numeral}班"


def make_class(rng: random.Random, grade: Grade, number: int, children: int) -> ClassRow:
    boys = min(children, max(0, children // 2 + rng.randint(-1, 2)))
    if grade == Grade.NURSERY:
        ages = (0, 0, 0, 0)
    elif grade == Grade.MIXED:
        three, four, five = partition(rng, children, 3)
        ages = (three, four, five, 0)
    else:
        older = min(children, rng.choice([0, 0, 0, 1, 1, 2]))
        counts = [0, 0, 0, 0]
        counts[MAIN_AGE[grade]] = children - older
        counts[MAIN_AGE[grade] + 1] = older
        ages = (counts[0], counts[1], counts[2], counts[3])
    return ClassRow(grade, number, boys, children - boys, ages)


def make_classes(rng: random.Random, children: int, nursery: int = 0) -> list[ClassRow]:
    """Classes that add up to `children` (nursery children apart), mostly within the limits."""
    classes = [make_class(rng, Grade.NURSERY, 1, nursery)] if nursery else []
    if children < 48:
        count = -(-children // LIMITS[Grade.MIXED])
        return classes + [
            make_class(rng, Grade.MIXED, at, size)
            for at, size in enumerate(partition(rng, children, count, 0.1), 1)
        ]
    weights = [rng.uniform(0.29, 0.33), rng.uniform(0.32, 0.35), rng.uniform(0.33, 0.37)]
    for grade, total in zip(PROMOTED, apportion(children, weights), strict=True):
        classes += _of_grade(rng, grade, total)
    return classes


def _of_grade(rng: random.Random, grade: Grade, children: int) -> list[ClassRow]:
    count = -(-children // (LIMITS[grade] - 1))
    if count > 2 and rng.random() < 0.12:
        count -= 1
    sizes = partition(rng, children, count, 0.06)
    return [make_class(rng, grade, at, size) for at, size in enumerate(sizes, 1)]


def classes_of_sizes(
    rng: random.Random, sizes: Mapping[Grade, tuple[int, ...]], nursery: int
) -> list[ClassRow]:
    classes = [make_class(rng, Grade.NURSERY, 1, nursery)] if nursery else []
    return classes + [
        make_class(rng, grade, at, size)
        for grade, of_grade in sizes.items()
        for at, size in enumerate(of_grade, 1)
    ]


def drift(rng: random.Random, classes: list[ClassRow]) -> list[ClassRow]:
    """The month beside: a child more or less in some classes."""
    return [_grown(rng, row, rng.choice([-1, 1])) if rng.random() < 0.2 else row for row in classes]


def _grown(rng: random.Random, row: ClassRow, change: int) -> ClassRow:
    """The class with `change` children more; never below the smallest class."""
    change = max(change, SMALLEST_CLASS - row.children)
    boys = row.boys
    girls = row.girls
    for _ in range(abs(change)):
        step = 1 if change > 0 else -1
        if (rng.random() < 0.5 and boys + step >= 0) or girls + step < 0:
            boys += step
        else:
            girls += step
    if row.grade == Grade.NURSERY:
        return replace(row, boys=boys, girls=girls)
    ages = list(row.ages)
    left = change
    while left:
        step = 1 if left > 0 else -1
        at = max(range(4), key=lambda age: ages[age])
        ages[at] += step
        left -= step
    return replace(row, boys=boys, girls=girls, ages=(ages[0], ages[1], ages[2], ages[3]))


def with_leavers(rng: random.Random, classes: list[ClassRow], leavers: int) -> list[ClassRow]:
    """The largest class loses children, and the director has said why."""
    at = max(range(len(classes)), key=lambda place: classes[place].children)
    smaller = _grown(rng, classes[at], -leavers)
    note = replace(smaller, note="随父母返回原籍，已办转出。")
    return [*classes[:at], note, *classes[at + 1 :]]


def miscounted(rng: random.Random, classes: list[ClassRow]) -> tuple[list[ClassRow], ClassRow]:
    """The classes with one of them typed wrong, and that class.

    So large a change needs a reason before it can be submitted; the director gave one.
    """
    at = rng.randrange(len(classes))
    wrong = replace(_grown(rng, classes[at], 10), note="本月有幼儿插班。")
    return [*classes[:at], wrong, *classes[at + 1 :]], wrong


def before_september(rng: random.Random, classes: list[ClassRow]) -> list[ClassRow]:
    """August from September: every child one grade lower, the school-leavers still there.

    Classes are formed anew for each grade's limit; there were about as many leavers as there are
    new children now.
    """
    _, middle, large = _totals(classes)
    leavers = round(_totals(classes)[0] * rng.uniform(0.95, 1.12))
    return _across_summer(rng, classes, (middle, large, leavers))


def after_august(rng: random.Random, classes: list[ClassRow]) -> list[ClassRow]:
    """September from August: every child one grade higher, as many new children as leavers."""
    small, middle, large = _totals(classes)
    entrants = round(large * rng.uniform(0.9, 1.05))
    return _across_summer(rng, classes, (entrants, small, middle))


def _totals(classes: list[ClassRow]) -> list[int]:
    return [sum(row.children for row in classes if row.grade == grade) for grade in PROMOTED]


def _across_summer(
    rng: random.Random, classes: list[ClassRow], totals: tuple[int, int, int]
) -> list[ClassRow]:
    """The other side of the summer; nursery and mixed classes stay together."""
    kept = drift(rng, [row for row in classes if row.grade not in PROMOTED])
    moved = [
        row
        for grade, total in zip(PROMOTED, totals, strict=True)
        if total
        for row in _of_grade(rng, grade, total)
    ]
    return kept + moved


def history(
    rng: random.Random, base: list[ClassRow], base_at: int, calendar_months: list[int]
) -> list[list[ClassRow]]:
    """Twelve months of classes around the known month `base_at`."""
    months = [base]
    for at in range(base_at, 0, -1):
        step = before_september if calendar_months[at] == 9 else drift
        months.insert(0, step(rng, months[0]))
    for at in range(base_at + 1, len(calendar_months)):
        step = after_august if calendar_months[at] == 9 else drift
        months.append(step(rng, months[-1]))
    return months

"""Classes moving up (升班) when a school year begins. Plain Python.

小班 become 中班, 中班 become 大班, a 托班 becomes a 小班; 大班 and their children have left (毕业).
Mixed classes stay. A name that says its grade or its school year moves with it; all others stay,
those of a cohort too (2023级), which remain true.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NEXT_GRADE = {"nursery": "small", "small": "middle", "middle": "large"}
LEAVING = "large"
SIGNS = {"nursery": "托", "small": "小", "middle": "中", "large": "大"}
_NUMBER = r"(?:[一二三四五六七八九十]{1,3}|\d{1,2}|[A-Za-zＡ-Ｚ甲乙丙丁])"
# 小 of 小班, 小一班, 小（1）班, 小3; not of 小太阳班 or 小小班.
_SIGN = re.compile(
    rf"(?<![托小中大])([托小中大])(?=班|[（(]{_NUMBER}[）)](?:班|$)|{_NUMBER}(?:班|$))"
)
# Whatever may be another grade's sign: with two of them, the name is left alone.
_ANY_SIGN = re.compile(rf"[托小中大](?=班|[（(]?{_NUMBER})")
_SCHOOL_YEAR = re.compile(r"(?<!\d)(20\d\d)(?:([-—–~至])(20\d\d))?(?=学年)")


@dataclass(frozen=True)
class OneClass:
    """A class as it was reported: name, grade, children."""

    name: str
    grade: str
    children: int


@dataclass(frozen=True)
class Moved:
    """A class that goes on: what it was, and its name and grade in the new school year."""

    was: OneClass
    name: str
    grade: str


@dataclass(frozen=True)
class Promotion:
    """Every class once: it goes on, moved up or not, or has graduated."""

    moved: tuple[Moved, ...]
    graduated: tuple[OneClass, ...]

    @property
    def graduates(self) -> int:
        """Children of the classes that have left."""
        return sum(one.children for one in self.graduated)

    @property
    def enrolled_before(self) -> int:
        """Children outside nursery classes, as they were reported before the promotion."""
        before = [*(one.was for one in self.moved), *self.graduated]
        return sum(one.children for one in before if one.grade != "nursery")


def promote(classes: Iterable[OneClass], *, since: int, to: int) -> Promotion:
    """The classes of school year `since` in school year `to`, moved up once for each year between.

    Names stay unique where they were: one that would take the name of another keeps its own.
    """
    moved: list[Moved] = []
    graduated: list[OneClass] = []
    for one in classes:
        name, grade = one.name, one.grade
        for year in range(since, to):
            if grade == LEAVING:
                graduated.append(one)
                break
            name, grade = next_name(name, grade, year), NEXT_GRADE.get(grade, grade)
        else:
            moved.append(Moved(one, name, grade))
    return Promotion(tuple(_unique(moved)), tuple(graduated))


def next_name(name: str, grade: str, school_year: int) -> str:
    """What a class of that grade and school year is called a year later; 小一班 becomes 中一班."""
    name = _SCHOOL_YEAR.sub(lambda match: _year_later(match, school_year), name)
    if grade not in NEXT_GRADE:
        return name
    found = list(_SIGN.finditer(name))
    if len(found) != 1 or found[0].group(1) != SIGNS[grade] or len(_ANY_SIGN.findall(name)) != 1:
        return name
    start, end = found[0].span()
    return f"{name[:start]}{SIGNS[NEXT_GRADE[grade]]}{name[end:]}"


def _year_later(match: re.Match[str], school_year: int) -> str:
    first, dash, second = match.groups()
    if int(first) != school_year or (second and int(second) != school_year + 1):
        return match.group()
    later = str(school_year + 1)
    return f"{later}{dash}{school_year + 2}" if second else later


def _unique(moved: Sequence[Moved]) -> Sequence[Moved]:
    """Who would share a name takes its old one back, until no two do; the old ones were unique."""
    while True:
        names = Counter(one.name for one in moved)
        kept = [
            Moved(one.was, one.was.name, one.grade) if names[one.name] > 1 else one for one in moved
        ]
        if kept == moved:
            return moved
        moved = kept


def ages_later(ages: Sequence[int], years: int) -> tuple[int, ...]:
    """Children by age (3, 4, 5, 6 and over) so many school years later.

    Ages are counted on 31 August and stay for a whole school year, so a year makes everybody
    exactly one year older; 6岁以上 keeps those who were in it.
    """
    counts = list(ages)
    for _ in range(years):
        *rest, five, older = counts
        counts = [0, *rest, five + older]
    return tuple(counts)

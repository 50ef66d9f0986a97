"""Rules about classes, ages and school years. Plain Python; see the source clause of each."""

from __future__ import annotations

import calendar
import datetime as dt
from enum import StrEnum


class Grade(StrEnum):
    """Class grades; nursery classes (托班) lie outside the class-size rule and the three rates."""

    NURSERY = "nursery"
    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"
    MIXED = "mixed"


# 《幼儿园工作规程》(in force 2016-03-01) Art 11: most children in a class.
CLASS_SIZE_LIMITS: dict[Grade, int] = {
    Grade.SMALL: 25,
    Grade.MIDDLE: 30,
    Grade.LARGE: 35,
    Grade.MIXED: 30,
}


# The same article: a kindergarten has as a rule no more than 360 children (规模).
MOST_CHILDREN = 360


def classes_too_large(children: int, classes: int) -> bool:
    """Whether so many children in so many classes mean a class beyond every limit (超班额).

    By the average, compared as whole numbers; False without classes, for then nothing is known.
    """
    return classes > 0 and children > classes * max(CLASS_SIZE_LIMITS.values())


def class_size_limit(grade: str) -> int | None:
    """Most children a class of this grade may have (班额); None for nursery classes."""
    return CLASS_SIZE_LIMITS.get(Grade(grade))


def class_complies(grade: str, children: int) -> bool | None:
    """Whether a class keeps to its size limit (班额达标); None for nursery classes."""
    limit = class_size_limit(grade)
    return None if limit is None else children <= limit


class AgeGroup(StrEnum):
    UNDER_THREE = "under_three"  # 托班; in no rate
    PRESCHOOL = "preschool"  # 3, 4 or 5 full years
    OVER_AGE = "over_age"  # 6 and above: enrolled, flagged


def school_year(day: dt.date) -> int:
    """The year in which the school year of a day began: 1 September to 31 August."""
    return day.year if day.month >= 9 else day.year - 1


def age_in_school_year(birth: dt.date, year: int) -> int:
    """Full years on 31 August of the year the school year begins in."""
    age = year - birth.year
    return age if (birth.month, birth.day) <= (8, 31) else age - 1


def age_group(birth: dt.date, year: int) -> AgeGroup:
    """Where a child belongs in a school year (Preschool Education Law Art 2: from 3 full years)."""
    age = age_in_school_year(birth, year)
    if age < 3:
        return AgeGroup.UNDER_THREE
    return AgeGroup.PRESCHOOL if age <= 5 else AgeGroup.OVER_AGE


def last_day(month: dt.date) -> dt.date:
    """The statistical date that stands in for a county that has not set one for the month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])

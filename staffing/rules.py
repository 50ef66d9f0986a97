"""Staffing of one kindergarten: how many people a head-count of children asks for.

Sources: 《幼儿园教职工配备标准（暂行）》教师〔2013〕1号; 《托儿所幼儿园卫生保健管理办法》 Art 12.
Comparisons are exact: met means children ÷ people is at most the limit, unrounded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import ceil


@dataclass(frozen=True)
class RatioStandard:
    """Children per person, as the standard's range: fewer than `least` is more than asked for."""

    name: str
    least: int
    most: int


# 教师〔2013〕1号, full-day and half-day kindergartens.
FULL_DAY_STAFF = RatioStandard("教职工与幼儿比", 5, 7)
HALF_DAY_STAFF = RatioStandard("教职工与幼儿比", 8, 10)
FULL_DAY_CARE_TEACHING = RatioStandard("保教人员与幼儿比", 7, 9)
HALF_DAY_CARE_TEACHING = RatioStandard("保教人员与幼儿比", 11, 13)

CHILDREN_PER_HEALTH_STAFF = 150


class Staffing(StrEnum):
    """How a kindergarten stands against a ratio standard."""

    MORE = "more"  # 高于标准: fewer children a person than the range
    ENOUGH = "enough"  # 符合标准
    SHORT = "short"  # 不足
    UNAVAILABLE = "unavailable"  # 无法计算: no children


def staff_standard(*, half_day: bool) -> RatioStandard:
    """The range for all staff (教职工)."""
    return HALF_DAY_STAFF if half_day else FULL_DAY_STAFF


def care_teaching_standard(*, half_day: bool) -> RatioStandard:
    """The range for full-time teachers and childcare workers together (保教人员)."""
    return HALF_DAY_CARE_TEACHING if half_day else FULL_DAY_CARE_TEACHING


def people_needed(children: int, most: int | Decimal) -> int:
    """The fewest people with at most this many children each; 0 without children."""
    return ceil(Fraction(children) / Fraction(most))


def people_short(children: int, people: int, most: int | Decimal) -> int:
    """How many people are missing; never below 0."""
    return max(0, people_needed(children, most) - people)


def against(standard: RatioStandard, children: int, people: int) -> Staffing:
    """Where a kindergarten stands. Children without any staff are short; no children, no ratio."""
    if children == 0:
        return Staffing.UNAVAILABLE
    if people_short(children, people, standard.most):
        return Staffing.SHORT
    return Staffing.MORE if children < standard.least * people else Staffing.ENOUGH


@dataclass(frozen=True)
class HealthStaffNeed:
    people: int
    full_time: bool


def health_staff_needed(children: int) -> HealthStaffNeed:
    """Health staff (卫生保健人员) a head-count asks for.

    Under 150 children one person, full- or part-time; from 150 on full-time, at most 150
    children each: 151 ask for two.
    """
    if children < CHILDREN_PER_HEALTH_STAFF:
        return HealthStaffNeed(people=1 if children else 0, full_time=False)
    return HealthStaffNeed(people_needed(children, CHILDREN_PER_HEALTH_STAFF), full_time=True)


# ---- changes of teachers --------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """Full-time teachers in one accepted return; None where it does not name them."""

    reference_date: dt.date
    teachers: int | None
    filing: int
    version: int


def changes_not_filed(
    returns: Sequence[Counted], filed: Collection[dt.date]
) -> list[tuple[Counted, Counted]]:
    """Accepted returns that follow one another and between which teachers came or went unfiled.

    `returns` by date; `filed` are the days of the changes that were filed. One on or between the
    two statistical days tells of the change: who left on the first was still counted in it.
    Teachers who were replaced one by one leave the number as it was and are not seen here. What a
    return does not name is not compared with anything.
    """
    return [
        (before, after)
        for before, after in pairwise(returns)
        if before.teachers is not None
        and after.teachers is not None
        and before.teachers != after.teachers
        and not any(before.reference_date <= day <= after.reference_date for day in filed)
    ]

"""演练、培训、校方责任险、食堂: what a kindergarten keeps up, and what it lacks. Plain Python.

Sources: 学前教育法 Art 51 (emergency response, liability insurance by national rules) and 53 (food);
中小学幼儿园应急疏散演练指南 (教基一厅〔2014〕2号): a kindergarten drills every quarter at least
(fixtures/safety/drills.toml). That somebody eats along, and that samples are kept, is looked at in
the self-checks and not kept here again.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "safety" / "drills.toml"
NATION = "CN"
ONE_DAY = dt.timedelta(days=1)

DRILLS = {
    "fire": "消防疏散",
    "earthquake": "地震避险",
    "violence": "防暴",
    "crowding": "防拥挤踩踏",
    "bus": "校车",
}
OPEN_KITCHEN = {
    "none": "没有",
    "window": "透明窗",
    "screen": "园内视频",
    "online": "视频联网，家长能看",
}
# Settings of the portal, of no document.
SOON = dt.timedelta(days=30)
TRAINED_WITHIN = dt.timedelta(days=180)
LONGEST_POLICY = dt.timedelta(days=3 * 366)
LONGEST_LICENCE = dt.timedelta(days=6 * 366)
MOST_MINUTES = 240
# The first day of the first quarter for which the portal keeps drills.
ASKED_FROM = dt.date(2026, 10, 1)


@dataclass(frozen=True)
class DrillRule:
    jurisdiction: str
    every: str
    kinds: frozenset[str]
    document: str
    since: dt.date

    @property
    def words(self) -> str:
        return (
            f"{EVERY[self.every]}至少一次{'或'.join(DRILLS[one] for one in sorted(self.kinds))}演练"
        )


EVERY = {"month": "每月", "quarter": "每季度", "half": "每半年"}
_MONTHS = {"month": 1, "quarter": 3, "half": 6}


@cache
def drill_rules() -> tuple[DrillRule, ...]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["rule"]
    return tuple(DrillRule(**row | {"kinds": frozenset(row["kinds"])}) for row in rows)


def drill_rule(
    codes: Collection[str], day: dt.date, rules: Collection[DrillRule] | None = None
) -> DrillRule | None:
    """The newest rule in force of the nearest place, given its code and those above it."""
    found = [
        one
        for one in (drill_rules() if rules is None else rules)
        if one.since <= day and one.jurisdiction in {NATION, *codes}
    ]
    return max(found, key=lambda one: (_nearness(one.jurisdiction), one.since), default=None)


def _nearness(code: str) -> int:
    """A province ends with four zeros, a city with two, a county with none."""
    return 0 if code == NATION else len(code.rstrip("0"))


def period_of(every: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the month, quarter or half year of a day."""
    months = _MONTHS[every]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    after = first.replace(day=28)
    for _ in range(months):
        after = (after.replace(day=28) + dt.timedelta(days=7)).replace(day=1)
    return first, after - ONE_DAY


class Lack(StrEnum):
    """What a kindergarten lacks, the gravest first."""

    UNINSURED = "uninsured"
    UNLICENSED_KITCHEN = "unlicensed_kitchen"
    DRILL_MISSED = "drill_missed"
    INSURED_TOO_FEW = "insured_too_few"
    INSURANCE_ENDS = "insurance_ends"
    KITCHEN_LICENCE_ENDS = "kitchen_licence_ends"
    DRILL_TO_COME = "drill_to_come"
    KITCHEN_NOT_OPEN = "kitchen_not_open"
    UNTRAINED = "untrained"


LACKS = {
    Lack.UNINSURED: "没有在保的校方责任险",
    Lack.UNLICENSED_KITCHEN: "食堂没有有效的食品经营许可",
    Lack.DRILL_MISSED: "上一期没有演练",
    Lack.INSURED_TOO_FEW: "承保人数少于在园幼儿",
    Lack.INSURANCE_ENDS: "校方责任险30天内到期",
    Lack.KITCHEN_LICENCE_ENDS: "食品经营许可30天内到期",
    Lack.DRILL_TO_COME: "这一期还没有演练",
    Lack.KITCHEN_NOT_OPEN: "没有明厨亮灶",
    Lack.UNTRAINED: "半年内没有安全培训",
}
# What has time, or is a setting: shown, but no failure.
MILD = frozenset(
    {Lack.INSURANCE_ENDS, Lack.KITCHEN_LICENCE_ENDS, Lack.DRILL_TO_COME, Lack.UNTRAINED}
)


@dataclass(frozen=True)
class Policy:
    """One policy: both days belong to it."""

    valid_from: dt.date
    valid_until: dt.date
    children: int


def insured_until(policies: Iterable[Policy], today: dt.date) -> dt.date | None:
    """The last day without a gap from today on; None where none is in force."""
    until: dt.date | None = None
    for one in sorted(policies, key=lambda each: each.valid_from):
        if until is None:
            if one.valid_from <= today <= one.valid_until:
                until = one.valid_until
        elif one.valid_from <= until + ONE_DAY:
            until = max(until, one.valid_until)
    return until


def insurance_lacks(
    policies: Collection[Policy], children: int | None, today: dt.date
) -> list[Lack]:
    """`children`: of the newest return that counts; None where there is none to compare with."""
    until = insured_until(policies, today)
    if until is None:
        return [Lack.UNINSURED]
    found = []
    covered = sum(one.children for one in policies if one.valid_from <= today <= one.valid_until)
    if children is not None and covered < children:
        found.append(Lack.INSURED_TOO_FEW)
    if until < today + SOON:
        found.append(Lack.INSURANCE_ENDS)
    return found


def drill_lacks(
    rule: DrillRule | None, held: Iterable[tuple[str, dt.date]], since: dt.date, today: dt.date
) -> list[Lack]:
    """`held`: kind and day of each drill; `since`: from when it runs, or was asked."""
    if rule is None:
        return []
    days = [day for kind, day in held if kind in rule.kinds]
    first, last = period_of(rule.every, today)
    before, until = period_of(rule.every, first - ONE_DAY)
    found = []
    if before >= max(since, ASKED_FROM) and not any(before <= day <= until for day in days):
        found.append(Lack.DRILL_MISSED)
    if not any(first <= day <= last for day in days):
        found.append(Lack.DRILL_TO_COME)
    return found


@dataclass(frozen=True)
class Kitchen:
    licence_until: dt.date
    open_kitchen: str


def kitchen_lacks(kitchen: Kitchen | None, today: dt.date) -> list[Lack]:
    """Of a kindergarten that has a kitchen; None: nothing is recorded of it."""
    if kitchen is None or kitchen.licence_until < today:
        found = [Lack.UNLICENSED_KITCHEN]
    elif kitchen.licence_until < today + SOON:
        found = [Lack.KITCHEN_LICENCE_ENDS]
    else:
        found = []
    if kitchen is not None and kitchen.open_kitchen == "none":
        found.append(Lack.KITCHEN_NOT_OPEN)
    return found


def training_lacks(last: dt.date | None, today: dt.date) -> list[Lack]:
    return [Lack.UNTRAINED] if last is None or last < today - TRAINED_WITHIN else []


# ---- what is typed -------------------------------------------------------------------------------


def held_problem(day: dt.date, today: dt.date) -> str:
    """Why something cannot have been held on a day; empty where it can."""
    if day > today:
        return "这天还没有到，做完再登记。"
    if day.year < today.year - 1:
        return "只登记去年以来的，请核对年份。"
    return ""


def dates_problem(valid_from: dt.date, until: dt.date, longest: dt.timedelta) -> str:
    """Why something cannot be valid from and until; empty where it can."""
    if until <= valid_from:
        return "到期日要晚于生效日，请核对。"
    if until - valid_from > longest:
        return "有效期太长，请核对年份。"
    return ""

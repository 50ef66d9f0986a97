"""What a county's demo shall contain, said before anything is written."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kindergartens.models import ClassCount, KindergartenStatus

Grade = ClassCount.Grade
Ownership = KindergartenStatus.Ownership
SponsorType = KindergartenStatus.SponsorType


class Outcome(StrEnum):
    """Where the latest month's return stands on the day of loading."""

    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DRAFT = "draft"
    ABSENT = "absent"


@dataclass(frozen=True)
class StaffGap:
    """People short of 1:7 staff, 1:9 care and teaching staff, one health worker per 150."""

    staff: int = 0
    care_teaching: int = 0
    health: int = 0


@dataclass(frozen=True)
class KindergartenPlan:
    """One kindergarten.

    `children` is the count of the latest month, or, where that month's return is not accepted,
    of the month before. `earlier` was its ownership until `changed_at` (an index into the twelve
    months); from `closed_at` on it is closed. `class_sizes` fixes the classes by grade.
    """

    name: str
    town: str
    ownership: Ownership
    sponsor: SponsorType
    children: int
    outcome: Outcome = Outcome.ACCEPTED
    is_example: bool = True
    gap: StaffGap | None = None
    earlier: Ownership | None = None
    changed_at: int = 0
    closed_at: int | None = None
    class_sizes: Mapping[Grade, tuple[int, ...]] = field(default_factory=dict)
    nursery: int = 0
    # Children who left the last class between the two latest months.
    leavers: int = 0
    steady: bool = False
    key: str = ""


@dataclass(frozen=True)
class CountyPlan:
    """One county: its kindergartens, children of 3-5 by region code, groups of towns or of a sponsor's."""

    code: str
    kindergartens: list[KindergartenPlan]
    population: dict[str, int]
    groups: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    groups_document: str = ""
    # The document that sets the most a month of care and education may cost, where one is known;
    # its amounts are invented. And how many public kindergartens charge more than that.
    fee_document: str = ""
    over_ceiling: int = 0
    # 集团 of all kindergartens of a sponsor, by name.
    sponsor_groups: dict[str, SponsorType] = field(default_factory=dict)


def sponsor_of(ownership: Ownership) -> SponsorType:
    if ownership == Ownership.PUBLIC:
        return SponsorType.EDUCATION
    return SponsorType.PRIVATE


NAME_WORDS = [
    "春芽",
    "星光",
    "禾苗",
    "彩虹",
    "小蜜蜂",
    "田园",
    "阳光",
    "童心",
    "蓝天",
    "金色摇篮",
    "向日葵",
    "小太阳",
    "启明",
    "百灵",
    "晨曦",
    "蒲公英",
    "绿洲",
    "育苗",
    "新苗",
    "七彩",
    "红星",
    "白杨",
    "云朵",
    "小树林",
    "和美",
    "乐知",
    "童话",
    "雪莲",
    "银河",
    "嘉禾",
    "果果",
    "小燕子",
    "朝阳",
    "花蕾",
    "萌芽",
    "小溪",
    "明珠",
    "爱童",
    "博雅",
    "知行",
    "欣欣",
    "苗圃",
    "海棠",
    "小荷",
    "松果",
    "石榴籽",
    "风铃",
    "麦田",
]


class Names:
    """Invented names: the place and a word, in another order everywhere, none twice in a place."""

    def __init__(self, rng: random.Random, taken: Mapping[str, set[str]] | None = None) -> None:
        self._rng = rng
        self._taken = taken or {}
        self._left: dict[str, list[str]] = {}

    def next_for(self, place: str) -> str:
        if place not in self._left:
            words = [word for word in NAME_WORDS if word not in self._taken.get(place, ())]
            self._left[place] = self._rng.sample(words, len(words))
        return f"{place}{self._left[place].pop()}幼儿园"

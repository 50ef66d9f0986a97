"""Every figure the portal computes: what is divided by what, on which base, judged which way.

`numerator` and `denominator` name sums of RegionFacts; docs/indicators.md explains each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    SHARE = "share"  # a fraction, shown in percent, at least a target
    RATIO = "ratio"  # children per person, shown plain, at most a target


@dataclass(frozen=True)
class Indicator:
    """One figure. Texts are for people; names of sums for the rules."""

    code: str
    name: str  # 中文名
    short_name: str  # for heads of narrow columns
    kind: Kind
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    numerator_text: str
    denominator_text: str
    base: str  # 口径, printed beside the value
    gap_unit: str  # of what is missing to a target: 名幼儿, 人, 所, 个班
    # A part of its denominator, so 100 % is the most it can be; the gross rate may pass it.
    at_most_whole: bool = True

    @property
    def operator(self) -> str:
        """The direction: shares are judged "at least", children per person "at most"."""
        return ">=" if self.kind is Kind.SHARE else "<="

    @property
    def unit(self) -> str:
        return "%" if self.kind is Kind.SHARE else "名幼儿/人"

    @property
    def formula(self) -> str:
        return f"{self.numerator_text} ÷ {self.denominator_text}"

    @property
    def by_population(self) -> bool:
        """Divided by registered population, which no kindergarten's return adds to."""
        return self.denominator == ("resident_population_3_5",)


TEACHING = ("principals", "full_time_teachers")
CARE_TEACHING = ("full_time_teachers", "childcare_workers")
ALL_STAFF = (
    "principals",
    "full_time_teachers",
    "childcare_workers",
    "health_staff",
    "other_staff",
)

INDICATORS: dict[str, Indicator] = {
    i.code: i
    for i in (
        Indicator(
            code="gross_enrolment_rate",
            name="学前三年毛入园率",
            short_name="毛入园率",
            kind=Kind.SHARE,
            numerator=("enrolled_children",),
            denominator=("resident_population_3_5",),
            numerator_text="在园幼儿",
            denominator_text="常住3–5岁人口",
            base="常住3–5岁人口",
            gap_unit="名幼儿",
            at_most_whole=False,
        ),
        Indicator(
            code="inclusive_enrolment_share",
            name="普惠性幼儿园覆盖率",
            short_name="普惠率",
            kind=Kind.SHARE,
            numerator=("inclusive_children",),
            denominator=("enrolled_children",),
            numerator_text="公办园和普惠性民办园在园幼儿",
            denominator_text="在园幼儿",
            base="在园幼儿",
            gap_unit="名幼儿",
        ),
        Indicator(
            code="public_enrolment_share",
            name="公办园在园幼儿占比",
            short_name="公办占比",
            kind=Kind.SHARE,
            numerator=("public_children",),
            denominator=("enrolled_children",),
            numerator_text="公办园在园幼儿",
            denominator_text="在园幼儿",
            base="在园幼儿",
            gap_unit="名幼儿",
        ),
        Indicator(
            code="inclusive_kindergarten_share",
            name="普惠园占比（按园数）",
            short_name="普惠园占比",
            kind=Kind.SHARE,
            numerator=("inclusive_kindergartens",),
            denominator=("kindergartens",),
            numerator_text="公办园和普惠性民办园所数",
            denominator_text="幼儿园所数",
            base="幼儿园所数",
            gap_unit="所",
        ),
        Indicator(
            code="compliant_class_share",
            name="班额达标率",
            short_name="班额达标率",
            kind=Kind.SHARE,
            numerator=("compliant_classes",),
            denominator=("classes",),
            numerator_text="班额达标的班数",
            denominator_text="班数（不含托班）",
            base="班数（不含托班）",
            gap_unit="个班",
        ),
        Indicator(
            code="certified_share",
            name="园长和专任教师持证率",
            short_name="持证率",
            kind=Kind.SHARE,
            numerator=("certified_principals_and_teachers",),
            denominator=TEACHING,
            numerator_text="持证的园长和专任教师",
            denominator_text="园长和专任教师",
            base="园长和专任教师",
            gap_unit="人",
        ),
        Indicator(
            code="children_per_staff",
            name="教职工与幼儿比",
            short_name="教职工比",
            kind=Kind.RATIO,
            numerator=("staffed_children",),
            denominator=ALL_STAFF,
            numerator_text="在园幼儿",
            denominator_text="教职工",
            base="全体教职工",
            gap_unit="人",
        ),
        Indicator(
            code="children_per_care_teaching_staff",
            name="保教人员与幼儿比",
            short_name="保教人员比",
            kind=Kind.RATIO,
            numerator=("staffed_children",),
            denominator=CARE_TEACHING,
            numerator_text="在园幼儿",
            denominator_text="专任教师和保育员",
            base="专任教师和保育员",
            gap_unit="人",
        ),
        Indicator(
            code="children_per_full_time_teacher",
            name="专任教师与幼儿比",
            short_name="专任教师比",
            kind=Kind.RATIO,
            numerator=("staffed_children",),
            denominator=("full_time_teachers",),
            numerator_text="在园幼儿",
            denominator_text="专任教师",
            base="专任教师",
            gap_unit="人",
        ),
        Indicator(
            code="children_per_health_staff",
            name="卫生保健人员与幼儿比",
            short_name="卫生保健比",
            kind=Kind.RATIO,
            numerator=("staffed_children",),
            denominator=("health_staff",),
            numerator_text="在园幼儿",
            denominator_text="卫生保健人员",
            base="卫生保健人员",
            gap_unit="人",
        ),
        Indicator(
            code="fully_staffed_kindergarten_share",
            name="教职工配备达标园比例",
            short_name="配备达标园",
            kind=Kind.SHARE,
            numerator=("fully_staffed_kindergartens",),
            denominator=("staff_judged_kindergartens",),
            numerator_text="教职工配足配齐的园所数",
            denominator_text="能判定配备的园所数",
            base="计入教职工、能判定配备的园所",
            gap_unit="所",
        ),
    )
}

THREE_RATES: tuple[str, ...] = (
    "gross_enrolment_rate",
    "inclusive_enrolment_share",
    "public_enrolment_share",
)

"""Every figure the portal computes: what is divided by what, on which base, judged which way.

`numerator` and `denominator` name sums of RegionFacts; docs/indicators.md explains each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    SHARE = "share"  # a fraction, shown in percent, at least a target
    RATIO = "ratio"  # children per person, shown plain, at most a target
    AMOUNT = "amount"  # yuan a child, shown plain, at least a target


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
    # Where both are averages: the people that each is divided by, names of sums as well.
    numerator_heads: str = ""
    denominator_heads: str = ""
    # Of what registers hold: said where nothing is recorded to divide by.
    unrecorded: str = ""
    # A part of its denominator, so 100 % is the most it can be; the gross rate may pass it.
    at_most_whole: bool = True

    @property
    def operator(self) -> str:
        """The direction: shares and amounts are judged "at least", children per person "at most"."""
        return "<=" if self.kind is Kind.RATIO else ">="

    @property
    def unit(self) -> str:
        return {Kind.SHARE: "%", Kind.RATIO: "名幼儿/人", Kind.AMOUNT: "元/生"}[self.kind]

    @property
    def formula(self) -> str:
        return f"{self.numerator_text} ÷ {self.denominator_text}"

    @property
    def of_averages(self) -> bool:
        """Average ÷ average: Σ ÷ Σ heads on both sides, never a mean of kindergartens' averages."""
        return bool(self.numerator_heads)

    @property
    def sums(self) -> tuple[str, ...]:
        """Every sum it is made of."""
        heads = (self.numerator_heads, self.denominator_heads) if self.of_averages else ()
        return (*self.numerator, *self.denominator, *heads)

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
            code="non_established_pay_ratio",
            name="公办园非在编与在编教职工人均工资之比",
            short_name="非在编工资比",
            kind=Kind.SHARE,
            numerator=("non_established_pay_yuan",),
            denominator=("established_pay_yuan",),
            numerator_heads="non_established_heads",
            denominator_heads="established_heads",
            numerator_text="公办园非在编教职工全年实发工资（元）",
            denominator_text="公办园在编教职工全年实发工资（元）",
            base="登记了年工资的公办园",
            unrecorded="还没有公办园登记年工资，或者有一方没有人。",
            gap_unit="元",
            at_most_whole=False,
        ),
        Indicator(
            code="quota_kept_kindergarten_share",
            name="没有有编不补的公办园比例",
            short_name="编制用足园",
            kind=Kind.SHARE,
            numerator=("quota_kept_kindergartens",),
            denominator=("quota_judged_kindergartens",),
            numerator_text="没有有编不补的公办园所数",
            denominator_text="能判定用编的公办园所数",
            base="登记了编制和教职工名册的公办园",
            unrecorded="还没有公办园登记编制和名册。",
            gap_unit="所",
        ),
        Indicator(
            code="public_funding_per_child",
            name="公办园生均公用经费拨款",
            short_name="公办生均拨款",
            kind=Kind.AMOUNT,
            numerator=("public_funded_yuan",),
            denominator=("public_funded_children",),
            numerator_text="公办园上一年度生均经费实拨（元）",
            denominator_text="拨款所按的公办园幼儿",
            base="登记了上一年度拨付、有参考月份月报的公办园",
            unrecorded="还没有公办园登记上一年度的拨付，或者没有标准指定月份的月报。",
            gap_unit="元",
            at_most_whole=False,
        ),
        Indicator(
            code="inclusive_subsidy_per_child",
            name="普惠性民办园生均补助",
            short_name="普惠民办生均补助",
            kind=Kind.AMOUNT,
            numerator=("inclusive_funded_yuan",),
            denominator=("inclusive_funded_children",),
            numerator_text="普惠性民办园上一年度生均补助实拨（元）",
            denominator_text="补助所按的普惠性民办园幼儿",
            base="登记了上一年度拨付、有参考月份月报的普惠性民办园",
            unrecorded="还没有普惠性民办园登记上一年度的拨付，或者没有标准指定月份的月报。",
            gap_unit="元",
            at_most_whole=False,
        ),
        Indicator(
            code="insured_staff_share",
            name="教职工五险一金参保率",
            short_name="参保率",
            kind=Kind.SHARE,
            numerator=("insured_people",),
            denominator=("insurable_people",),
            numerator_text="五险一金都在缴的教职工",
            denominator_text="应参保的在任教职工",
            base="登记了参保的园在任教职工（不含购买服务）",
            unrecorded="还没有园登记参保。",
            gap_unit="人",
        ),
        Indicator(
            code="trained_teacher_share",
            name="园长和专任教师培训覆盖率",
            short_name="培训覆盖率",
            kind=Kind.SHARE,
            numerator=("trained_people",),
            denominator=("trainable_people",),
            numerator_text="上一年培训学时够的园长和专任教师",
            denominator_text="上一年全年在任的园长和专任教师",
            base="登记了上一年培训的园",
            unrecorded="还没有园登记上一年的培训。",
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

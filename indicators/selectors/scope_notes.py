"""Who is counted in a figure and who is not, in words."""

from __future__ import annotations

from indicators.catalogue import Indicator, Kind, Topic
from indicators.models import RegionFacts
from kindergartens.models import ClassCount
from kindergartens.rules import CLASS_SIZE_LIMITS
from staffing.papers.rules import YEARLY_TRAINING_HOURS

# Of those that need no number of the region's row.
SCOPE_NOTES = {
    Topic.SAFETY: (
        "按统计时点的当地防范清单：凭核对过、那天有效的佐证，或按名册上的保安和配备标准判定。没有记录的不算"
        "达标，也不算未达标；附设幼儿班随所属幼儿园。"
    ),
    Topic.REPORTING: (
        "应报是统计时点在办、计入的园。已报是交过的，退回的也算；按时是第一次报送不晚于截止时间，延期补报的"
        "不算按时。"
    ),
    Topic.BUILDING: (
        "五年规划期按统计时点所在的一期（2021—2025年、2026—2030年），从期初到统计时点，以建设项目登记的交付"
        "日期和到账日期为准。"
    ),
    Topic.CONDITIONS: (
        "统计时点在用的各园址最近一次经核对的清点；有一处园址没有量过的园不计入。"
        "达标按当地园舍标准，2017年起规划设计的为新设计园，没有登记年份的两边都不计。"
    ),
}
SCOPE_NOTES_OF = {
    "unlicensed_kindergarten_count": "统计时点以前发现、那天还没有办结的无证园；不进入三率。",
    "model_kindergarten_count": "已计入的园里，统计时点登记的等级是省级或市级示范园的。",
    "charges_within_limits_share": (
        "月报报的各项收费对照统计时点的最高限价、当地目录和公示标准；没有报收费、或没有公示标准可对照的园不"
        "判定。"
    ),
    "overcharged_yuan": (
        "月报报的收费超过最高限价、当地目录或公示标准的部分，乘以缴费人数；按天、按次收的算不出人次，不在内，"
        "有这样超标的园时不判达标。不满一元的按一元计，没有扣已退的。"
    ),
    "insured_staff_share": (
        "统计时点名册在任、不是购买服务的人，养老、医疗、失业、工伤、生育保险和住房公积金都在缴的算参保；"
        "兼职的人各单位合起来算。一个人也没有登记参保的园不计入。"
    ),
    "trained_teacher_share": (
        f"统计时点的上一个年度，从年初起一直在任的园长和专任教师，全年培训满{YEARLY_TRAINING_HOURS}学时的"
        "算覆盖。一个人也没有登记那年培训的园不计入。"
    ),
    "inclusive_kindergarten_share": (
        "按所数计算，与按在园幼儿计算的普惠率不同；目标只考核按幼儿计算的一项。"
    ),
    "compliant_class_share": "、".join(
        f"{ClassCount.Grade(grade).label}{limit}人" for grade, limit in CLASS_SIZE_LIMITS.items()
    ) + "以内为达标；托班不计。",
}  # fmt: skip


def scope_note(indicator: Indicator, facts: RegionFacts | None) -> str:
    """Who is counted and who is not, in one or two sentences; without `facts` no numbers."""
    if indicator.code in SCOPE_NOTES_OF:
        return SCOPE_NOTES_OF[indicator.code]
    if indicator.topic in SCOPE_NOTES:
        return SCOPE_NOTES[indicator.topic]
    nursery = facts.nursery_children if facts else 0
    apart = f"不含托班{nursery:,}人，" if nursery else "不含托班，"
    if indicator.of_averages:
        whose = "只计登记了年工资的公办园"
        if facts:
            whose = (
                f"{facts.public_kindergartens:,}所公办园里{facts.pay_recorded_kindergartens:,}所"
                "登记了年工资，只计这些园"
            )
        return (
            f"{whose}，取统计时点以前最近一个登记的年度；合计相除，不是各园人均的平均。"
            "为不显出个人的工资，人数和合计只在区县一级列出，不逐园列，有一方不到3人的不算。"
        )
    if indicator.code == "quota_kept_kindergarten_share":
        vacant = ""
        if facts:
            vacant = (
                f"：空编{facts.vacant_posts:,}名，其中{facts.unfilled_posts:,}名有编不补"
                "（空着，同时用编外专任教师顶岗）"
            )
        return f"统计时点名册在编的人对照核定编制{vacant}。没有登记编制或名册的公办园不判定。"
    if indicator.kind is Kind.AMOUNT:
        public = indicator.code == "per_child_operating_funding"
        scope, whose = ("public", "公办园") if public else ("inclusive", "普惠性民办园")
        recorded = f"只计登记了统计时点上一年度拨付的{whose}"
        if facts:
            number = getattr(facts, f"{scope}_funded_kindergartens")
            recorded = f"{number:,}所{whose}登记了统计时点上一年度的拨付，只计这些园"
        return (
            f"{recorded}；"
            "除以生均标准指定月份月报的幼儿数。只计生均经费，不计奖补等，角分舍去；合计相除，不是各园的平均。"
        )
    if indicator.kind is Kind.RATIO or indicator.code == "certified_share":
        return "只计教职工纳入统计的在册幼儿园；全区域合计相除，不是各园比值的平均。"
    # Said of all enrolled children: for the shares that is the denominator, and the numerator
    # is a part of it.
    note = f"在园幼儿指在册幼儿园和附设幼儿班的全部在园幼儿，{apart}不含无证园。"
    if facts and facts.over_age_children:
        note += f"全部在园幼儿中6岁以上{facts.over_age_children:,}人。"
    return note

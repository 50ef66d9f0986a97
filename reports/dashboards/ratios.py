"""One kindergarten's classes and staff against the standards, in words."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import formatting
from indicators.catalogue import Kind
from indicators.models import KindergartenFacts
from indicators.rules import Verdict, rate
from indicators.selectors import Judgement, KindergartenFigure, kindergarten_figures
from kindergartens.models import ClassCount
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.dashboards.classes_and_staff import CLASSES_AND_STAFF
from reports.dashboards.presenters import distance_text, shown, target_text
from staffing import rules

STAFF_STANDARD = "《幼儿园教职工配备标准（暂行）》教师〔2013〕1号"
CLASS_SIZES = (
    "、".join(
        f"{ClassCount.Grade(grade).label}{most}人" for grade, most in CLASS_SIZE_LIMITS.items()
    )
    + "以内"
)


@dataclass(frozen=True)
class RatioLine:
    """One row: the value as read, how it stands, against what, from which counts.

    `code` is its indicator's; "" where none says the same.
    """

    code: str
    name: str
    value: str
    verdict: str
    extra: str
    standard: str
    source: str
    computed: str


def ratio_lines(facts: KindergartenFacts) -> list[RatioLine]:
    """Rows of the kindergarten's page. Ratios are children to one person."""
    children, teachers = facts.enrolled_children, facts.full_time_teachers
    care_teaching = teachers + facts.childcare_workers
    return [
        _share(
            "compliant_class_share", "班额达标率", facts.compliant_classes, facts.classes, "个班", "班",
            f"全部班：{CLASS_SIZES}", "《幼儿园工作规程》第十一条",
        ),
        _ratio(
            "children_per_staff", rules.staff_standard(half_day=facts.half_day), children, facts.staff
        ),
        _ratio(
            "children_per_care_teaching_staff",
            rules.care_teaching_standard(half_day=facts.half_day), children, care_teaching,
        ),
        RatioLine(
            "children_per_full_time_teacher",
            "专任教师与幼儿比",
            _one_to(children, teachers),
            "not_judged",
            "",
            "按全区县合计考核",
            "",
            f"幼儿{formatting.count(children)}人，专任教师{formatting.count(teachers)}人",
        ),
        _health(children, facts.health_staff),
        _share(
            "certified_share",
            "园长和专任教师持证率",
            facts.certified_principals_and_teachers,
            facts.principals + teachers,
            "人",
            "人",
            "全部持证",
            "《学前教育法》第三十七、三十八条",
        ),
    ]  # fmt: skip


def target_lines(facts: KindergartenFacts) -> list[RatioLine]:
    """What the documents in force demand of each single kindergarten, row by row."""
    return [
        RatioLine(
            code=figure.indicator.code,
            name=figure.indicator.name,
            value=_value(figure),
            verdict=str(judged.verdict),
            extra=_extra(figure, judged, facts),
            standard=_demand(figure, judged),
            source=_source(judged),
            computed=f"{figure.indicator.numerator_text}{formatting.count(figure.numerator)}，"
            f"{figure.indicator.denominator_text}{formatting.count(figure.denominator)}",
        )
        for figure in kindergarten_figures(facts, CLASSES_AND_STAFF)
        for judged in figure.verdicts
    ]


def _value(figure: KindergartenFigure) -> str:
    text = shown(figure.indicator, figure.value)
    if figure.value is None:
        return text
    return f"{text}%" if figure.indicator.kind is Kind.SHARE else f"1:{text}"


def _extra(figure: KindergartenFigure, judged: Judgement, facts: KindergartenFacts) -> str:
    if judged.verdict == Verdict.UNAVAILABLE:
        return "" if facts.counts_staff else "教职工不计入"
    return distance_text(figure.indicator, judged, short=True) if judged.gap else ""


def _demand(figure: KindergartenFigure, judged: Judgement) -> str:
    text = target_text(figure.indicator, judged.target.operator, judged.target.value)
    share = figure.indicator.kind is Kind.SHARE
    return text if share else f"1:{text.removeprefix('≤')}以内"


def _source(judged: Judgement) -> str:
    number = f"（{judged.document_number}）" if judged.document_number else ""
    clause = f"，{judged.clause}" if judged.clause else ""
    return f"{judged.title}{number}{clause}"


def _share(
    code: str,
    name: str,
    part: int,
    whole: int,
    gap_unit: str,
    unit: str,
    standard: str,
    source: str,
) -> RatioLine:
    value = rate(part, whole)
    verdict = "unavailable" if value is None else "met" if part == whole else "unmet"
    return RatioLine(
        code=code,
        name=name,
        value=formatting.MISSING if value is None else f"{formatting.percent(value)}%",
        verdict=verdict,
        extra=f"差{formatting.count(whole - part)}{gap_unit}" if verdict == "unmet" else "",
        standard=standard,
        source=source,
        computed=f"{formatting.count(part)}{unit} ÷ {formatting.count(whole)}{unit}",
    )


STAFFING_VERDICTS = {
    rules.Staffing.MORE: ("met", "高于标准"),
    rules.Staffing.ENOUGH: ("met", ""),
    rules.Staffing.SHORT: ("unmet", ""),
    rules.Staffing.UNAVAILABLE: ("unavailable", "没有在园幼儿"),
}


def _ratio(code: str, standard: rules.RatioStandard, children: int, people: int) -> RatioLine:
    verdict, extra = STAFFING_VERDICTS[rules.against(standard, children, people)]
    short = rules.people_short(children, people, standard.most)
    return RatioLine(
        code=code,
        name=standard.name,
        value=_one_to(children, people),
        verdict=verdict,
        extra=f"差{formatting.count(short)}人" if short else extra,
        standard=f"1:{standard.least}至1:{standard.most}",
        source=STAFF_STANDARD,
        computed=f"幼儿{formatting.count(children)}人，{standard.name[:-4]}{formatting.count(people)}人",
    )


def _health(children: int, people: int) -> RatioLine:
    need = rules.health_staff_needed(children)
    short = max(0, need.people - people)
    post = "专职" if need.full_time else "专职或兼职"
    return RatioLine(
        # How many a kindergarten needs depends on its size: no ratio says the same.
        code="",
        name="卫生保健人员",
        value=f"{formatting.count(people)}人",
        verdict="unavailable" if not children else "unmet" if short else "met",
        extra=f"差{formatting.count(short)}人" if short else "",
        standard=f"应有{formatting.count(need.people)}人（{post}）" if children else "",
        source="《托儿所幼儿园卫生保健管理办法》第十二条",
        computed=f"幼儿{formatting.count(children)}人",
    )


def _one_to(children: int, people: int) -> str:
    value = rate(children, people)
    return formatting.MISSING if value is None else f"1:{formatting.decimal(value)}"

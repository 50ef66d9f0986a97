"""One kindergarten's classes and staff against the standards, in words."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import formatting
from indicators.catalogue import INDICATORS, Kind
from indicators.models import KindergartenFacts
from indicators.rules import Verdict, rate
from indicators.selectors import Judgement, KindergartenFigure, kindergarten_figures
from kindergartens.models import ClassCount
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.dashboards.classes_and_staff import CLASSES_AND_STAFF
from reports.dashboards.presenters import distance_text, shown, target_text, with_unit
from reports.staffing import words
from reports.staffing.presenters import standard_text
from reports.staffing.selectors import Garden
from staffing.standards.rules import DEMAND_OF, Need, Post, Standing, more_than_asked

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


def ratio_lines(garden: Garden) -> list[RatioLine]:
    """Rows of the kindergarten's page, by the standards in force where and when it was counted.

    Ratios are children to one person.
    """
    facts = garden.facts
    children, teachers = facts.enrolled_children, facts.full_time_teachers
    return [
        _share(
            "compliant_class_share", "班额达标率", facts.compliant_classes, facts.classes, "个班", "班",
            f"全部班：{CLASS_SIZES}", "《幼儿园工作规程》第十一条",
        ),
        _ratio("children_per_staff", garden, Post.STAFF, facts.staff),
        _ratio(
            "children_per_care_teaching_staff", garden, Post.CARE_TEACHING,
            teachers + facts.childcare_workers,
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
        _health(garden),
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
    return with_unit(figure.indicator, text)


def _extra(figure: KindergartenFigure, judged: Judgement, facts: KindergartenFacts) -> str:
    if judged.verdict == Verdict.UNAVAILABLE:
        return "" if facts.counts_staff else "教职工不计入"
    return distance_text(figure.indicator, judged, short=True) if judged.gap else ""


def _demand(figure: KindergartenFigure, judged: Judgement) -> str:
    text = target_text(figure.indicator, judged.target.operator, judged.target.value)
    ratio = figure.indicator.kind is Kind.RATIO
    return f"1:{text.removeprefix('≤')}以内" if ratio else text


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


def _line_of(garden: Garden, post: Post) -> tuple[Need, str, str]:
    """The post's line with what is beside the verdict, and the document it is judged by."""
    need = next(one for one in garden.needs if one.post is post)
    row = garden.standard.get(DEMAND_OF[post])
    if need.standing is Standing.UNAVAILABLE:
        extra = words.reasons(post, need.lacks)
    elif need.short:
        extra = f"差{formatting.count(need.short)}人"
    else:
        children = garden.facts.enrolled_children
        more = row is not None and more_than_asked(row.terms, children, need.present)
        extra = "高于标准" if more else ""
    return need, extra, row.basis if row else ""


def _ratio(code: str, garden: Garden, post: Post, people: int) -> RatioLine:
    need, extra, source = _line_of(garden, post)
    name, children = INDICATORS[code].name, garden.facts.enrolled_children
    return RatioLine(
        code=code,
        name=name,
        value=_one_to(children, people),
        verdict=need.standing,
        extra=extra,
        standard=standard_text(garden, need),
        source=source,
        computed=f"幼儿{formatting.count(children)}人，{name[:-4]}{formatting.count(people)}人",
    )


def _health(garden: Garden) -> RatioLine:
    need, extra, source = _line_of(garden, Post.HEALTH)
    facts = garden.facts
    return RatioLine(
        # How many a kindergarten needs depends on its size: no ratio says the same.
        code="",
        name="卫生保健人员",
        value=f"{formatting.count(facts.health_staff)}人",
        verdict=need.standing,
        extra=extra,
        standard=(
            standard_text(garden, need)
            if need.required is None
            else f"应有{formatting.count(need.required)}人。{standard_text(garden, need)}"
        ),
        source=source,
        computed=f"幼儿{formatting.count(facts.enrolled_children)}人",
    )


def _one_to(children: int, people: int) -> str:
    value = rate(children, people)
    return formatting.MISSING if value is None else f"1:{formatting.decimal(value)}"

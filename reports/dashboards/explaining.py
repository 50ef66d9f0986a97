"""One figure's explanation in words: fraction, targets, scope, why it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts import formatting
from accounts.rounding import half_up
from indicators.catalogue import Indicator, Kind
from indicators.rules import rate
from indicators.selectors import ContributionGroup, Explanation, Figure, Judgement, OwedReturn
from indicators.targets.words import ProgressLine, progress_line
from reports.dashboards.missing import state_word
from reports.dashboards.presenters import distance_text, shown, target_text

UNROUNDED_PLACES = 7


def unrounded(value: Decimal | None) -> str:
    """The value that is judged, cut (not rounded) after seven places: "0.9188917…"."""
    if value is None:
        return ""
    text = format(value, "f")
    whole, _, places = text.partition(".")
    if len(places) <= UNROUNDED_PLACES:
        return text
    return f"{whole}.{places[:UNROUNDED_PLACES]}…"


@dataclass(frozen=True)
class TargetLine:
    target: str
    document: str
    clause: str
    by_date: dt.date | None
    verdict: str
    distance: str
    close: bool
    progress: ProgressLine | None


def _target_line(indicator: Indicator, judgement: Judgement) -> TargetLine:
    number, target = judgement.document_number, judgement.target
    return TargetLine(
        target=target_text(indicator, judgement.target.operator, judgement.target.value),
        document=f"{judgement.title}（{number}）" if number else judgement.title,
        clause=judgement.clause,
        by_date=target.by_date,
        verdict=str(judgement.verdict),
        distance=distance_text(indicator, judgement),
        close=judgement.close,
        progress=progress_line(indicator, judgement.progress, target.by_date)
        if judgement.progress and target.by_date
        else None,
    )


@dataclass(frozen=True)
class ReasonLine:
    label: str
    units: str
    below: str
    points: str


def moved_text(indicator: Indicator, difference: Decimal | None) -> str:
    """A difference in points for shares, in children a person for ratios, with its sign."""
    if indicator.kind is Kind.SHARE:
        return formatting.points(difference)
    if difference is None:
        return formatting.MISSING
    text = shown(indicator, abs(difference))
    if not Decimal(text.replace(",", "")):
        return text
    return f"{'+' if difference > 0 else formatting.MINUS}{text}"


def explained(explanation: Explanation, waiting: Collection[int]) -> dict[str, Any]:
    """Context of the explanation's template; `waiting` are the returns that wait for their town."""
    figure = explanation.figure
    indicator = figure.indicator
    changes = [group.change for group in explanation.groups]
    return {
        "explanation": explanation,
        "figure": figure,
        "indicator": indicator,
        "averages": _averages(figure),
        "register": REGISTERS.get(indicator.code),
        "value": shown(indicator, figure.value),
        "unit": indicator.suffix,
        "moved_in": {Kind.SHARE: "百分点", Kind.RATIO: "比值"}.get(
            indicator.kind, indicator.suffix
        ),
        "unrounded": unrounded(figure.value),
        "targets": [_target_line(indicator, judgement) for judgement in figure.verdicts],
        "denominator_note": _denominator_note(explanation),
        "previous": shown(indicator, figure.previous),
        "reasons": [
            ReasonLine(
                r.label,
                formatting.change(r.units),
                formatting.change(r.below),
                moved_text(indicator, r.points),
            )
            for r in explanation.change_reasons
        ],
        "reasons_title": _reasons_title(figure),
        "reasons_change": moved_text(indicator, figure.change),
        "change_sum": sum(changes),
        "not_counted": len(explanation.missing),
        "last_children": sum(row.last_children or 0 for row in explanation.missing),
        "groups": [(group, owing(group, waiting)) for group in explanation.groups],
    }


# Where the rows stand that a figure is made of, beside the returns: (route, its words).
REGISTERS = {
    "fully_staffed_kindergarten_share": ("staffing-gaps", "看各岗位缺多少人"),
    "non_established_pay_ratio": ("posts-and-pay", "看各公办园的工资"),
    "quota_kept_kindergarten_share": ("posts-and-pay", "看各公办园的编制和名册"),
    "public_funding_per_child": ("funding", "看各园应拨和实拨"),
    "inclusive_subsidy_per_child": ("funding", "看各园应拨和实拨"),
}


@dataclass(frozen=True)
class Average:
    """One side of a figure of averages: what each has, and the sums that it is made of."""

    each: str
    sums: str


def _averages(figure: Figure) -> tuple[Average, Average] | None:
    """None of every other figure, and while nothing is counted."""
    if figure.numerator_heads is None or figure.denominator_heads is None:
        return None
    return (
        _average(figure.numerator, figure.numerator_heads),
        _average(figure.denominator, figure.denominator_heads),
    )


def _average(total: int | None, heads: int) -> Average:
    each = rate(total, heads)
    return Average(
        "没有人" if each is None else f"{half_up(each, 0):,}",
        f"{formatting.count(total)} ÷ {formatting.count(heads)}人＝人均",
    )


def owing(group: ContributionGroup, waiting: Collection[int]) -> list[tuple[OwedReturn, str]]:
    """Who of a group is not counted, each with the word for its return."""
    return [
        (row, state_word(row.state, waits_for_town=row.filing_id in waiting))
        for row in group.missing
    ]


def _denominator_note(explanation: Explanation) -> str:
    figure = explanation.figure
    if not figure.indicator.by_population:
        return f"{figure.indicator.denominator_text}，与分子取自同一批月报。"
    if figure.denominator is None:
        note = "常住3–5岁人口没有登记，算不出。"
    else:
        note = f"常住3–5岁人口，{formatting.zhdate(explanation.population_date)}的数。"
    if explanation.registered_population is None:
        return f"{note}没有登记户籍人口，无从对照。"
    registered = formatting.count(explanation.registered_population)
    if explanation.registered_value is None:
        return f"{note}户籍3–5岁人口{registered}人，仅供对照。"
    rate = formatting.percent(explanation.registered_value)
    return f"{note}按户籍{registered}人算为{rate}%，仅供对照。"


def _reasons_title(figure: Figure) -> str:
    if figure.previous_month is None or figure.change is None:
        return ""
    month = formatting.zhmonth(figure.previous_month)
    if figure.indicator.kind is not Kind.SHARE:
        return f"与{month}相比，为什么变了"
    moved = formatting.percent(abs(figure.change))
    if moved == "0.00":
        return f"与{month}持平，各项增减"
    return f"比{month}{'上升' if figure.change > 0 else '下降'}{moved}个百分点，为什么"


def foot_text(figure: Figure, now: dt.datetime) -> str:
    """Coverage, as-of and the time of printing: the foot of every paper and file."""
    return (
        f"{'暂计，' if figure.provisional else ''}{formatting.count(figure.expected)}所应报，"
        f"已接收{formatting.count(figure.accepted)}所。"
        f"数据截至{formatting.zhdatetime(figure.computed_at)}，"
        f"导出或打印于{formatting.zhdatetime(now)}。"
    )

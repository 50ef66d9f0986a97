"""One figure's explanation in words: fraction, targets, scope, why it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts import formatting
from indicators.catalogue import Indicator, Kind
from indicators.selectors import (
    Against,
    Contribution,
    ContributionGroup,
    Explanation,
    Figure,
    Judgement,
    OwedReturn,
)
from indicators.selectors.returns import is_of_today
from indicators.targets.words import ProgressLine, progress_line
from reports.dashboards.missing import state_word
from reports.dashboards.presenters import (
    distance_text,
    estimate_line,
    shown,
    target_text,
    with_unit,
)
from reports.dashboards.presenters.figures import each_text, figure_sides

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


def target_line(indicator: Indicator, judgement: Judgement) -> TargetLine:
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


def explained(
    explanation: Explanation, waiting: Collection[int], signed: Mapping[tuple[int, int], str]
) -> dict[str, Any]:
    """Context of the explanation's template; `waiting` are the returns that wait for their town,
    `signed` says who filed and accepted each.
    """
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
        "targets": [target_line(indicator, judgement) for judgement in figure.verdicts],
        "denominator_note": _denominator_note(explanation),
        "compared": _compared(explanation),
        "ways_to_compare": _ways_to_compare(explanation),
        "estimate": estimate_line(figure, explanation.estimate),
        "now_differs": _now_differs(explanation),
        "reasons": [
            ReasonLine(
                r.label,
                formatting.parts_moved(r.units, indicator.parts),
                formatting.change(r.below),
                moved_text(indicator, r.points),
            )
            for r in explanation.change_reasons
        ],
        "change_head": _change_head(explanation),
        **compares(explanation),
        "change_sum": sum(changes),
        "not_counted": len(explanation.missing),
        "last_children": sum(row.last_children or 0 for row in explanation.missing),
        "groups": [
            (group, leaves(group.rows, signed), owing(group, waiting))
            for group in explanation.groups
        ],
    }


# Where the rows stand that a figure is made of, beside the returns: (route, its words).
REGISTERS = {
    "fully_staffed_kindergarten_share": ("staffing-gaps", "看各岗位缺多少人"),
    "non_established_pay_ratio": ("posts-and-pay", "看各公办园的工资"),
    "quota_kept_kindergarten_share": ("posts-and-pay", "看各公办园的编制和名册"),
    "per_child_operating_funding": ("funding", "看各园应拨和实拨"),
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
    return Average(
        each_text(total, heads),
        f"{formatting.count(total)} ÷ {formatting.count(heads)}人＝人均",
    )


def leaves(
    rows: Iterable[Contribution], signed: Mapping[tuple[int, int], str]
) -> list[tuple[Contribution, str]]:
    """Each return, with who filed and accepted it."""
    return [(row, signed.get((row.filing_id, row.version), "")) for row in rows]


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


@dataclass(frozen=True)
class ComparedWith:
    """What the steps start from and lead to; `note` says as of when the start stands."""

    title: str
    start: str
    value: str
    end: str
    end_value: str
    end_counts: tuple[int | None, int | None]
    note: str


def _compared(explanation: Explanation) -> ComparedWith | None:
    comparison = explanation.comparison
    if comparison is None:
        return None
    figure = explanation.today
    month, end = formatting.zhmonth(comparison.month), formatting.zhmonth(figure.month)
    start, note = month, ""
    if comparison.publication is not None:
        start = f"{month}（{comparison.publication}公布）"
        note = f"{comparison.publication}，{formatting.zhdate(comparison.publication.published_at)}公布。"
    elif comparison.closed_at is not None:
        start = f"{month}（锁定时）"
        note = f"{month}按{formatting.zhdate(comparison.closed_at)}锁定时计入的月报。"
    if note and is_of_today(figure.indicator):
        note += "登记、防范措施和按标准判定的数没有当时的，按现在的登记列。"
    if comparison.against is Against.PUBLISHED:
        end = "现在"
    return ComparedWith(
        title=_reasons_title(figure.indicator, start, comparison.change),
        start=start,
        value=shown(figure.indicator, comparison.value),
        end=end,
        end_value=shown(figure.indicator, figure.value),
        end_counts=(figure.numerator, figure.denominator),
        note=note,
    )


def _reasons_title(indicator: Indicator, start: str, difference: Decimal) -> str:
    if indicator.kind is not Kind.SHARE:
        return f"与{start}相比，为什么变了"
    moved = formatting.percent(abs(difference))
    if moved == "0.00":
        return f"与{start}持平，各项增减"
    return f"比{start}{'上升' if difference > 0 else '下降'}{moved}个百分点，为什么"


WAYS = {Against.MONTH: "上月", Against.YEAR: "去年同月", Against.PUBLISHED: "公布的数"}


def _ways_to_compare(explanation: Explanation) -> list[tuple[str, str, bool]]:
    """Code in the address, words, and whether it is the one shown; none of what was published."""
    if explanation.publication is not None:
        return []
    comparison = explanation.comparison
    shown_now = comparison.against if comparison else explanation.against
    return [
        (str(way), words, way == shown_now)
        for way, words in WAYS.items()
        if way is not Against.PUBLISHED or explanation.published is not None
    ]


def _change_head(explanation: Explanation) -> str:
    """The head of the column that compares each return."""
    if explanation.publication is not None:
        return "现在比当时"
    heads = {Against.MONTH: "比上月", Against.YEAR: "比去年", Against.PUBLISHED: "比公布时"}
    return heads[explanation.against]


def compares(explanation: Explanation) -> dict[str, Any]:
    """Whether each return is compared with another figure, and what is said of one not in it."""
    return {
        "compares": explanation.comparison is not None
        or explanation.publication is not None
        or explanation.against is Against.MONTH,
        "not_there": "现在不计入" if explanation.publication else "新计入",
    }


def _now_differs(explanation: Explanation) -> str:
    """Of a figure as it was published: how it stands today, in a sentence; empty otherwise."""
    if explanation.publication is None:
        return ""
    then, today = explanation.figure, explanation.today
    # Of pay neither counts nor reasons may be told, so that the values themselves are compared.
    if (then.numerator, then.denominator, then.value) == (
        today.numerator, today.denominator, today.value,
    ):  # fmt: skip
        return "现在的数与公布时一样。"
    value = with_unit(today.indicator, shown(today.indicator, today.value))
    counts = "" if today.numerator is None else f"（{_counts(today)}）"
    reasons = "，原因见下" if explanation.comparison else ""
    return f"现在是{value}{counts}，与公布时不同{reasons}。"


def _counts(figure: Figure) -> str:
    above, below = figure_sides(figure)
    return f"{above} ÷ {below}" if figure.indicator.denominator_text else above


def foot_text(figure: Figure, now: dt.datetime) -> str:
    """Coverage, as-of and the time of printing: the foot of every paper and file."""
    return (
        f"{'暂计，' if figure.provisional else ''}{formatting.count(figure.expected)}所应报，"
        f"已接收{formatting.count(figure.accepted)}所。"
        f"数据截至{formatting.zhdatetime(figure.computed_at)}，"
        f"导出或打印于{formatting.zhdatetime(now)}。"
    )

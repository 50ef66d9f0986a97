"""Figures as the dashboard says them: words, signs and groups. No reads, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts import formatting
from accounts.models import Region
from indicators.catalogue import INDICATORS, THREE_RATES, Indicator, Kind
from indicators.models import RegionFacts
from indicators.rules import Verdict
from indicators.selectors import Figure, Judgement, RegionRow, TrendPoint
from reports.dashboards.selectors import PeriodDates

NOT_JUDGED = "not_judged"
GROUPS = (
    ("problem", "有未达标或待报齐"),
    ("unavailable", "有无法计算"),
    ("met", "三率均达标"),
    (NOT_JUDGED, "没有适用的目标，不考核"),
)
STREETS = "街道和功能区，不按乡镇考核"
# Words for one region of a level, and the head of a column of them.
# Codes in a target's fields, for its history.
WORDS_OF_TARGETS = {
    "indicator": {code: indicator.name for code, indicator in INDICATORS.items()},
    "levels": {"kindergarten": "幼儿园", "town": "乡镇街道", "county": "县区", "city": "市"},
}
LEVEL_WORDS = {
    Region.Level.PROVINCE: ("个省", "省"),
    Region.Level.CITY: ("个市", "市州"),
    Region.Level.COUNTY: ("个区县", "区县"),
    Region.Level.TOWN: ("个乡镇街道", "乡镇街道"),
}


# ---- one figure --------------------------------------------------------------------------------


def shown(indicator: Indicator, value: Decimal | None) -> str:
    """A value without its unit, rounded half-up: "91.89", "7.04" or a dash."""
    if indicator.kind is Kind.SHARE:
        return formatting.percent(value)
    return formatting.decimal(value)


def with_unit(indicator: Indicator, text: str) -> str:
    """A shown value with what it is of: 91.89%, 1:7.04, 512.30元."""
    if indicator.kind is Kind.RATIO:
        return f"1:{text}"
    return f"{text}{'%' if indicator.kind is Kind.SHARE else '元'}"


def target_text(indicator: Indicator, operator: str, value: Decimal) -> str:
    """≥93%, ≤7 or ≥500元, without needless zeros."""
    sign = "≥" if operator == ">=" else "≤"
    share = indicator.kind is Kind.SHARE
    number = format((value * 100 if share else value).normalize(), "f")
    unit = {Kind.SHARE: "%", Kind.RATIO: "", Kind.AMOUNT: "元"}[indicator.kind]
    return f"{sign}{number}{unit}"


def distance_text(indicator: Indicator, judgement: Judgement | None, *, short: bool = False) -> str:
    """差332名幼儿, 高出880名幼儿, in a table 差332人, 余4人; empty where nothing can be said."""
    if judgement is None:
        return ""
    unit = indicator.gap_unit
    if short and unit == "名幼儿":
        unit = "人"
    if judgement.gap:
        return f"差{formatting.count(judgement.gap)}{unit}"
    if judgement.surplus:
        return f"{'余' if short else '高出'}{formatting.count(judgement.surplus)}{unit}"
    return "" if judgement.surplus is None else "正好达到"


def why_missing(figure: Figure) -> str:
    """Why there is no value, in a word that fits into a table; empty when there is one."""
    if figure.value is not None:
        return ""
    if figure.numerator is None:
        return "没有接收月报" if figure.expected else "没有应报的园"
    if figure.denominator is None:
        return "缺人口数" if figure.indicator.by_population else "没有接收月报"
    return "没有在园幼儿" if figure.denominator == 0 else ""


def change_text(figure: Figure) -> str:
    """比9月的94.24%下降2.35个百分点."""
    month = formatting.zhmonth(figure.previous_month)
    if figure.previous_month and figure.previous_month.year == figure.month.year:
        month = month.split("年", 1)[1]
    if figure.previous is None or figure.change is None:
        return "" if figure.value is None else "上一个月没有数，不比较"
    before = shown(figure.indicator, figure.previous)
    moved = formatting.percent(abs(figure.change))
    if moved == "0.00":
        return f"与{month}的{before}%持平"
    direction = "上升" if figure.change > 0 else "下降"
    return f"比{month}的{before}%{direction}{moved}个百分点"


def base_text(figure: Figure) -> str:
    """The two counts behind the rate; what is missing is named."""
    if figure.numerator is None or figure.denominator is None:
        return ""
    indicator = figure.indicator
    return (
        f"{indicator.numerator_text}{formatting.count(figure.numerator)}人，"
        f"{indicator.denominator_text}{formatting.count(figure.denominator)}人"
    )


def explain_url(figure: Figure) -> str:
    return reverse("figure-explain", args=[figure.region.code, figure.indicator.code, figure.month])


def coverage_text(figure: Figure) -> str:
    return f"{formatting.count(figure.expected)}所已报{formatting.count(figure.filed)}所"


def _note(figure: Figure, facts: RegionFacts | None) -> str:
    if figure.value is None:
        return f"算不出：{figure.reason}"
    notes = []
    if facts is not None and figure.verdict == Verdict.PENDING:
        missing = facts.expected - facts.accepted
        never = missing - facts.pending_kindergartens
        notes.append(
            f"未计入的{formatting.count(missing)}所"
            f"最近一次报{formatting.count(facts.pending_enrolled_children)}人"
            + (f"，其中{formatting.count(never)}所没有报过" if never > 0 else "")
            + "，报齐后再判。"
        )
    if len(figure.verdicts) > 1:
        notes.append(f"另有{len(figure.verdicts) - 1}项目标，见算法。")
    return "".join(notes)


def card(
    figure: Figure,
    trend: Sequence[TrendPoint],
    facts: RegionFacts | None,
    holidays: Collection[dt.date] = (),
) -> dict[str, Any]:
    """Context of the component `_components/figure.html`."""
    indicator, leading = figure.indicator, figure.leading
    target = leading and target_text(indicator, leading.target.operator, leading.target.value)
    return {
        "name": indicator.name,
        "value": None if figure.value is None else shown(indicator, figure.value),
        "unit": "%",
        "verdict": figure.verdict,
        "provisional": figure.provisional and figure.value is not None,
        "target": target,
        "shortfall": distance_text(indicator, leading),
        "change": change_text(figure),
        "base": base_text(figure),
        "coverage": coverage_text(figure),
        "as_of": figure.computed_at,
        "note": _note(figure, facts),
        "explain_url": explain_url(figure),
        "trend": trend_data(figure, trend, holidays),
        "trend_id": f"trend-{indicator.code}",
    }


def trend_data(
    figure: Figure, trend: Sequence[TrendPoint], holidays: Collection[dt.date]
) -> dict[str, Any]:
    """Data of the chart tag. A month without figures is a gap; only holidays are drawn as such."""
    indicator, leading = figure.indicator, figure.leading
    goal = leading and target_text(indicator, leading.target.operator, leading.target.value)
    return {
        "title": "近12个月（%）",
        "unit": "%",
        "target": goal and goal.strip("≥≤%"),
        "points": [
            {
                "label": formatting.zhmonth(point.month),
                "value": None if point.value is None else shown(indicator, point.value),
                "provisional": point.provisional,
                "holiday": not point.reported and point.month in holidays,
            }
            for point in trend
        ],
        "words": chart_words(trend, holidays),
        "description": f"{figure.region.name}{indicator.name}近12个月走势"
        + (f"，目标{goal}" if goal else ""),
    }


def chart_words(trend: Sequence[TrendPoint], holidays: Collection[dt.date]) -> str:
    """What the signs in this chart mean; a sign that is not in it is not explained."""
    blank = [point for point in trend if point.value is None]
    off = {point.month for point in blank if not point.reported and point.month in holidays}
    words = []
    if any(point.provisional and point.value is not None for point in trend):
        words.append("空心点：有园未报齐，暂计。")
    if off:
        words.append("灰带：寒暑假不报。")
    if any(point.month not in off for point in blank):
        words.append("断开：当月无数据。")
    return "".join(words)


# ---- regions side by side ----------------------------------------------------------------------


@dataclass(frozen=True)
class RateCell:
    """One rate of one region: number, verdict beside it, and where it is explained."""

    place: int
    label: str
    text: str
    value: Decimal | None
    verdict: str
    extra: str
    url: str


@dataclass(frozen=True)
class RegionLine:
    region: Region
    url: str | None
    group_name: str
    expected: int
    accepted: int
    children: int | None
    population: int | None
    cells: list[RateCell]
    group: str
    gap: int

    @property
    def incomplete(self) -> bool:
        return self.accepted < self.expected


def _cell(place: int, figure: Figure) -> RateCell:
    indicator, verdict = figure.indicator, figure.verdict
    extra = why_missing(figure)
    if not extra and verdict in {Verdict.UNMET, Verdict.PENDING, Verdict.NEAR}:
        extra = distance_text(indicator, figure.leading, short=True)
    if not extra and figure.value is not None and figure.value > 1:
        extra = "超100%"
    return RateCell(
        place=place,
        label=indicator.short_name,
        text=shown(indicator, figure.value),
        value=figure.value,
        verdict=verdict,
        extra=extra,
        url=explain_url(figure),
    )


def _group(figures: Iterable[Figure]) -> str:
    verdicts = {figure.verdict for figure in figures}
    if verdicts & {Verdict.UNMET, Verdict.PENDING}:
        return "problem"
    if Verdict.UNAVAILABLE in verdicts:
        return "unavailable"
    return NOT_JUDGED if verdicts == {NOT_JUDGED} else "met"


def region_line(
    region: Region,
    facts: RegionFacts | None,
    figures: Sequence[Figure],
    *,
    group_name: str = "",
    url: str | None = None,
) -> RegionLine:
    return RegionLine(
        region=region,
        url=url,
        group_name=group_name,
        expected=facts.expected if facts else 0,
        accepted=facts.accepted if facts else 0,
        children=facts.enrolled_children if facts and facts.kindergartens else None,
        population=facts.resident_population_3_5 if facts else None,
        cells=[_cell(place, figure) for place, figure in enumerate(figures, start=1)],
        group=_group(figures),
        gap=sum(f.leading.gap or 0 for f in figures if f.leading),
    )


def lines_of(rows: Iterable[RegionRow]) -> list[RegionLine]:
    return [
        region_line(
            row.region,
            row.facts,
            row.figures,
            group_name=row.group_name or "",
            url=reverse("dashboard-region", args=[row.region.code]),
        )
        for row in rows
    ]


def _rate_key(place: int) -> Callable[[RegionLine], Any]:
    return lambda line: line.cells[place].value


# Sort keys of the table, as they stand in the address.
SORTS: dict[str, Callable[[RegionLine], Any]] = {
    "name": lambda line: line.region.code,
    "group": lambda line: line.group_name or None,
    "expected": lambda line: line.expected,
    "accepted": lambda line: line.accepted,
    "children": lambda line: line.children,
    "population": lambda line: line.population,
    **{code: _rate_key(place) for place, code in enumerate(THREE_RATES)},
}


@dataclass(frozen=True)
class LineGroup:
    """Lines under one title. On phones a group that needs no attention `folds`."""

    code: str
    title: str
    count_text: str
    lines: list[RegionLine]
    folds: bool = False


def arranged(lines: Sequence[RegionLine], sort: str) -> list[LineGroup]:
    """Lines in the order asked for; unasked, problems come first and the largest gap leads.

    Blanks come last in either direction.
    """
    key = SORTS.get(sort.removeprefix("-"))
    if key is not None:
        known = [line for line in lines if key(line) is not None]
        known.sort(key=lambda line: line.region.code)
        known.sort(key=key, reverse=sort.startswith("-"))
        blank = [line for line in lines if key(line) is None]
        return [LineGroup("all", "", "", known + blank)]
    groups = []
    for code, title in GROUPS:
        members = [line for line in lines if line.group == code]
        if members:
            members.sort(key=lambda line: (-line.gap, line.region.code))
            unit = LEVEL_WORDS[Region.Level(members[0].region.level)][0]
            if code == NOT_JUDGED and _are_streets(members):
                title = STREETS
            folds = code in {"met", NOT_JUDGED} and len(members) < len(lines)
            groups.append(LineGroup(code, title, f"{len(members)}{unit}", members, folds))
    return groups


def _are_streets(lines: Sequence[RegionLine]) -> bool:
    return all(
        line.region.level == Region.Level.TOWN and not line.region.is_township for line in lines
    )


@dataclass(frozen=True)
class RateHead:
    code: str
    label: str
    target: str


def rate_heads(figures: Sequence[Figure], own: Sequence[Figure] = ()) -> list[RateHead]:
    """Heads of the rate columns, with all targets that judge any of the rows.

    Where the rows are not judged but the region itself is, its own leading target stands there:
    its row is on top.
    """
    heads = []
    for code in THREE_RATES:
        targets = {
            target_text(figure.indicator, judged.target.operator, judged.target.value)
            for figure in figures
            for judged in figure.verdicts
            if figure.indicator.code == code
        } or {
            target_text(
                figure.indicator, figure.leading.target.operator, figure.leading.target.value
            )
            for figure in own
            if figure.indicator.code == code and figure.leading
        }
        heads.append(RateHead(code, INDICATORS[code].short_name, "、".join(sorted(targets))))
    return heads


# ---- the page's head ---------------------------------------------------------------------------


def dates_text(dates: PeriodDates, now: dt.datetime) -> str:
    """统计时点10月31日。报送截止11月6日18:00，还剩1天。"""
    reference_date, due_at, locks_at = dates.reference_date, dates.due_at, dates.locks_at
    if not dates.periods:
        return "没有设报送期。"
    if reference_date is None:
        return "各区县的统计时点不同，见各区县。"
    text = f"统计时点{formatting.zhdate(reference_date, short=True)}。"
    if due_at is None:
        return f"{text}各区县的报送截止时间不同。"
    text += f"报送截止{formatting.zhdatetime(due_at, short=True)}，"
    if now < due_at:
        return f"{text}{formatting.time_left(due_at, now)}。"
    if locks_at is not None and now < locks_at:
        return text + f"已过截止，{formatting.zhdate(locks_at, short=True)}锁定，仍可补报。"
    return text + "已锁定。"

"""One figure in words: value, target, distance, change, base. No reads, no clock."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from accounts import formatting
from accounts.rounding import half_up
from indicators.catalogue import Indicator, Kind
from indicators.rules import rate
from indicators.selectors import Estimate, Figure, Judgement
from indicators.selectors.withholding import TOO_FEW


def shown(indicator: Indicator, value: Decimal | None) -> str:
    """A value without its unit, rounded half-up: "91.89", "7.04", of a count "29", or a dash."""
    if indicator.kind is Kind.SHARE:
        return formatting.percent(value)
    return formatting.decimal(value, 0 if indicator.kind is Kind.COUNT else 2)


def with_unit(indicator: Indicator, text: str) -> str:
    """A shown value with what it is of: 91.89%, 1:7.04, 512.30元, 29所."""
    if indicator.kind is Kind.RATIO:
        return f"1:{text}"
    return f"{text}{indicator.suffix}"


def target_text(indicator: Indicator, operator: str, value: Decimal) -> str:
    """≥93%, ≤7 or ≥500元, without needless zeros."""
    sign = "≥" if operator == ">=" else "≤"
    share = indicator.kind is Kind.SHARE
    number = format((value * 100 if share else value).normalize(), "f")
    return f"{sign}{number}{indicator.suffix}"


def amount_text(indicator: Indicator, quantity: int | None) -> str:
    """A numerator or what it lacks, in the unit it is read in: 332, or 10.5 of 1,050 dm²."""
    return formatting.parts_of(quantity, indicator.parts)


def each_text(total: int | None, heads: int) -> str:
    """What each of so many people has on average, to the whole yuan."""
    each = rate(total, heads)
    return "没有人" if each is None else f"{half_up(each, 0):,}"


def sides_text(
    numerator: int | None, denominator: int | None, heads: tuple[int | None, int | None], parts: int
) -> tuple[str, str]:
    """Both sides of a fraction as they are read; of averages each with the sum and the people that
    it is made of: 52,000（624,000 ÷ 12人）.
    """
    above, below = heads
    if above is None or below is None:
        return formatting.parts_of(numerator, parts), formatting.count(denominator)
    return _average_text(numerator, above), _average_text(denominator, below)


def _average_text(total: int | None, heads: int) -> str:
    return f"{each_text(total, heads)}（{formatting.count(total)} ÷ {formatting.count(heads)}人）"


def figure_sides(figure: Figure) -> tuple[str, str]:
    heads = figure.numerator_heads, figure.denominator_heads
    return sides_text(figure.numerator, figure.denominator, heads, figure.indicator.parts)


def distance_text(indicator: Indicator, judgement: Judgement | None, *, short: bool = False) -> str:
    """差332名幼儿, 高出880名幼儿, in a table 差332人, 余4人; empty where nothing can be said."""
    if judgement is None:
        return ""
    unit = indicator.gap_unit
    if short and unit == "名幼儿":
        unit = "人"
    if judgement.gap:
        return f"差{amount_text(indicator, judgement.gap)}{unit}"
    if judgement.surplus:
        return f"{'余' if short else '高出'}{amount_text(indicator, judgement.surplus)}{unit}"
    return "" if judgement.surplus is None else "正好达到"


def why_missing(figure: Figure) -> str:
    """Why there is no value, in a word that fits into a table; empty when there is one."""
    if figure.value is not None:
        return ""
    if figure.reason == TOO_FEW:
        return "不到3人"
    if figure.numerator is None:
        return "没有接收月报" if figure.expected else "没有应报的园"
    if figure.denominator is None:
        return "缺人口数" if figure.indicator.by_population else "没有接收月报"
    return "没有在园幼儿" if figure.denominator == 0 else ""


def is_comparable(figure: Figure) -> bool:
    """Whether the month before says anything beside it: of fewer kindergartens it does not."""
    return figure.change is not None and not figure.provisional


def change_text(figure: Figure) -> str:
    """比9月的94.24%下降2.35个百分点; of a figure that misses returns that it is not compared."""
    month = formatting.zhmonth(figure.previous_month)
    if figure.previous_month and figure.previous_month.year == figure.month.year:
        month = month.split("年", 1)[1]
    if figure.previous is None or figure.change is None:
        return "" if figure.value is None else "上一个月没有数，不比较"
    before = shown(figure.indicator, figure.previous)
    if not is_comparable(figure):
        missing = formatting.count(figure.expected - figure.accepted)
        return f"{month}是{before}%；本月{missing}所未计入，不可比"
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


def trend_url(figure: Figure) -> str:
    """Where the figure is drawn over months, with its table and files."""
    asked = urlencode({"indicator": figure.indicator.code, "month": f"{figure.month:%Y-%m}"})
    return f"{reverse('figures-trend', args=[figure.region.code])}?{asked}"


def coverage_text(figure: Figure) -> str:
    return f"{formatting.count(figure.expected)}所已报{formatting.count(figure.filed)}所"


def estimate_line(figure: Figure, estimate: Estimate | None) -> str:
    """What a provisional figure would be, with its rule; empty where nothing is estimated."""
    if estimate is None:
        return ""
    first, last = (formatting.zhmonth(month) for month in estimate.months)
    months = first if first == last else f"{first}至{last}"
    value = with_unit(figure.indicator, shown(figure.indicator, estimate.value))
    moved = _estimate_moved(figure, estimate)
    return f"估计{value}{moved}，按没有计入的{formatting.count(estimate.kindergartens)}所上次月报（{months}）推算"


def _estimate_moved(figure: Figure, estimate: Estimate) -> str:
    """How an estimated share, which misses nobody, stands to the month before: （比上月+0.15个百分点）."""
    if figure.previous is None or figure.indicator.kind is not Kind.SHARE:
        return ""
    moved = estimate.value - figure.previous
    sign = "−" if moved < 0 else "+"
    return f"（比上月{sign}{formatting.percent(abs(moved))}个百分点）"

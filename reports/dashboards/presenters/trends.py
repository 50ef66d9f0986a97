"""A figure over months: the data of its chart, and what the signs in it mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from accounts import formatting
from indicators.catalogue import Indicator
from indicators.selectors import Figure, TrendPoint
from reports.dashboards.presenters.figures import shown, target_text


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
        "points": trend_points(indicator, trend, holidays),
        "words": chart_words(trend, holidays),
        "description": f"{figure.region.name}{indicator.name}近12个月走势"
        + (f"，目标{goal}" if goal else ""),
    }


def trend_points(
    indicator: Indicator, trend: Sequence[TrendPoint], holidays: Collection[dt.date]
) -> list[dict[str, Any]]:
    """The months as the chart takes them: their values as text, a gap as None."""
    return [
        {
            "label": formatting.zhmonth(point.month),
            # An axis reads numbers without separators.
            "value": None
            if point.value is None
            else shown(indicator, point.value).replace(",", ""),
            "provisional": point.provisional,
            "holiday": not point.reported and point.month in holidays,
            "source": point.source,
        }
        for point in trend
    ]


def chart_words(trend: Sequence[TrendPoint], holidays: Collection[dt.date]) -> str:
    """What the signs in this chart mean; a sign that is not in it is not explained."""
    blank = [point for point in trend if point.value is None]
    off = {point.month for point in blank if not point.reported and point.month in holidays}
    words = []
    if any(point.provisional and point.value is not None for point in trend):
        words.append("空心点：有园未报齐，暂计。")
    if any(point.source for point in trend):
        words.append("方点：门户以外公布的年度数，来源见表。")
    if off:
        words.append("灰带：寒暑假不报。")
    if any(point.month not in off for point in blank):
        words.append("断开：当月无数据。")
    return "".join(words)

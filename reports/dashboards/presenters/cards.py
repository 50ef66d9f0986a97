"""A figure as a card, with everything that belongs to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from accounts import formatting
from indicators.models import RegionFacts
from indicators.rules import Verdict
from indicators.selectors import Figure, TrendPoint
from reports.dashboards.presenters.figures import (
    base_text,
    change_text,
    coverage_text,
    distance_text,
    explain_url,
    shown,
    target_text,
)
from reports.dashboards.presenters.trends import trend_data


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

"""A figure as a card, with everything that belongs to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from accounts import formatting
from accounts.models import Region
from indicators.models import RegionFacts
from indicators.rules import Verdict, worst
from indicators.selectors import Estimate, Figure, TrendPoint
from indicators.targets.rules import Combined
from indicators.targets.words import combined_text, demand_text
from reports.dashboards.presenters.figures import (
    base_text,
    change_text,
    coverage_text,
    distance_text,
    estimate_line,
    explain_url,
    shown,
    target_text,
    trend_url,
)
from reports.dashboards.presenters.trends import trend_data


def _note(figure: Figure, facts: RegionFacts | None, whole: Mapping[int, Combined]) -> str:
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
    notes += [
        f"目标{demand_text(judged.target)}对下级也考核：{combined_text(one, {_below(figure): one})}。"
        for judged in figure.verdicts
        if (one := whole.get(judged.target.pk)) is not None
    ]
    if len(figure.verdicts) > 1:
        notes.append(f"另有{len(figure.verdicts) - 1}项目标，见算法。")
    return "".join(notes)


def _below(figure: Figure) -> str:
    """The level of which the rows below a region are."""
    return Region.Level(figure.region.level + 1).name.lower()


def _verdict(figure: Figure, whole: Mapping[int, Combined]) -> str:
    """The one that leads: of a target that asks it of the places below as well, that of all."""
    every = [*(judged.verdict for judged in figure.verdicts), *(o.verdict for o in whole.values())]
    return str(worst(every) or figure.verdict)


def card(
    figure: Figure,
    trend: Sequence[TrendPoint],
    facts: RegionFacts | None,
    holidays: Collection[dt.date] = (),
    whole: Mapping[int, Combined] = MappingProxyType({}),
    estimate: Estimate | None = None,
) -> dict[str, Any]:
    """Context of the component `_components/figure.html`.

    `whole`: by target's key, those that the places below have to meet as well. `estimate` stands
    beside a figure that is provisional.
    """
    indicator, leading = figure.indicator, figure.leading
    target = leading and target_text(indicator, leading.target.operator, leading.target.value)
    return {
        "name": indicator.name,
        "value": None if figure.value is None else shown(indicator, figure.value),
        "unit": "%",
        "verdict": _verdict(figure, whole),
        "provisional": figure.provisional and figure.value is not None,
        "target": target,
        "shortfall": distance_text(indicator, leading),
        "change": change_text(figure),
        "estimate": estimate_line(figure, estimate),
        "base": base_text(figure),
        "coverage": coverage_text(figure),
        "as_of": figure.computed_at,
        "note": _note(figure, facts, whole),
        "explain_url": explain_url(figure),
        "trend": trend_data(figure, trend, holidays),
        "trend_id": f"trend-{indicator.code}",
        "trend_url": trend_url(figure),
    }

"""The explanation of a figure that a published table answers: a month without any return."""

from __future__ import annotations

from typing import Any

from indicators.aggregates.presenters import said
from indicators.selectors import Figure
from reports.dashboards.explaining import target_line, unrounded
from reports.dashboards.presenters import shown


def by_table(figure: Figure) -> dict[str, Any] | None:
    """Context of the explanation's template; None where no table answers."""
    answer = figure.aggregate
    if answer is None:
        return None
    indicator = figure.indicator
    return {
        "figure": figure,
        "indicator": indicator,
        "value": shown(indicator, figure.value),
        "unit": indicator.suffix,
        "unrounded": unrounded(figure.value),
        "targets": [target_line(indicator, judgement) for judgement in figure.verdicts],
        "table": answer.row,
        "table_says": said(answer),
    }

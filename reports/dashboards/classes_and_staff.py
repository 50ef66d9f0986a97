"""The strip below the three rates, and which figures of a kindergarten are of classes and staff."""

from __future__ import annotations

from dataclasses import dataclass

from indicators.catalogue import Kind
from indicators.rules import Verdict
from indicators.selectors import Figure
from reports.dashboards.presenters import distance_text, explain_url, shown, target_text, with_unit

CLASSES_AND_STAFF = (
    "compliant_class_share",
    "children_per_staff",
    "children_per_care_teaching_staff",
    "children_per_full_time_teacher",
    "children_per_health_staff",
    "certified_share",
)


@dataclass(frozen=True)
class SmallFigure:
    """A figure of the strip: value with its unit, verdict and what is missing."""

    name: str
    text: str
    target: str
    verdict: str
    extra: str
    url: str


def small_figure(figure: Figure) -> SmallFigure:
    indicator, leading = figure.indicator, figure.leading
    text = shown(indicator, figure.value)
    if figure.value is not None:
        text = with_unit(indicator, text)
    target = ""
    if leading is not None:
        target = target_text(indicator, leading.target.operator, leading.target.value)
    needs_words = figure.verdict in {Verdict.UNMET, Verdict.PENDING, Verdict.NEAR}
    return SmallFigure(
        name=indicator.name,
        text=text,
        target=f"1:{target.strip('≤')}以内" if target and indicator.kind is Kind.RATIO else target,
        verdict=figure.verdict,
        extra=distance_text(indicator, leading, short=True) if needs_words else figure.reason,
        url=explain_url(figure),
    )

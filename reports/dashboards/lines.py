"""Figures as rows: one indicator with everything beside it, and what each document demands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts import formatting
from indicators.catalogue import INDICATORS, Indicator
from indicators.catalogue.definition import TOPIC_LABELS
from indicators.models import Policy
from indicators.rules import SEVERITY, Verdict, worst
from indicators.selectors import Figure, Judgement
from indicators.targets.words import ProgressLine, progress_line
from reports.dashboards.explaining import moved_text
from reports.dashboards.presenters import (
    distance_text,
    explain_url,
    shown,
    target_text,
    with_unit,
)
from reports.dashboards.presenters.figures import figure_sides, is_comparable

NOT_COMPARABLE = "不可比"
PROBLEMS = {Verdict.UNMET, Verdict.PENDING, Verdict.NEAR}


@dataclass(frozen=True)
class FigureLine:
    """One figure as a row; texts are empty where nothing can be said."""

    figure: Figure
    name: str
    text: str
    verdict: str
    extra: str
    target: str
    change: str
    parts: str
    url: str

    @property
    def coverage(self) -> str:
        """Of a figure of returns; others are of the place itself, or of a published table."""
        figure = self.figure
        if figure.source:
            return figure.source
        if not figure.indicator.of_returns:
            return "不由月报相加"
        return f"{formatting.count(figure.expected)}所已接收{formatting.count(figure.accepted)}所"


def figure_line(figure: Figure) -> FigureLine:
    indicator, leading = figure.indicator, figure.leading
    text = shown(indicator, figure.value)
    return FigureLine(
        figure=figure,
        name=indicator.name,
        text=text if figure.value is None else with_unit(indicator, text),
        verdict=figure.verdict,
        extra=_extra(figure),
        target=target_of(indicator, leading),
        change=change_of(figure),
        parts=parts_of(figure),
        url=explain_url(figure),
    )


def _extra(figure: Figure) -> str:
    if figure.value is None:
        return figure.reason
    if figure.verdict in PROBLEMS:
        return distance_text(figure.indicator, figure.leading, short=True)
    return ""


def target_of(indicator: Indicator, judgement: Judgement | None) -> str:
    if judgement is None:
        return ""
    return target_text(indicator, judgement.target.operator, judgement.target.value)


def change_of(figure: Figure) -> str:
    """The change since the month before, with its sign and unit: −2.35个百分点, +0.12.

    不可比 of a figure that misses returns: what is missing would be its change.
    """
    if figure.change is None:
        return ""
    if not is_comparable(figure):
        return NOT_COMPARABLE
    moved = moved_text(figure.indicator, figure.change)
    unit = {"%": "个百分点"}.get(figure.indicator.suffix, figure.indicator.suffix)
    return f"{moved}{unit}"


def parts_of(figure: Figure) -> str:
    """What is divided by what: 在园幼儿420 ÷ 常住3–5岁人口653."""
    indicator = figure.indicator
    if figure.numerator is None:
        return ""
    above, below = figure_sides(figure)
    above = f"{indicator.numerator_text}{above}"
    if not indicator.denominator_text or figure.denominator is None:
        return above
    return f"{above} ÷ {indicator.denominator_text}{below}"


def published(figures: Iterable[Figure]) -> bool:
    """Whether published tables answer where the portal has no returns."""
    return any(figure.source for figure in figures)


def by_topic(lines: Sequence[FigureLine]) -> list[tuple[str, list[FigureLine]]]:
    """Under the heads of the catalogue, in its order."""
    groups = [
        (label, [line for line in lines if line.figure.indicator.topic is topic])
        for topic, label in TOPIC_LABELS.items()
    ]
    return [(label, members) for label, members in groups if members]


# ---- by document -------------------------------------------------------------------------------


@dataclass(frozen=True)
class DemandLine:
    """One demand of a document and how the region stands to it."""

    line: FigureLine
    target: str
    verdict: str
    distance: str
    clause: str
    by_date: dt.date | None
    close: bool
    progress: ProgressLine | None


@dataclass(frozen=True)
class DocumentLine:
    """A document that judges the region: its demands, and how many stand how."""

    policy: Policy
    demands: list[DemandLine]

    @property
    def place(self) -> str:
        return self.policy.region.name if self.policy.region else "全国"

    @property
    def verdict(self) -> str:
        return str(worst(Verdict(one.verdict) for one in self.demands))

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many demands have each verdict, the worst first; verdicts that none has are left out."""
        found = [
            (str(verdict), sum(one.verdict == verdict for one in self.demands))
            for verdict in SEVERITY
        ]
        return [(verdict, number) for verdict, number in found if number]

    @property
    def by_dates(self) -> list[dt.date]:
        return sorted({one.by_date for one in self.demands if one.by_date})


def documents_of(figures: Iterable[Figure]) -> list[DocumentLine]:
    """Every document that judges one of the figures: national first, then from above to below."""
    found: dict[int, tuple[Policy, list[DemandLine]]] = {}
    for figure in figures:
        line = figure_line(figure)
        for judgement in figure.verdicts:
            policy = judgement.target.policy
            found.setdefault(policy.pk, (policy, []))[1].append(_demand(line, judgement))
    documents = [DocumentLine(policy, demands) for policy, demands in found.values()]
    return sorted(documents, key=_from_above)


def _from_above(document: DocumentLine) -> tuple[int, str]:
    region = document.policy.region
    return region.level if region else 0, document.policy.slug


def _demand(line: FigureLine, judgement: Judgement) -> DemandLine:
    indicator, by_date = line.figure.indicator, judgement.target.by_date
    return DemandLine(
        line=line,
        target=target_of(indicator, judgement),
        verdict=str(judgement.verdict),
        distance=distance_text(indicator, judgement),
        clause=judgement.clause,
        by_date=by_date,
        close=judgement.close,
        progress=progress_line(indicator, judgement.progress, by_date)
        if judgement.progress and by_date
        else None,
    )


EVERY_INDICATOR = tuple(INDICATORS)

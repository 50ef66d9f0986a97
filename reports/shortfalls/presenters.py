"""Shortfalls in words: what is short in which unit, of how much, and where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from accounts.formatting import count, percent
from indicators.models import RegionFacts
from indicators.rules import rate, value_of
from indicators.targets.gardens import Garden
from indicators.targets.rules import LEVELS
from indicators.targets.selectors import KINDERGARTEN
from indicators.targets.words import (
    UNITS_OF_LEVELS,
    ProgressLine,
    demand_text,
    figure_text,
    name_of,
    progress_line,
)
from kindergartens.models import KindergartenStatus
from reports.dashboards.presenters.figures import amount_text
from reports.shortfalls.selectors import Asked, Shortfall, Shortfalls, TargetSum


@dataclass(frozen=True)
class Line:
    """One region or kindergarten against one target."""

    name: str
    url: str
    place: str
    indicator: str
    demand: str
    document: str
    clause: str
    policy_id: int
    now: str
    verdict: str
    short: str
    needed: str
    share: str
    note: str
    progress: ProgressLine | None


def lines(
    rows: Iterable[Shortfall], codes: Mapping[int, str], seats: Mapping[int, int]
) -> list[Line]:
    """`codes` of the kindergartens that the person may open; `seats` being built by region."""
    return [_line(row, codes, seats) for row in rows]


def _line(row: Shortfall, codes: Mapping[int, str], seats: Mapping[int, int]) -> Line:
    judged, need = row.judged, row.need
    indicator, target, unit = judged.indicator, judged.target, judged.unit
    way = judged.judgement.progress
    return Line(
        name=judged.name,
        url=_url(row, codes),
        place=place_of(row),
        indicator=indicator.name,
        demand=demand_text(target),
        document=target.policy.title,
        clause=target.clause,
        policy_id=target.policy_id,
        now=figure_text(indicator, value_of(indicator, judged.counts)),
        verdict=str(judged.verdict),
        short=f"{amount_text(indicator, need.short)}{indicator.gap_unit}",
        needed=f"{amount_text(indicator, need.needed)}{indicator.gap_unit}",
        share=share_text(row),
        note=_seats_note(row, seats.get(unit.region_id, 0))
        if isinstance(unit, RegionFacts)
        else "",
        progress=progress_line(indicator, way, target.by_date) if way and target.by_date else None,
    )


def share_text(row: Shortfall) -> str:
    """The missing part of what is needed, by which the list is ordered: 12.5%."""
    return f"{percent(rate(row.need.short, row.need.needed) or Decimal(1), 1)}%"


def place_of(row: Shortfall) -> str:
    """Of a kindergarten its town and what it is, of a region its level."""
    unit = row.judged.unit
    if isinstance(unit, Garden):
        ownership = KindergartenStatus.Ownership(unit.ownership).label
        return f"{unit.town}，{ownership}"
    return LEVELS[row.judged.level]


def _url(row: Shortfall, codes: Mapping[int, str]) -> str:
    """The explanation of a region's figure, or the kindergarten; nowhere where it may not be opened."""
    judged, unit = row.judged, row.judged.unit
    if isinstance(unit, RegionFacts):
        return reverse("figure-explain", args=[unit.region.code, judged.indicator.code, unit.month])
    code = codes.get(unit.kindergarten_id)
    return reverse("kindergarten-detail", args=[code]) if code else ""


def _seats_note(row: Shortfall, being_built: int) -> str:
    """Children missing from the gross rate are seats to be had: set beside what is being built."""
    if not row.judged.indicator.by_population:
        return ""
    needed = f"还要{count(row.need.short)}个学位能坐满"
    if not being_built:
        return f"{needed}；没有在建学位"
    left = row.need.short - being_built
    rest = f"，还缺{count(left)}个" if left > 0 else "，够用"
    return f"{needed}；在建学位{count(being_built)}个{rest}"


# ---- each target at each level -----------------------------------------------------------------


@dataclass(frozen=True)
class SumLine:
    """One target at one level; `short` only where something is."""

    name: str
    demand: str
    document: str
    policy_id: int
    judged: str
    met: int
    unmet: int
    pending: int
    unavailable: int
    short: str
    progress: ProgressLine | None


def sum_lines(found: Shortfalls) -> list[SumLine]:
    """Of the targets that somebody misses, or may miss."""
    return [_sum_line(one) for one in found.sums if one.met < one.judged]


def _sum_line(total: TargetSum) -> SumLine:
    target, way = total.target, total.progress
    indicator = total.indicator
    return SumLine(
        name=indicator.name,
        demand=demand_text(target),
        document=target.policy.title,
        policy_id=target.policy_id,
        judged=f"{count(total.judged)}{UNITS_OF_LEVELS[total.level]}",
        met=total.met,
        unmet=total.unmet,
        pending=total.pending,
        unavailable=total.unavailable,
        short=f"{amount_text(indicator, total.short)}{indicator.gap_unit}" if total.unmet else "",
        progress=progress_line(indicator, way, target.by_date) if way and target.by_date else None,
    )


# ---- what may be chosen ------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    chosen: bool


def choices(found: Shortfalls, asked: Asked) -> dict[str, list[Choice]]:
    """What the lists over the table offer: only what some target here is about."""
    policies = {t.policy_id: t.policy.title for t in found.targets}
    codes = list(dict.fromkeys(t.indicator for t in found.targets))
    offered = {
        "policy": [(str(pk), title) for pk, title in policies.items()],
        "indicator": [(code, name_of(code)) for code in codes],
        "level": [(level, LEVELS[level]) for level in found.levels],
        "ownership": KindergartenStatus.Ownership.choices if KINDERGARTEN in found.levels else [],
    }
    now = {
        "policy": str(asked.policy or ""), "indicator": asked.indicator, "level": asked.level,
        "ownership": asked.ownership,
    }  # fmt: skip
    return {
        name: [Choice(value, str(label), value == now[name]) for value, label in options]
        for name, options in offered.items()
    }

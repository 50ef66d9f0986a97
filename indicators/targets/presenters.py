"""Documents and targets as the pages show them: standing by level, and what a change makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts import formatting
from accounts.statuses import verdict_status
from indicators.catalogue import INDICATORS
from indicators.models import Policy, Target
from indicators.rules import Verdict, value_of
from indicators.targets.rules import LEVELS
from indicators.targets.selectors import Judged, Move, Standing
from indicators.targets.words import (
    UNCONNECTED,
    UNITS_OF_LEVELS,
    ProgressLine,
    combined_text,
    demand_text,
    figure_text,
    levels_text,
    name_of,
    place_of_policy,
    progress_line,
    value_text,
)

# So many of those whose verdict changes are named.
NAMED = 5


def days_of(policy: Policy) -> str:
    """From when to when a document is in force, in words."""
    if policy.withdrawn_at is not None:
        return "已撤销"
    begins = policy.begins_on
    text = f"{formatting.zhdate(begins)}起" if begins else "一直"
    if policy.ended_on:
        return f"{text}，{formatting.zhdate(policy.ended_on)}起废止"
    if policy.valid_to:
        return f"{text}，规划期到{formatting.zhdate(policy.valid_to)}"
    return text


def days_of_target(target: Target) -> str:
    """Where a target's days differ from its document's."""
    if target.withdrawn_at is not None:
        return "已撤销"
    parts = []
    if target.valid_from:
        parts.append(f"{formatting.zhdate(target.valid_from)}起")
    if target.ended_on:
        parts.append(f"到{formatting.zhdate(target.ended_on)}前")
    return "，".join(parts)


# ---- a target on the page of its document ------------------------------------------------------


@dataclass(frozen=True)
class LevelLine:
    level: str
    text: str


@dataclass(frozen=True)
class TargetRow:
    """One target with where it stands now; `state` where it does not judge now."""

    target: Target
    name: str
    demand: str
    value: str
    levels: str
    days: str
    state: str
    verdict: str
    own: str
    lines: list[LevelLine]
    replaced: list[str]
    progress: ProgressLine | None
    softer: str
    short_of: str


def target_row(standing: Standing, today: dt.date) -> TargetRow:
    target, indicator = standing.target, standing.indicator
    own = standing.own
    whole = standing.whole
    verdict = str(whole.verdict if whole else own.verdict if own else "")
    progress = own and own.judgement.progress
    softer = standing.softer_than
    return TargetRow(
        target=target,
        name=name_of(target.indicator),
        demand=demand_text(target),
        value=value_text(indicator, target.value),
        levels=levels_text(target.levels),
        days=days_of_target(target),
        state=state_of(target, today),
        verdict=verdict,
        own=figure_text(own.indicator, value_of(own.indicator, own.counts)) if own else "",
        lines=[
            _level_line(level, rows, own)
            for level, rows in standing.by_level.items()
            # Beside the verdict of all together the region's own is news.
            if whole or not own or level != own.level
        ],
        replaced=[
            f"对{LEVELS[level]}已由《{newer.policy.title}》代替"
            for level, newer in standing.replaced.items()
        ],
        progress=progress_line(own.indicator, progress, target.by_date)
        if own and progress and target.by_date
        else None,
        softer=f"低于{place_of_policy(softer.policy)}的{demand_text(softer)}" if softer else "",
        short_of=combined_text(whole, standing.below) if whole else "",
    )


def state_of(target: Target, today: dt.date) -> str:
    """Why a target does not judge today; empty where it does."""
    if target.withdrawn_at or target.policy.withdrawn_at:
        return "已撤销"
    if target.indicator not in INDICATORS:
        return UNCONNECTED
    ends = min(filter(None, (target.ended_on, target.policy.ended_on)), default=None)
    if ends is not None and ends <= today:
        return "已废止"
    begins = max(filter(None, (target.valid_from, target.policy.valid_from)), default=None)
    return "还没开始" if begins is not None and begins > today else ""


def _level_line(level: str, rows: Sequence[Judged], own: Judged | None) -> LevelLine:
    if own is not None and level == own.level:
        return LevelLine(level, f"{own.name}{verdict_status(own.verdict).word}")
    unit = UNITS_OF_LEVELS[level]
    short = [one for one in rows if one.verdict == Verdict.UNMET]
    waiting = sum(one.verdict == Verdict.PENDING for one in rows)
    blank = sum(one.verdict == Verdict.UNAVAILABLE for one in rows)
    parts = [
        f"{formatting.count(number)}{unit[0]}{word}"
        for number, word in ((len(short), "未达标"), (waiting, "待报齐"), (blank, "无法计算"))
        if number
    ]
    return LevelLine(
        level, f"{formatting.count(len(rows))}{unit}，{'、'.join(parts) or '全部达标'}"
    )


# ---- what a change makes -----------------------------------------------------------------------


def effect_lines(moves: Sequence[Move]) -> list[str]:
    """武清区由达标变为未达标; 6个乡镇由临界变为未达标：甲镇、乙镇…; what stays is one number."""
    lines = []
    for move in moves:
        if not move.changes:
            continue
        lines.append(f"{_who(move)}{_became(move)}")
    kept = sum(len(move.names) for move in moves if not move.changes)
    if kept:
        lines.append(f"其余{formatting.count(kept)}项判定不变")
    return lines or ["现在没有受影响的地区和园所"]


def _who(move: Move) -> str:
    if len(move.names) == 1:
        return move.names[0]
    shown = "、".join(move.names[:NAMED])
    more = "等" if len(move.names) > NAMED else ""
    return f"{formatting.count(len(move.names))}{UNITS_OF_LEVELS[move.level]}（{shown}{more}）"


def _became(move: Move) -> str:
    def word(verdict: Verdict | None) -> str:
        return verdict_status(verdict).word if verdict else "不考核"

    return f"由{word(move.before)}变为{word(move.after)}"


# ---- documents side by side --------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentLine:
    """A document of the list: how many targets it has, how many are met here, and which are not."""

    policy: Policy
    place: str
    days: str
    targets: int
    judged: int
    met: int
    short: list[str]
    unconnected: int


def document_lines(
    documents: Sequence[Policy], stands: Sequence[Standing], today: dt.date
) -> list[DocumentLine]:
    by_policy: dict[int, list[TargetRow]] = {}
    for standing in stands:
        if standing.target.withdrawn_at is None:
            row = target_row(standing, today)
            by_policy.setdefault(standing.target.policy_id, []).append(row)
    return [_document_line(document, by_policy.get(document.pk, [])) for document in documents]


def _document_line(document: Policy, rows: list[TargetRow]) -> DocumentLine:
    judged = [row for row in rows if row.verdict]
    return DocumentLine(
        policy=document,
        place=place_of_policy(document),
        days=days_of(document),
        targets=len(rows),
        judged=len(judged),
        met=sum(row.verdict in (Verdict.MET, Verdict.NEAR) for row in judged),
        short=[row.name for row in judged if row.verdict == Verdict.UNMET],
        unconnected=sum(row.target.indicator not in INDICATORS for row in rows),
    )


@dataclass(frozen=True)
class Matrix:
    """Indicators down, documents across; a cell holds what the document asks of each level."""

    policies: list[Policy]
    rows: list[tuple[str, str, list[tuple[Policy, list[TargetRow]]]]]


def matrix(stands: Sequence[Standing], today: dt.date) -> Matrix:
    rows = [target_row(standing, today) for standing in stands]
    found = {row.target.policy_id: row.target.policy for row in rows}.values()
    # The nation's first, then the province's, city's and county's.
    policies = sorted(found, key=lambda one: one.region.level if one.region else 0)
    known = [code for code in INDICATORS if any(r.target.indicator == code for r in rows)]
    others = [r.target.indicator for r in rows if r.target.indicator not in INDICATORS]
    lines = []
    for code in [*known, *dict.fromkeys(others)]:
        cells = [
            (
                policy,
                [r for r in rows if r.target.indicator == code and r.target.policy_id == policy.pk],
            )
            for policy in policies
        ]
        own = next((r.own for _, cell in cells for r in cell if r.own), "")
        lines.append((name_of(code), own, cells))
    return Matrix(policies, lines)

"""Targets in words that every page shares: values with their unit, district and towns, progress."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts import formatting
from accounts.rounding import half_up
from accounts.statuses import verdict_status
from indicators.catalogue import INDICATORS, Indicator, Kind
from indicators.models import Policy, Target
from indicators.rules import AT_LEAST
from indicators.targets import rules
from indicators.targets.rules import Combined, Progress, Stage

UNCONNECTED = "系统还没有计算的指标"
UNITS_OF_LEVELS = {
    "province": "个省", "city": "个市", "county": "个区县", "town": "个乡镇", "kindergarten": "所园",
}  # fmt: skip
STAGES: dict[Stage, tuple[str, str]] = {
    # Words, and the tone of components.
    Stage.REACHED: ("已提前达到", "pass"),
    Stage.ON_THE_WAY: ("在进度上", "pass"),
    Stage.BEHIND: ("落后于进度", "fail"),
    Stage.EXPIRED: ("已到期", "none"),
    Stage.UNKNOWN: ("没有起点，看不出进度", "none"),
}


def name_of(code: str) -> str:
    """The indicator's name; of one that nothing computes yet its code."""
    indicator = INDICATORS.get(code)
    return indicator.name if indicator else code


def value_text(indicator: Indicator | None, value: Decimal) -> str:
    """A target's value as a person writes it: 85%（0.85）, 1:7, 500元."""
    if indicator is None:
        return rules.plain(value)
    if indicator.kind is Kind.SHARE:
        return f"{rules.plain(value * 100)}%（{rules.plain(value)}）"
    if indicator.kind is Kind.RATIO:
        return f"1:{rules.plain(value)}"
    return f"{rules.plain(value)}{indicator.suffix}"


def demand_text(target: Target) -> str:
    """≥85%, ≤1:7, without the fraction."""
    return demanded(INDICATORS.get(target.indicator), target.operator, target.value)


def demanded(indicator: Indicator | None, operator: str, value: Decimal) -> str:
    sign = "≥" if operator == AT_LEAST else "≤"
    return f"{sign}{value_text(indicator, value).partition('（')[0]}"


def levels_text(levels: Iterable[str]) -> str:
    return "、".join(rules.LEVELS[level] for level in levels)


def figure_text(indicator: Indicator, value: Decimal | None) -> str:
    """A figure's own value, rounded for display, with its unit."""
    if value is None:
        return formatting.MISSING
    if indicator.kind is Kind.SHARE:
        return f"{formatting.percent(value)}%"
    if indicator.kind is Kind.RATIO:
        return f"1:{formatting.decimal(value)}"
    text = formatting.quantity(value) if indicator.kind is Kind.COUNT else formatting.decimal(value)
    return f"{text}{indicator.suffix}"


def combined_text(whole: Combined, below: Mapping[str, Combined]) -> str:
    """本级达标，13个区县全部达标，28个乡镇中6个未达标: each level below for itself."""
    parts = [_below_text(level, one) for level, one in below.items()]
    return "，".join([f"本级{verdict_status(whole.own).word}", *parts])


def _below_text(level: str, whole: Combined) -> str:
    parts = [
        f"{formatting.count(number)}个{word}"
        for number, word in (
            (whole.unmet, "未达标"),
            (whole.pending, "待报齐"),
            (whole.unavailable, "无法计算"),
        )
        if number
    ]
    told = f"中{'、'.join(parts)}" if parts else "全部达标"
    return f"{formatting.count(whole.judged)}{UNITS_OF_LEVELS[level]}{told}"


def place_of_policy(policy: Policy) -> str:
    return policy.region.name if policy.region else "全国"


# ---- on the way --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProgressLine:
    """`detail` says all of it, `step` only what is needed each month."""

    word: str
    tone: str
    detail: str
    step: str = ""


def progress_line(indicator: Indicator, progress: Progress, by_date: dt.date) -> ProgressLine:
    """落后于进度：按匀速现在应到91.50%；每月还要升0.75个百分点，还剩62天."""
    word, tone = STAGES[progress.stage]
    if progress.stage is Stage.EXPIRED:
        return ProgressLine(word, tone, f"时限{formatting.zhdate(by_date)}已过")
    details = []
    if progress.start is not None and progress.start.value is not None:
        started = figure_text(indicator, progress.start.value)
        details.append(f"{formatting.zhmonth(progress.start.day)}起点{started}")
    if progress.expected is not None:
        details.append(f"按匀速现在应到{figure_text(indicator, progress.expected)}")
    step = "" if progress.per_month is None else f"每月还要{_step(indicator, progress.per_month)}"
    if step:
        details.append(f"到期前{step}")
    details.append(f"离{formatting.zhdate(by_date)}还剩{formatting.count(progress.days_left)}天")
    return ProgressLine(word, tone, "，".join(details), step)


def _step(indicator: Indicator, step: Decimal) -> str:
    share = indicator.kind is Kind.SHARE
    size = half_up(abs(step) * 100 if share else abs(step), 2)
    unit = "个百分点" if share else ""
    way = "升" if step > 0 else "降"
    return f"{way}{size}{unit}" if size else f"{way}不到0.01{unit}"

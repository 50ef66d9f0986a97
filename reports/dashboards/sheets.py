"""What a page of figures shows, as the files that can be taken of it: a table, and its chart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from accounts import formatting
from accounts.exports import Table
from accounts.statuses import verdict_status
from indicators.models import RegionFacts
from indicators.rules import displayed
from indicators.selectors import Figure
from reports.documents.charts import Drawing

PAGE_WIDTH = 960
BAR_HEIGHT, BARS_AROUND = 26, 60


@dataclass(frozen=True)
class Sheet:
    """`drawing` is None where the page has no chart, or none could be made of what was asked."""

    title: str
    table: Table
    drawing: Drawing | None
    foot: tuple[str, ...]


def foot_of(facts: RegionFacts | None, now: dt.datetime) -> tuple[str, ...]:
    """Coverage, as-of, and when it was taken: below every table and picture."""
    if facts is None:
        return (f"没有数据。导出于{formatting.zhdatetime(now)}。",)
    provisional = "暂计，" if facts.accepted < facts.expected else ""
    expected, accepted = formatting.count(facts.expected), formatting.count(facts.accepted)
    as_of, taken = formatting.zhdatetime(facts.computed_at), formatting.zhdatetime(now)
    return (
        f"{provisional}应报{expected}所，已接收{accepted}所。",
        f"数据截至{as_of}，导出于{taken}。",
    )


def value_cell(figure: Figure) -> Decimal | None:
    """A figure as a number in a file, rounded as on the page; None where there is none."""
    return None if figure.value is None else displayed(figure.value, figure.indicator.kind)


def head_of(figure: Figure) -> str:
    """毛入园率（%）, 专任教师比（名幼儿/人）."""
    return f"{figure.indicator.short_name}（{figure.indicator.unit}）"


def verdict_cell(figure: Figure) -> str:
    return verdict_status(figure.verdict).word


def bars_height(number: int) -> int:
    """Room for that many bars, in CSS pixels."""
    return max(number, 2) * BAR_HEIGHT + BARS_AROUND


def bars_class(number: int) -> str:
    """The class that gives bars their room on the page: the policy allows no style in the markup."""
    return f"bars-{min(50, 5 * ceil(max(number, 1) / 5))}"

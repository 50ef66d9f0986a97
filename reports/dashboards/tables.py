"""The tables of the figures pages as files: the same rows as on the page, in the same order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.utils import timezone

from accounts import formatting
from accounts.exports import Cell, Row, Table
from accounts.models import Region
from accounts.statuses import verdict_status
from indicators.catalogue import INDICATORS, THREE_RATES
from indicators.models import KindergartenFacts
from indicators.rules import displayed
from indicators.selectors import Explanation
from kindergartens.models import KindergartenStatus
from reports.dashboards.missing import state_word
from reports.dashboards.presenters import LEVEL_WORDS, RegionLine
from reports.dashboards.town import nature


def regions_table(
    region: Region, month: dt.date, total: RegionLine, lines: Sequence[RegionLine], foot: str
) -> Table:
    """The region itself, then the regions below it."""
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    heads = [
        LEVEL_WORDS[level][1],
        "代码",
        "组团",
        "应报（所）",
        "已接收（所）",
        "在园幼儿",
        "常住3–5岁人口",
    ]
    for code in THREE_RATES:
        name = INDICATORS[code].short_name
        heads += [f"{name}（%）", f"{name}判定", f"{name}说明"]
    return Table(
        name=f"{region.name}三率_{formatting.zhmonth(month)}",
        heads=heads,
        rows=(_region_row(line) for line in (total, *lines)),
        notes=[foot],
    )


def _region_row(line: RegionLine) -> list[Cell]:
    row: list[Cell] = [
        line.region.name,
        line.region.code,
        line.group_name or None,
        line.expected,
        line.accepted,
        line.children,
        line.population,
    ]
    for cell, code in zip(line.cells, THREE_RATES, strict=True):
        value = None if cell.value is None else displayed(cell.value, INDICATORS[code].kind)
        row += [value, verdict_status(cell.verdict).word, cell.extra or None]
    return row


def kindergartens_table(
    town: Region, month: dt.date, facts: Iterable[KindergartenFacts], foot: str
) -> Table:
    """The counted kindergartens of a town, as they are read."""
    return Table(
        name=f"{town.name}各园_{formatting.zhmonth(month)}",
        heads=["幼儿园", "学校标识码", "办园性质", "在园幼儿", "托班", "班数", "班额达标班数"],
        rows=(
            [
                row.kindergarten.name,
                row.kindergarten.code,
                nature(row),
                row.enrolled_children,
                row.nursery_children,
                row.classes,
                row.compliant_classes,
            ]
            for row in facts
        ),
        notes=[foot],
    )


def contributions_table(explained: Explanation, foot: str, waiting: Collection[int]) -> Table:
    """Every return that adds to a figure, then who is not counted, region by region.

    `waiting` are the returns that wait for their town.
    """
    figure = explained.figure
    indicator = figure.indicator
    heads = ["地区", "幼儿园", "办园性质", indicator.numerator_text]
    with_denominator = explained.denominator_sum is not None
    if with_denominator:
        heads.append(f"分母：{indicator.denominator_text}")
    heads += ["比上月", "月报版本", "接收日期", "状态"]
    return Table(
        name=f"{figure.region.name}{indicator.name}_{formatting.zhmonth(figure.month)}",
        heads=heads,
        rows=_contributions(explained, with_denominator, waiting),
        notes=[foot, *(["人均工资不逐园列，合计里有。"] if indicator.of_averages else [])],
    )


def _contributions(
    explained: Explanation, with_denominator: bool, waiting: Collection[int]
) -> Iterator[Row]:
    indicator = explained.figure.indicator
    for group in explained.groups:
        for part in group.rows:
            middle: list[Cell] = [part.denominator] if with_denominator else []
            yield [
                group.region.name,
                part.name,
                part.ownership,
                None if part.numerator is None else indicator.in_units(part.numerator),
                *middle,
                None if part.change is None else indicator.in_units(part.change),
                part.version,
                timezone.localdate(part.accepted_at),
                "已计入",
            ]
        for owed in group.missing:
            blank: list[Cell] = [None] if with_denominator else []
            ownership = KindergartenStatus.Ownership(owed.ownership).label
            word = state_word(owed.state, waits_for_town=owed.filing_id in waiting)
            state = f"未计入，{word}"
            yield [group.region.name, owed.name, ownership, None, *blank, None, None, None, state]

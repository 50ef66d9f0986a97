"""Population and births as tables: one row for a region, a date or year, and a base."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Choice, Day, Named, Text, Whole
from accounts.exchange.registry import register
from accounts.models import ImportBatch, Region
from kindergartens.models import BirthCount, Population
from kindergartens.population.selectors import ALL_AGES, regions_of
from kindergartens.population.services import Births, Entry, enter_births, enter_population

BASE = Choice(dict(Population.Base.choices), {"常住人口": "resident", "户籍人口": "registered"})
REGION = Named("地区")
AGE_NAMES = {f"age{age}": age for age in ALL_AGES}
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
PEOPLE = Whole(0, 2_000_000, "人")


def _regions(context: Context) -> None:
    home = home_region(context.by)
    found: list[Region] = []
    if home is not None and home.level >= Region.Level.COUNTY:
        found = regions_of(home.county or home)
    context.names["region"] = {region.name: region.pk for region in found}
    context.known["regions"] = {region.pk: region for region in found}


class PopulationTable(Importable):
    code = "population"
    label = "学前人口"
    noun = "条"
    permission = Permission.MANAGE_REGISTRY
    key = ("region", "reference_date", "base")
    most_rows = 5_000
    about = (
        "每行是一个地区、一个统计时点、一种口径的分年龄人数；区县本级的数也可以填。",
        "毛入园率按统计时点以前最近一次的3—5岁人数计算。已锁定的月份不变，没有锁定的自动重算。",
    )
    columns = (
        Column("region", "地区", REGION, required=True, aliases=("乡镇街道", "乡镇", "街道")),
        Column("reference_date", "统计时点", Day(), required=True, example=dt.date(2025, 12, 31),
               aliases=("截止日期", "日期")),
        Column("base", "口径", BASE, required=True, example="常住"),
        Column("age2", "2岁", PEOPLE, note="托班年龄，不进毛入园率"),
        Column("age3", "3岁", PEOPLE, required=True, example=320),
        Column("age4", "4岁", PEOPLE, required=True, example=335),
        Column("age5", "5岁", PEOPLE, required=True, example=341),
        Column("age6", "6岁", PEOPLE, note="不进毛入园率"),
        Column("source", "来源", Text(120), required=True, example="区统计局年报"),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        _regions(context)

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        return _existing(list(context.known["regions"]), {day for _, day, _ in lines})

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        if line.values["reference_date"] > context.today:
            yield "reference_date", "统计时点还没有到。这里只登记已经统计出来的数，不填预测。"

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        regions = context.known["regions"]
        lines = [*plan.new, *(change.line for change in plan.changed)]
        there = _existing(list(regions), {line.values["reference_date"] for line in lines})
        entries = []
        for line in lines:
            values = line.values
            key = tuple(values[name] for name in self.key)
            # Ages that the table leaves empty stay, and take the row's source with the others.
            full = {**there.get(key, {}), **values}
            entries.append(
                Entry(
                    region=regions[values["region"]],
                    reference_date=values["reference_date"],
                    base=values["base"],
                    children={
                        age: full[name]
                        for name, age in AGE_NAMES.items()
                        if full.get(name) is not None
                    },
                    source=full["source"],
                )
            )
        enter_population(
            entries=entries, reason=f"表格导入：{batch.name}", by=context.by, now=context.now
        )

    def rows(self, context: Context) -> Iterable[Values]:
        found = _existing(list(context.known["regions"]), None)
        order = {key: place for place, key in enumerate(context.known["regions"])}
        return [
            found[key] for key in sorted(found, key=lambda key: (key[1], key[2], order[key[0]]))
        ]


def _existing(regions: list[int], days: set[dt.date] | None) -> dict[Key, Values]:
    rows = Population.objects.filter(region__in=regions)
    if days is not None:
        rows = rows.filter(reference_date__in=days)
    found: dict[Key, Values] = defaultdict(dict)
    for region, day, base, age, children, source in rows.values_list(
        "region", "reference_date", "base", "age", "children", "source"
    ):
        values = found[region, day, base]
        values |= {"region": region, "reference_date": day, "base": base, "source": source}
        values[f"age{age}"] = children
    return dict(found)


class BirthsTable(Importable):
    code = "births"
    label = "出生人口"
    noun = "条"
    permission = Permission.MANAGE_REGISTRY
    key = ("region", "year", "base")
    most_rows = 5_000
    about = (
        "每行是一个地区、一年、一种口径的出生人数，用来推算以后几年的适龄幼儿。",
        "推算的数只供规划参考，不进毛入园率。",
    )
    columns = (
        Column("region", "地区", REGION, required=True, aliases=("乡镇街道", "乡镇", "街道")),
        Column("year", "出生年份", Whole(EARLIEST_YEAR, LATEST_YEAR, "年"), required=True, example=2024,
               aliases=("年份",)),
        Column("base", "口径", BASE, required=True, example="户籍"),
        Column("children", "出生人数", PEOPLE, required=True, example=310),
        Column("source", "来源", Text(120), required=True, example="区卫生健康委"),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        _regions(context)

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        return {
            tuple(row[name] for name in self.key): row
            for row in self._rows(context, {year for _, year, _ in lines})
        }

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        if line.values["year"] > context.today.year:
            yield "year", "这一年还没有到，请核对。"

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        regions = context.known["regions"]
        lines = [*plan.new, *(change.line for change in plan.changed)]
        before = self.existing(
            context, {tuple(line.values[name] for name in self.key): line for line in lines}
        )
        births = []
        for line in lines:
            key = tuple(line.values[name] for name in self.key)
            full = {**before.get(key, {}), **line.values}
            births.append(
                Births(
                    regions[full["region"]], full["year"], full["base"], full["children"],
                    full["source"],
                )
            )  # fmt: skip
        enter_births(births=births, reason=f"表格导入：{batch.name}", by=context.by)

    def rows(self, context: Context) -> Iterable[Values]:
        return self._rows(context, None)

    def _rows(self, context: Context, years: set[int] | None) -> list[dict[str, Any]]:
        rows = BirthCount.objects.filter(region__in=list(context.known["regions"]))
        if years is not None:
            rows = rows.filter(year__in=years)
        return list(
            rows.order_by("year", "base", "region__code").values(
                *(column.name for column in self.columns)
            )
        )


POPULATION_TABLE = register(PopulationTable())
BIRTHS_TABLE = register(BirthsTable())

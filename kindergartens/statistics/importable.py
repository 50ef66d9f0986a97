"""Annual statistics as a table: one row for a kindergarten and a reference date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Code, Day, Text, Whole
from accounts.exchange.registry import register
from accounts.models import ImportBatch, Region
from kindergartens.models import AnnualStatistics
from kindergartens.statistics.services import FIGURES, StatisticsLine, enter_statistics

PEOPLE = Whole(0, 20_000, "人")


class StatisticsTable(Importable):
    code = "annual-statistics"
    label = "事业统计"
    noun = "所"
    permission = Permission.MANAGE_REGISTRY
    key = ("code", "reference_date")
    called_by = "name"
    most_rows = 5_000
    about = (
        "每行是一所幼儿园一个统计时点的教育事业统计，用来和月报对账，不进三率。",
        "统计时点一般是9月1日。人数和班数不含托班，和月报一致；没有的数空着，不要填0。",
        "名单里有、本系统没有登记的幼儿园也照填，对账时会列出来。",
    )
    columns = (
        Column("code", "学校标识码", Code(r"[1-9][0-9]{9}", "应为10位数字。"), required=True,
               example="1165000001", aliases=("学校(机构)标识码", "标识码")),
        Column("name", "园名", Text(120), required=True, example="示例幼儿园",
               aliases=("学校名称", "学校(机构)名称", "幼儿园名称")),
        Column("reference_date", "统计时点", Day(), required=True, example=dt.date(2026, 9, 1),
               aliases=("日期",)),
        Column("children", "在园幼儿", PEOPLE, example=268, note="不含托班",
               aliases=("在园幼儿数", "在园人数")),
        Column("classes", "班数", Whole(0, 200, "个"), example=9, note="不含托班"),
        Column("staff", "教职工", PEOPLE, example=38, aliases=("教职工数",)),
        Column("teachers", "专任教师", PEOPLE, example=18, aliases=("专任教师数",)),
        Column("certified", "持证园长和专任教师", PEOPLE, example=19,
               note="有教师资格证的园长和专任教师合计"),
        Column("source", "来源", Text(120), required=True, example="2026/2027学年教育事业统计"),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        home = home_region(context.by)
        is_county = home is not None and home.level == Region.Level.COUNTY
        context.known["county"] = home if is_county else None

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        wanted = {code for code, _ in lines}, {day for _, day in lines}
        return {(row["code"], row["reference_date"]): row for row in self._rows(context, wanted)}

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        full = {**(before or {}), **line.values}
        if line.values["reference_date"] > context.today:
            yield "reference_date", "统计时点还没有到，请核对。"
        staff, teachers = full.get("staff"), full.get("teachers")
        if staff is not None and teachers is not None and teachers > staff:
            yield "teachers", f"专任教师{teachers}人，多于教职工{staff}人，请核对。"

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        lines = [*plan.new, *(change.line for change in plan.changed)]
        there = self.existing(
            context, {tuple(line.values[name] for name in self.key): line for line in lines}
        )
        entered = []
        for line in lines:
            # What the table leaves empty stays.
            full = {**there.get(tuple(line.values[name] for name in self.key), {}), **line.values}
            entered.append(
                StatisticsLine(
                    code=full["code"],
                    name=full["name"],
                    reference_date=full["reference_date"],
                    source=full["source"],
                    **{name: full.get(name) for name in FIGURES},
                )
            )
        enter_statistics(lines=entered, reason=f"表格导入：{batch.name}", by=context.by)

    def rows(self, context: Context) -> Iterable[Values]:
        return self._rows(context, None)

    def _rows(self, context: Context, wanted: tuple[set[str], set[dt.date]] | None) -> list[Values]:
        rows = AnnualStatistics.objects.visible_to(context.by).filter(
            county=context.known["county"]
        )
        if wanted is not None:
            rows = rows.filter(code__in=wanted[0], reference_date__in=wanted[1])
        return list(
            rows.order_by("reference_date", "code").values(
                *(column.name for column in self.columns)
            )
        )


STATISTICS_TABLE = register(StatisticsTable())

"""A county's list as a table: one row for a class, a name, and the day it begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Amount, Choice, Day, Text
from accounts.exchange.registry import register
from accounts.exchange.services import Refused
from accounts.models import ImportBatch
from fees.local_list.rules import most_problem
from fees.local_list.standards import LOCAL_ITEM
from fees.models import FeeUnit, LocalFeeItem
from kindergartens.dated.services import RowRefused, correct_row, set_row

CORRECTED = LOCAL_ITEM.corrected
FACTS = ("item", "name", *CORRECTED)


class LocalListTable(Importable):
    code = "local-fees"
    label = "收费目录清单"
    noun = "项"
    permission = Permission.MANAGE_REGISTRY
    key = ("item", "name", "valid_from")
    most_rows = 500
    about = (
        "每行是本区县服务性收费和代收费目录清单里的一项，按收费类别、项目名称和起始日期认。",
        "同一项登记了更晚的，正在执行的到新的起始日期为止。",
    )
    columns = (
        Column("item", "收费类别", Choice(dict(LocalFeeItem.Item.choices)), required=True,
               example="代收费"),
        Column("name", "项目名称", Text(40), required=True, example="伙食费",
               aliases=("收费项目",)),
        Column("unit", "计费单位", Choice(dict(FeeUnit.choices)), example="元/天",
               note="没有规定的留空"),
        Column("most", "最高标准", Amount(2, Decimal("0.01"), Decimal("999999.99"), "元"),
               example=Decimal("18.00"), note="元，没有规定的留空"),
        Column("content", "服务内容", Text(200), example="一餐两点"),
        Column("document", "依据文件", Text(120), required=True, example="示例文件〔2026〕2号"),
        Column("valid_from", "起始日期", Day(), required=True, example=dt.date(2026, 3, 1)),
        Column("valid_to", "截止日期", Day(), note="这一天起不再收；还在执行就留空"),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        """Nothing beside the county's own list, which every step reads as it stands."""

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        return {tuple(row[name] for name in self.key): row for row in self.rows(context)}

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        full = {**(before or {}), **line.values}
        problem = most_problem(most=full.get("most"), unit=full.get("unit") or "")
        if problem:
            yield "unit", problem
        until = full.get("valid_to")
        if until is not None and until <= full["valid_from"]:
            yield "valid_to", "截止日期要晚于起始日期；这一天起不再收。"

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        reason = f"表格导入：{batch.name}"
        today = timezone.localdate(context.now)
        there = {tuple(getattr(row, name) for name in self.key): row for row in _own(context)}
        for change in plan.changed:
            row = there[tuple(change.line.values[name] for name in self.key)]
            values = {name: getattr(row, name) for name in CORRECTED}
            values |= {name: v for name, v in change.line.values.items() if name in CORRECTED}
            try:
                correct_row(
                    kind=LOCAL_ITEM, pk=row.pk, values=values, reason=reason, seen=None,
                    by=context.by, today=today,
                )  # fmt: skip
            except RowRefused as refusal:
                raise Refused(str(refusal), row=change.line.row) from refusal
        # An earlier row before the one that follows it.
        for line in sorted(plan.new, key=lambda line: line.values["valid_from"]):
            facts: dict[str, Any] = {name: line.values.get(name) for name in FACTS}
            facts |= {name: facts[name] or "" for name in ("unit", "content")}
            try:
                set_row(kind=LOCAL_ITEM, values=facts, by=context.by, today=today, reason=reason)
            except RowRefused as refusal:
                raise Refused(str(refusal), row=line.row) from refusal

    def rows(self, context: Context) -> list[Values]:
        return [{name: getattr(row, name) for name in FACTS} for row in _own(context)]


def _own(context: Context) -> list[LocalFeeItem]:
    county = home_region(context.by)
    rows = LocalFeeItem.objects.filter(region=county) if county else LocalFeeItem.objects.none()
    return list(rows.order_by("item", "name", "valid_from"))


LOCAL_LIST_TABLE = register(LocalListTable())

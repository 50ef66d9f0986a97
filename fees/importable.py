"""Fee schedules as a table: one row for a kindergarten, a charge, whose children pay, and a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from accounts.access.permissions import Permission
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Amount, Choice, Code, Day, Text
from accounts.exchange.registry import register
from accounts.exchange.services import Refused
from accounts.models import ImportBatch
from fees.local_list.rules import Highest, listing_problem, over_list_problem
from fees.local_list.selectors import listed_on
from fees.models import Entrants, FeeHours, FeeItem, FeeScope, FeeUnit, LocalFeeItem, ScheduledFee
from fees.rules import NAMED_ITEMS, FeeFacts, fee_problems
from fees.services import FeeRefused, correct_fee, record_fee
from kindergartens.models import Kindergarten

ITEMS = dict(FeeItem.choices)
ITEM = Choice(ITEMS, {"保育费": FeeItem.NURSERY_CARE.value})
FACTS = ("item", "scope", "hours", "entrants", "amount", "unit", "before_waiver", "valid_from",
         "valid_to", "content", "document", "published_on")  # fmt: skip


class FeesTable(Importable):
    code = "fees"
    label = "收费标准"
    noun = "条"
    permission = Permission.MANAGE_REGISTRY
    key = ("code", "item", "label", "scope", "hours", "valid_from")
    most_rows = 5_000
    about = (
        "每行是一所幼儿园收费公示表上的一项，按收费类别、项目、收费对象、作息和起始日期认。",
        "同一项收费登记了更晚的标准，正在执行的到新标准的起始日期为止。",
        "更正过的标准不改已提交的月报。",
    )
    columns = (
        Column("code", "学校标识码", Code(r"[1-9][0-9]{9}", "应为10位数字。"), required=True,
               example="1165000001", aliases=("标识码",)),
        Column("kindergarten", "园名", Text(120), example="示例幼儿园", note="供核对，可以不填",
               aliases=("幼儿园", "幼儿园名称")),
        Column("item", "收费类别", ITEM, required=True, example="代收费"),
        Column("label", "收费项目", Text(40), required=True, example="伙食费",
               note="保教费、住宿费、保育费（托班）照写，其他写公示的名称",
               aliases=("项目名称", "收费项目名称")),
        Column("scope", "收费对象", Choice(dict(FeeScope.choices)), required=True,
               example="全园"),
        Column("hours", "作息", Choice(dict(FeeHours.choices)), required=True,
               example="不区分"),
        Column("amount", "标准", Amount(2, Decimal(0), Decimal("999999.99"), "元"), required=True,
               example=Decimal("15.00"), note="元", aliases=("收费标准", "金额")),
        Column("unit", "计费单位", Choice(dict(FeeUnit.choices)), required=True,
               example="元/天"),
        Column("before_waiver", "减免前标准",
               Amount(2, Decimal(0), Decimal("999999.99"), "元"),
               note="元；大班、混合班的填没有学前一年减免时的标准，其他留空"),
        Column("valid_from", "起始日期", Day(), required=True, example=dt.date(2026, 9, 1)),
        Column("valid_to", "截止日期", Day(), note="这一天起不再收；还在执行就留空"),
        Column("entrants", "适用幼儿", Choice(dict(Entrants.choices)), example="全部幼儿",
               note="新生新办法的填新入园幼儿；不填是全部幼儿"),
        Column("content", "服务内容", Text(200), example="正餐和两次点心",
               note="收的是什么，公示给家长看"),
        Column("document", "批准或备案文件", Text(120), example="示例文件〔2026〕1号",
               note="没有文件的填公示日期"),
        Column("published_on", "公示日期", Day()),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        context.known["kindergartens"] = {
            one.code: one
            for one in Kindergarten.objects.visible_to(context.by).select_related(
                "organisation__region"
            )
        }
        context.known["listed"] = list(LocalFeeItem.objects.all())

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        found = self._rows(context, {key[0] for key in lines})
        return {tuple(row[name] for name in self.key): row for row in found}

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        full = {**(before or {}), **line.values}
        kindergarten = context.known["kindergartens"].get(full["code"])
        if kindergarten is None:
            yield "code", "名册里没有这个学校标识码，或不在您的范围内。请核对。"
            return
        named = line.values.get("kindergarten")
        if named and named != kindergarten.name:
            yield "kindergarten", f"这个学校标识码是“{kindergarten.name}”，请核对。"
        item = full["item"]
        if item not in NAMED_ITEMS and full["label"] != ITEMS[item]:
            yield "label", f"{ITEMS[item]}没有别的名称，请写“{ITEMS[item]}”，或改收费类别。"
            return
        facts = _facts(full)
        for place, text in fee_problems(facts):
            yield ("label" if place == "name" else place), text
        if before is None:
            listed = _listed(context, kindergarten, facts)
            unlisted = listing_problem(item=facts.item, name=facts.name, listed=listed)
            if unlisted:
                yield "label", unlisted
            highest = listed.get(facts.name)
            over = over_list_problem(amount=facts.amount, unit=facts.unit, highest=highest)
            if over:
                yield "amount", over

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        reason = f"表格导入：{batch.name}"
        there = {
            key: fee.pk
            for fee, key in self._fees(context, {one.line.values["code"] for one in plan.changed})
        }
        before = self.existing(
            context,
            {tuple(one.line.values[name] for name in self.key): one.line for one in plan.changed},
        )
        for change in plan.changed:
            key = tuple(change.line.values[name] for name in self.key)
            facts = _facts({**before[key], **change.line.values})
            with _row(change.line):
                correct_fee(fee_id=there[key], facts=facts, reason=reason, seen=None, by=context.by)
        # An earlier standard before the one that follows it.
        for line in sorted(plan.new, key=lambda line: line.values["valid_from"]):
            with _row(line):
                record_fee(
                    kindergarten=context.known["kindergartens"][line.values["code"]],
                    facts=_facts(line.values),
                    replaces=True,
                    reason=reason,
                    by=context.by,
                    now=context.now,
                )

    def rows(self, context: Context) -> Iterable[Values]:
        return self._rows(context, None)

    def _rows(self, context: Context, codes: set[str] | None) -> list[Values]:
        return [
            {
                "code": fee.kindergarten.code,
                "kindergarten": fee.kindergarten.name,
                "label": fee.label,
                **{name: getattr(fee, name) for name in FACTS},
            }
            for fee, _ in self._fees(context, codes)
        ]

    def _fees(self, context: Context, codes: set[str] | None) -> list[tuple[ScheduledFee, Key]]:
        fees = ScheduledFee.objects.visible_to(context.by).standing().select_related("kindergarten")
        if codes is not None:
            fees = fees.filter(kindergarten__code__in=codes)
        return [
            (
                fee,
                (fee.kindergarten.code, fee.item, fee.label, fee.scope, fee.hours, fee.valid_from),
            )
            for fee in fees.order_by("kindergarten__code", "item", "name", "scope", "valid_from")
        ]


@contextmanager
def _row(line: Line) -> Iterator[None]:
    """A refusal of a service, said of the row of the table it is about."""
    try:
        yield
    except FeeRefused as refusal:
        raise Refused(str(refusal), row=line.row) from refusal


def _facts(values: Values) -> FeeFacts:
    facts: dict[str, Any] = {name: values.get(name) for name in FACTS}
    name = values["label"] if values["item"] in NAMED_ITEMS else ""
    return FeeFacts(
        **facts
        | {
            "name": name,
            "content": values.get("content") or "",
            "document": values.get("document") or "",
            "entrants": values.get("entrants") or Entrants.ALL,
        }
    )


def _listed(
    context: Context, kindergarten: Kindergarten, facts: FeeFacts
) -> dict[str, Highest | None]:
    """What is on the county's list on a line's first day."""
    region = kindergarten.organisation.region
    county = region.county_id or region.pk
    rows = [row for row in context.known["listed"] if row.region_id == county]
    return listed_on(facts.item, facts.valid_from, rows=rows)


FEES_TABLE = register(FeesTable())

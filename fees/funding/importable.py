"""Payments of public money as a table: one row for a kindergarten and a payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from accounts.access.permissions import Permission
from accounts.exchange.declaring import Column, Context, Importable, Key, Line, Plan, Values
from accounts.exchange.kinds import Amount, Choice, Code, Day, Text, Whole, YesNo
from accounts.exchange.registry import register
from accounts.exchange.services import Refused
from accounts.models import ImportBatch
from fees.funding.rules import FIRST_YEAR, payment_problem
from fees.funding.services import PaymentFacts, record_payment
from fees.models import FundingPayment
from fees.services import FeeRefused
from kindergartens.models import Kindergarten

FACTS = tuple(PaymentFacts.__dataclass_fields__)
# The same of one kindergarten: most likely the same payment (services.PaidTwice).
Twin = tuple[str, Decimal, str]


class PaymentsTable(Importable):
    """A payment is never changed, so all of it is its key: the same table again changes nothing."""

    code = "funding-payments"
    label = "经费拨付"
    noun = "笔"
    permission = Permission.MANAGE_REGISTRY
    key = ("code", *FACTS)
    called_by = "code"
    most_rows = 5_000
    about = (
        "每行是拨给一所幼儿园的一笔钱。已经登记过的同一笔不会再登记；登记错的在页面上撤销。",
        "同一文件、同一金额再拨一次的，在“另一笔”填是。",
    )
    columns = (
        Column("code", "学校标识码", Code(r"[1-9][0-9]{9}", "应为10位数字。"), required=True,
               example="1165000001", aliases=("标识码",)),
        Column("kindergarten", "园名", Text(120), example="示例幼儿园", note="供核对，可以不填",
               aliases=("幼儿园", "幼儿园名称")),
        Column("year", "拨付年度", Whole(FIRST_YEAR, 2100, "年"), required=True, example=2026,
               note="这笔钱是哪一年的经费", aliases=("年度",)),
        Column("kind", "拨款种类", Choice(dict(FundingPayment.Kind.choices)), required=True,
               example="生均经费", aliases=("种类",)),
        Column("paid_on", "拨付日期", Day(), required=True, example=dt.date(2026, 3, 20)),
        Column("yuan", "金额", Amount(2, Decimal("0.01"), Decimal("9999999999.99"), "元"),
               required=True, example=Decimal("54000.00"), note="元", aliases=("拨付金额",)),
        Column("document", "拨款文件", Text(120), required=True, example="示例文件〔2026〕3号"),
        Column("another", "另一笔", YesNo(), note="同一文件、同一金额已登记过，确实又拨一次的填是"),
    )  # fmt: skip

    def prepare(self, context: Context) -> None:
        context.known["kindergartens"] = {
            one.code: one for one in Kindergarten.objects.visible_to(context.by)
        }

    def existing(self, context: Context, lines: Mapping[Key, Line]) -> dict[Key, Values]:
        found = {
            tuple(row[name] for name in self.key): row
            for row in self._rows(context, {key[0] for key in lines})
        }
        # Whether it is another one is asked of a new payment; nothing keeps it.
        return {
            key: row | {"another": lines[key].values.get("another")}
            for key, row in found.items()
            if key in lines
        }

    def check(
        self, context: Context, line: Line, before: Values | None
    ) -> Iterable[tuple[str, str]]:
        values = line.values
        kindergarten = context.known["kindergartens"].get(values["code"])
        if kindergarten is None:
            yield "code", "名册里没有这个学校标识码，或不在您的范围内。请核对。"
            return
        named = values.get("kindergarten")
        if named and named != kindergarten.name:
            yield "kindergarten", f"这个学校标识码是“{kindergarten.name}”，请核对。"
        field, problem = payment_problem(
            year=values["year"], paid_on=values["paid_on"], today=context.today
        )
        if problem:
            yield field, problem

    def rehearse(self, context: Context, plan: Plan) -> Iterable[tuple[Line, str, str]]:
        """One query: what looks like a payment that is there, or is in the table before."""
        recorded = self._rows(context, {line.values["code"] for line in plan.new})
        there = {_twin(row) for row in recorded}
        for line in plan.new:
            if _twin(line.values) in there and not line.values.get("another"):
                yield (
                    line,
                    "another",
                    ("同一文件、同一金额已有一笔。是同一笔的请删去这一行，确实又拨一次的填“是”。"),
                )
            there.add(_twin(line.values))

    def write(self, context: Context, plan: Plan, batch: ImportBatch) -> None:
        for line in plan.new:
            try:
                record_payment(
                    kindergarten=context.known["kindergartens"][line.values["code"]],
                    facts=PaymentFacts(**{name: line.values[name] for name in FACTS}),
                    by=context.by,
                    now=context.now,
                    another=bool(line.values.get("another")),
                    reason=f"表格导入：{batch.name}",
                )
            except FeeRefused as refusal:
                raise Refused(str(refusal), row=line.row) from refusal

    def rows(self, context: Context) -> Iterable[Values]:
        return self._rows(context, None)

    def _rows(self, context: Context, codes: set[str] | None) -> list[Values]:
        rows = FundingPayment.objects.visible_to(context.by).standing()
        if codes is not None:
            rows = rows.filter(kindergarten__code__in=codes)
        return [
            {"code": one.kindergarten.code, "kindergarten": one.kindergarten.name}
            | {name: getattr(one, name) for name in FACTS}
            for one in rows.select_related("kindergarten").order_by(
                "kindergarten__code", "paid_on", "pk"
            )
        ]


def _twin(values: Values) -> Twin:
    return values["code"], values["yuan"], values["document"]


PAYMENTS_TABLE = register(PaymentsTable())

"""Payments from a county's table: asked about where they look recorded, and written once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fees.models import FundingPayment
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db
HEADS = ["学校标识码", "园名", "拨付年度", "拨款种类", "拨付日期", "金额", "拨款文件", "另一笔"]
MARCH, SEPTEMBER = dt.date(2026, 3, 20), dt.date(2026, 9, 10)


def test_a_table_of_payments_is_written_once(
    small: SmallCounty, tmp_path: Path, settings: Any
) -> None:
    settings.FILES_ROOT = tmp_path
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    away = small.kindergarten(small.town("邻镇", county=small.other_county), "邻县园")
    by = acting(small.officer())

    def row(*changed: Any) -> list[Any]:
        said = [garden.code, "示例一园", "2026年", "生均经费", MARCH, "54,000元", "甲文件", None]
        at = dict(zip(changed[::2], changed[1::2], strict=True))
        return [at.get(head, cell) for head, cell in zip(HEADS, said, strict=True)]

    part = row("拨付日期", SEPTEMBER)
    wrong = [
        row(), part, row("学校标识码", away.code, "园名", None), row("园名", "别的园"),
        row("拨付日期", dt.date(2026, 11, 6), "拨款文件", "乙"), row("金额", 0, "拨款文件", "丙"),
        row("拨付年度", 2027, "拨款文件", "丁"),
    ]  # fmt: skip
    assert checked(by, excel([HEADS, *wrong]), kind="funding-payments").fault_count == 6
    good = [
        row(),
        row("拨付日期", SEPTEMBER, "另一笔", "是"),
        row("拨款种类", "奖补资金", "金额", 800),
    ]
    batch = checked(by, excel([HEADS, *good]), kind="funding-payments")
    assert (batch.fault_count, batch.new_count) == (0, 3)
    written(by, batch)
    rows = FundingPayment.objects.visible_to(by).order_by("paid_on", "-yuan")
    assert [(one.kind, one.paid_on, one.yuan) for one in rows] == [
        ("per_child", MARCH, Decimal(54_000)), ("reward", MARCH, Decimal(800)),
        ("per_child", SEPTEMBER, Decimal(54_000)),
    ]  # fmt: skip
    again = checked(by, excel([HEADS, *good]), kind="funding-payments")
    assert (again.fault_count, again.new_count, again.changed_count, again.same_count) == (
        0,
        0,
        0,
        3,
    )

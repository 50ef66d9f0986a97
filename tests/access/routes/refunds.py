"""Rules of refunds, set by a county; the calculator, for whoever sees the kindergarten."""

from __future__ import annotations

from typing import Any

from fees.models import RefundRule
from tests.access.routes.case import (
    BUREAU,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.small_county import SINCE


def furnish(world: World) -> None:
    world.refund_rule = RefundRule.objects.create(
        region=world.small.county, item="meal_fee", basis="by_day", percent=100,
        document="示例文件", valid_from=SINCE,
    )  # fmt: skip


def rule(world: World) -> list[Any]:
    return [world.refund_rule.pk]


CASES = [
    Case("refund-rules", RETURN_READERS, strangers=200, except_for=dict.fromkeys(FILERS, 302)),
    Case("refund-rules-history", HISTORY_READERS, strangers=200),
    Case("refund-rule-new", BUREAU, strangers=200),
    Case("refund-rule-new", BUREAU, method="post", status=422, strangers=422),
    Case("refund-rule-correct", BUREAU, rule),
    Case("refund-rule-correct", BUREAU, rule, method="post", status=422),
    Case("refund-rule-end", BUREAU, rule),
    Case(
        "refund-rule-end", BUREAU, rule, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
    Case("refund-calculator", RETURN_READERS, kindergarten()),
]  # fmt: skip

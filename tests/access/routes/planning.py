"""What a change of status would do, and its confirmation."""

from __future__ import annotations

from typing import Any

from tests.access.routes.case import BUREAU, FRESH_POST, Case, kindergarten
from tests.access.routes.world import World
from tests.small_county import SINCE

FIELDS = ("town", "sponsor_type", "ownership", "for_profit", "half_day", "urban_rural",
          "counts_enrolment", "counts_staff")  # fmt: skip


def second_class(world: World) -> dict[str, Any]:
    return dict.fromkeys(FIELDS, "keep") | {
        "level": "second",
        "valid_from": "2026-12-01",
        "reason": "评为二级园",
        "document_number": "示例文号",
    }


def first_day(world: World) -> dict[str, Any]:
    return {
        "first_day": "2026-12-01",
        "first_day_seen": SINCE.isoformat(),
        "first_day_reason": "日期填错",
    }


CASES = [
    # Without a signed preview: back to the list, with a sentence.
    Case("status-change-confirm", BUREAU, **FRESH_POST, status=302, strangers=302),
    Case("status-change", BUREAU, kindergarten()),
    Case("status-change", BUREAU, kindergarten(), method="post", data=second_class),
    # It began long ago.
    Case("status-first-day", BUREAU, kindergarten(), **FRESH_POST, data=first_day, status=409),
]

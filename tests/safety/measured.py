"""Measures of a place, evidence of them, and school buses, past the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Membership, Region, StoredFile
from kindergartens.models import Kindergarten
from safety.models import MeasureDocument, MeasureEvidence, SafetyMeasure, SchoolBus
from tests.small_county import NOW, SINCE


def a_measure(region: Region, code: str = "alarm", **more: Any) -> SafetyMeasure:
    return SafetyMeasure.objects.create(
        **{
            "region": region, "code": code, "label": f"示例{code}", "meaning": "示例含义",
            "one_of_four": True, "position": 1, "document": "示例清单文件", "valid_from": SINCE,
        } | more
    )  # fmt: skip


def evidenced(
    kindergarten: Kindergarten, post: Membership, measure: SafetyMeasure, *,
    by: Membership | None = None, file: StoredFile | None = None, **more: Any,
) -> MeasureEvidence:  # fmt: skip
    """Good for the whole of 2026; confirmed where `by` says by whom."""
    decided = {"state": "confirmed", "decided_as": by, "decided_at": NOW} if by else {}
    row = MeasureEvidence.objects.create(
        **{
            "kindergarten": kindergarten, "measure": measure, "place": "示例位置",
            "found": "示例情况", "document": "示例凭证", "valid_from": dt.date(2026, 1, 1),
            "valid_until": dt.date(2026, 12, 31), "entered_as": post, "entered_at": NOW,
        } | decided | more
    )  # fmt: skip
    if file is not None:
        MeasureDocument.objects.create(
            evidence=row, file=file, name="示例照片.png", added_as=post, added_at=NOW
        )
    return row


def a_bus(kindergarten: Kindergarten, post: Membership, **more: Any) -> SchoolBus:
    """Its papers hold until the end of 2027."""
    end = dt.date(2027, 12, 31)
    return SchoolBus.objects.create(
        **{
            "kindergarten": kindergarten, "plate": f"新Z{kindergarten.pk:05d}", "seats": 19,
            "permit": "示例许可", "permit_until": end, "driver_until": end, "last_check": "record",
            "entered_as": post, "entered_at": NOW,
        } | more
    )  # fmt: skip

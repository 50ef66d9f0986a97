"""Measures of a place and evidence of them, past the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Membership, Region, StoredFile
from kindergartens.models import Kindergarten
from safety.models import MeasureDocument, MeasureEvidence, SafetyMeasure
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

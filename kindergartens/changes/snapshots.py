"""Rows of dated status as the rules see them, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import Region
from kindergartens.changes import rules
from kindergartens.models import KindergartenStatus

LABELS = {
    "town": "乡镇街道",
    "sponsor_type": "办别",
    "ownership": "办园性质",
    "for_profit": "营利性",
    "operating_state": "办园状态",
    "half_day": "作息",
    "level": "等级",
    "urban_rural": "城乡分类",
    "recognition_document": "普惠认定文件",
    "recognised_until": "普惠认定到期日",
    "counts_enrolment": "计入在园幼儿",
    "counts_public": "计入公办",
    "counts_inclusive": "计入普惠",
    "counts_staff": "计入教职工",
}


def dated(row: KindergartenStatus) -> rules.Dated:
    values = {name: getattr(row, name) for name in rules.FIELDS if name != "town"}
    return rules.Dated(row.valid_from, {"town": row.town_id, **values})


def timeline_of(rows: Iterable[KindergartenStatus]) -> list[rules.Dated]:
    """All rows of one kindergarten, oldest first."""
    return sorted((dated(row) for row in rows), key=lambda row: row.valid_from)


def stored(name: str, value: object) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def unstored(name: str, value: Any) -> object:
    if name == "recognised_until" and value is not None:
        return dt.date.fromisoformat(value)
    return value


def in_words(name: str, value: object, towns: dict[int, Region]) -> str:
    """A value of a field as officers say it."""
    if name == "town":
        town = towns.get(value) if isinstance(value, int) else None
        return town.name if town else ""
    if name == "for_profit":
        return "营利性" if value else "非营利性"
    if name == "half_day":
        return "半日制" if value else "全日制"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    field: Any = KindergartenStatus._meta.get_field(name)
    return str(dict(field.flatchoices).get(value, value) or "未填")

"""What stands at the head and foot of every printed document: who, where, when, how complete."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Region

# Statistical codes put an empty level between a municipality and its districts, and between a
# province and the counties it governs itself; nobody writes those names.
_EMPTY_LEVELS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")

REGION_LABELS = {
    Region.Level.PROVINCE: "省（自治区、直辖市）",
    Region.Level.CITY: "市（地区）",
    Region.Level.COUNTY: "区、县（市）",
}
CHILD_LABELS = {
    Region.Level.PROVINCE: "市（地区）",
    Region.Level.CITY: "区、县（市）",
    Region.Level.COUNTY: "镇（街道）",
}


def short_name(region: Region) -> str:
    """武清区; for the empty level of a municipality the municipality itself."""
    holder = region.province if region.name in _EMPTY_LEVELS else None
    return holder.name if holder else region.name


def full_name(region: Region) -> str:
    """天津市武清区: the region with what it lies in."""
    above = [r.name for r in (region.province, region.city, region.county) if r and r != region]
    return "".join(name for name in [*above, region.name] if name not in _EMPTY_LEVELS)


def heading(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The head of a snapshot with its dates read back, and the words for its region."""
    head = dict(snapshot["heading"])
    for name in ("month", "reference_date", "population_date"):
        head[name] = dt.date.fromisoformat(head[name]) if head[name] else None
    for name in ("printed_at", "computed_at"):
        head[name] = dt.datetime.fromisoformat(head[name])
    level = Region.Level(head["region_level"])
    head["region_label"] = REGION_LABELS[level]
    head["child_label"] = CHILD_LABELS[level]
    return head

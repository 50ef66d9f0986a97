"""What a kindergarten answers for its own safety, and how an incident is called. Plain Python."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("items.toml")

YES, NO, NOT_APPLICABLE = "yes", "no", "na"
ANSWERS = {YES: "是", NO: "否", NOT_APPLICABLE: "不适用"}
# The first month whose return asks for the self-check and for incidents: the school year in which the
# return took them in. The law is older (items.toml), but nobody was asked by a return before.
ASKED_FROM = dt.date(2026, 9, 1)
MOST_IN_AN_ACCOUNT = 200
MOST_INCIDENTS = 10

# 学前教育法 Art 51 to 53 and the domains of the ministry's guide on major hidden dangers (2024).
INCIDENT_KINDS = {
    "injury": "幼儿意外伤害",
    "food": "食品安全",
    "infection": "传染病",
    "fire": "火灾",
    "premises": "园舍、设施设备",
    "traffic": "校车、交通",
    "crowding": "拥挤踩踏",
    "drowning": "溺水",
    "lost": "走失、错接",
    "violation": "侵害或疑似侵害",
    "intrusion": "治安、外人闯入",
    "nature": "自然灾害、极端天气",
    "other": "其他",
}


@dataclass(frozen=True)
class SafetyItem:
    """One line of the self-check; items.toml explains the fields."""

    code: str
    label: str
    says: str
    document: str
    clause: str
    since: dt.date
    may_lack: bool = False


@cache
def safety_items() -> Mapping[str, SafetyItem]:
    """Every item by its code, in the order of the file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["item"]
    return {row["code"]: SafetyItem(**row) for row in rows}

"""What a demo kindergarten answers of its safety, and what happened there. No chance, no database."""

from __future__ import annotations

import datetime as dt
from zlib import crc32

from kindergartens.rules import school_year
from safety.rules import NO, NOT_APPLICABLE, YES, safety_items

Part = dict[str, dict[str, str]]
# Of so many kindergartens one has no camera for a month, one its exit blocked since autumn.
VIDEO, EXIT, BUS, HURT = 17, 29, 6, 41
WITHOUT_ANYTHING: Part = {"month": {"none": "1"}}


def safety_of(code: str, month: dt.date) -> Part:
    """The self-check of a kindergarten by its code, as typed: by item."""
    seed = crc32(code.encode())
    found = {item: {"answer": YES, "account": "", "repair_by": ""} for item in safety_items()}
    if seed % BUS:
        found["bus"]["answer"] = NOT_APPLICABLE
    year = school_year(month)
    if seed % VIDEO == 0 and month.month == 9:
        account = "操场西北角摄像头没有图像，已报修"
        found["video"] = {"answer": NO, "account": account, "repair_by": f"{year}-10-15"}
    if seed % EXIT == 0:
        account = "二楼东侧疏散通道堆放旧桌椅，正在清理"
        found["fire"] = {"answer": NO, "account": account, "repair_by": f"{year}-11-20"}
    return found


def incidents_of(code: str, month: dt.date) -> Part:
    """What happened in the month, as typed; 本月无 nearly everywhere."""
    if crc32(code.encode()) % HURT or month.month != 10:
        return WITHOUT_ANYTHING
    day = month.replace(day=14)
    return {
        "1": {
            "occurred_on": day.isoformat(),
            "kind": "injury",
            "children_hurt": "1",
            "staff_hurt": "0",
            "account": "户外活动时一名幼儿跌倒，手臂擦伤，送医检查后回家休息",
            "reported_at": f"{day.isoformat()}T11:20",
        }
    }

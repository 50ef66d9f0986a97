"""Hazards (安全隐患): fields, grades, what a report must say, what may follow what. Plain Python.

Sources: domain facts §7.3 (grading by the guide of 24 June 2024, 挂牌督办 with its five points, what
stops at once), §8.2 (a closed one that recurs is a new one); 学前教育法 Art 51 (hazards are found and
removed in time).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

# The domains of the national guide (article 2), and what lies in none of them.
FIELDS: Mapping[str, str] = {
    "fire": "消防",
    "premises": "校舍",
    "food": "食品",
    "laboratory": "实验",
    "traffic": "校车交通",
    "crowding": "拥挤踩踏",
    "equipment": "特种设备",
    "utilities": "水电气热",
    "other": "其他",
}
GENERAL, MAJOR = "general", "major"
GRADES: Mapping[str, str] = {GENERAL: "一般", MAJOR: "重大"}
SOURCES: Mapping[str, str] = {
    "self_check": "园所自查",
    "bureau": "教育局检查",
    "inspector": "责任督学",
    "town": "乡镇街道检查",
    "department": "部门检查",
    "campaign": "集中整治",
    "patrol": "视频巡查",
    "public": "群众反映",
}
# State → acts and what they lead to. A closed one has no way on: a relapse is a new one.
REPORTED, MENDING, MENDED, CLEARED, CLOSED = "reported", "mending", "mended", "cleared", "closed"
WITHDRAWN = "withdrawn"
STATES: Mapping[str, str] = {
    REPORTED: "待定级",
    MENDING: "整改中",
    MENDED: "待复查",
    CLEARED: "待摘牌",
    CLOSED: "已销号",
    WITHDRAWN: "已撤销",
}
TO_MEND = (REPORTED, MENDING)
# Nothing is left to do about these; what was withdrawn never was a hazard and counts nowhere.
OVER = (CLOSED, WITHDRAWN)
STEPS: Mapping[str, Mapping[str, str]] = {
    "grade": {REPORTED: MENDING, MENDING: MENDING, MENDED: MENDED},
    "extend": {REPORTED: REPORTED, MENDING: MENDING},
    "hang": {MENDING: MENDING, MENDED: MENDED},
    "mend": {REPORTED: MENDED, MENDING: MENDED},
    "send_back": {MENDED: MENDING, CLEARED: MENDING},
    "pass": {MENDED: CLOSED},
    "delist": {CLEARED: CLOSED},
    "stop": {REPORTED: REPORTED, MENDING: MENDING, MENDED: MENDED, CLEARED: CLEARED},
    "withdraw": {REPORTED: WITHDRAWN, MENDING: WITHDRAWN, MENDED: WITHDRAWN},
}
MOST_PHOTOS = 5
TOO_MANY_PHOTOS = f"一次最多{MOST_PHOTOS}张照片或文件，请只留看得清的。"
# Settings of the portal, of no document: beyond these days a date is taken for a slip of the year, and
# what a kindergarten itself grades 一般 but wants longer for is looked at by the bureau first.
OLDEST_FOUND = 365
LONGEST_TO_MEND = 365
LONGEST_THE_BUREAU_GIVES = 3 * 365
LONG_FOR_GENERAL = 30
# What a report cannot do without; a phone without network asks for it in the same words.
ASKS: Mapping[str, str] = {
    "place": "请写明位置，如：一楼东侧楼梯间。",
    "description": "请写明是什么隐患，如：灭火器压力不足。",
    "deadline": "请填整改期限，或选当场整改。",
    "mended_photos": "当场整改的要有改好后的照片。没有改好的，请选限期整改。",
}
PHOTO_OF_WHAT = "照片拍的是哪里？"
# 挂牌督办: what has to be settled before a plate is hung (五落实).
FIVE_POINTS: Mapping[str, str] = {
    "measures": "整改措施",
    "responsibility": "整改责任",
    "funding": "整改资金",
    "deadline": "整改时限",
    "plan": "应急预案",
}


def next_state(state: str, act: str, *, plated: bool = False) -> str | None:
    """What an act leads to; None where it does not fit. A plate comes down after the re-check."""
    following = STEPS[act].get(state)
    return CLEARED if act == "pass" and following and plated else following


def is_overdue(state: str, deadline: dt.date | None, today: dt.date) -> bool:
    """Not said to be mended though its day has passed; the day itself still belongs to it."""
    return state in TO_MEND and deadline is not None and deadline < today


def report_problem(
    *, place: str, description: str, found_on: dt.date, deadline: dt.date | None,
    fixed_on_spot: bool, grade: str, photos: int, mended_photos: int, today: dt.date,
    of_bureau: bool = False,
) -> tuple[str, str] | None:  # fmt: skip
    """Field and reason for which a report cannot be taken; None when it can.

    `of_bureau`: by whoever decides about hazards, who may give more time.
    """
    problem: tuple[str, str] | None = None
    if not place.strip():
        problem = "place", (PHOTO_OF_WHAT if photos or mended_photos else "") + ASKS["place"]
    elif not description.strip():
        problem = "description", ASKS["description"]
    elif found_on > today:
        problem = "found_on", f"发现日期不能晚于今天{today:%Y-%m-%d}。"
    elif (today - found_on).days > OLDEST_FOUND:
        problem = "found_on", f"发现日期在{OLDEST_FOUND}天以前，请核对年份。"
    elif max(photos, mended_photos) > MOST_PHOTOS:
        field = "photos" if photos > MOST_PHOTOS else "mended_photos"
        problem = field, TOO_MANY_PHOTOS
    return problem or _mending_problem(
        found_on=found_on, deadline=deadline, fixed_on_spot=fixed_on_spot, grade=grade,
        mended_photos=mended_photos, of_bureau=of_bureau,
    )  # fmt: skip


def _mending_problem(
    *, found_on: dt.date, deadline: dt.date | None, fixed_on_spot: bool, grade: str,
    mended_photos: int, of_bureau: bool,
) -> tuple[str, str] | None:  # fmt: skip
    if fixed_on_spot and grade == MAJOR:
        return "fixed_on_spot", "重大隐患要挂牌督办，不能当场改完就算。请选限期整改，写明期限。"
    if fixed_on_spot and deadline is not None:
        return "deadline", "当场整改的不填期限。没有改好的，请选限期整改。"
    if fixed_on_spot and not mended_photos:
        return "mended_photos", ASKS["mended_photos"]
    if not fixed_on_spot and mended_photos:
        return "mended_photos", "限期整改的，改好以后再交照片。已经改好的，请选当场整改。"
    if not fixed_on_spot and deadline is None:
        return "deadline", ASKS["deadline"]
    if deadline is not None and deadline < found_on:
        return "deadline", "整改期限不能早于发现日期。"
    most = LONGEST_THE_BUREAU_GIVES if of_bureau else LONGEST_TO_MEND
    if deadline is not None and (deadline - found_on).days > most:
        more = "" if of_bureau else "确实要更久的，先填到这天以内，再由教育局延期。"
        return "deadline", f"整改期限离发现日期超过{most}天，请核对年份。{more}"
    return None


def waits_for_grading(
    *, grade: str, of_kindergarten: bool, of_bureau: bool, found_on: dt.date,
    deadline: dt.date | None,
) -> bool:  # fmt: skip
    """Whether the bureau has to confirm the grade before it is plain what it is."""
    if of_bureau:
        return False
    if grade == MAJOR:
        return True
    return (
        of_kindergarten and deadline is not None and (deadline - found_on).days > LONG_FOR_GENERAL
    )


def grade_problem(
    *, grade: str, was: str, met: bool, reason: str, plated: bool
) -> tuple[str, str] | None:
    """Why a grade cannot be given; None when it can. `met`: a direct criterion is met."""
    if plated and grade != MAJOR:
        return "grade", "已挂牌督办，不能改为一般。整改好了，复查后摘牌。"
    differs = grade != was or (met and grade != MAJOR)
    if differs and not reason.strip():
        return "reason", "等级和登记的不一样，请写明理由。"
    return None


def deadline_problem(
    *, deadline: dt.date | None, was: dt.date | None, today: dt.date
) -> tuple[str, str] | None:
    """Why the bureau cannot set a day; None when it can. Without a new one the old one holds."""
    if deadline is None:
        return None if was is not None else ("deadline", "请填整改期限。")
    if deadline < today:
        return "deadline", f"整改期限不能早于今天{today:%Y-%m-%d}。"
    if (deadline - today).days > LONGEST_THE_BUREAU_GIVES:
        return "deadline", f"整改期限离今天超过{LONGEST_THE_BUREAU_GIVES}天，请核对年份。"
    return None


def hanging_problem(points: Mapping[str, object]) -> tuple[str, str] | None:
    """The first of the five points that is not settled; None when all are."""
    for name, label in FIVE_POINTS.items():
        said = points.get(name)
        if said is None or (isinstance(said, str) and not said.strip()):
            return (
                name,
                f"{label}没有落实，不能挂牌。五项（措施、责任、资金、时限、预案）都要写明。",
            )
    return None

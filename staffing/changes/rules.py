"""Changes of directors and teachers that the bureau is to be told of (变更备案). Plain Python.

Sources: 学前教育法 Art 38 (directors are filed), Art 43 (contracts are filed); within one month: 包头市
学前教育 plan (000), in kindergartens/procedures/kinds.toml. A filing tells of what happened from the day
it names until the day it was handed in: one for everybody who came in September is enough.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kindergartens.calendar.rules import WorkingCalendar
from kindergartens.procedures.rules import by

# Post of the roster → kind of procedure by which its changes are filed.
FILED_AS = {"principal": "director_change", "full_time_teacher": "teacher_change"}
BEGAN, ENDED = "began", "ended"
# Changes of the last year; what is older is the year's check to find.
SEEN_WITHIN = dt.timedelta(days=365)
# A director who leaves is told of in the filing of who follows, when that one came so soon before
# or whenever after.
HANDED_OVER_WITHIN = dt.timedelta(days=31)


def last_day_late(today: dt.date, working: WorkingCalendar, lengths: Mapping[str, int]) -> dt.date:
    """The last day of a change that is late today when nobody has filed it."""
    day = today
    while by(day, working, **lengths) >= today:
        day -= dt.timedelta(days=1)
    return day


def difference(filed: tuple[int | None, int | None], found: tuple[int, int]) -> str:
    """Who came and went as filed and as the roster has it; "" where both are the same."""
    if filed == found:
        return ""
    joined, left = ("没有填" if one is None else f"{one}人" for one in filed)
    return (
        f"填报新聘{joined}、离职{left}，教职工名册上这段时间到任{found[0]}人、离任{found[1]}人。"
        "请先核对哪一处不对：填报错的退回补正，名册错的先更正名册。"
    )


def counted(came: int, went: int) -> str:
    """到任2人、离任1人."""
    parts = [f"到任{came}人"] if came else []
    return "、".join([*parts, f"离任{went}人"] if went else parts)

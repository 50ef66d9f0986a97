"""What a group of each kind may hold. Plain Python; the kinds are domain facts §11 and the plans
of 2021 to 2024 that name them (集团化办园, 组团, 结对帮扶)."""

from __future__ import annotations

import datetime as dt

from accounts.days import day_in_words

# Kinds whose members are towns as well: the whole of a town's kindergartens, whoever they are.
HOLDS_TOWNS = frozenset({"town_cluster", "area"})
# Kinds that divide a county: nothing is in two groups of the kind at once.
DIVIDES = frozenset({"education_group", "town_cluster", "area"})


def may_hold_towns(kind: str) -> bool:
    """Whether towns may be members, not only single kindergartens."""
    return kind in HOLDS_TOWNS


def member_dates_problem(*, first: dt.date, group_from: dt.date, group_to: dt.date | None) -> str:
    """Why a member cannot come in on a day; empty when it can."""
    if first < group_from:
        return f"加入日期不能早于成立日期{day_in_words(group_from)}。"
    if group_to is not None and first >= group_to:
        return f"{day_in_words(group_to)}已解散，不能再加入成员。"
    return ""


def leaving_problem(*, last: dt.date, joined: dt.date, left: dt.date | None) -> str:
    """Why a membership cannot end on a day (the first day without it); empty when it can."""
    if left is not None:
        return f"已于{day_in_words(left)}退出，不用再办。"
    if last <= joined:
        return f"退出日期要晚于加入日期{day_in_words(joined)}。"
    return ""

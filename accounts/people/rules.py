"""Names and days, as plain values."""

from __future__ import annotations

import datetime as dt
import re

from accounts.privacy.rules import NO_NUMBERS, holds_identifier

LONGEST_DEPUTY_DAYS = 92
FURTHEST_HAND_OVER_DAYS = 365
# Latin names have blanks between their parts, names of other peoples a middle dot.
PERSON_NAME = re.compile(r"[^\W\d_]+(?:[ ·•‧・][^\W\d_]+)*")
USERNAME = re.compile(r"[^\W_][\w.-]{2,59}")


def username_problem(username: str) -> str | None:
    """Why a (normalised) name cannot be a username, or None."""
    if USERNAME.fullmatch(username):
        return None
    return "用户名要3到60个字，可用字母、数字、汉字、点、横线和下划线，以字母、数字或汉字开头。"


def person_name_problem(name: str) -> str | None:
    """Why this cannot be a person's name, or None. Digits are numbers of something, never names."""
    if holds_identifier(name):
        return "姓名里有手机号或证件号，请删去，只写姓名。"
    if PERSON_NAME.fullmatch(name) and 2 <= len(name) <= 30:
        return None
    return "姓名要2到30个字，只用汉字、字母和间隔号“·”，不写数字和其他符号。"


def deputy_days_problem(first: dt.date, last: dt.date, today: dt.date) -> str | None:
    """Why these days cannot be a deputy's, or None."""
    if first < today:
        return "开始日期已过，请填今天或以后的日期。"
    if last < first:
        return "结束日期早于开始日期，请改正。"
    if (last - first).days >= LONGEST_DEPUTY_DAYS:
        return f"代办最长{LONGEST_DEPUTY_DAYS}天。要更久，请办理岗位交接。"
    return None


def hand_over_day_problem(first: dt.date, began: dt.date, today: dt.date) -> str | None:
    """Why a post that began on a day cannot change hands on `first`, or None."""
    if first < today:
        return "这一天已过，请填今天或以后的日期。"
    if first < began:
        return f"这个岗位{began.year}年{began.month}月{began.day}日才开始，请填这一天或以后的日期。"
    if (first - today).days > FURTHEST_HAND_OVER_DAYS:
        return "最多提前一年办理，请核对年份，或到时再办。"
    return None


def refusal_reason_problem(reason: str) -> str | None:
    """Why this cannot be what a requester reads about a refusal, or None."""
    if not reason.strip():
        return "请写明拒绝的原因，申请人才知道怎么改。"
    return NO_NUMBERS if holds_identifier(reason) else None

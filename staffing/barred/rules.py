"""Whom the bureau bars from work with preschool children (从业禁止), and what a ban stops.

Sources: 学前教育法 Art 44 (who may not be hired, and must go; the county may list them), Art 80 (a ban
for a time or for life). Plain Python.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from staffing.roster.identity import holder, number_problem

# What the list may name as ground: Art 44 (1) in its order, then Art 80 (1).
GROUNDS = {
    "abuse": "虐待",
    "sexual_assault": "性侵害",
    "sexual_harassment": "性骚扰",
    "trafficking": "拐卖",
    "violence": "暴力伤害",
    "drugs": "吸毒",
    "gambling": "赌博",
    "alcohol": "酗酒",
    "ethics": "严重违反师德师风",
    "corporal_punishment": "体罚或者变相体罚儿童",
    "humiliation": "歧视、侮辱儿童",
    "other_danger": "其他可能危害儿童身心安全的情形",
}
# A ban that begins later than this is a wrong year, and so is one for longer than anybody works.
AHEAD = dt.timedelta(days=366)
LONGEST = dt.timedelta(days=50 * 366)


@dataclass(frozen=True)
class BanFacts:
    """A ban as typed. `barred_until` is its last day; None is for life."""

    name: str
    identifier_type: str
    # No trace and no log shows it.
    number: str = field(repr=False)
    ground: str
    document: str
    document_date: dt.date
    barred_from: dt.date
    barred_until: dt.date | None = None


def ban_problems(ban: BanFacts, today: dt.date) -> Iterator[tuple[str, str]]:
    """What is wrong with a ban: (field, what to do)."""
    wrong = number_problem(ban.identifier_type, ban.number)
    said = None if wrong else holder(ban.identifier_type, ban.number)
    if wrong:
        yield "number", wrong
    elif said is not None and said.birth_date >= today:
        yield "number", "这个号码里的出生日期在今天以后。请对照文件核对。"
    if ban.document_date > today:
        yield "document_date", "文件日期在今天以后，请核对。"
    if ban.barred_from > today + AHEAD:
        yield "barred_from", "起始日期在一年以后，请核对年份。"
    if ban.barred_until is not None and ban.barred_until < ban.barred_from:
        yield "barred_until", "截止日期早于起始日期，请核对；终身禁止的留空。"
    elif ban.barred_until is not None and ban.barred_until < today:
        yield "barred_until", "截止日期已经过了，不用再列入。请核对年份；终身禁止的留空。"
    elif ban.barred_until is not None and ban.barred_until > ban.barred_from + LONGEST:
        yield "barred_until", "截止日期在五十年以后，请核对年份；终身禁止的留空。"


def stops(
    barred_from: dt.date,
    barred_until: dt.date | None,
    started_on: dt.date,
    ended_on: dt.date | None,
) -> bool:
    """Whether a post has a day on which its holder is barred.

    A ban holds on its last day; `ended_on` of a post is the first day without it.
    """
    begins_in_time = barred_until is None or started_on <= barred_until
    return begins_in_time and (ended_on is None or ended_on > barred_from)


def first_lawful_day(ends: Iterable[dt.date | None]) -> dt.date | None:
    """The day from which bans with these last days stop nothing more; None where one is for life."""
    last = list(ends)
    lasting = [day for day in last if day is not None]
    return max(lasting) + dt.timedelta(days=1) if len(lasting) == len(last) else None

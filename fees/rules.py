"""What a line of a fee schedule must hold. Plain Python.

Items and their units: 发改价格〔2025〕1644号 (in force 2026-01-01); by the month or the term: 幼儿园收费
管理暂行办法 (2012), which stays the way of charging. Publication: 学前教育法 Art 69.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from fees.catalogue.rules import item_problem

# The five classes in force from 2026-01-01, and how each line is charged, in the words of the sheet.
FEE_ITEMS = {
    "care_education_fee": "保教费",
    "boarding_fee": "住宿费",
    "nursery_care_fee": "保育费（托班）",
    "service_fee": "服务性收费",
    "collected_on_behalf_fee": "代收费",
}
FEE_SCOPES = {
    "all": "全园",
    "small": "小班",
    "middle": "中班",
    "large": "大班",
    "mixed": "混合班",
    "nursery": "托班",
}
FEE_HOURS = {"any": "不区分", "full_day": "全日制", "half_day": "半日制"}
FEE_UNITS = {
    "month": "元/月",
    "term": "元/学期",
    "day": "元/天",
    "meal": "元/餐",
    "time": "元/次",
}
# 新生新办法、老生老办法: a line of new entrants is of those who enter from its first day on.
ENTRANTS = {"all": "全部幼儿", "new": "新入园幼儿"}
# 学前教育法 (in force that day) Art 69: what is charged is published.
PUBLISHED_FROM = dt.date(2025, 6, 1)
# Items whose single charges the kindergarten names itself; the other three are named by the law.
NAMED_ITEMS = frozenset({"service_fee", "collected_on_behalf_fee"})
# Items that are charged by the month or the term, never by the day, meal or time.
PERIODIC_ITEMS = frozenset({"care_education_fee", "boarding_fee", "nursery_care_fee"})
PERIODIC_UNITS = frozenset({"month", "term"})


# Whose children may be in the last year before school.
LAST_YEAR_SCOPES = frozenset({"large", "mixed"})
# The first month whose return asks what was charged: with the school year, as the other sections.
ASKED_FROM = dt.date(2026, 9, 1)
# What makes two lines the same charge: of these one amount is in force a day.
SAME_CHARGE = ("item", "name", "scope", "hours")
# Lines of one kindergarten in force on one day. A published sheet has about ten.
MOST_IN_FORCE = 50


@dataclass(frozen=True)
class FeeFacts:
    """One line as registered. `amount` in yuan a child and `unit`; `valid_to` is the first day
    without it; codes are those of fees.models. `before_waiver`: of a line of 大班 or mixed classes
    that is what is left after the free year's waiver, what it would be without (国办发〔2025〕27号).
    `content`: what is given for it (服务内容), as it is published.
    """

    item: str
    name: str
    scope: str
    hours: str
    amount: Decimal
    unit: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    document: str = ""
    published_on: dt.date | None = None
    before_waiver: Decimal | None = None
    entrants: str = "all"
    content: str = ""


def plain(yuan: Decimal) -> str:
    """600, 12.5."""
    text = f"{yuan:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def published_by(day: dt.date, *, valid_from: dt.date, published_on: dt.date | None) -> bool | None:
    """Whether a line was published by a day; None where nobody knows.

    A line of an older paper may have been published without its day being written down, so a
    missing day says something only of lines that begin from PUBLISHED_FROM on. What is not known
    otherwise passes as published, on pages, in figures and in checks alike: ScheduledFeeQuerySet
    .published_by says so of rows, and a change of one is a change of the other.
    """
    if published_on is not None:
        return published_on <= day
    return None if valid_from < PUBLISHED_FROM else False


def fee_problems(fee: FeeFacts) -> Iterator[tuple[str, str]]:
    """What is wrong with a line: (field, what to do)."""
    if fee.item in NAMED_ITEMS and not fee.name:
        yield "name", "请写项目名称，例如“伙食费”“延时服务”。"
    if fee.item not in NAMED_ITEMS and fee.name:
        yield "name", "只有服务性收费和代收费另写名称。请清空，或改选收费项目。"
    if fee.item in NAMED_ITEMS and fee.name in FEE_ITEMS.values():
        yield "name", f"“{fee.name}”是收费项目，不是名称。请改选收费项目，或写具体收的是什么。"
    if fee.item == "nursery_care_fee" and fee.scope != "nursery":
        yield "scope", "保育费收自托班，请选托班；3岁以上的班收保教费。"
    outdated = item_problem(
        item=fee.item, scope=fee.scope, valid_from=fee.valid_from, valid_to=fee.valid_to
    )
    if outdated is not None:
        yield outdated
    if fee.item in PERIODIC_ITEMS and fee.unit not in PERIODIC_UNITS:
        yield "unit", "保教费、住宿费和保育费按月或按学期收，请选元/月或元/学期。"
    if fee.before_waiver is not None:
        if fee.item != "care_education_fee" or fee.scope not in LAST_YEAR_SCOPES:
            yield (
                "before_waiver",
                "只有大班和混合班的保教费有学前一年减免。请清空，或改选收费项目和对象。",
            )
        elif fee.before_waiver < fee.amount:
            yield "before_waiver", "减免前的标准不会低于减免后的。请核对这两个数。"
    if fee.valid_to is not None and fee.valid_to <= fee.valid_from:
        yield "valid_to", "截止日期要晚于起始日期；这一天起不再收。"
    if not fee.document and fee.published_on is None:
        yield "document", "请写批准或备案文件；没有文件的，填公示日期。"


def most_beside(fee: FeeFacts, lines: Iterable[tuple[dt.date, dt.date | None]]) -> int:
    """How many of the lines (from, first day without) are in force on one day of this one, at most."""
    beside = [
        (since, until)
        for since, until in lines
        if (until is None or until > fee.valid_from)
        and (fee.valid_to is None or since < fee.valid_to)
    ]
    # Most are there on a day on which one begins.
    days = {max(since, fee.valid_from) for since, _ in beside}
    return max(
        (
            sum(since <= day and (until is None or day < until) for since, until in beside)
            for day in days
        ),
        default=0,
    )

"""Papers that everybody in a kindergarten must have, what is wrong with one, and when it is due.

Sources: 学前教育法 Art 43 (contracts, filed with the county), 44 (background query before hiring),
45 (health check before and every year), 46 (insurance); 未成年人保护法 Art 62 (background query every
year). A year ends as 民法典 Art 201 and 202 count it. Plain Python; `today` is the day asked of.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from staffing.roster.rules import age_on

# Whoever signed before is past any working age: a wrong year.
EARLIEST = dt.date(1980, 1, 1)
# Nobody has a paper of work or training before: two years under the age of work (劳动法 Art 15).
LEAST_AGE = 14
NOT_BEFORE = "年份太早，请核对。"
IN_THE_FUTURE = "在今天以后，请核对。"
# Longer than anybody works: a slip in the year.
MOST_YEARS = 50
# More than any course has in a year: a slip of the decimal point.
MOST_HOURS = Decimal(1000)
# 学时 that a day of training has at most.
MOST_HOURS_A_DAY = 10
# 教师〔2011〕1号: at least 360 hours (学时) in five years for every teacher; a fifth of it a year.
YEARLY_TRAINING_HOURS = 72


# ---- when it is due ----------------------------------------------------------------------------


def a_year_from(day: dt.date) -> dt.date:
    """The last day of a year that begins after `day`.

    民法典 Art 201: the day itself does not count. Art 202: it ends on the same day of the month, and
    where the month has none, on its last day: from 29 February on 28 February.
    """
    year = day.year + 1
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


class Span(StrEnum):
    """How long a paper is still good. Those that are due lie in the three that say days.

    The worst first. UNFIT: the newest health check is not 合格, whatever its day; UNFILED: a
    contract that is not filed (学前教育法 Art 43), whenever it ends.
    """

    UNFIT = "unfit"
    MISSING = "missing"
    OVERDUE = "overdue"
    WITHIN_7 = "7"
    WITHIN_30 = "30"
    WITHIN_60 = "60"
    UNFILED = "unfiled"
    VALID = "valid"


# Days left at most; the last day itself is the first of a week.
REMINDED_AT = {Span.WITHIN_7: 7, Span.WITHIN_30: 30, Span.WITHIN_60: 60}
# Of these no last day tells.
WITHOUT_DAY = frozenset({Span.UNFIT, Span.MISSING, Span.UNFILED})
REMINDED_WITHIN = dt.timedelta(days=max(REMINDED_AT.values()))


def span_of(until: dt.date | None, today: dt.date) -> Span:
    """In which span a paper lies whose last day is `until`; None: there is no paper at all.

    A paper for good has no last day and is not asked here.
    """
    if until is None:
        return Span.MISSING
    left = (until - today).days
    if left < 0:
        return Span.OVERDUE
    return next((span for span, days in REMINDED_AT.items() if left <= days), Span.VALID)


def first_and_last(span: Span, today: dt.date) -> tuple[dt.date, dt.date]:
    """Last days of papers that lie in a span, from and to; not of those WITHOUT_DAY."""
    if span is Span.OVERDUE:
        return dt.date.min, today - dt.timedelta(days=1)
    if span is Span.VALID:
        return today + REMINDED_WITHIN + dt.timedelta(days=1), dt.date.max
    days = REMINDED_AT[span]
    shorter = [other for other in REMINDED_AT.values() if other < days]
    return (
        today + dt.timedelta(days=max(shorter) + 1 if shorter else 0),
        today + dt.timedelta(days=days),
    )


# ---- what is typed -----------------------------------------------------------------------------

Problems = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class HealthFacts:
    """健康检查 as typed."""

    checked_on: dt.date
    result: str
    hospital: str


@dataclass(frozen=True)
class QueryFacts:
    """背景查询 as typed: `authority` answered, `asked_by` asked."""

    queried_on: dt.date
    authority: str
    asked_by: str
    result: str


@dataclass(frozen=True)
class ContractFacts:
    """A contract as typed. `valid_until` is its last day, None: open-ended; `filed_on` 备案."""

    kind: str
    signed_on: dt.date
    valid_from: dt.date
    valid_until: dt.date | None = None
    filed_on: dt.date | None = None


@dataclass(frozen=True)
class InsuranceFacts:
    """Kinds that begin, and may end, on the same days. `valid_until` is the last day."""

    kinds: tuple[str, ...]
    valid_from: dt.date
    valid_until: dt.date | None = None


@dataclass(frozen=True)
class TrainingFacts:
    """A training as typed; `hours` are 学时."""

    level: str
    subject: str
    hours: Decimal
    started_on: dt.date
    ended_on: dt.date
    number: str = ""


@dataclass(frozen=True)
class EthicsFacts:
    """A yearly conclusion, or something that happened, as typed."""

    kind: str
    decided_on: dt.date
    year: int | None = None
    conclusion: str = ""
    note: str = ""


Facts = HealthFacts | QueryFacts | ContractFacts | InsuranceFacts | TrainingFacts | EthicsFacts


def problems(facts: Facts, today: dt.date) -> Problems:
    """What is wrong with a paper: (field, what to do)."""
    match facts:
        case HealthFacts():
            yield from _past(facts.checked_on, today, "checked_on", "检查日期")
        case QueryFacts():
            yield from _past(facts.queried_on, today, "queried_on", "查询日期")
        case ContractFacts():
            yield from _contract(facts, today)
        case InsuranceFacts():
            yield from _insurance(facts, today)
        case TrainingFacts():
            yield from _training(facts, today)
        case EthicsFacts():
            yield from _ethics(facts, today)


def _past(day: dt.date, today: dt.date, field: str, label: str) -> Problems:
    if day > today:
        yield field, label + IN_THE_FUTURE
    elif day < EARLIEST:
        yield field, NOT_BEFORE


def _contract(facts: ContractFacts, today: dt.date) -> Problems:
    yield from _past(facts.signed_on, today, "signed_on", "签订日期")
    if facts.valid_from < EARLIEST:
        yield "valid_from", NOT_BEFORE
    elif facts.valid_from > a_year_from(today):
        yield "valid_from", "合同期从一年以后开始，请核对年份。"
    elif facts.valid_from > a_year_from(facts.signed_on):
        yield "valid_from", "合同期从签订一年以后才开始，请核对签订日期和合同期。"
    if facts.valid_until is not None and facts.valid_until < facts.valid_from:
        yield "valid_until", "合同期至要晚于合同期自；无固定期限的留空。"
    elif (
        facts.valid_until is not None
        and facts.valid_until.year - facts.valid_from.year > MOST_YEARS
    ):
        yield "valid_until", f"合同期超过{MOST_YEARS}年，请核对年份；无固定期限的留空。"
    if facts.filed_on is not None:
        yield from _past(facts.filed_on, today, "filed_on", "备案日期")
        if facts.filed_on < facts.signed_on:
            yield "filed_on", "备案日期早于签订日期，请核对；还没有备案的留空。"


def _insurance(facts: InsuranceFacts, today: dt.date) -> Problems:
    if not facts.kinds:
        yield "kinds", "请至少选一种。"
    yield from _past(facts.valid_from, today, "valid_from", "参保自")
    if facts.valid_until is not None and facts.valid_until < facts.valid_from:
        yield "valid_until", "参保至要晚于参保自；还在缴的留空。"
    elif facts.valid_until is not None and facts.valid_until > a_year_from(today):
        yield "valid_until", "参保至在一年以后，请核对年份；还在缴的留空。"


def _training(facts: TrainingFacts, today: dt.date) -> Problems:
    yield from _past(facts.ended_on, today, "ended_on", "结束日期")
    if facts.started_on > facts.ended_on:
        yield "started_on", "开始日期在结束日期以后，请核对。"
    elif facts.started_on < EARLIEST:
        yield "started_on", NOT_BEFORE
    days = (facts.ended_on - facts.started_on).days + 1
    if facts.hours > days * MOST_HOURS_A_DAY > 0:
        most = f"{days}天最多{days * MOST_HOURS_A_DAY}学时"
        yield "hours", f"培训每天最多{MOST_HOURS_A_DAY}学时，{most}。请核对学时和起止日期。"
    elif not 0 < facts.hours <= MOST_HOURS:
        yield "hours", f"学时要大于0，一次不超过{MOST_HOURS}。请照培训证书填写。"


def _ethics(facts: EthicsFacts, today: dt.date) -> Problems:
    yield from _past(facts.decided_on, today, "decided_on", "日期")
    if facts.kind != "yearly":
        if facts.year is not None:
            yield "year", "只有年度考核填年度。请清空，或改选年度考核。"
        if facts.conclusion:
            yield "conclusion", "只有年度考核有结论。请清空，或改选年度考核。"
        if not facts.note:
            yield "note", "请写明是什么事、怎么处理的。"
        return
    if facts.year is None:
        yield "year", "请填考核的年度，如2026。"
    elif not EARLIEST.year <= facts.year <= facts.decided_on.year:
        yield "year", "考核年度要在考核日期当年或以前，请核对。"
    if not facts.conclusion:
        yield "conclusion", "请选考核结论。"


# The day by which one had to be there for it.
FIRST_DAY: Mapping[type[Facts], str] = {
    HealthFacts: "checked_on", QueryFacts: "queried_on", ContractFacts: "signed_on",
    InsuranceFacts: "valid_from", TrainingFacts: "started_on", EthicsFacts: "decided_on",
}  # fmt: skip


def problems_of_one(facts: Facts, born: dt.date, since: dt.date | None) -> Problems:
    """What cannot be of this person. `since`: the first day in the kindergarten a paper is of.

    Insurance is paid by the month: of the month in which the post began.
    """
    field = FIRST_DAY[type(facts)]
    if age_on(born, getattr(facts, field)) < LEAST_AGE:
        yield field, f"这一天还不满{LEAST_AGE}周岁，请核对日期和这个人的出生日期。"
    if since is None:
        return
    if isinstance(facts, InsuranceFacts) and facts.valid_from < since.replace(day=1):
        yield "valid_from", f"参保自早于任职的月份（{since.year}年{since.month}月），请核对。"
    if isinstance(facts, EthicsFacts) and facts.year is not None and facts.year < since.year:
        yield "year", f"考核年度早于任职的年份{since.year}年，请核对。"


def problems_of_many(facts: Facts) -> Problems:
    """What is never recorded of several people at once: it would be said of one too many."""
    if isinstance(facts, HealthFacts) and facts.result != "fit":
        yield "result", "成批只登记合格的。不合格和待复查的，请到每个人的页面单独登记。"
    if isinstance(facts, QueryFacts) and facts.result != "clear":
        yield "result", "成批只登记无记录的。查到记录的，请到那个人的页面单独登记。"
    if isinstance(facts, EthicsFacts) and (facts.kind == "breach" or facts.conclusion == "failed"):
        field = "kind" if facts.kind == "breach" else "conclusion"
        yield field, "违反师德和考核不合格的，请到那个人的页面单独登记。"


# ---- one more, when one runs out ---------------------------------------------------------------


def next_period(
    valid_from: dt.date, valid_until: dt.date | None, today: dt.date
) -> tuple[dt.date, dt.date | None]:
    """First and last day that a renewed contract most likely has: as long as the one before.

    It begins on the day after, or today where that is over; None: open-ended.
    """
    if valid_until is None:
        return today, None
    begins = max(valid_until + dt.timedelta(days=1), today)
    years = valid_until.year - valid_from.year + (
        (valid_until.month, valid_until.day) >= (valid_from.month, valid_from.day)
    )  # fmt: skip
    last = begins
    for _ in range(max(years, 1)):
        last = a_year_from(last)
    return begins, last - dt.timedelta(days=1)

"""The board's lines in words: the same for the page and for the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.utils import timezone

from accounts.exports import Table
from accounts.formatting import zhdatetime, zhmonth
from accounts.statuses import state_status
from kindergartens.calendar.published import working_calendar
from kindergartens.models import FilingUrge
from reports.filings.board.rules import Kind, Standing, Times, Urging, standing
from reports.filings.board.selectors import (
    NOBODY,
    STATES,
    BoardFilter,
    Enrolled,
)
from reports.filings.board.services import Urged
from reports.filings.pre_reviews import PreReviewed

# Words of the counters; those apart are a part of the states before them.
WORDS = {"": "应报"} | {code: state_status(code).word for code in STATES}
OPEN_WORDS = {False: "没报", True: "缺报"}
APART_WORDS = {"late": "迟报", "extended": "延期中", "followed": "要跟进"}
# Further ahead a deadline needs no colour.
SOON = 3


@dataclass(frozen=True)
class Counter:
    """A number above the list that filters it."""

    code: str
    word: str
    number: int
    active: bool


def counters(
    numbers: Mapping[str, int], chosen: str, *, locked: bool, pre_reviews: bool
) -> tuple[list[Counter], list[Counter]]:
    """Those that add up to 应报 (which comes first), and those counted apart.

    After the lock what is not filed is 缺报. `pre_reviews`: towns look at the month's returns first.
    """

    def made(code: str, word: str) -> Counter:
        return Counter(code, word, numbers[code], code == chosen)

    apart = {"open": f"{OPEN_WORDS[locked]}合计", **APART_WORDS}
    return (
        [
            made(code, word)
            for code, word in WORDS.items()
            if code != "pre_review" or pre_reviews or chosen == code
        ],
        [made(code, word) for code, word in apart.items()],
    )


def standing_words(found: Standing) -> str:
    """按时, 迟报2个工作日, 剩3个工作日, 今天截止, 逾期5个工作日, 已延期，剩2个工作日."""
    many = f"{found.days}个工作日" if found.days else ""
    if found.kind is Kind.ON_TIME:
        return "按时"
    if found.kind is Kind.LATE:
        return f"迟报{many}"
    if found.kind is Kind.UPCOMING:
        return "还没有开放"
    if found.kind is Kind.LEFT:
        return f"剩{many}" if many else "今天截止"
    if found.kind is Kind.EXTENDED:
        return f"延期内，剩{many}" if many else "延期今天到期"
    return f"逾期{many}" if many else "已过截止"


def tone(found: Standing) -> str:
    """The class that colours the words: only what needs somebody is coloured."""
    if found.kind is Kind.OVERDUE:
        return "is-late"
    if found.kind is Kind.LATE:
        return "is-soon"
    if found.kind in {Kind.LEFT, Kind.EXTENDED} and found.days <= SOON:
        return "is-soon"
    return "muted"


@dataclass(frozen=True)
class Line:
    """One kindergarten's month. `state` is the tag's code, `standing` how it meets the deadline."""

    row: Any
    state: str
    is_reopened: bool
    standing: str
    tone: str
    enrolled: Enrolled
    to_read: tuple[str, ...]
    passed_on: PreReviewed | None
    urge: FilingUrge | None
    extended_until: dt.datetime | None
    may_be_extended: bool

    @property
    def may_be_urged(self) -> bool:
        """Of a row of selectors.with_urging alone."""
        return bool(self.row.urging == Urging.POSSIBLE)

    @property
    def urge_words(self) -> str | None:
        """11月5日16:40由示例区教育局甲催报，已读."""
        if self.urge is None:
            return None
        by = self.urge.urged_as
        read = "已读" if self.urge.is_read else "未读"  # type: ignore[attr-defined]
        at = zhdatetime(self.urge.urged_at, short=True)
        return f"{at}由{by.organisation.name}{by.user.full_name}催报，{read}"

    @property
    def passed_on_words(self) -> str | None:
        """11月5日16:40由甲镇教育办乙初审通过：数字已核对."""
        if self.passed_on is None:
            return None
        one = self.passed_on
        said = f"：{one.note}" if one.note else ""
        return f"{zhdatetime(one.at, short=True)}由{one.office}{one.person}初审通过{said}"

    @property
    def saved_at(self) -> dt.datetime | None:
        """The last sign of life of a return that is still being filled in."""
        return self.row.saved_at if self.row.progress in {"draft", "returned"} else None

    @property
    def state_words(self) -> str:
        words = state_status(self.state).word
        return f"{words}（{state_status('reopened').word}）" if self.is_reopened else words


def lines(
    rows: Iterable[Any],
    enrolled: Mapping[int, Enrolled],
    urges: Mapping[int, FilingUrge],
    to_read: Mapping[int, tuple[str, ...]],
    passed_on: Mapping[int, PreReviewed],
    *,
    now: dt.datetime,
) -> list[Line]:
    """Rows of selectors.owed_in_area as lines; `urges` are the latest, by kindergarten.

    `to_read` is what a return that waits for review has to be read for, by its key; `passed_on`
    who looked at it for its town.
    """
    return [
        _line(
            row,
            enrolled.get(row.filing_id, NOBODY),
            urges.get(row.kindergarten_id),
            to_read.get(row.filing_id, ()),
            passed_on.get(row.filing_id),
            now,
        )
        for row in rows
    ]


def _line(
    row: Any,
    enrolled: Enrolled,
    urge: FilingUrge | None,
    to_read: tuple[str, ...],
    passed_on: PreReviewed | None,
    now: dt.datetime,
) -> Line:
    found = standing(
        Times(row.opens_at, row.due_at, row.locks_at, row.extended_until),
        filed_at=row.submitted_at if row.is_filed else None,
        now=now,
        zone=timezone.get_current_timezone(),
        working=working_calendar(),
    )
    locked = now >= row.locks_at
    closed = not row.is_filed and locked and row.extended_until is None
    return Line(
        row=row,
        state="missing" if closed else row.progress,
        is_reopened=row.counts is not None and row.progress != "accepted",
        standing=standing_words(found),
        tone=tone(found),
        enrolled=enrolled,
        to_read=to_read,
        passed_on=passed_on,
        urge=urge,
        extended_until=row.extended_until,
        may_be_extended=locked and row.progress != "accepted",
    )


HEADS = (
    "学校标识码", "园名", "区县", "乡镇街道", "状态", "报送情况", "在园幼儿", "比上月", "要看的",
    "首次提交", "最近保存", "最近催报", "延期到", "示例",
)  # fmt: skip


def board_table(
    rows: Sequence[Line],
    asked: BoardFilter,
    *,
    place: str,
    word: str,
    now: dt.datetime,
    pre_reviews: bool,
) -> Table:
    """The rows of the page, all of them. `word` is the counter that was chosen, in its words.

    `pre_reviews`: with who looked at each for its town.
    """
    return Table(
        name=f"{place}月报报送进度_{asked.month:%Y%m}",
        heads=(*HEADS, "乡镇初审") if pre_reviews else HEADS,
        rows=[
            (
                line.row.kindergarten.code,
                line.row.kindergarten.name,
                line.row.town.county.name if line.row.town.county else None,
                line.row.town.name,
                line.state_words,
                line.standing,
                line.enrolled.now,
                line.enrolled.change,
                "，".join(line.to_read) or None,
                _moment(line.row.submitted_at),
                _moment(line.saved_at),
                line.urge_words,
                _moment(line.extended_until),
                "是" if line.row.kindergarten.is_example else "否",
                *([line.passed_on_words] if pre_reviews else []),
            )
            for line in rows
        ],
        notes=[
            lambda count: (
                f"{zhmonth(asked.month)}月报，{word}{count}所，{zhdatetime(now)}的情况。"
                "剩余、迟报、逾期都按工作日计；迟报是过了截止才报的，没报的另计。"
            )
        ],
    )


def _moment(at: dt.datetime | None) -> str | None:
    return None if at is None else zhdatetime(at)


# A message on a page names so many; the rest are on the list, each with who urged it.
NAMED = 20


NOT_URGED = {
    Urging.TODAY: "所今天已催过",
    Urging.LOCKED: "所已锁定，要先延期",
    Urging.UPCOMING: "所还没有开放填报",
}


def not_urged_words(numbers: Mapping[Urging, int]) -> str:
    """Who has something to do and cannot be urged now: 2所今天已催过、1所已锁定，要先延期."""
    return "、".join(f"{numbers[why]}{words}" for why, words in NOT_URGED.items() if numbers[why])


def urged_words(done: Urged) -> list[tuple[int, str]]:
    """What was done, and who was left out for which reason, with the level of each message."""
    said = []
    if done.urged:
        said.append((messages.SUCCESS, f"已催报{len(done.urged)}所：{_names(done.urged)}。"))
    by_reason: dict[str, list[str]] = {}
    for name, reason in done.left_out:
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        said.append((messages.WARNING, f"{len(names)}所没有催：{_names(names)}，{reason}。"))
    if not said:
        said.append((messages.INFO, "没有要催报的幼儿园。"))
    return said


def _names(names: Sequence[str]) -> str:
    more = f"等{len(names)}所" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more

"""Whether a kindergarten meets a measure (安全防范) on a day, by what was confirmed. Plain Python.

Never ticked by the one who is judged: evidence counts when another person of the bureau has confirmed
it, from its first day to its last. The day is an argument.
Rate (达标率) = kindergartens that meet it ÷ all that are registered and run, of which 100 % is asked
(包头市“十四五”学前教育发展提升行动任务清单, 工作措施10).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.days import day_in_words
from safety.rules import NO, NOT_APPLICABLE, YES

# Evidence good for longer than this is a slip of the keyboard: ours, no document says so.
MOST_YEARS = 5
MOST_FILES = 4


class Standing(StrEnum):
    MET = "met"  # 达标
    UNMET = "unmet"  # 未达标
    NO_RECORD = "no_record"  # 无记录: nothing was ever found of it


class Why(StrEnum):
    """Why a kindergarten does not meet a measure."""

    NOTHING = "nothing"  # no evidence was confirmed or sent back yet
    RETURNED = "returned"
    EXPIRED = "expired"
    ENDED = "ended"
    TOO_FEW = "too_few"  # of guards
    UNKNOWN_NEED = "unknown_need"  # how many guards there should be cannot be computed
    NO_ROSTER = "no_roster"  # nobody is on the roster, so nobody can say how many guards there are


@dataclass(frozen=True)
class Given:
    """One piece of evidence as it stands; the newest first where there are several."""

    pk: int
    state: str
    valid_from: dt.date
    valid_until: dt.date
    ended_on: dt.date | None = None
    note: str = ""

    @property
    def last_day(self) -> dt.date:
        """The last day on which it counts."""
        if self.ended_on is None:
            return self.valid_until
        return min(self.valid_until, self.ended_on - dt.timedelta(days=1))

    def counts_on(self, day: dt.date) -> bool:
        return self.state == "confirmed" and self.valid_from <= day <= self.last_day


@dataclass(frozen=True)
class Found:
    """How one kindergarten stands to one measure.

    `until`: the last day it is known to meet it; None where it does not, or no day is set. `day` and
    `note` belong to `why`. `waiting`: something was handed in that nobody has decided.
    """

    standing: Standing
    why: Why | None = None
    day: dt.date | None = None
    note: str = ""
    until: dt.date | None = None
    waiting: bool = False
    # Guards only: people asked for and people on the roster.
    required: int | None = None
    present: int | None = None

    @property
    def meets(self) -> bool:
        return self.standing is Standing.MET


def by_evidence(given: Sequence[Given], day: dt.date) -> Found:
    """Of all evidence of one measure, the newest first. What begins after the day says nothing of it."""
    given = [one for one in given if one.valid_from <= day]
    waiting = any(one.state == "submitted" for one in given)
    good = [one.last_day for one in given if one.counts_on(day)]
    if good:
        return Found(Standing.MET, until=max(good), waiting=waiting)
    for one in given:
        if one.state == "returned":
            return Found(Standing.UNMET, Why.RETURNED, note=one.note, waiting=waiting)
        if one.state == "confirmed":
            return _over(one, waiting=waiting)
    return Found(Standing.NO_RECORD, Why.NOTHING, waiting=waiting)


def _over(one: Given, *, waiting: bool) -> Found:
    if one.ended_on is not None and one.ended_on <= one.valid_until:
        return Found(Standing.UNMET, Why.ENDED, one.ended_on, one.note, waiting=waiting)
    return Found(Standing.UNMET, Why.EXPIRED, one.valid_until, waiting=waiting)


def by_guards(required: int | None, present: int | None) -> Found:
    """Guards on the roster against those the standard asks for; None: nobody can say."""
    if required is None or present is None:
        why = Why.UNKNOWN_NEED if required is None else Why.NO_ROSTER
        return Found(Standing.NO_RECORD, why, required=required, present=present)
    if present < required:
        return Found(Standing.UNMET, Why.TOO_FEW, required=required, present=present)
    return Found(Standing.MET, required=required, present=present)


class Beside(StrEnum):
    """What the monthly return said beside what was found."""

    AGREES = "agrees"
    SAYS_YES = "says_yes"  # it says 是, and nothing in force shows it
    SAYS_NO = "says_no"  # it says 否, although it is met


def said(answers: Iterable[str | None]) -> str:
    """One answer out of those to several items: a 否 speaks for all, then one that is missing."""
    found = list(answers)
    if not found or None in found:
        return NO if NO in found else ""
    if NO in found:
        return NO
    return YES if YES in found else NOT_APPLICABLE


def beside(found: Found, answer: str) -> Beside:
    if answer == YES and not found.meets:
        return Beside.SAYS_YES
    if answer == NO and found.meets:
        return Beside.SAYS_NO
    return Beside.AGREES


def evidence_problem(
    *, valid_from: dt.date, valid_until: dt.date, today: dt.date
) -> tuple[str, str] | None:
    """(field, what to do) where the days of new evidence cannot be."""
    if valid_until < valid_from:
        return "valid_until", "有效期止不能早于有效期起，请核对这两个日期。"
    if valid_until < today:
        return (
            "valid_until",
            f"有效期到{day_in_words(valid_until)}已经过了，不能再作佐证。请重新检测或续签后再登记。",
        )
    if valid_from > today:
        return "valid_from", "有效期起还没到，请填今天或以前的日期；到时再登记。"
    if valid_until.year - valid_from.year > MOST_YEARS:
        return "valid_until", f"有效期超过{MOST_YEARS}年，请核对年份；长期的到期前再登记一次。"
    return None

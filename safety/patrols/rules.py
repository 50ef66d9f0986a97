"""Offline spans, what a week shows beside the last, who is talked to, points of a year. Plain Python.

武清区学前教育两年攻坚行动计划（2023—2024年）二（六）3 orders 周通报, 月约谈 and 年考核 of the running of
cameras; thresholds and points are each county's own and lie in dated rows. Days are calendar days.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

FULL_POINTS = Decimal(100)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """A camera was first seen offline on `since`, and was back on `until`; None: not seen back yet.

    `last_seen` is the last day on which a patrol saw it offline, `patrol` the key of the first that
    did. A camera nobody looked at again is not back.
    """

    since: dt.date
    last_seen: dt.date
    until: dt.date | None
    patrol: int

    def days(self, today: dt.date) -> int:
        """离线天数 so far: from the first day until before the day it was back; at least one."""
        return self.days_within(self.since, today)

    def days_within(self, first: dt.date, last: dt.date) -> int:
        """Its days from `first` through `last`; 0 where it lies outside."""
        end = last if self.until is None else max(self.since, self.until - DAY)
        return max(0, (min(end, last) - max(self.since, first)).days + 1)

    def is_open(self, day: dt.date) -> bool:
        """Whether the camera was offline at the end of the day, as far as patrols know."""
        return self.since <= day and (self.until is None or self.until > day)


@dataclass(frozen=True)
class Looked:
    """A patrol looked at a kindergarten: when, on which local day, and its key."""

    at: dt.datetime
    day: dt.date
    patrol: int


def offline_spans(
    *, looks: Sequence[Looked], offline: Collection[int], ended_on: dt.date | None
) -> list[Span]:
    """离线时段 of one camera, the earliest first.

    `looks`: every patrol that looked at its kindergarten, in order of time; `offline`: those by key
    that found it offline. Taken out of service it is offline no longer: what a patrol looked at on
    that day or later was not this camera.
    """
    spans: list[Span] = []
    began: Looked | None = None
    last_seen = dt.date.min
    for look in looks:
        if ended_on is not None and look.day >= ended_on:
            break
        if look.patrol in offline:
            began = began or look
            last_seen = look.day
        elif began is not None:
            spans.append(Span(began.day, last_seen, look.day, began.patrol))
            began = None
    if began is not None:
        spans.append(Span(began.day, last_seen, ended_on, began.patrol))
    return spans


class Course(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNKNOWN = "unknown"  # not looked at in both weeks


@dataclass(frozen=True)
class WeekOfOne:
    """One kindergarten in one week: times looked at, findings, cameras that were offline some day."""

    looks: int
    findings: int
    offline: int

    @property
    def problems(self) -> int:
        return self.findings + self.offline


def course(before: WeekOfOne, now: WeekOfOne) -> Course:
    """比上周: by findings and offline cameras together; unknown where either week has no look."""
    if not before.looks or not now.looks:
        return Course.UNKNOWN
    if now.problems == before.problems:
        return Course.SAME
    return Course.BETTER if now.problems < before.problems else Course.WORSE


def must_talk(
    *, findings: int, offline_days: int, findings_at_least: int, offline_days_over: int
) -> list[str]:
    """Why a kindergarten is on the month's talk list, in words; empty: it is not."""
    reasons = []
    if findings >= findings_at_least:
        reasons.append(f"发现问题{findings}个（标准：{findings_at_least}个以上）")
    if offline_days > offline_days_over:
        reasons.append(f"设备离线{offline_days}台天（标准：超过{offline_days_over}台天）")
    return reasons


@dataclass(frozen=True)
class Deduction:
    """One line of an appraisal: what cost points, and the patrol it goes back to, where one does."""

    day: dt.date
    what: str
    points: Decimal
    patrol: int | None = None


class Grade(StrEnum):
    EXCELLENT = "excellent"
    GOOD = "good"
    PASSED = "passed"
    FAIL = "fail"


GRADES = {
    Grade.EXCELLENT: "优秀",
    Grade.GOOD: "良好",
    Grade.PASSED: "合格",
    Grade.FAIL: "不合格",
}


def points_left(deductions: Iterable[Deduction]) -> Decimal:
    """年考核得分: 100 less every deduction, not below 0."""
    return max(Decimal(0), FULL_POINTS - sum((one.points for one in deductions), Decimal(0)))


def grade_of(points: Decimal, *, excellent_from: int, good_from: int, pass_from: int) -> Grade:
    """年考核等次."""
    if points >= excellent_from:
        return Grade.EXCELLENT
    if points >= good_from:
        return Grade.GOOD
    return Grade.PASSED if points >= pass_from else Grade.FAIL


def grades_problem(
    *, points: tuple[Decimal, Decimal, Decimal], grades: tuple[int, int, int]
) -> tuple[str, str]:
    """The field and why a rule of appraisal cannot be, both empty where it can.

    `points` off for a minor, a serious, a grave finding; `grades`: from how many points on it is
    合格, 良好, 优秀.
    """
    minor, serious, grave = points
    if serious < minor:
        return "serious_points", "较重问题不能比一般问题扣得少。"
    if grave < serious:
        return "grave_points", "严重问题不能比较重问题扣得少。"
    passed, good, excellent = grades
    if excellent > FULL_POINTS:
        return "excellent_from", "满分100分，不能更高。"
    if good >= excellent:
        return "good_from", "良好的分数线要低于优秀。"
    return ("pass_from", "合格的分数线要低于良好。") if passed >= good else ("", "")


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def month_after(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def plain_number(text: str) -> str:
    """A camera's number as it is compared: without blanks and leading zeros, in one way of writing."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"\s+", "", folded).lstrip("0") or "0"

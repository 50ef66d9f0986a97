"""Month and year of kindergartens: who is to be talked to, and how a year's points come about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.formatting import zhdate, zhmonth
from accounts.models import Region, User
from kindergartens.models import Kindergarten
from safety.models import AppraisalRule, PatrolFinding, PatrolTalk, TalkThreshold, VideoDevice
from safety.patrols import selectors
from safety.patrols.finding_kinds import SEVERITIES
from safety.patrols.rules import (
    DAY,
    GRADES,
    Deduction,
    Grade,
    Span,
    grade_of,
    month_after,
    must_talk,
    points_left,
)


@dataclass(frozen=True)
class MonthLine:
    """One kindergarten's month. `reasons` empty: not on the list; `threshold` None: none is set."""

    kindergarten: Kindergarten
    looks: int
    findings: list[PatrolFinding]
    offline_days: int
    threshold: TalkThreshold | None
    reasons: list[str]
    talk: PatrolTalk | None


def month_lines(user: User, region: Region, month: dt.date, today: dt.date) -> list[MonthLine]:
    """月约谈: every kindergarten of a region that runs at the month's end, or today in a running one.

    Queries do not grow with their number.
    """
    last = min(month_after(month) - DAY, today)
    places = list(
        selectors.watched(user, last, region).select_related("organisation__region__county")
    )
    keys = [one.pk for one in places]
    seen = selectors.seen(keys, last)
    looks = selectors.looks_within(keys, month, last)
    findings = selectors.findings_within(keys, month, last)
    thresholds = {row.region_id: row for row in TalkThreshold.objects.in_force(last)}
    talks = {
        row.kindergarten_id: row
        for row in PatrolTalk.objects.visible_to(user)
        .standing()
        .filter(month=month, kindergarten__in=keys)
    }
    lines = []
    for one in places:
        region = one.organisation.region
        threshold = thresholds.get(region.county_id or region.pk)
        found, days = findings.get(one.pk, []), seen.offline_days(one.pk, month, last)
        reasons = (
            must_talk(
                findings=len(found),
                offline_days=days,
                findings_at_least=threshold.findings_at_least,
                offline_days_over=threshold.offline_days_over,
            )
            if threshold
            else []
        )
        lines.append(
            MonthLine(one, looks.get(one.pk, 0), found, days, threshold, reasons, talks.get(one.pk))
        )
    return lines


@dataclass(frozen=True)
class Appraisal:
    """年考核 of one kindergarten; `why` says why there is none, and points and grade are None then."""

    kindergarten: Kindergarten
    looks: int
    rule: AppraisalRule | None
    deductions: list[Deduction]
    points: Decimal | None
    grade: Grade | None
    why: str = ""

    @property
    def word(self) -> str:
        return GRADES[self.grade] if self.grade else ""


def appraisals(
    user: User, places: Sequence[Kindergarten], year: int, today: dt.date
) -> list[Appraisal]:
    """Of kindergartens in hand, each with its `organisation.region` read, by the rule in force at the
    year's end, or today in a running year. Queries do not grow with their number.

    Whoever was not looked at in the year has no points: nobody knows.
    """
    first, last = dt.date(year, 1, 1), min(dt.date(year, 12, 31), today)
    keys = [one.pk for one in places]
    seen = selectors.seen(keys, last)
    looks = selectors.looks_within(keys, first, last)
    findings = selectors.findings_within(keys, first, last)
    rules = {row.region_id: row for row in AppraisalRule.objects.in_force(last)}
    talks: dict[int, list[PatrolTalk]] = {}
    held = PatrolTalk.objects.visible_to(user).standing().filter(kindergarten__in=keys)
    for talk in held.filter(month__gte=first, month__lte=last).order_by("month"):
        talks.setdefault(talk.kindergarten_id, []).append(talk)
    made = []
    for one in places:
        region, looked = one.organisation.region, looks.get(one.pk, 0)
        rule = rules.get(region.county_id or region.pk)
        if rule is None or not looked:
            why = f"{year}年没有巡查过" if rule else "区县还没有登记考核办法"
            made.append(Appraisal(one, looked, rule, [], None, None, why))
            continue
        lines = _deductions(
            rule,
            findings.get(one.pk, []),
            seen.spans_of(one.pk),
            talks.get(one.pk, []),
            (first, last),
        )
        points = points_left(lines)
        grade = grade_of(
            points,
            excellent_from=rule.excellent_from,
            good_from=rule.good_from,
            pass_from=rule.pass_from,
        )
        made.append(Appraisal(one, looked, rule, lines, points, grade))
    return made


def _deductions(
    rule: AppraisalRule,
    findings: list[PatrolFinding],
    spans: list[tuple[VideoDevice, Span]],
    talks: list[PatrolTalk],
    within: tuple[dt.date, dt.date],
) -> list[Deduction]:
    """By day; what costs nothing by the rule stands there with 0 points."""
    first, last = within
    lines = [
        Deduction(
            selectors.local_day(row.look.patrol.patrolled_at),
            f"{row.get_kind_display()}（{SEVERITIES[row.severity]}）",
            getattr(rule, f"{row.severity}_points"),
            row.look.patrol_id,
        )
        for row in findings
    ]
    for device, span in spans:
        if days := span.days_within(first, last):
            word = "停用" if span.until == device.ended_on else "恢复"
            back = f"{zhdate(span.until)}{word}" if span.until else "还没有恢复"
            lines.append(
                Deduction(
                    max(span.since, first),
                    f"{device}离线{days}天，{back}",
                    rule.offline_day_points * days,
                    span.patrol,
                )
            )
    lines += [
        Deduction(talk.held_on, f"{zhmonth(talk.month)}约谈", rule.talk_points) for talk in talks
    ]
    return sorted(lines, key=lambda line: line.day)

"""事故与突发事件: 本月无 as an answer, or a row each, in numbered slots that nobody has to use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kindergartens.rules import last_day
from reports.filings.checks.catalogue import Finding, answers, found_by
from reports.filings.checks.cells import said_day
from reports.filings.checks.parts import PartReview
from reports.filings.checks.rows import Known
from reports.filings.checks.sections.declaring import Begins, Field, Kind, Section
from safety.rules import ASKED_FROM, INCIDENT_KINDS, MOST_IN_AN_ACCOUNT, MOST_INCIDENTS

MONTH = "month"
SLOTS = {str(number): f"第{number}起" for number in range(1, MOST_INCIDENTS + 1)}
EMPTY = Begins.EMPTY
MOST_HURT = 2000


@answers("incidents_unanswered", "incidents_both")
def check_incidents(found: PartReview, known: Known) -> Iterator[Finding]:
    """本月无 or at least one row, never both; each on a day of the month, reported since, and past."""
    none, rows = found.text(MONTH, "none"), [row for row in found.cells if row != MONTH]
    if not none and not rows:
        yield found_by("incidents_unanswered", "", (INCIDENTS.input_name(MONTH, "none"),))
    if none and rows:
        yield found_by("incidents_both", "", (INCIDENTS.input_name(MONTH, "none"),), rows=len(rows))
    for row in rows:
        yield from _check_days(found, row, known)


@answers("incident_day_outside", "incident_reported_before", "incident_in_future")
def _check_days(found: PartReview, row: str, known: Known) -> Iterator[Finding]:
    cells = found.cells[row]
    day, reported = cells["occurred_on"].raw, cells["reported_at"].raw
    has_day, has_report = not cells["occurred_on"].error, not cells["reported_at"].error
    month = known.month
    if (
        has_day
        and month is not None
        and not month.isoformat() <= day <= last_day(month).isoformat()
    ):
        yield found_by(
            "incident_day_outside",
            row,
            ("occurred_on",),
            row=SLOTS[row],
            day=said_day(day),
            month=month.month,
        )
    if has_day and has_report and reported[:10] < day:
        yield found_by("incident_reported_before", row, ("reported_at",), row=SLOTS[row])
    if known.now is None:
        return
    for name, at, is_read in (
        ("occurred_on", day, has_day),
        ("reported_at", reported, has_report),
    ):
        if is_read and dt.datetime.fromisoformat(at) > known.now:
            what = "发生日期" if name == "occurred_on" else "上报时间"
            yield found_by("incident_in_future", row, (name,), row=SLOTS[row], what=what)


INCIDENTS = Section(
    "incidents",
    "事故与突发事件",
    {MONTH: "本月", **SLOTS},
    (
        Field("occurred_on", "发生日期", Kind.DAY, EMPTY, after="发生日期", rows=SLOTS),
        Field("kind", "类别", Kind.CHOICE, EMPTY, after="类别", choices=INCIDENT_KINDS, rows=SLOTS),
        Field(
            "children_hurt",
            "受伤儿童",
            Kind.COUNT,
            EMPTY,
            after="受伤儿童",
            most=MOST_HURT,
            rows=SLOTS,
        ),
        Field(
            "staff_hurt",
            "受伤教职工",
            Kind.COUNT,
            EMPTY,
            after="受伤教职工",
            most=MOST_HURT,
            rows=SLOTS,
        ),
        Field(
            "account",
            "简要经过",
            Kind.TEXT,
            EMPTY,
            after="简要经过",
            most=MOST_IN_AN_ACCOUNT,
            rows=SLOTS,
        ),
        Field("reported_at", "已上报时间", Kind.MOMENT, EMPTY, after="上报时间", rows=SLOTS),
        Field("none", "本月无", Kind.TICK, EMPTY, after="无", rows=(MONTH,)),
    ),
    has_tick=False,
    is_open=True,
    row_head="序号",
    asked_from=ASKED_FROM,
    checks=check_incidents,
)

"""Attendance: days attended against children and days open. The rate is computed, never typed."""

from __future__ import annotations

from collections.abc import Iterator

from reports.filings.checks.catalogue import Finding, answers, found_by, threshold
from reports.filings.checks.rows import ClassRow, Known, Review

LOW_ATTENDANCE = threshold("attendance_low", "percent")


def rate_in_tenths(attended: int, due: int) -> int:
    """实到人次 ÷ 应到人次 in tenths of a percent, rounded half up; due must not be 0."""
    return (attended * 2000 + due) // (due * 2)


def in_percent(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"


@answers("attended_within_due")
def attended_within_due(row: ClassRow, known: Known) -> Iterator[Finding]:
    """Nobody attends more often than the kindergarten was open; who left may have attended too."""
    attended = row.cells["attended"].value
    left = [row.cells[column].value for column in ("departed", "moved_out")]
    if attended is None or row.children is None or known.days_open is None or None in left:
        return
    children = row.children + sum(value for value in left if value is not None)
    most = children * known.days_open
    if attended > most:
        yield found_by(
            "attended_within_due",
            row.name,
            name=row.name or "这个班",
            attended=attended,
            most=most,
            children=children,
            days=known.days_open,
        )


@answers("attendance_low")
def attendance_low(row: ClassRow, known: Known) -> Iterator[Finding]:
    """A rate below the threshold, compared unrounded; none without children or days open."""
    attended, due = row.cells["attended"].value, row.attendance_due(known.days_open)
    if attended is None or not due or attended * 100 >= due * LOW_ATTENDANCE:
        return
    yield found_by(
        "attendance_low",
        row.name,
        name=row.name or "这个班",
        rate=in_percent(rate_in_tenths(attended, due)),
        due=due,
        attended=attended,
    )


@answers("days_open_many")
def days_open_many(found: Review, known: Known) -> Iterator[Finding]:
    """More days open than the month has working days."""
    days = found.days_open.value
    if days is not None and known.working_days is not None and days > known.working_days:
        yield found_by("days_open_many", days=days, working=known.working_days)

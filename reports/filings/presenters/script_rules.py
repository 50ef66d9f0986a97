"""What the form's script checks by while somebody types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from fees.overcharging.rules import months_left
from kindergartens.models import ReportingPeriod
from kindergartens.rules import CLASS_SIZE_LIMITS, last_day
from reports.filings.checks import (
    AGES,
    COLUMN_LABELS,
    FLOWS,
    LEAST_OF_AGE,
    LOW_ATTENDANCE,
    MORE,
    MOST_CLASSES,
    MOST_DAYS,
    PARTS,
    SEXES,
    UNUSUAL_CHANGE,
    UNUSUAL_TOTAL_CHANGE,
    Peers,
    Stated,
    catalogue,
    most_in,
    moves_up_once,
)
from reports.filings.checks.flows import OLDEST
from reports.filings.checks.months import MOVED_TOGETHER
from reports.filings.checks.sections.staff import STAFF
from reports.filings.submitted import Submitted, flows_add_up, working_days


def script_rules(
    month: dt.date,
    last: Submitted | None,
    peers: Mapping[str, Peers],
    stated: Mapping[str, Stated],
    *,
    days: Mapping[str, Any] | None = None,
    has_schedule: bool = False,
) -> dict[str, Any]:
    """What the page's script needs to check while typing; the server checks again.

    `days`: see `day_rules`.
    """
    return {
        "most": {column: most_in(column) for column in (*SEXES, *AGES, *MORE)},
        "max_days": MOST_DAYS,
        "labels": COLUMN_LABELS,
        # Cells that one button may fill with 0 while they are empty.
        "zeros": [*FLOWS, *PARTS, "joined", "left"],
        "flows": flows_add_up(last, month),
        "working_days": working_days(month),
        "peers": {code: asdict(one) for code, one in peers.items()},
        "stated": {code: asdict(one) for code, one in stated.items()},
        "low_attendance": LOW_ATTENDANCE,
        "least_of_age": LEAST_OF_AGE,
        "staff": {one.name: [one.label, one.after, one.most] for one in STAFF.fields},
        # Without a schedule nothing is said to be beside it.
        "has_schedule": has_schedule,
        # How many months may be paid at once: to the end of the term.
        "months_left": months_left(month),
        "days": days or {},
        "last_staff": {} if last is None else last.staff,
        "max_classes": MOST_CLASSES,
        "class_limits": {str(grade): limit for grade, limit in CLASS_SIZE_LIMITS.items()},
        "unusual_change": UNUSUAL_CHANGE,
        "unusual_total_change": UNUSUAL_TOTAL_CHANGE,
        "last_classes": [
            {"name": name, "grade": row.grade, "children": row.children}
            for name, row in (last.classes if last else {}).items()
        ],
        "graduates": 0 if last is None or last.promotion is None else last.promotion.graduates,
        "moved_up_once": last is not None and moves_up_once(month, last.month),
        "moved_together": MOVED_TOGETHER,
        "oldest": OLDEST,
        "says": {code: [check.says, check.advice] for code, check in catalogue().items()},
        "compare_with_last": last is not None and last.compares_with(month),
        "follows_last": last is not None and last.is_followed_by(month),
        "since": "" if last is None else last.called_in(month),
    }


def day_rules(period: ReportingPeriod, now: dt.datetime) -> dict[str, Any]:
    """What days of the return are held against: those of incidents, and by when is mended."""
    return {
        "month": period.month.month,
        "first": period.month.isoformat(),
        "last": last_day(period.month).isoformat(),
        "now": timezone.localtime(now).replace(tzinfo=None).isoformat(timespec="minutes"),
        "reference": period.reference_date.isoformat(),
    }

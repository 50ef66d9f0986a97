"""All checks of a draft, one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reports.filings.checks import attendance, classes, explaining, months, whole
from reports.filings.checks import flows as moves
from reports.filings.checks.catalogue import threshold
from reports.filings.checks.cells import read_count
from reports.filings.checks.peers import unlike_peers
from reports.filings.checks.rows import ClassRow, Known, LastClass, Peers, Review, Stated
from reports.filings.checks.schedule import ScheduledLine
from reports.filings.checks.sections.charges import (
    charged_ahead,
    charged_though_banned,
    charges_beside_schedule,
)
from reports.filings.checks.sections.registry import SECTIONS
from reports.filings.checks.statistics import unlike_statistics
from reports.filings.checks.words import GRADE_LABELS

MOST_DAYS = threshold("count_too_large", "days")
# Of one class, in the order in which the page names what they find.
OF_A_CLASS = (
    classes.sexes_equal_ages,
    moves.class_flow,
    classes.part_within_children,
    attendance.attended_within_due,
    classes.class_size,
    classes.age_for_grade,
    months.class_change,
    attendance.attendance_low,
)
OF_THE_WHOLE = (
    whole.number_and_names_of_classes,
    whole.remarks_too_long,
    moves.moves_between_classes,
    attendance.days_open_many,
    months.class_vanished,
    months.total_change,
    unlike_peers,
    unlike_statistics,
    charges_beside_schedule,
    charged_though_banned,
    charged_ahead,
)


def review(
    draft: Mapping[str, Any],
    last: Mapping[str, LastClass],
    limits: Mapping[str, int],
    *,
    compare_with_last: bool,
    missed_since: int | None = None,
    flows: bool = False,
    working_days: int | None = None,
    peers: Mapping[str, Peers] | None = None,
    stated: Mapping[str, Stated] | None = None,
    graduates: int = 0,
    moved_up_once: bool = False,
    last_staff: Mapping[str, int] | None = None,
    month: dt.date | None = None,
    reference_date: dt.date | None = None,
    now: dt.datetime | None = None,
    schedule: Sequence[ScheduledLine] | None = None,
    listed: Collection[str] | None = None,
) -> Review:
    """Understand and check a draft.

    `last` are the classes of the last return by name; `limits` the class sizes by grade.
    `compare_with_last`: see compares_with_last; the others: see Known.
    """
    days_open = read_count(draft.get("days_open"), "开园天数", MOST_DAYS)
    raw_classes = [row for row in draft.get("classes", []) if isinstance(row, Mapping)]
    known = Known(
        last=last,
        limits=limits,
        compare_with_last=compare_with_last,
        missed_since=missed_since,
        flows=flows,
        working_days=working_days,
        peers=peers or {},
        days_open=days_open.value,
        graduates=graduates,
        moved_up_once=moved_up_once,
        last_staff=last_staff or {},
        month=month,
        reference_date=reference_date,
        now=now,
        schedule=schedule,
        listed=listed,
        claimed={was for row in raw_classes if (was := str(row.get("was", "")).strip())},
        stated=stated or {},
    )
    rows = [_check_class(classes.read_class(row, known), known) for row in raw_classes]
    known = replace(known, were_here=_were_here(rows))
    found = Review(
        rows,
        {
            one.code: one.read(draft.get(one.code), known)
            for one in SECTIONS.values()
            if one.is_asked(month)
        },
        days_open,
        str(draft.get("remarks", "")).strip(),
        explaining.read_explanations(draft.get("explanations")),
    )
    for check in OF_THE_WHOLE:
        for finding in check(found, known):
            (found.warnings if finding.is_experience else found.errors).append(finding)
    for finding in found.warnings:
        text = found.explanations.get(finding.key, "")
        found.errors += explaining.explanation_too_long(finding, text, f"explain-{finding.key}")
    return found


def _were_here(rows: Sequence[ClassRow]) -> dict[str, int | None]:
    """By grade, those who left since included; None while a class of it is not filled in."""
    found: dict[str, int | None] = {}
    for row in rows:
        so_far, here = found.get(row.grade, 0), row.were_here
        found[row.grade] = None if so_far is None or here is None else so_far + here
    return found


def _check_class(row: ClassRow, known: Known) -> ClassRow:
    row.errors += classes.texts_of_a_class(row, known)
    if row.grade not in GRADE_LABELS:
        return row
    for check in OF_A_CLASS:
        for finding in check(row, known):
            (row.warnings if finding.is_experience else row.errors).append(finding)
    for finding in row.warnings:
        text = row.explanations.get(finding.code, "")
        row.errors += explaining.explanation_too_long(finding, text, f"explain-{finding.code}")
    return row

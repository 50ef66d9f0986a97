"""安全自查: each item answered 是, 否 or 不适用; 否 says what is wrong and by when it is mended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from accounts.days import day_in_words
from reports.filings.checks.catalogue import Finding, answers, found_by
from reports.filings.checks.cells import said_day
from reports.filings.checks.parts import PartReview
from reports.filings.checks.rows import Known
from reports.filings.checks.sections.declaring import Field, Kind, Section
from safety.rules import (
    ANSWERS,
    ASKED_FROM,
    MOST_IN_AN_ACCOUNT,
    NO,
    NOT_APPLICABLE,
    safety_items,
)

ITEMS = safety_items()


@answers("safety_no_explained", "safety_no_needed", "safety_repair_past", "safety_repair_before")
def check_safety(found: PartReview, known: Known) -> Iterator[Finding]:
    """否 needs 说明 and a day that has not passed.

    Of a version that is read it is one that had not passed when its month began. A day before the
    statistical day, which the answer is about, is none either.
    """
    today = known.month if known.now is None else known.now.date()
    for item in found.cells:
        answer, label = found.text(item, "answer"), ITEMS[item].label
        if answer == NOT_APPLICABLE and not ITEMS[item].may_lack:
            yield found_by("safety_no_needed", item, item=label)
        if answer != NO:
            continue
        account, repair_by = found.text(item, "account"), found.text(item, "repair_by")
        if not account or not repair_by:
            missing = ("account",) if not account else ("repair_by",)
            yield found_by("safety_no_explained", item, missing, item=label)
        elif today is not None and _day(repair_by) < today:
            yield found_by("safety_repair_past", item, item=label, day=said_day(repair_by))
        elif known.reference_date is not None and _day(repair_by) < known.reference_date:
            yield found_by(
                "safety_repair_before",
                item,
                item=label,
                day=said_day(repair_by),
                reference=day_in_words(known.reference_date),
            )


def _day(text: str) -> dt.date:
    """A day that was read already; one that was not is no day of the past."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return dt.date.max


SAFETY = Section(
    "safety",
    "安全自查",
    {code: item.label for code, item in ITEMS.items()},
    (
        Field("answer", "是否落实", Kind.CHOICE, choices=ANSWERS),
        Field(
            "account",
            "说明",
            Kind.TEXT,
            after="说明",
            most=MOST_IN_AN_ACCOUNT,
            is_optional=True,
            only_with=("answer", NO),
        ),
        Field(
            "repair_by",
            "整改期限",
            Kind.DAY,
            after="整改期限",
            is_optional=True,
            only_with=("answer", NO),
        ),
    ),
    row_head="自查项目",
    since={code: item.since for code, item in ITEMS.items()},
    asked_from=ASKED_FROM,
    checks=check_safety,
)

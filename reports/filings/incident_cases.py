"""The incidents section of a month's return, as it begins: from the cases of the register.

Without the accounts: those are for few people's eyes, a return is read by many. Whoever fills the
return in says there what a reader of returns may know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from kindergartens.models import Kindergarten
from reports.filings.checks import SECTIONS
from reports.filings.checks.sections.incidents import SLOTS


def with_cases(
    draft: Mapping[str, Any], kindergarten: Kindergarten, month: dt.date
) -> dict[str, Any]:
    """The draft with a row for each case of the month; without any case it stays unanswered."""
    if not SECTIONS["incidents"].is_asked(month):
        return dict(draft)
    cases = (
        kindergarten.incident_cases.standing()
        .filter(occurred_at__year=month.year, occurred_at__month=month.month)
        .order_by("occurred_at", "pk")[: len(SLOTS)]
    )
    rows = {
        slot: {
            "occurred_on": timezone.localdate(case.occurred_at).isoformat(),
            "kind": case.kind,
            "children_hurt": str(case.children_hurt + case.children_dead),
            "staff_hurt": str(case.staff_hurt + case.staff_dead),
            "account": "",
            "reported_at": _typed(case.reported_at),
        }
        for slot, case in zip(SLOTS, cases, strict=False)
    }
    return {**draft, "incidents": rows} if rows else dict(draft)


def _typed(at: dt.datetime | None) -> str:
    return "" if at is None else f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"

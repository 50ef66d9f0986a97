"""What the kindergarten's own checks (自查) say beside its return: how it begins, how often they were made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.models import User
from kindergartens.models import Kindergarten
from kindergartens.rules import last_day
from reports.filings.checks import SECTIONS
from safety.models import SelfCheckProblem
from safety.rules import MOST_IN_AN_ACCOUNT, NO
from safety.selfchecks import rules, selectors
from safety.selfchecks.catalogue import every_line

SAFETY = "safety"


def with_self_checks(
    draft: dict[str, Any], kindergarten: Kindergarten, month: dt.date
) -> dict[str, Any]:
    """The draft a month begins with, 否 where a problem that was found is not mended.

    With what was found and until when it will be mended; what stood there of last month's 否 stays
    in front of it.
    """
    if not SECTIONS[SAFETY].is_asked(month):
        return draft
    found: dict[str, list[SelfCheckProblem]] = {}
    for problem in selectors.to_mend(kindergarten, last_day(month)):
        line = every_line().get(problem.line)
        if line is not None:
            found.setdefault(line.item, []).append(problem)
    said = dict(draft[SAFETY])
    for item, problems in found.items():
        if item in said:
            said[item] = _no(said[item], problems)
    return draft | {SAFETY: said}


def _no(cells: Mapping[str, str], problems: list[SelfCheckProblem]) -> dict[str, str]:
    carried = cells["answer"] == NO
    account = cells["account"] if carried else ""
    for problem in problems:
        if problem.account not in account:
            account = "；".join(filter(None, [account, f"{problem.place}：{problem.account}"]))
    days = [problem.hazard.deadline for problem in problems if problem.hazard]
    first = min((day for day in days if day), default=None)
    repair_by = cells["repair_by"] if carried else ""
    return {
        "answer": NO,
        "account": account[:MOST_IN_AN_ACCOUNT],
        "repair_by": repair_by or (first.isoformat() if first else ""),
    }


def beside_answers(kindergarten: Kindergarten, month: dt.date, today: dt.date) -> dict[str, str]:
    """By item of the section safety how many checks were made of how many that were due."""
    if not SECTIONS[SAFETY].is_asked(month):
        return {}
    return {
        item: f"自查应做{count.due}次，做了{count.done}次"
        for item, count in selectors.month_counts(kindergarten, month, today).items()
    }


def left_to_do(user: User, kindergarten: Kindergarten, today: dt.date) -> tuple[int, int]:
    """How many self-checks of today are still to be made, and how many are overdue."""
    told = selectors.own(kindergarten, today)
    this_day = told.due(today, today)
    first = max(rules.ASKED_FROM, today - rules.ONE_DAY * rules.DAYS_BACK)
    lately = told.due(first, today)
    made = selectors.made(user, kindergarten, lately, today, today).keys()
    return (
        sum(slot.frequency == rules.DAILY and slot.key not in made for slot in this_day),
        len(rules.overdue(lately, made, today)),
    )

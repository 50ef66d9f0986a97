"""One refund from what was typed: by the calendar, the schedule of the day and the rule in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from accounts.days import day_in_words
from accounts.models import Region
from fees.models import ScheduledFee
from fees.refunds.rules import CannotCompute, Facts, Fee, Refund, absent_after, item_of, refund
from fees.refunds.selectors import InForce, rules_for
from fees.terms import term_of
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import unpublished_years


@dataclass(frozen=True)
class Asked:
    """`left_on`, or `month` and `absent`. `working` in place of the calendar's, None without."""

    line: ScheduledFee
    left_on: dt.date | None
    month: dt.date | None
    absent: int | None
    working: int | None
    meals_a_day: int | None


@dataclass(frozen=True)
class Computed:
    """`day` is the one whose schedule and rules hold."""

    day: dt.date
    in_force: InForce
    refund: Refund
    notes: list[str] = field(default_factory=list)


def compute(asked: Asked, county: Region) -> Computed:
    """Raises CannotCompute with the field and what to do. One query."""
    month = asked.left_on.replace(day=1) if asked.left_on else asked.month
    if month is None:
        raise CannotCompute("请填是哪个月缺勤的。", "month")
    day = asked.left_on or month
    line = asked.line
    if line.valid_from > day or (line.valid_to is not None and line.valid_to <= day):
        raise CannotCompute(f"{day_in_words(day)}不执行这一条标准，请另选当时的一条。", "line")
    working = working_calendar()
    of_month, after = absent_after(day if asked.left_on else month, month, working)
    days = of_month if asked.working is None else asked.working
    absent = asked.absent if asked.absent is not None else min(after, days)
    found = rules_for(county, item_of(line.item, line.name) or "", day)
    if found.rule is None:
        raise CannotCompute(
            f"{day_in_words(day)}没有登记{line.label}的退费办法，算不出来。请教育局先登记。", "line"
        )
    term = term_of(month)
    facts = Facts(
        working=days,
        absent=absent,
        months_left=sum(one > month for one in term.months) if asked.left_on else 0,
        term_months=len(term.months),
        meals_a_day=asked.meals_a_day,
    )
    notes = []
    if asked.working is None and unpublished_years(month, month, working):
        notes.append(f"{month.year}年的放假安排还没有公布，只扣除了周末。")
    return Computed(
        day, found, refund(Fee(line.label, line.amount, line.unit), found.rule.rule, facts), notes
    )

"""Joint campaigns as plain values: what may be recorded, and how far departments and towns are.

Source of the pattern: 包头市任务清单 11 (定期组织开展联合检查和集中整治), 昆都仑区实施方案 三（四）1 (多部门联合执法检查).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

MOST_FOUND = 200
LONGEST = dt.timedelta(days=366)


@dataclass(frozen=True)
class CheckFacts:
    checked_on: dt.date
    found: int
    fixed: int
    note: str


def period_problem(starts_on: dt.date, ends_on: dt.date) -> str:
    """Why a campaign cannot last so; "" when it can."""
    if ends_on < starts_on:
        return "结束日期早于开始日期，请核对。"
    if ends_on - starts_on > LONGEST:
        return "时间超过一年，请核对年份。"
    return ""


def check_problem(
    check: CheckFacts, *, starts_on: dt.date, ends_on: dt.date, today: dt.date, hazards: int
) -> tuple[str, str] | None:
    """The field that is wrong about a check and what to do; `hazards` are those it has opened."""
    day = check.checked_on
    if day > today:
        return "checked_on", "检查日期在今天以后，请核对。"
    if not starts_on <= day <= ends_on:
        return "checked_on", (
            f"这次行动从{starts_on:%Y-%m-%d}到{ends_on:%Y-%m-%d}，检查日期要在这些天里。"
            "行动延长了的，请教育局先改结束日期。"
        )
    if check.fixed > check.found:
        return "fixed", "当场整改的比发现的还多，请核对两个数。"
    if check.found and not check.note.strip():
        return "note", "发现了问题，请写明是什么问题。"
    if hazards > check.found:
        return "found", f"这次检查已经登记{hazards}条隐患，发现的问题不能比它少。"
    return None


@dataclass(frozen=True)
class Checked:
    """One check; `department` and `town` are what it is counted by, `place` where it was."""

    department: int
    town: int
    place: int
    found: int
    fixed: int
    hazards: int


@dataclass(frozen=True)
class Progress:
    """`due` checks are to be made, `done` were. Sums are of those done; places with any finding."""

    due: int
    done: int
    found: int
    fixed: int
    hazards: int
    places_with_findings: int

    @property
    def left(self) -> int:
        return self.due - self.done


def progress(due: int, checks: Iterable[Checked]) -> Progress:
    rows = list(checks)
    return Progress(
        due=due,
        done=len(rows),
        found=sum(row.found for row in rows),
        fixed=sum(row.fixed for row in rows),
        hazards=sum(row.hazards for row in rows),
        places_with_findings=len({row.place for row in rows if row.found}),
    )


def issuing_problem(*, ends_on: dt.date, today: dt.date, left: int, done: int) -> str:
    """Why a circular cannot be issued yet; "" when it can. All checked, it need not wait for the end."""
    if not done:
        return "还没有检查记录，没有可以通报的。请先登记检查。"
    if left and today <= ends_on:
        return f"行动到{ends_on:%Y-%m-%d}结束，还有{left}项没有检查。结束后或全部查完再签发。"
    return ""

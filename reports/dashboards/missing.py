"""Who is not counted yet, by the state of the return: words and tabs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts import formatting
from accounts.statuses import state_status
from indicators.selectors import FilingProgress, OwedReturn

# Tabs: code in the address and of the state that names them, states they hold.
TABS = (
    ("unfiled", ("not_begun", "draft")),
    ("returned", ("returned",)),
    ("submitted", ("submitted", "accepted")),
)


def state_word(state: str, *, waits_for_town: bool) -> str:
    """The word for a return that is not counted yet; an accepted one is about to be."""
    if waits_for_town:
        return state_status("pre_review").word
    word = state_status("unopened" if state == "not_begun" else state).word
    return f"{word}，正在计入" if state == "accepted" else word


@dataclass(frozen=True)
class MissingTab:
    code: str
    label: str
    count: int
    active: bool


def missing_by_state(
    progress: FilingProgress, asked: str, now: dt.datetime
) -> tuple[list[MissingTab], list[OwedReturn]]:
    """Tabs with their numbers, and the rows of the tab asked for (else the first with rows).

    After the lock an unfiled return is 缺报.
    """
    by_tab = {code: [row for row in progress.rows if row.state in states] for code, states in TABS}
    filled = [code for code, rows in by_tab.items() if rows]
    chosen = asked if by_tab.get(asked) else (filled[0] if filled else TABS[0][0])
    locked = progress.locks_at is not None and now >= progress.locks_at
    tabs = [
        MissingTab(
            code,
            state_status("missing" if locked and code == "unfiled" else code).word,
            len(by_tab[code]),
            code == chosen,
        )
        for code, _ in TABS
    ]
    return tabs, by_tab[chosen]


def month_they_share(rows: list[OwedReturn]) -> dt.date | None:
    """The month in which all of them were last counted; None where the months differ."""
    months = {row.last_month for row in rows}
    return months.pop() if len(months) == 1 else None


def coverage_note(progress: FilingProgress) -> str:
    """三率按已接收的132所计算，迟报3所。"""
    text = f"三率按已接收的{formatting.count(progress.accepted)}所计算"
    return f"{text}，迟报{formatting.count(progress.late)}所。" if progress.late else f"{text}。"

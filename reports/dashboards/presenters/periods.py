"""The dates of a month in words, and the codes of targets for their history."""

from __future__ import annotations

import datetime as dt

from accounts import formatting
from indicators.catalogue import INDICATORS
from indicators.targets.rules import LEVELS
from reports.dashboards.selectors import PeriodDates

# Codes in a target's fields, for its history.
WORDS_OF_TARGETS = {
    "indicator": {code: indicator.name for code, indicator in INDICATORS.items()},
    "levels": LEVELS,
}


def dates_text(dates: PeriodDates, now: dt.datetime) -> str:
    """统计时点10月31日。报送截止11月6日18:00，还剩1天。"""
    reference_date, due_at, locks_at = dates.reference_date, dates.due_at, dates.locks_at
    if not dates.periods:
        return "没有设报送期。"
    if reference_date is None:
        return "各区县的统计时点不同，见各区县。"
    text = f"统计时点{formatting.zhdate(reference_date, short=True)}。"
    if due_at is None:
        return f"{text}各区县的报送截止时间不同。"
    text += f"报送截止{formatting.zhdatetime(due_at, short=True)}，"
    if now < due_at:
        return f"{text}{formatting.time_left(due_at, now)}。"
    if locks_at is not None and now < locks_at:
        return text + f"已过截止，{formatting.zhdate(locks_at, short=True)}锁定，仍可补报。"
    return text + "已锁定。"

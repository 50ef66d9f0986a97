"""When a dated row may end. Plain Python."""

from __future__ import annotations

import datetime as dt

from accounts.days import day_in_words


def ending_problem(*, on: dt.date, valid_from: dt.date, valid_to: dt.date | None) -> str:
    """Why a line cannot end on a day (the first day without it); empty when it can."""
    if valid_to is not None:
        return f"已于{day_in_words(valid_to)}截止，不用再办。日期登记错了，请用“更正”。"
    if on <= valid_from:
        since = day_in_words(valid_from)
        return f"截止日期要晚于起始日期{since}。这一条登记错了的，请用“更正”。"
    return ""

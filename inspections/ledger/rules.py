"""The rectification ledger (整改台账): what an entry says of the hazard it comes from. Plain Python.

Sources: domain facts §8.1 (columns: problem, kind, responsible, deadline), §8.2 (立行立改 is done on the
day it was found).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

IMMEDIATE, DATED = "immediate", "dated"
KINDS: Mapping[str, str] = {IMMEDIATE: "立行立改", DATED: "限期整改"}
# Every entry says what is wanted and of whom; the ledger has no blank where the report had one.
USUAL_REQUIREMENT = "消除隐患，申请复查并附改好后的照片或文件，合格后销号"
USUAL_RESPONSIBLE = "园长"


def kind_of(found_on: dt.date, deadline: dt.date) -> str:
    """立行立改 where it is to be mended on the day it was found, else 限期整改."""
    return IMMEDIATE if deadline == found_on else DATED


def problem_of(place: str, description: str) -> str:
    return f"{place}：{description}"


def offered_problem(*, is_open: bool, deadline: dt.date | None) -> str:
    """Why a hazard has no place in the ledger; empty when it has."""
    if not is_open:
        return "这条隐患已经销号或撤销，不用入账。"
    return "" if deadline is not None else "当场整改的不入账，复查后直接销号。"

"""Procedures as plain values: steps, deadlines, placement of children, cycles of mergers."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kindergartens.calendar.rules import (
    WorkingCalendar,
    add_working_days,
    subtract_working_days,
)

ASKED, RETURNED, CHECKED = "asked", "returned", "checked"
APPROVED, REFUSED, WITHDRAWN = "approved", "refused", "withdrawn"
ENDED = frozenset({APPROVED, REFUSED, WITHDRAWN})

# state → act → next state. An ended procedure has no act: it never opens again.
STEPS: Mapping[str, Mapping[str, str]] = {
    ASKED: {"return": RETURNED, "check": CHECKED, "refuse": REFUSED, "withdraw": WITHDRAWN},
    RETURNED: {"ask_again": ASKED, "withdraw": WITHDRAWN},
    CHECKED: {"return": RETURNED, "approve": APPROVED, "refuse": REFUSED},
    APPROVED: {},
    REFUSED: {},
    WITHDRAWN: {},
}


def next_state(state: str, act: str, *, decides: str) -> str | None:
    """Where an act leads; None where the state does not allow it.

    Where nobody decides (`decides` is empty), checking ends the procedure.
    """
    following = STEPS[state].get(act)
    return APPROVED if following == CHECKED and not decides else following


def after_months(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last one of that month (民法典 Art 202)."""
    years, zero_based = divmod(day.year * 12 + day.month - 1 + months, 12)
    month = zero_based + 1
    return dt.date(years, month, min(day.day, calendar.monthrange(years, month)[1]))


def by(
    day: dt.date, working: WorkingCalendar, *, days: int = 0, months: int = 0, working_days: int = 0
) -> dt.date:
    """The last day of a period that begins after a day.

    Working days leave holidays out (行政许可法 Art 82).
    """
    until = after_months(day, months) + dt.timedelta(days=days)
    return add_working_days(until, working_days, working)


def before(
    day: dt.date, working: WorkingCalendar, *, days: int = 0, months: int = 0, working_days: int = 0
) -> dt.date:
    """The last day that is still so long before another one (届满三十日前)."""
    until = after_months(day, -months) - dt.timedelta(days=days)
    return subtract_working_days(until, working_days, working)


def expiry_problem(expires: dt.date, registered_until: dt.date | None) -> str:
    """Why the end of a licence is not the one that is said; "" where nothing contradicts it."""
    if registered_until is None or expires == registered_until:
        return ""
    return (
        f"登记的许可证到期日是{registered_until:%Y-%m-%d}，与填的不同。请核对许可证；"
        "登记有误的，先请教育局更正许可证资料。"
    )


def renewal_problem(expires: dt.date, until: dt.date, *, licence_from: dt.date | None) -> str:
    """Why a licence cannot be renewed until a day; "" when it can."""
    if until <= expires:
        return f"延续到的日期要晚于现许可证到期日{expires:%Y-%m-%d}，请核对两个日期。"
    if licence_from is not None and until <= licence_from:
        return f"延续到的日期要晚于许可证起始日{licence_from:%Y-%m-%d}，请核对日期。"
    return ""


def term_problem(effective_on: dt.date, until: dt.date) -> str:
    """Why a recognition from a day on cannot end on another; "" when it can."""
    if until <= effective_on:
        return f"认定期限要晚于生效日期{effective_on:%Y-%m-%d}，请核对这两个日期。"
    return ""


def audited_problem(year: int, audited_on: dt.date, today: dt.date) -> str:
    """Why a year cannot have been audited by a report of a day; "" when it can."""
    if audited_on <= dt.date(year, 12, 31):
        return f"{year}年度还没结束，审计报告日期要在{year}年12月31日之后。请核对年度和日期。"
    if audited_on > today:
        return "审计报告日期还没到，请核对。"
    return ""


def conclusion_problem(
    conclusions: Mapping[str, bool], chosen: str, to_mend: str
) -> tuple[str, str] | None:
    """The field that is wrong about a conclusion, and why; None when nothing is.

    `conclusions` says of each code whether it wants what is to be mended in words.
    """
    if chosen not in conclusions:
        return "conclusion", "请选年检结论。"
    if conclusions[chosen] and not to_mend.strip():
        return "to_mend", "请写明要整改的内容，园所才知道改什么。"
    if to_mend.strip() and not conclusions[chosen]:
        return "to_mend", "结论是合格，不写要整改的内容。有要整改的，请选别的结论。"
    return None


def yearly_due(year: int, month_day: str) -> dt.date:
    """Until when what is due for a year is handed in: the given day of the following year."""
    month, day = (int(part) for part in month_day.split("-"))
    return dt.date(year + 1, month, day)


def days_over(due: dt.date, today: dt.date) -> int:
    """Days since a deadline, that day not counted; 0 while there is time."""
    return max(0, (today - due).days)


@dataclass(frozen=True)
class Placed:
    """Where some children go; `receiver` is a kindergarten's key or None."""

    children: int
    receiver: int | None = None


def placement_problem(
    children: int | None, placed: Sequence[Placed], *, own: int, coming: int = 0
) -> str:
    """Why the children of a kindergarten are not all accounted for; "" when they are.

    `children` are those of the last accepted return, nursery children included; None where none
    was ever accepted, and then nothing can be compared and whatever is said stands. `coming` are
    those that decided closures of others place here and no return has counted yet.
    """
    if any(one.receiver == own for one in placed):
        return "不能安置回本园，请改选别的园。"
    receivers = [one.receiver for one in placed if one.receiver is not None]
    if len(receivers) != len(set(receivers)):
        return "同一所接收园填了两行，请合成一行。"
    total = sum(one.children for one in placed)
    if children is None or total == children + coming:
        return ""
    more = "少" if total < children + coming else "多"
    also = f"，已批准转入{coming}名" if coming else ""
    return (
        f"最近接收的月报有{children}名幼儿{also}，已安置{total}名，"
        f"{more}{abs(children + coming - total)}名。"
        "每名幼儿都要有去向，人数要对上。"
    )


def merges_in_a_cycle(into: Mapping[int, int], start: int, target: int) -> bool:
    """Whether merging `start` into `target` closes a ring of mergers under way.

    `into` maps a kindergarten to the one it merges into.
    """
    seen = {start}
    place: int | None = target
    while place is not None:
        if place in seen:
            return True
        seen.add(place)
        place = into.get(place)
    return False


# kind → the field of its form, and the field of the record that is to hold it from its day on.
RECORDED: Mapping[str, tuple[str, str]] = {
    "relocation": ("address", "address"),
    "sponsor_change": ("sponsor", "sponsor_name"),
}
# What the name of a place ends with that stands before a street in an address.
PLACES = ("省", "市", "州", "盟", "县", "区", "旗", "镇", "乡", "苏木", "街道", "村", "嘎查")


def to_record(code: str, details: Mapping[str, object], recorded: Mapping[str, str]) -> str:
    """What a decided change still wants of the record; "" where that says it already.

    `recorded` holds the fields of the record. An address that says the county, the town or the
    village before a street says it too; another street that ends alike, or a longer number, does
    not.
    """
    if code not in RECORDED:
        return ""
    asked, field = RECORDED[code]
    wanted = str(details.get(asked) or "").strip()
    own, there = "".join(wanted.split()), "".join(recorded[field].split())
    if own == there:
        return ""
    says_more = field == "address" and there.endswith(own)
    return "" if says_more and there.removesuffix(own).endswith(PLACES) else wanted


OPERATING_STATES = {
    "suspension": "suspended",
    "resumption": "operating",
    "closure": "closed",
    "merger": "closed",
}


def effect_values(
    code: str, details: Mapping[str, object], *, document_number: str
) -> dict[str, object]:
    """What a decision makes of the dated status (fields of kindergartens.changes.rules)."""
    if code == "recognition":
        return {
            "ownership": "inclusive_private",
            "recognition_document": document_number,
            "recognised_until": details["until"],
        }
    if code == "recognition_end":
        return {"ownership": "non_inclusive_private"}
    if code == "sponsor_change":
        sponsor = details["sponsor_type"]
        values: dict[str, object] = {"sponsor_type": sponsor}
        if sponsor not in {"private", "joint_venture"}:
            values |= {"ownership": "public", "for_profit": False}
        return values
    if code == "relocation":
        return {"town": details["town"]}
    return {"operating_state": OPERATING_STATES[code]}

"""Standings and reasons in officers' words, the same on page and in file."""

from __future__ import annotations

from accounts.formatting import zhdate, zhmonth
from accounts.statuses import Status
from reports.safety_measures.selectors import Line, OfOne
from reports.staffing.words import reasons
from safety.measures.rules import Beside, Standing, Why
from staffing.standards.rules import Post

STANDINGS = {
    Standing.MET: Status("达标", "circle-check", "line"),
    Standing.UNMET: Status("未达标", "circle-x", "red"),
    Standing.NO_RECORD: Status("无记录", "circle-dashed", "grey"),
}
NO_ROSTER = "教职工名册还没有登记，不知道在任几名保安"
UNDER_REVIEW = "已交新的佐证，等教育局核对"


def why(line: Line, of: OfOne) -> str:
    """Why a measure is not met; what is under way beside it."""
    found = line.found
    match found.why:
        case Why.NOTHING:
            text = "没有核对过的佐证"
        case Why.RETURNED:
            text = f"佐证被退回：{found.note}"
        case Why.EXPIRED:
            text = f"佐证已于{zhdate(found.day)}到期"
        case Why.ENDED:
            text = f"佐证自{zhdate(found.day)}起失效：{found.note}"
        case Why.TOO_FEW:
            text = f"保安不足：在任{found.present}名，应配{found.required}名"
        case Why.UNKNOWN_NEED:
            text = f"算不出应配几名保安：{guards_unknown(of)}"
        case Why.NO_ROSTER:
            text = NO_ROSTER
        case _:
            return ""
    return f"{text}；{UNDER_REVIEW}" if found.waiting else text


def guards_unknown(of: OfOne) -> str:
    if of.guards.month is None:
        return "还没有接收过月报，不知道全园人数"
    if of.guards.required is not None:
        return NO_ROSTER
    return reasons(Post.GUARD, of.guards.lacks)


def beside(line: Line, of: OfOne) -> str:
    """Where the monthly return says otherwise; empty where it agrees or did not say."""
    if of.guards.month is None or line.beside is Beside.AGREES:
        return ""
    month = zhmonth(of.guards.month)
    if line.beside is Beside.SAYS_NO:
        return f"{month}月报答“否”，按佐证仍算达标，请核实"
    return f"{month}月报答“是”，没有依据支持"

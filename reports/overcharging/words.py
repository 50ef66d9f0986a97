"""What is wrong with a charge and what says so, the same words on page and in file."""

from __future__ import annotations

from accounts.formatting import quantity, zhdate
from fees.overcharging.rules import BREACHES, MONTH, Breach
from fees.overcharging.selectors import Overcharge


def why(found: Overcharge) -> str:
    return "、".join(BREACHES[breach] for breach in found.excess.breaches)


def basis(found: Overcharge) -> str:
    """What each limit says, the ceiling's document included."""
    charge, over = found.charge, found.excess
    said = []
    if over.banned is not None:
        said.append(f"以“{over.banned.word}”为名不得收费，已收的全部退还（{over.banned.source}）")
    if Breach.UNLISTED in over.breaches:
        said.append("收费公示表没有这一项，不得收取")
    if Breach.OFF_LIST in over.breaches:
        said.append("当地目录清单没有这一项，不得收取")
    if Breach.UNPUBLISHED in over.breaches:
        said.append("统计日前没有公示，公示以前不得收取（学前教育法第六十九条）")
    if over.ceiling is not None:
        ceiling = over.ceiling
        months = "" if charge.unit == MONTH else "，一学期按全部月份算"
        said.append(
            f"{ceiling.place}最高限价{quantity(ceiling.yuan)}元/月（{ceiling.document}）{months}"
        )
    if Breach.OVER_LIST in over.breaches and over.local is not None:
        most = f"{quantity(over.local.most)}{charge.get_unit_display()}"
        said.append(f"当地目录清单最高{most}（{over.local.document}）")
    if Breach.OVER_SCHEDULE in over.breaches and charge.scheduled is not None:
        said.append(f"公示标准{quantity(charge.scheduled)}{charge.get_unit_display()}")
    if over.ahead:
        unit = "个月" if charge.unit == MONTH else "个学期"
        who = "" if charge.prepaid is None else f"{charge.prepaid}人"
        said.append(f"{who}一次收取{charge.periods}{unit}，其中{over.ahead}{unit}不属于本学期")
    return "；".join(said)


def moved(found: Overcharge) -> str:
    """What became of what was owed since something was given back; empty while it is the same."""
    owed, now = [row.owed for row in found.repayments], found.excess.refund
    was = next((one for one in owed if one != now), now)
    if was == now:
        return ""
    said = ["算不出来" if one is None else f"{quantity(one)}元" for one in (was, now)]
    return f"登记退款时应退{said[0]}，月报更正后{said[1]}"


def given_back(found: Overcharge) -> str:
    """Each act: day, children, yuan, receipt."""
    return "；".join(
        f"{zhdate(row.repaid_on)}退{row.children}人{quantity(row.yuan)}元（{row.document}）"
        for row in found.repayments
    )

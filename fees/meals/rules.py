"""The meal account (伙食费收支) of a kindergarten and term, and a county's one meal fee. Plain Python.

Meal fees are kept apart and spent on meals alone: 学前教育法 Art 69; withholding or diverting them:
Art 79 (九). closing = opening + receipts − spending − refunds. How far receipts and spending of a
term may lie apart is a local matter and a dated row of a place. 三餐两点 and one fee for a county's
public kindergartens: seed document 001 (昆都仑区).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from accounts.days import day_in_words
from fees.terms import Term

MEALS = {
    "breakfast": "早餐",
    "morning_snack": "早点",
    "lunch": "午餐",
    "afternoon_snack": "午点",
    "dinner": "晚餐",
}
SNACKS = frozenset({"morning_snack", "afternoon_snack"})
_NUMERALS = {1: "一", 2: "两", 3: "三"}

# What the line of a schedule is called that is a meal fee. Others collected on behalf are not.
# A single meal of several (午餐费) is not beside it: a county's fee is for the whole day's.
MEAL_FEE_NAMES = ("伙食费", "幼儿伙食费", "餐费", "膳食费", "三餐两点费")


def pattern_name(kinds: Collection[str]) -> str:
    """Which meals are served in a day, as counties say it: 三餐两点; empty for none."""
    snacks = len(SNACKS & set(kinds))
    meals = len(kinds) - snacks
    return "".join(
        f"{_NUMERALS[number]}{word}" for number, word in ((meals, "餐"), (snacks, "点")) if number
    )


# ---- one month, or a whole term -----------------------------------------------------------------


@dataclass(frozen=True)
class EntryFacts:
    """One month, or the whole term where `month` is None. Sums in yuan; `child_days` counts each
    child on each day it ate; a meal that is not served is None, never 0.
    """

    receipts: Decimal
    food: Decimal
    fuel: Decimal
    other: Decimal
    refunds: Decimal
    child_days: int
    meals: Mapping[str, int | None]
    published_on: dt.date | None = None


def entry_problems(
    entry: EntryFacts, *, begins: dt.date, today: dt.date
) -> Iterator[tuple[str, str]]:
    """What is wrong with an entry of a time that began on a day: (field, what to do)."""
    served = sum(number or 0 for number in entry.meals.values())
    if entry.receipts and not served:
        yield "lunch", "收了伙食费，供餐次数却是空的或0。请填各餐的人次，没有供的餐留空。"
    if served and not entry.child_days:
        yield "child_days", "有供餐，用餐人天却是0。请填每天用餐人数相加的数。"
    for kind, number in entry.meals.items():
        if number is not None and number > entry.child_days and entry.child_days:
            yield kind, f"{MEALS[kind]}人次不能多于用餐人天{entry.child_days:,}。请核对这两个数。"
    if entry.published_on is not None:
        if entry.published_on > today:
            yield "published_on", "公布日期不能晚于今天；还没有公布的留空。"
        elif entry.published_on < begins:
            yield "published_on", f"公布日期早于{day_in_words(begins)}，请核对年份和月份。"


# ---- a term -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Flow:
    """What came in and went out, in yuan; `spending` is food, fuel and the rest together."""

    receipts: Decimal
    spending: Decimal
    refunds: Decimal

    @property
    def surplus(self) -> Decimal:
        """What was left over of it, in yuan; less than 0: so much more went out (超支)."""
        return self.receipts - self.spending - self.refunds


def together(flows: Iterable[Flow]) -> Flow:
    found = list(flows)
    return Flow(
        sum((one.receipts for one in found), Decimal(0)),
        sum((one.spending for one in found), Decimal(0)),
        sum((one.refunds for one in found), Decimal(0)),
    )


def closing(opening: Decimal, flow: Flow) -> Decimal:
    """期末结余 in yuan: computed, never typed."""
    return opening + flow.surplus


def surplus_share(flow: Flow) -> Decimal | None:
    """结余率: surplus ÷ receipts, unrounded; None where nothing was received."""
    return flow.surplus / flow.receipts if flow.receipts else None


def _yuan(amount: Decimal) -> str:
    return f"{amount:,.2f}"


class Standing(StrEnum):
    PENDING = "pending"  # months of the term are missing or to come
    WITHIN = "within"
    SURPLUS = "surplus"
    DEFICIT = "deficit"
    NO_LIMIT = "no_limit"
    UNAVAILABLE = "unavailable"


STANDINGS = {
    Standing.PENDING: "待报齐",
    Standing.WITHIN: "在规定以内",
    Standing.SURPLUS: "结余超出规定",
    Standing.DEFICIT: "亏损超出规定",
    Standing.NO_LIMIT: "没有登记规定",
    Standing.UNAVAILABLE: "没有收入，无法计算",
}


def lacking(term: Term, told: Collection[dt.date | None], today: dt.date) -> str:
    """What a term lacks before it is judged or handed in; empty when it is whole.

    `told`: the months that were entered, None for the whole term at once. A month without meals
    (holidays) has to be told as well, of zeros: nothing entered is not nothing spent. The month
    that runs is not missing yet.
    """
    over = [month for month in term.months if month < today.replace(day=1)]
    missing = [month for month in over if month not in told]
    said = []
    if missing and None not in told:
        said.append(f"缺{'、'.join(f'{month.month}月' for month in missing)}")
    if today <= term.last_day:
        said.append(f"学期到{day_in_words(term.last_day)}结束")
    return "，".join(said)


def standing(flow: Flow, limit: Decimal | None, *, whole: bool) -> Standing:
    """`limit` in percent of receipts, the same for what is left over and for what is short.

    Only a `whole` term is judged: what is left over of one month is spent in the next.
    """
    if not whole:
        return Standing.PENDING
    if not flow.receipts:
        return Standing.UNAVAILABLE
    if limit is None:
        return Standing.NO_LIMIT
    if abs(flow.surplus) * 100 <= limit * flow.receipts:
        return Standing.WITHIN
    return Standing.SURPLUS if flow.surplus > 0 else Standing.DEFICIT


def opening_problem(opening: Decimal, before: Decimal | None, reason: str) -> str:
    """Why an account cannot open with an amount; `before` is the closing of the term before it."""
    if before is None or opening == before or reason:
        return ""
    return (
        f"上学期期末结余是{_yuan(before)}元，和这里的{_yuan(opening)}元不一样。"
        "请改成一样的，或写明不一样的原因。"
    )


def submit_problem(
    *, final: Decimal, counted: Decimal, lacks: str, explanation: str
) -> tuple[str, str]:
    """(field, what to do) why a term cannot be handed in; both empty when it can."""
    if lacks:
        return "", (
            f"{lacks}。请等学期结束、各月登记齐了再提交；没有供餐的月份也要登记，金额和人天填0。"
        )
    if explanation:
        return "", ""
    if final < 0:
        short = _yuan(-final)
        return "explanation", f"支出比期初结余和收入的合计还多{short}元，请写明钱从哪里来。"
    if counted != final:
        more = "多" if counted > final else "少"
        apart = _yuan(abs(counted - final))
        return "explanation", f"盘点数比账面结余{more}{apart}元，请写明原因。"
    return "", ""


def not_begun_problem(term: Term, today: dt.date) -> str:
    if today >= term.first_day:
        return ""
    return f"{term}从{day_in_words(term.first_day)}开始，到时再登记。"


# ---- a county's one meal fee --------------------------------------------------------------------


def apart(amount: Decimal, unit: str, unified: Mapping[str, Decimal]) -> Decimal | None:
    """Yuan a child and unit above (below: less than 0) the county's fee; None: like it, or the
    county has none by that unit, and units are not converted.
    """
    if unit not in unified or unified[unit] == amount:
        return None
    return amount - unified[unit]

"""What a kindergarten proposes to charge, beside what is in force and what may be. Plain Python.

Ceilings: 学前教育法 Art 68; publication with what the service is: Art 69; items, lists and what may
not be charged under any name: 发改价格〔2025〕1644号 (in force 2026-01-01) and, before it, 幼儿园收费
管理暂行办法 (2012). Costs are net of public input and gifts: 发改价格〔2025〕1644号.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.days import day_in_words
from fees.catalogue.rules import banned_name
from fees.free_year.rules import before_waiver_problem
from fees.local_list.rules import Highest, listing_problem, over_list_problem
from fees.overcharging.rules import CARE_EDUCATION, MONTH, Ceiling, most_of, strictest
from fees.rules import (
    FEE_ITEMS,
    FEE_SCOPES,
    MOST_IN_FORCE,
    NAMED_ITEMS,
    SAME_CHARGE,
    FeeFacts,
    fee_problems,
    plain,
)

DRAFT, FILED, RETURNED, REVIEWED = "draft", "filed", "returned", "reviewed"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
STATES = {
    DRAFT: "草稿",
    FILED: "已报送",
    RETURNED: "已退回",
    REVIEWED: "已审核",
    PUBLISHED: "已公示",
    WITHDRAWN: "已撤回",
}
OPEN = (DRAFT, FILED, RETURNED, REVIEWED)
# state → act → next state. What was published or withdrawn has no act: it never opens again.
STEPS: Mapping[str, Mapping[str, str]] = {
    DRAFT: {"file": FILED, "withdraw": WITHDRAWN},
    FILED: {"review": REVIEWED, "return": RETURNED, "withdraw": WITHDRAWN},
    RETURNED: {"file": FILED, "withdraw": WITHDRAWN},
    REVIEWED: {"publish": PUBLISHED, "return": RETURNED, "withdraw": WITHDRAWN},
    PUBLISHED: {},
    WITHDRAWN: {},
}

COSTS = {
    "staff": "人员支出",
    "activities": "保教活动支出",
    "office": "办公和维修支出",
    "premises": "房租或折旧",
    "utilities": "水电取暖",
    "other": "其他支出",
}
BOARDING = "boarding_fee"
# Items whose amount stands on costs (成本核算).
COSTED = frozenset({CARE_EDUCATION, BOARDING})

# What tells one standard from another, on whatever day.
TOLD = (*SAME_CHARGE, "entrants", "amount", "unit", "before_waiver")
# So many times what is usual: an amount of a term was typed as one of a month.
TOO_MANY_TIMES = 10
# A middle of fewer others says nothing.
PEERS_AT_LEAST = 5


@dataclass(frozen=True)
class Line:
    """One line: proposed, or in force (`valid_from` is then its first day).

    `amount` in yuan a child and unit. Of a proposed line `valid_from` is None where it goes on as
    it is, and with `stops` the first day on which it is charged no more.
    """

    position: int
    item: str
    name: str
    scope: str
    hours: str
    entrants: str
    amount: Decimal
    unit: str
    valid_from: dt.date | None = None
    content: str = ""
    basis: str = ""
    stops: bool = False
    before_waiver: Decimal | None = None

    @property
    def charge(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in SAME_CHARGE)

    def says_the_same(self, other: Line) -> bool:
        return all(getattr(self, name) == getattr(other, name) for name in TOLD)


@dataclass(frozen=True)
class Beside:
    """What proposed lines are held to.

    `standing` is in force today. `ceilings_on` gives the ceilings that hold for the kindergarten on
    a day, `ceilings_begin` the days on which one begins. `usual` is the middle amount of others of
    its kind by (item, name, unit), in yuan; `listed_on` the names of an item on the county's list of
    a day, with the most it sets for each. `private`: it needs a cost sheet where a fee rises.
    """

    standing: Sequence[Line]
    ceilings_on: Callable[[dt.date], Sequence[Ceiling]]
    ceilings_begin: Sequence[dt.date]
    usual: Mapping[tuple[str, str, str], Decimal]
    listed_on: Callable[[str, dt.date], Mapping[str, Highest | None]]
    private: bool
    has_cost_sheet: bool


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line (`position`; 0 is the whole filing), and what to do.

    `forbids`: so it can neither be filed nor reviewed; the others are to be looked at.
    """

    position: int
    field: str
    text: str
    forbids: bool = True
    source: str = ""


def difference(line: Line, standing: Iterable[Line]) -> str:
    """kept, stopped, changed, or added: beside what is in force of the same charge."""
    if line.stops:
        return "stopped"
    if line.valid_from is None:
        return "kept"
    return "changed" if before(line, standing) is not None else "added"


def before(line: Line, standing: Iterable[Line]) -> Line | None:
    """What everybody pays for the same charge today."""
    return next((one for one in standing if _is_of_all(one, line.charge)), None)


def _is_of_all(one: Line, charge: tuple[str, ...]) -> bool:
    return one.entrants == "all" and one.charge == charge


def rises(line: Line, standing: Sequence[Line]) -> bool:
    """More than is in force, also where that is a line of all; another unit cannot be compared."""
    if line.stops or line.valid_from is None or line.item not in COSTED:
        return False
    wider = [line.charge] + [(line.item, line.name, scope, "any") for scope in (line.scope, "all")]
    held = next(
        (one for charge in wider for one in standing if _is_of_all(one, charge)),
        None,
    )
    if held is None:
        return line.amount > 0
    return held.unit != line.unit or line.amount > held.amount


def problems(lines: Sequence[Line], beside: Beside, *, today: dt.date) -> list[Problem]:
    """Of the whole first, then line by line."""
    found = list(_of_the_whole(lines, beside))
    seen: dict[tuple[object, ...], int] = {}
    for line in lines:
        key = (*line.charge, line.entrants, line.valid_from if line.entrants == "new" else None)
        if key in seen:
            text = f"和第{seen[key]}行是同一项收费。同一天只能有一个标准，请并成一行或改日期。"
            found.append(Problem(line.position, "item", text))
        seen.setdefault(key, line.position)
        found += _of_a_line(line, beside, today)
        found += _over_the_line_of_all(line, lines, beside)
    return found


def _of_the_whole(lines: Sequence[Line], beside: Beside) -> Iterator[Problem]:
    if all(line.valid_from is None for line in lines):
        yield Problem(0, "", "和现在执行的标准没有不同，不用报送。要调整的，请改标准并填起始日期。")
    for one in beside.standing:
        if not any(line.charge == one.charge for line in lines):
            yield Problem(
                0, "", f"正在执行的“{called(one)}”不在表里。还收的请照写，不再收的请勾“不再收”。"
            )
    if sum(not line.stops for line in lines) > MOST_IN_FORCE:
        yield Problem(0, "", f"最多{MOST_IN_FORCE}项，请先停掉不再收的。")
    raised = [line for line in lines if rises(line, beside.standing)]
    if beside.private and raised and not beside.has_cost_sheet:
        words = "、".join(called(line) for line in raised)
        yield Problem(
            0, "cost", f"{words}比现在高，民办幼儿园要附成本核算表。请先填成本核算表再报送。",
            source="发改价格〔2025〕1644号",
        )  # fmt: skip


def _of_a_line(line: Line, beside: Beside, today: dt.date) -> Iterator[Problem]:
    at = line.position
    if not line.stops:
        yield from _banned(line, beside, line.valid_from or today)
    if line.valid_from is None:
        if line.stops:
            yield Problem(at, "valid_from", "请填从哪一天起不再收。")
        elif not any(line.says_the_same(one) for one in beside.standing):
            yield Problem(at, "valid_from", "和现在执行的不同，请填从哪一天起执行。")
        return
    if line.valid_from < today:
        yield Problem(
            at, "valid_from", "起始日期已经过去。先公示后收费，请改成公示以后的一天。",
            source="学前教育法第六十九条",
        )  # fmt: skip
    same = before(line, beside.standing)
    if line.stops:
        if not any(line.says_the_same(one) for one in beside.standing):
            yield Problem(
                at,
                "stops",
                "停的一行要和现在执行的一样。请照现在的写；现在没有收的，请删去这一行。",
            )
        return
    yield from _as_a_line_of_the_schedule(line, line.valid_from)
    if any(line.says_the_same(one) for one in beside.standing):
        yield Problem(at, "valid_from", "和现在执行的一样，不是调整。请清空起始日期。")
    if line.entrants == "new" and same is None:
        yield Problem(at, "entrants", "这一项现在没有标准，不分新生老生。请改选全部幼儿。")
    yield from _of_lists_and_ceilings(line, line.valid_from, beside)
    yield from _unusual(line, beside, same)


def no_longer_allowed(lines: Iterable[Line], beside: Beside) -> list[Problem]:
    """What forbids lines by the lists and ceilings as they are now: a county may have set one since
    the filing was reviewed.
    """
    return [
        one
        for line in lines
        if line.valid_from is not None and not line.stops
        for one in _of_lists_and_ceilings(line, line.valid_from, beside)
        if one.forbids
    ]


def _of_lists_and_ceilings(line: Line, begins: dt.date, beside: Beside) -> Iterator[Problem]:
    """Of the line's first day; and of a ceiling that begins later."""
    listed, source = beside.listed_on(line.item, begins), "发改价格〔2025〕1644号"
    off_list = listing_problem(item=line.item, name=line.name, listed=listed)
    if off_list:
        yield Problem(line.position, "name", off_list, source=source)
    over = over_list_problem(amount=line.amount, unit=line.unit, highest=listed.get(line.name))
    if over:
        yield Problem(line.position, "amount", over, source=source)
    yield from _over_a_ceiling(line, beside)


def _banned(line: Line, beside: Beside, on: dt.date) -> Iterator[Problem]:
    listed = {name for item in NAMED_ITEMS for name in beside.listed_on(item, on)}
    banned = banned_name(line.name, on=on, listed=listed)
    if banned is not None:
        yield Problem(
            line.position, "name",
            f"不得以“{banned.word}”的名义收费，也不得收与入园挂钩的赞助和捐资。请删去这一行；"
            "已经收了的，全部退还。",
            source=banned.source,
        )  # fmt: skip


def _as_a_line_of_the_schedule(line: Line, begins: dt.date) -> Iterator[Problem]:
    at = line.position
    facts = FeeFacts(
        item=line.item, name=line.name, scope=line.scope, hours=line.hours, amount=line.amount,
        unit=line.unit, valid_from=begins, published_on=begins, entrants=line.entrants,
        before_waiver=line.before_waiver,
    )  # fmt: skip
    for field, text in fee_problems(facts):
        yield Problem(at, field, text)
    if line.amount < 0:
        yield Problem(at, "amount", "不能是负数。")
    elif line.amount != round(line.amount, 2):
        yield Problem(at, "amount", "小数最多2位，最小到分。")
    if not line.content:
        yield Problem(
            at, "content", "请写服务内容，公示时要让家长看到收的是什么。",
            source="学前教育法第六十九条",
        )  # fmt: skip
    if not line.basis:
        yield Problem(at, "basis", "请写定价依据，例如文件名和文号，或按成本据实。")


def _over_a_ceiling(line: Line, beside: Beside) -> Iterator[Problem]:
    """Over the strictest in force on the first day; or over one that begins later.

    Of a line that says what it is without the waiver, that amount: the waiver is paid by it.
    """
    field, yuan = "amount", line.amount
    if line.before_waiver is not None:
        field, yuan = "before_waiver", line.before_waiver
    if line.item != CARE_EDUCATION or line.valid_from is None:
        return
    ceilings = beside.ceilings_on(line.valid_from)
    lowest = strictest(ceilings)
    most = None if lowest is None else most_of(lowest, line.unit, line.valid_from)
    if lowest is not None and most is not None and yuan > most:
        others = "；".join(_ceiling(one) for one in ceilings if one is not lowest)
        of_term = "" if line.unit == MONTH else "，一学期按全部月份算"
        beside_it = f"同时有效的还有{others}。都有效的按最低的执行。" if others else ""
        yield Problem(
            line.position, field,
            f"高于最高限价{plain(yuan - most)}元：{_ceiling(lowest)}{of_term}。{beside_it}"
            f"请改成不超过{plain(most)}元。",
            source="学前教育法第六十八条",
        )  # fmt: skip
        return
    for day in sorted(day for day in beside.ceilings_begin if day > line.valid_from):
        later = strictest(beside.ceilings_on(day))
        allowed = None if later is None else most_of(later, line.unit, day)
        if later is not None and allowed is not None and yuan > allowed:
            yield Problem(
                line.position, field,
                f"{day_in_words(day)}起最高限价是{_ceiling(later)}，到那天要降下来。"
                "请现在就改，或到时再报一次。",
                forbids=False, source="学前教育法第六十八条",
            )  # fmt: skip
            return


def _over_the_line_of_all(line: Line, lines: Iterable[Line], beside: Beside) -> Iterator[Problem]:
    """An amount before the waiver above what all are asked, as it is proposed."""
    if line.before_waiver is None or line.stops or line.valid_from is None:
        return
    of_all = _full(line, [one for one in lines if one.scope == "all" and not one.stops])
    former = _full(line, [one for one in beside.standing if one.scope == line.scope])
    problem = before_waiver_problem(
        line.before_waiver, everyones=of_all, former=former, ceiling=None
    )
    if problem:
        yield Problem(line.position, "before_waiver", problem, source="国办发〔2025〕27号")


def _full(like: Line, lines: Iterable[Line]) -> Decimal | None:
    """Without the waiver, of everybody, by the same item and unit; its own hours before any."""
    found = [
        one
        for one in lines
        if one.entrants == "all"
        and (one.item, one.unit) == (like.item, like.unit)
        and one.hours in (like.hours, "any")
    ]
    line = max(found, key=lambda one: one.hours == like.hours, default=None)
    if line is None:
        return None
    return line.amount if line.before_waiver is None else line.before_waiver


def _unusual(line: Line, beside: Beside, same: Line | None) -> Iterator[Problem]:
    """An amount of a term typed by the month is ten times what is usual."""
    last = same.amount if same is not None and same.unit == line.unit else None
    for usual, whose in (
        (last, "现在的标准"),
        (beside.usual.get((line.item, line.name, line.unit)), "同类园的中位数"),
    ):
        if usual and line.amount >= TOO_MANY_TIMES * usual:
            times = line.amount / usual
            yield Problem(
                line.position, "amount",
                f"是{whose}{plain(usual)}元的{times:.1f}倍。请核对是不是把一学期的写成了一个月的。",
                forbids=False,
            )  # fmt: skip
            return


def called(line: Line) -> str:
    return f"{line.name or FEE_ITEMS[line.item]}（{FEE_SCOPES[line.scope]}）"


def _ceiling(one: Ceiling) -> str:
    return f"{one.place}{plain(one.yuan)}元/月（{one.document}）"


def publication_problem(
    published_on: dt.date, *, reviewed_on: dt.date, today: dt.date, first_day: dt.date | None
) -> tuple[str, str] | None:
    """Why a filing was not published on a day; (field, text). `first_day`: the earliest of its lines."""
    if published_on > today:
        return "published_on", "公示日期不能晚于今天，公示以后再填。"
    if published_on < reviewed_on:
        return "published_on", f"公示日期不能早于审核日期{day_in_words(reviewed_on)}，请核对。"
    if first_day is not None and first_day < published_on:
        text = (
            f"有一行从{day_in_words(first_day)}起收，早于公示日期，要先公示后收费。"
            "请教育局退回，改起始日期。"
        )
        return "published_on", text
    return None


def costs_together(costs: Iterable[Decimal]) -> Decimal:
    """In yuan."""
    return sum(costs, Decimal(0))


def cost_per_child_month(
    costs: Iterable[Decimal], *, less: Iterable[Decimal], children: int, months: int
) -> Decimal:
    """生均月成本: (costs − public input − gifts) ÷ children ÷ months, in yuan, unrounded."""
    return (costs_together(costs) - costs_together(less)) / children / months

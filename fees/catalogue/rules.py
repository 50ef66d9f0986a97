"""Which items a kindergarten may charge on a day, and how each is priced. Plain Python.

Rule sets by first day: what the provinces set before 2012 (幼儿园管理条例, 1989, Art 24); 幼儿园收费
管理暂行办法 (发改价格〔2011〕3207号), from 2012; 关于完善幼儿园收费政策的通知 (发改价格〔2025〕1644号),
from 2026-01-01. Read 2026-11; the sets of before 2026 from reprints of the documents.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts.days import day_in_words


class Kind(StrEnum):
    """Of what sort a kindergarten is, as far as its prices depend on it."""

    PUBLIC = "public"
    INCLUSIVE = "inclusive"
    NON_PROFIT = "non_profit"
    FOR_PROFIT = "for_profit"


KINDS = {
    Kind.PUBLIC: "公办园",
    Kind.INCLUSIVE: "普惠性民办园",
    Kind.NON_PROFIT: "其他非营利性民办园",
    Kind.FOR_PROFIT: "营利性民办园",
}


def kind_of(*, ownership: str, for_profit: bool) -> Kind:
    """The sort by 办园性质 (codes of KindergartenStatus.Ownership) and 营利性."""
    if ownership == "public":
        return Kind.PUBLIC
    if ownership == "inclusive_private":
        return Kind.INCLUSIVE
    return Kind.FOR_PROFIT if for_profit else Kind.NON_PROFIT


@dataclass(frozen=True)
class Item:
    """`pricing`: how each sort of kindergarten comes to its price, in the words of the sheet."""

    code: str
    name: str
    about: str
    pricing: Mapping[Kind, str]


@dataclass(frozen=True)
class Ban:
    """What may not be charged, in words. `names`: the names of charges that say so themselves, as
    a pattern that Python and PostgreSQL read alike; empty where no name tells.
    """

    words: str
    names: str = ""


@dataclass(frozen=True)
class Banned:
    """`word` is what a name has in it; `source` what bans it."""

    word: str
    source: str


@dataclass(frozen=True)
class RuleSet:
    """What holds from the first day through the last; None is without a bound.

    `leaves_items_to_provinces`: the nation names no list, so no item is known to be unlawful.
    """

    first_day: dt.date | None
    last_day: dt.date | None
    source: str
    items: tuple[Item, ...]
    bans: tuple[Ban, ...]
    leaves_items_to_provinces: bool = False

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(item.code for item in self.items)


GUIDED = "政府指导价"
MARKET = "市场调节价"
VOLUNTARY = "市场调节价，家长自愿"
AT_COST = "据实代收代付，不得加价"


def _all(words: str) -> dict[Kind, str]:
    return dict.fromkeys(Kind, words)


# Until 2017 no private kindergarten was for profit or not; the words are the same for both.
_FILED = {
    Kind.PUBLIC: "政府制定",
    Kind.INCLUSIVE: "合同约定最高标准，在标准内自定，备案",
    Kind.NON_PROFIT: "按成本自定，备案",
    Kind.FOR_PROFIT: "按成本自定，备案",
}
_GUIDED = {
    Kind.PUBLIC: GUIDED,
    Kind.INCLUSIVE: GUIDED,
    Kind.NON_PROFIT: GUIDED,
    Kind.FOR_PROFIT: f"{MARKET}，报区县",
}

# Both documents end their lists of names with 等: a class or lesson beside the ordinary one is the same
# under another word. Teaching alone, never care: 课后托管, 课后延时 and a parents' day (亲子活动) are not
# meant, and gifts (捐款) only where the name is that of a charge at entry.
_TEACHING = (
    "(实验|特色|特长|兴趣|亲子)(班|课|教育|教学|培训)"
    "|亲子早教|课后(班|课|[^延托看照]{0,6}(培训|辅导|课程))"
)
_GIFTS = "赞助|捐资|(建园|建校)(费|款|基金|资金)|教育成本补偿"

RULE_SETS = (
    RuleSet(
        first_day=None,
        last_day=dt.date(2011, 12, 31),
        source="《幼儿园管理条例》第二十四条，各省规定",
        items=(
            Item("care_education_fee", "保育费、教育费", "向幼儿家长收取", _all("按省里规定")),
        ),
        bans=(),
        leaves_items_to_provinces=True,
    ),
    RuleSet(
        first_day=dt.date(2012, 1, 1),
        last_day=dt.date(2025, 12, 31),
        source="《幼儿园收费管理暂行办法》（发改价格〔2011〕3207号）",
        items=(
            Item("care_education_fee", "保教费", "保育和教育，托班也收这一项", _FILED),
            Item("boarding_fee", "住宿费", "只向住宿的幼儿收", _FILED),
            Item("service_fee", "服务性收费", "省里批准的项目", _all("按省里规定，家长自愿")),
            Item("collected_on_behalf_fee", "代收费", "为在园学习和生活方便代收",
                 _all("家长自愿，据实收取，及时结算")),
        ),
        bans=(
            # Art 11, 12 and 14.
            Ban("书本费", "书本费"),
            Ban("与入园挂钩的赞助费、捐资助学费、建校费、教育成本补偿费", _GIFTS),
            Ban("以实验班、特色班、兴趣班、课后培训班、亲子班为名另收费", _TEACHING),
            Ban("跨学期预收"),
        ),
    ),
    RuleSet(
        first_day=dt.date(2026, 1, 1),
        last_day=None,
        source="《关于完善幼儿园收费政策的通知》（发改价格〔2025〕1644号）",
        items=(
            Item("care_education_fee", "保教费", "3岁以上幼儿的保育和教育", _GUIDED),
            Item("boarding_fee", "住宿费", "只向住宿的幼儿收", _GUIDED),
            Item("nursery_care_fee", "保育费（托班）", "2至3岁婴幼儿的托育",
                 _all("参照保教费")),
            Item("service_fee", "服务性收费", "当地目录清单里，保育教育以外、家长自愿选择的服务",
                 _all(VOLUNTARY)),
            Item("collected_on_behalf_fee", "代收费",
                 "当地目录清单里，代提供服务的单位收付，如代收的伙食费", _all(AT_COST)),
        ),
        bans=(
            Ban("没有列入目录清单、没有公示或和清单不一致的收费"),
            Ban(
                "以幼小衔接班、兴趣班、课后培训、亲子班、特色班为名另收费",
                f"幼小衔接|{_TEACHING}",
            ),
            Ban("通过家长委员会或第三方收费"),
            Ban("与入园挂钩的捐资助学费、赞助费、建园费", _GIFTS),
        ),
    ),
)  # fmt: skip
# The first day on which a nursery class pays a fee of its own name.
NURSERY_CARE_FROM = dt.date(2026, 1, 1)
# The first day on which 保教费 of non-profit private ones that are not inclusive is guided (政府指导价).
NON_PROFIT_GUIDED_FROM = dt.date(2026, 1, 1)


def rule_set(on: dt.date) -> RuleSet:
    """The one in force on a day."""
    return next(one for one in reversed(RULE_SETS) if one.first_day is None or one.first_day <= on)


def items_on(day: dt.date) -> tuple[Item, ...]:
    """In the order of the published sheet."""
    return rule_set(day).items


def banned_name(name: str, *, on: dt.date, listed: Collection[str]) -> Banned | None:
    """Whether a charge of that name is banned by the rule set of a day.

    `listed`: the names on the county's list of the day. What a county lets be charged is not banned.
    """
    if not name or name in listed:
        return None
    rules = rule_set(on)
    for ban in rules.bans:
        found = re.search(ban.names, name) if ban.names else None
        if found is not None:
            return Banned(found.group(), rules.source)
    return None


def ever_banned() -> str:
    """The names of all rule sets' bans together: a pattern of what to look at more closely."""
    return "|".join(
        dict.fromkeys(ban.names for rules in RULE_SETS for ban in rules.bans if ban.names)
    )


def ceiling_problem(*, scope: str, valid_from: dt.date) -> str:
    """Why a class can have no ceiling on a day; empty when it can."""
    if scope != Kind.NON_PROFIT or valid_from >= NON_PROFIT_GUIDED_FROM:
        return ""
    since = day_in_words(NON_PROFIT_GUIDED_FROM)
    return (
        f"{KINDS[Kind.NON_PROFIT]}{since}起才按政府指导价（{rule_set(NON_PROFIT_GUIDED_FROM).source}），"
        f"以前按成本自定。请填{since}或以后的一天。"
    )


def item_problem(
    *, item: str, scope: str, valid_from: dt.date, valid_to: dt.date | None
) -> tuple[str, str] | None:
    """Why a line's item cannot be charged from its first day on: (field, what to do).

    What rests on the rules of its first day stays when they change, but for the nursery class, whose
    fee has another name from 2026-01-01.
    """
    rules = rule_set(valid_from)
    since = day_in_words(NURSERY_CARE_FROM)
    if not rules.leaves_items_to_provinces and item not in rules.codes:
        # Of the five classes only one is younger than the rules of 2012.
        return "item", (
            f"保育费（托班）{since}起才有（{rule_set(NURSERY_CARE_FROM).source}）。{since}前按"
            f"{rules.source}，托班登记保教费，到{since}截止，再从{since}登记保育费。"
        )
    if item == "care_education_fee" and scope == "nursery":
        if valid_from >= NURSERY_CARE_FROM:
            return "scope", "托班收保育费，不收保教费。请改选收费项目或收费对象。"
        if valid_to is None or valid_to > NURSERY_CARE_FROM:
            return "valid_to", (
                f"托班的保教费收到{since}前，这一天起收保育费。"
                f"请把截止日期填{since}，另登记一条保育费。"
            )
    return None

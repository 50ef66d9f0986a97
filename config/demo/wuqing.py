"""武清区: 24 towns, 6 streets, eight direct kindergartens each helping three towns.

The towns, the direct kindergartens and the groups are the district's own (两年攻坚行动方案). The
counts are invented so that the latest month shows every verdict: 144 kindergartens owe a return,
132 are accepted with 27,394 children, of them 13,485 in public and 24,165 in inclusive ones.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from config.demo.classes import Grade
from config.demo.parts import apportion, partition
from config.demo.plan import (
    CountyPlan,
    KindergartenPlan,
    Names,
    Outcome,
    Ownership,
    SponsorType,
    sponsor_of,
)

CODE = "120114"
RESIDENTS = 29812
DIRECTOR = "wuqing-director"


@dataclass(frozen=True)
class Town:
    """The latest month's target: accepted kindergartens, children in them, children of 3-5."""

    name: str
    accepted: int
    children: int
    public: int
    inclusive: int
    residents: int | None


TOWNS = [
    Town("曹子里镇", 4, 787, 371, 679, 873),
    Town("王庆坨镇", 7, 1110, 548, 911, 1462),
    Town("泗村店镇", 4, 636, 341, 587, 655),
    Town("黄花店镇", 4, 718, 389, 650, 731),
    Town("东马圈镇", 3, 562, 336, 520, 688),
    Town("高村镇", 5, 903, 481, 752, 986),
    Town("汊沽港镇", 6, 1067, 571, 963, 1093),
    Town("河西务镇", 5, 994, 520, 886, 1074),
    # Its population is not registered: the rate cannot be computed.
    Town("大黄堡镇", 3, 459, 309, 426, None),
    Town("大良镇", 5, 901, 488, 817, 934),
    Town("豆张庄镇", 4, 590, 339, 543, 618),
    Town("石各庄镇", 4, 627, 318, 564, 664),
    Town("梅厂镇", 5, 916, 428, 820, 1046),
    Town("下伍旗镇", 3, 493, 318, 457, 486),
    Town("上马台镇", 4, 674, 358, 610, 703),
    Town("大碱厂镇", 4, 678, 402, 616, 702),
    Town("南蔡村镇", 6, 1078, 562, 954, 1112),
    Town("白古屯镇", 4, 579, 322, 521, 598),
    Town("城关镇", 6, 959, 512, 876, 1021),
    Town("崔黄口镇", 7, 1147, 604, 1050, 1188),
    Town("大孟庄镇", 3, 481, 331, 453, 512),
    Town("陈咀镇", 4, 649, 352, 578, 677),
    Town("大王古庄镇", 5, 821, 441, 742, 842),
    Town("河北屯镇", 4, 621, 384, 570, 640),
]
STREETS = Town("街道", 23, 8944, 3460, 7620, 10018)

GROUPS_DOCUMENT = "武清区高质量推进学前教育资源普及普惠（2023—2024年）两年攻坚行动实施方案"
GROUPS = {
    "一园": ("武清区第一幼儿园", ["曹子里镇", "王庆坨镇", "泗村店镇"]),
    "二园": ("武清区第二幼儿园", ["黄花店镇", "东马圈镇", "高村镇"]),
    "四园": ("武清区第四幼儿园", ["汊沽港镇", "河西务镇", "大黄堡镇"]),
    "六园": ("武清区第六幼儿园", ["大良镇", "豆张庄镇", "石各庄镇"]),
    "七园": ("武清区第七幼儿园", ["梅厂镇", "下伍旗镇", "上马台镇"]),
    "八园": ("武清区第八幼儿园", ["大碱厂镇", "南蔡村镇", "白古屯镇"]),
    "九园": ("武清区第九幼儿园", ["城关镇", "崔黄口镇", "大孟庄镇"]),
    "十园": ("武清区第十幼儿园", ["陈咀镇", "大王古庄镇", "河北屯镇"]),
}
DIRECT_STREETS = [
    "杨村街道",
    "运河西街道",
    "杨村街道",
    "东蒲洼街道",
    "下朱庄街道",
    "黄庄街道",
    "杨村街道",
    "运河西街道",
]

# Streets of the other kindergartens: (public, inclusive private, other private).
STREET_SHARES = {
    "杨村街道": (0, 3, 1),
    "下朱庄街道": (0, 2, 1),
    "东蒲洼街道": (0, 2, 1),
    "黄庄街道": (0, 1, 0),
    "徐官屯街道": (1, 1, 0),
    "运河西街道": (0, 1, 1),
}


@dataclass(frozen=True)
class Waiting:
    """A kindergarten not counted yet, with the children of its last accepted month."""

    town: str
    word: str
    children: int
    ownership: Ownership
    outcome: Outcome
    leavers: int = 0


INCLUSIVE = Ownership.INCLUSIVE_PRIVATE
OTHER = Ownership.NON_INCLUSIVE_PRIVATE
WAITING = [
    Waiting("王庆坨镇", "春芽", 226, INCLUSIVE, Outcome.ABSENT),
    Waiting("王庆坨镇", "田园", 36, OTHER, Outcome.SUBMITTED),
    Waiting("曹子里镇", "阳光", 40, INCLUSIVE, Outcome.SUBMITTED),
    Waiting("东马圈镇", "星光", 74, INCLUSIVE, Outcome.ABSENT),
    Waiting("高村镇", "禾苗", 43, INCLUSIVE, Outcome.DRAFT),
    Waiting("河西务镇", "童心", 30, INCLUSIVE, Outcome.RETURNED),
    Waiting("梅厂镇", "田家", 46, INCLUSIVE, Outcome.ABSENT),
    Waiting("运河西街道", "彩虹", 38, INCLUSIVE, Outcome.DRAFT),
    Waiting("黄庄街道", "小蜜蜂", 31, OTHER, Outcome.ABSENT),
    Waiting("杨村街道", "蓝天", 60, INCLUSIVE, Outcome.SUBMITTED, leavers=9),
    Waiting("东蒲洼街道", "百灵", 58, OTHER, Outcome.SUBMITTED),
    Waiting("下朱庄街道", "晨曦", 57, INCLUSIVE, Outcome.RETURNED),
]
# The return that the demo's director fills in: last month's classes.
DIRECTOR_CLASSES: dict[Grade, tuple[int, ...]] = {
    Grade.SMALL: (24, 24, 23),
    Grade.MIDDLE: (27, 26, 26),
    Grade.LARGE: (28, 24, 24),
}


def plan(rng: random.Random, towns: dict[str, str]) -> CountyPlan:
    """`towns` gives each town's and street's code by its name."""
    taken: dict[str, set[str]] = {}
    for waiting in WAITING:
        taken.setdefault(waiting.town, set()).add(waiting.word)
    names = Names(rng, taken)
    kindergartens = [
        kindergarten
        for town in TOWNS
        for kindergarten in _town_kindergartens(rng, names, town, towns[town.name])
    ]
    kindergartens += _street_kindergartens(rng, names, towns)
    kindergartens += [_waiting_kindergarten(waiting, towns) for waiting in WAITING]
    kindergartens.append(_closed_kindergarten(names, towns))
    population = {towns[t.name]: t.residents for t in TOWNS if t.residents is not None}
    population |= _street_residents(rng, kindergartens, towns)
    population[CODE] = RESIDENTS
    groups = {
        name: (lead, [towns[town] for town in members]) for name, (lead, members) in GROUPS.items()
    }
    return CountyPlan(CODE, kindergartens, population, groups, GROUPS_DOCUMENT)


def _town_kindergartens(
    rng: random.Random, names: Names, town: Town, code: str
) -> list[KindergartenPlan]:
    others = max(1, round((town.children - town.inclusive) * town.accepted / town.children))
    rest = town.accepted - others
    public = min(rest - 1, max(1, round(rest * town.public / town.inclusive)))
    sizes = [
        *((Ownership.PUBLIC, size) for size in partition(rng, town.public, public)),
        *(
            (INCLUSIVE, size)
            for size in partition(rng, town.inclusive - town.public, rest - public)
        ),
        *((OTHER, size) for size in partition(rng, town.children - town.inclusive, others)),
    ]
    return [
        KindergartenPlan(names.next_for(town.name), code, kind, sponsor_of(kind), size)
        for kind, size in sizes
    ]


def _street_kindergartens(
    rng: random.Random, names: Names, towns: dict[str, str]
) -> list[KindergartenPlan]:
    public = partition(rng, STREETS.public, 9, 0.15)
    inclusive = partition(rng, STREETS.inclusive - STREETS.public, 10, 0.15)
    others = partition(rng, STREETS.children - STREETS.inclusive, 4, 0.15)
    leads = [lead for lead, _ in GROUPS.values()]
    kindergartens = [
        KindergartenPlan(
            lead,
            towns[street],
            Ownership.PUBLIC,
            SponsorType.EDUCATION,
            public.pop(),
            is_example=False,
        )
        for lead, street in zip(leads, DIRECT_STREETS, strict=True)
    ]
    # Recognised as inclusive, or taken over by the public side, in the course of the year.
    changes = {INCLUSIVE: [(OTHER, 2), (OTHER, 5)], Ownership.PUBLIC: [(INCLUSIVE, 7)], OTHER: []}
    for street, shares in STREET_SHARES.items():
        for kind, count, sizes in zip(
            (Ownership.PUBLIC, INCLUSIVE, OTHER), shares, (public, inclusive, others), strict=True
        ):
            for _ in range(count):
                earlier, changed_at = changes[kind].pop() if changes[kind] else (None, 0)
                kindergartens.append(
                    KindergartenPlan(
                        names.next_for(street),
                        towns[street],
                        kind,
                        sponsor_of(kind),
                        sizes.pop(),
                        earlier=earlier,
                        changed_at=changed_at,
                    )
                )
    return kindergartens


def _waiting_kindergarten(waiting: Waiting, towns: dict[str, str]) -> KindergartenPlan:
    directed = waiting.word == "春芽"
    return KindergartenPlan(
        f"{waiting.town}{waiting.word}幼儿园",
        towns[waiting.town],
        waiting.ownership,
        SponsorType.PRIVATE,
        waiting.children,
        outcome=waiting.outcome,
        leavers=waiting.leavers,
        class_sizes=DIRECTOR_CLASSES if directed else {},
        nursery=16 if directed else 0,
        steady=True,
        key=DIRECTOR if directed else "",
    )


def _closed_kindergarten(names: Names, towns: dict[str, str]) -> KindergartenPlan:
    return KindergartenPlan(
        names.next_for("崔黄口镇"), towns["崔黄口镇"], OTHER, SponsorType.PRIVATE, 34, closed_at=6
    )


def _street_residents(
    rng: random.Random, kindergartens: list[KindergartenPlan], towns: dict[str, str]
) -> dict[str, int]:
    codes = [towns[street] for street in STREET_SHARES]
    children = [sum(k.children for k in kindergartens if k.town == code) for code in codes]
    weights = [count * rng.uniform(0.95, 1.05) for count in children]
    return dict(zip(codes, apportion(STREETS.residents or 0, weights), strict=True))

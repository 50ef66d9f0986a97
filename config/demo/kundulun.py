"""昆都仑区: 28 public kindergartens and the people its plan of December 2023 says are missing.

The plan counts 96 teachers to recruit for the 12 kindergartens the district runs itself, 19 care
and teaching staff and 4 health workers for those of 包钢幼教处, and 23 health workers for the
district's public kindergartens. Here they are said in the return's own posts:

- 96: each of the 12 has 8 people fewer than one for every 7 children;
- 19: the 包钢 kindergartens together have 19 teachers and carers fewer than one for every 9
  children, while all staff together meet 1:7;
- 23 and 4: health workers short of one for every 150 children begun, over the 14 district
  kindergartens and over those of 包钢.

The plan gives no head-counts: sizes, the private kindergartens and all names but 包钢十七园 and
包钢十八园 are invented. So are the number of 包钢 kindergartens (14) and the two others.
"""

from __future__ import annotations

import random

from config.demo.plan import (
    CountyPlan,
    KindergartenPlan,
    Names,
    Outcome,
    Ownership,
    SponsorType,
    StaffGap,
    sponsor_of,
)

CODE = "150203"
DIRECTOR = "kundulun-director"
DISTRICT_RUN = 12
COMPANY_RUN = 14
OTHER_PUBLIC = 2
MISSING_PER_DISTRICT_KINDERGARTEN = 8
NAMED_COMPANY = ["包钢十七园", "包钢十八园"]

# Measure 4 of the city's list names both as bodies that run their kindergartens as a group.
GROUPS_DOCUMENT = "包头市“十四五”学前教育发展提升行动任务清单"
GROUPS = {"包钢幼教处": SponsorType.STATE_ENTERPRISE, "昆区教办幼儿园": SponsorType.EDUCATION}

# The plan names nine public kindergartens that charge more than this document allows; which ones
# and how much is invented.
FEE_DOCUMENT = "包发改费字〔2015〕203号（金额为示例）"
OVER_CEILING = 9

PRIVATE_OUTCOMES = [
    (Ownership.INCLUSIVE_PRIVATE, Outcome.ABSENT),
    (Ownership.INCLUSIVE_PRIVATE, Outcome.SUBMITTED),
    (Ownership.NON_INCLUSIVE_PRIVATE, Outcome.SUBMITTED),
    (Ownership.INCLUSIVE_PRIVATE, Outcome.RETURNED),
    *[(Ownership.INCLUSIVE_PRIVATE, Outcome.ACCEPTED)] * 17,
    *[(Ownership.NON_INCLUSIVE_PRIVATE, Outcome.ACCEPTED)] * 3,
]


def plan(rng: random.Random, towns: dict[str, str]) -> CountyPlan:
    """`towns` gives each street's and town's code by its name."""
    places = list(towns.items())
    names = Names(rng)
    kindergartens = [
        _public(names, places[at % len(places)], SponsorType.EDUCATION, children, gap)
        for at, (children, gap) in enumerate(_district_run(rng))
    ]
    kindergartens += [
        _public(names, places[(at + 5) % len(places)], SponsorType.INSTITUTION, children, gap)
        for at, (children, gap) in enumerate(
            [
                (rng.randint(310, 360), StaffGap(health=2)),
                (rng.randint(200, 290), StaffGap(health=1)),
            ]
        )
    ]
    kindergartens += _company_run(rng, names, places)
    for at, (ownership, outcome) in enumerate(PRIVATE_OUTCOMES):
        name, code = places[(at * 7 + 2) % len(places)]
        kindergartens.append(
            KindergartenPlan(
                names.next_for(name),
                code,
                ownership,
                sponsor_of(ownership),
                rng.randint(110, 190),
                outcome=outcome,
                steady=at == 0,
                key=DIRECTOR if at == 0 else "",
            )
        )
    population: dict[str, int] = {}
    for kindergarten in kindergartens:
        population[kindergarten.town] = population.get(kindergarten.town, 0) + kindergarten.children
    population = {
        code: round(children / rng.uniform(0.93, 1.0)) for code, children in population.items()
    }
    return CountyPlan(
        CODE,
        kindergartens,
        population | {CODE: sum(population.values())},
        groups_document=GROUPS_DOCUMENT,
        sponsor_groups=GROUPS,
        fee_document=FEE_DOCUMENT,
        over_ceiling=OVER_CEILING,
    )


def _district_run(rng: random.Random) -> list[tuple[int, StaffGap]]:
    """Twelve kindergartens, 96 people and 20 health workers short."""
    gaps = [2] * 8 + [1] * 4
    return [
        (rng.randint(390, 445), StaffGap(staff=MISSING_PER_DISTRICT_KINDERGARTEN, health=health))
        for health in gaps
    ]


def _company_run(
    rng: random.Random, names: Names, places: list[tuple[str, str]]
) -> list[KindergartenPlan]:
    """Fourteen kindergartens of 包钢幼教处: 19 care and teaching staff, 4 health workers short."""
    made = []
    for at in range(COMPANY_RUN):
        gap = StaffGap(care_teaching=2 if at < 5 else 1, health=1 if at < 4 else 0)
        _, code = places[(at * 2) % len(places)]
        named = NAMED_COMPANY[at] if at < len(NAMED_COMPANY) else ""
        made.append(
            KindergartenPlan(
                named or names.next_for("包钢"),
                code,
                Ownership.PUBLIC,
                SponsorType.STATE_ENTERPRISE,
                rng.randint(190, 340),
                is_example=not named,
                gap=gap,
            )
        )
    return made


def _public(
    names: Names, place: tuple[str, str], sponsor: SponsorType, children: int, gap: StaffGap
) -> KindergartenPlan:
    name, code = place
    return KindergartenPlan(
        names.next_for(name), code, Ownership.PUBLIC, sponsor, children, gap=gap
    )

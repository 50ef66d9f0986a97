"""Buildings and equipment of the demo: sites, confirmed counts, fire acceptance.

Kundulun's gaps are those of its plan of December 2023, to the last piece: they are spread over the
28 public kindergartens and add up again. Everything else, prices too, is invented and says so.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo import kundulun, wuqing
from config.demo.parts import apportion
from config.demo.plan import CountyPlan, Ownership, SponsorType
from kindergartens.models import (
    EquipmentCount,
    EquipmentItem,
    FireAcceptance,
    Kindergarten,
    Measure,
    PremisesCount,
    PremisesFigure,
    PremisesStandard,
    Site,
)

# 三（二）2: what the 28 public kindergartens of Kundulun lack together.
KUNDULUN_GAPS = {
    "outdoor-hard-ground": 9_900,
    "outdoor-soft-ground": 51_000,
    "washrooms": 328,
    "indoor-floor": 15_700,
    "gates": 8,
    "walls": 3_700,
    "teacher-computers": 559,
    "classroom-displays": 334,
    "tables-and-chairs": 6_932,
    "eye-care-light-rooms": 204,
    "picture-books": 55_100,
    "cctv": 25,
    "indoor-material-sets": 1_000,
}
# Invented: the plan names no prices.
EXAMPLE_PRICES = {
    "outdoor-hard-ground": 180,
    "outdoor-soft-ground": 260,
    "washrooms": 28_000,
    "indoor-floor": 220,
    "gates": 36_000,
    "walls": 650,
    "teacher-computers": 4_500,
    "classroom-displays": 18_000,
    "tables-and-chairs": 420,
    "eye-care-light-rooms": 9_800,
    "picture-books": 22,
    "cctv": 46_000,
    "indoor-material-sets": 3_200,
}
# Month and day by which an open fire acceptance is to be finished.
DUE_BY = ((9, 30), (12, 31), (12, 31), (10, 31))
# 三（二）3: fire acceptance still to be finished.
FIRE_OPEN = {SponsorType.EDUCATION: 10, SponsorType.STATE_ENTERPRISE: 11}
BOOKS_DOCUMENT = "示例文件：幼儿园图书配备标准"
SOURCE = "示例数据：实地测量和逐件清点"
# Kindergartens nobody has counted yet, by their number in the county's plan.
NOT_COUNTED = {wuqing.CODE: range(20, 144, 17)}
WAITING = {wuqing.CODE: (3, 30, 66), kundulun.CODE: (4,)}
WITH_BRANCH = {wuqing.CODE: (10, 50)}


@dataclass(frozen=True)
class Posts:
    """Who counted and who confirmed: one of each kindergarten, and the bureau's officer."""

    of_kindergarten: dict[int, Membership]
    officer: Membership


def write_premises(rng: random.Random, plan: CountyPlan, day: dt.date, now: dt.datetime) -> str:
    """Sites, counts and fire acceptance of a county; `day` is the day they were counted on."""
    county = Region.objects.of_code(plan.code)
    kindergartens = list(
        Kindergarten.objects.filter(organisation__region__county=county)
        .select_related("organisation")
        .order_by("code")
    )
    posts = _posts(county)
    _books_standard(county, day)
    sites = _sites(rng, plan, kindergartens, day)
    skipped = set(NOT_COUNTED.get(plan.code, ()))
    counted = [site for number, site in sites if number not in skipped]
    at = timezone.make_aware(dt.datetime.combine(day, dt.time(16, 20)))
    counts = _counts(counted, posts, day, at)
    _figures(rng, plan, sites, counts)
    if plan.code == kundulun.CODE:
        _kundulun_equipment(rng, plan, sites, counts)
    _fire(rng, plan, sites, posts, day, at)
    _waiting(plan, sites, posts, day, now)
    return f"{len(sites)}处园址"


def _posts(county: Region) -> Posts:
    directors = Membership.objects.filter(
        organisation__region__county=county, role=RoleCode.DIRECTOR
    )
    officer = Membership.objects.filter(organisation__region=county, role=RoleCode.BUREAU_OFFICER)[
        :1
    ].get()
    return Posts({post.organisation_id: post for post in directors}, officer)


def _books_standard(county: Region, day: dt.date) -> None:
    """Books are a local rule; the demo's counties set 3 to 5 copies a child."""
    PremisesStandard.objects.create(
        region=county,
        measure=Measure.BOOKS,
        at_least=Decimal(3),
        at_most=Decimal(5),
        share_of_new=Decimal(1),
        share_of_old=Decimal("0.95"),
        document=BOOKS_DOCUMENT,
        valid_from=dt.date(day.year - 2, 1, 1),
    )


def _sites(
    rng: random.Random, plan: CountyPlan, kindergartens: Sequence[Kindergarten], day: dt.date
) -> list[tuple[int, Site]]:
    """Each kindergarten's main site, some with a branch; (number in the plan, site)."""
    made: list[tuple[int, Site]] = []
    for number, kindergarten in enumerate(kindergartens):
        designed = rng.choice([None, *range(1988, 2016)]) if number % 5 else rng.randint(2017, 2022)
        opened = kindergarten.opened_on
        since = max(opened, dt.date(designed + 1, 9, 1)) if designed else opened
        made.append(
            (
                number,
                Site(
                    kindergarten=kindergarten,
                    name="本部",
                    is_main=True,
                    designed_in=designed,
                    address=f"示例路{number + 1}号",
                    valid_from=min(since, dt.date(day.year - 1, 1, 1)),
                ),
            )
        )
        if number in WITH_BRANCH.get(plan.code, ()):
            branch = Site(
                kindergarten=kindergarten,
                name="东院",
                designed_in=2019,
                address=f"示例路{number + 301}号",
                valid_from=dt.date(2020, 9, 1),
            )
            made.append((number, branch))
    Site.objects.bulk_create([site for _, site in made])
    return made


def _counts(
    sites: Sequence[Site], posts: Posts, day: dt.date, at: dt.datetime
) -> dict[int, PremisesCount]:
    made = PremisesCount.objects.bulk_create(
        PremisesCount(
            site=site,
            counted_on=day,
            source=SOURCE,
            state=PremisesCount.State.CONFIRMED,
            entered_as=posts.of_kindergarten[site.kindergarten.organisation_id],
            entered_at=at,
            decided_as=posts.officer,
            decided_at=at + dt.timedelta(days=2),
        )
        for site in sites
    )
    return {count.site_id: count for count in made}


def _figures(
    rng: random.Random,
    plan: CountyPlan,
    sites: Sequence[tuple[int, Site]],
    counts: dict[int, PremisesCount],
) -> None:
    """Areas near the standards: most new designs meet them, about seven of ten old ones do."""
    branches = {number for number, site in sites if not site.is_main}
    figures = []
    for number, site in sites:
        if site.pk not in counts:
            continue
        share = Decimal("0.5") if number in branches else Decimal(1)
        children = plan.kindergartens[number].children
        new = (site.designed_in or 0) >= 2017
        for measure, amount in _areas(rng, children, new=new).items():
            figures.append(
                PremisesFigure(
                    count=counts[site.pk], measure=measure, value=(amount * share).quantize(1)
                )
            )
    PremisesFigure.objects.bulk_create(figures)


def _areas(rng: random.Random, children: int, *, new: bool) -> dict[str, Decimal]:
    def times(least: str, low: float, high: float) -> Decimal:
        factor = Decimal(str(round(rng.uniform(low, high), 3)))
        return (Decimal(least) * children * factor).quantize(Decimal(1))

    outdoor = times("4", 1.02 if new else 0.8, 1.5)
    activity = times("8.17", 1.02 if new else 0.85, 1.3)
    floor = max(times("10.44", 1.02 if new else 0.88, 1.4), activity + 60)
    green = times("2", 0.8, 1.4)
    return {
        Measure.OUTDOOR: outdoor,
        Measure.ACTIVITY: activity,
        Measure.FLOOR: floor,
        Measure.GREEN: green,
        Measure.LAND: outdoor + green + (floor / 2).quantize(Decimal(1)) + 200,
        Measure.BOOKS: times("3", 0.98, 2.6),
    }


def _kundulun_equipment(
    rng: random.Random,
    plan: CountyPlan,
    sites: Sequence[tuple[int, Site]],
    counts: dict[int, PremisesCount],
) -> None:
    public = [
        site for number, site in sites if plan.kindergartens[number].ownership == Ownership.PUBLIC
    ]
    lines = []
    items: Any = EquipmentItem.objects.filter(code__in=KUNDULUN_GAPS)
    for item in items:
        item.unit_cost_yuan = Decimal(EXAMPLE_PRICES[item.code])
        item.unit_cost_source = "示例单价"
        item.save(update_fields=["unit_cost_yuan", "unit_cost_source"])
        gaps = _spread(rng, KUNDULUN_GAPS[item.code], len(public))
        for site, gap in zip(public, gaps, strict=True):
            present = rng.randint(0, max(2, 2 * KUNDULUN_GAPS[item.code] // len(public)))
            lines.append(
                EquipmentCount(
                    count=counts[site.pk], item=item, present=present, needed=present + gap
                )
            )
    EquipmentCount.objects.bulk_create(lines)


def _spread(rng: random.Random, total: int, places: int) -> list[int]:
    """The total over the places, some with nothing missing."""
    weights = [rng.choice([0.0, 0.6, 1.0, 1.5]) for _ in range(places)]
    weights[0] = weights[0] or 1.0
    return apportion(total, weights)


def _fire(
    rng: random.Random,
    plan: CountyPlan,
    sites: Sequence[tuple[int, Site]],
    posts: Posts,
    day: dt.date,
    at: dt.datetime,
) -> None:
    state = FireAcceptance.State
    left = dict(FIRE_OPEN) if plan.code == kundulun.CODE else {}
    made = []
    for number, site in sites:
        sponsor = plan.kindergartens[number].sponsor
        if plan.code == kundulun.CODE:
            is_open = left.get(sponsor, 0) > 0
            left[sponsor] = left.get(sponsor, 0) - 1
        else:
            is_open = rng.random() < 0.06
        if not is_open and rng.random() < 0.04:
            continue  # nobody has registered it
        made.append(
            FireAcceptance(
                site=site,
                state=state.RECTIFYING if is_open else state.PASSED,
                since=_open_since(number, day) if is_open else site.valid_from,
                due_on=dt.date(day.year, *DUE_BY[number % len(DUE_BY)]) if is_open else None,
                document="" if is_open else "示例：消防验收意见书",
                entered_as=posts.officer,
                entered_at=at,
            )
        )
    FireAcceptance.objects.bulk_create(made)


def _open_since(number: int, day: dt.date) -> dt.date:
    """Found when the fire service came by, a few kindergartens a month."""
    return dt.date(day.year - 1, 12, 18) - dt.timedelta(days=number % 9 * 31)


def _waiting(
    plan: CountyPlan,
    sites: Sequence[tuple[int, Site]],
    posts: Posts,
    day: dt.date,
    now: dt.datetime,
) -> None:
    """Newer counts that nobody has confirmed yet."""
    main = {number: site for number, site in sites if site.is_main}
    for number in WAITING.get(plan.code, ()):
        site = main[number]
        count = PremisesCount.objects.create(
            site=site,
            counted_on=timezone.localdate(now) - dt.timedelta(days=3),
            source="示例数据：扩建后重新测量",
            entered_as=posts.of_kindergarten[site.kindergarten.organisation_id],
            entered_at=now - dt.timedelta(days=2),
        )
        children = plan.kindergartens[number].children
        PremisesFigure.objects.create(
            count=count, measure=Measure.OUTDOOR, value=Decimal(children * 5)
        )

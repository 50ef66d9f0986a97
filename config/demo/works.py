"""Construction projects and estate kindergartens of the demo.

From the sources: the two rebuilt kindergartens of Kundulun (5,000 m², 12 classes, 360 places each),
Altay's sixth kindergarten (360 places, done at the end of 2020), and the plans of Baotou and
Shijingshan in fixtures/buildings. Every other project, and all estates, are invented.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal

from accounts.access.roles import RoleCode
from accounts.models import Membership, Region
from config.demo import kundulun, shijingshan, wuqing
from config.demo.parts import partition
from kindergartens.models import (
    ConstructionPlan,
    ConstructionProject,
    EstateOperator,
    EstateProblem,
    EstateProject,
    EstateStep,
    Kindergarten,
    ProjectPayment,
    ProjectStage,
)

ALTAY_CITY = "654301"
COUNTIES = (wuqing.CODE, kundulun.CODE, shijingshan.CODE, ALTAY_CITY)
STAGES = tuple(ProjectStage.Stage.values)
# Days from one stage to the next, more or less.
PACE = (60, 90, 60, 30, 420, 90)
ESTATE_WORDS = ["和苑", "翠湖", "丽景", "锦绣", "阳光", "书香", "绿洲", "金色", "玉兰", "枫林"]


def write_works(rng: random.Random, code: str, today: dt.date, now: dt.datetime) -> str:
    """Projects and estates of a county; says how many of each."""
    county = Region.objects.of_code(code)
    officer = Membership.objects.filter(organisation__region=county, role=RoleCode.BUREAU_OFFICER)[
        :1
    ].get()
    projects = _projects(rng, code, county, officer, today, now)
    estates = _estates(rng, code, county, officer, today, now)
    return f"{projects}个项目，{estates}个小区"


# ---- projects -------------------------------------------------------------------------------------


def _projects(
    rng: random.Random,
    code: str,
    county: Region,
    officer: Membership,
    today: dt.date,
    now: dt.datetime,
) -> int:
    if code == kundulun.CODE:
        _rebuilt(county, officer, now)
        plan = ConstructionPlan.objects.get(code="fourteenth-five-year", region__code="150200")
        seats = [270, 360, 180, 270]
        _invented(rng, county, plan, seats, officer, today, now)
        return 2 + len(seats)
    if code == ALTAY_CITY:
        _sixth(county, officer, now)
        return 1
    if code == shijingshan.CODE:
        plan = ConstructionPlan.objects.get(region=county, code="fourteenth-five-year")
        seats = [30 * part for part in partition(rng, 2520 // 30, 7, 0.4)]
        _invented(rng, county, plan, seats, officer, today, now)
        return len(seats)
    _invented(rng, county, None, [360, 270, 180], officer, today, now)
    return 3


def _rebuilt(county: Region, officer: Membership, now: dt.datetime) -> None:
    """包钢十七园 and 包钢十八园, rebuilt on their own ground: both done."""
    plan = ConstructionPlan.objects.get(region=county, code="rebuilding")
    for number, name in enumerate(kundulun.NAMED_COMPANY):
        kindergarten = Kindergarten.objects.select_related("organisation__region").get(
            name=name, organisation__region__county=county
        )
        project = ConstructionProject.objects.create(
            county=county,
            town=kindergarten.organisation.region,
            kindergarten=kindergarten,
            plan=plan,
            name=f"{name}原址翻建",
            kind=ConstructionProject.Kind.REBUILT,
            document="昆都仑区实施方案三（二）1",
            classes=12,
            floor_area_m2=Decimal(5000),
            seats_planned=360,
            money_planned_yuan=None,
            seats_delivered=360,
            delivered_on=dt.date(2024, 8, 26 + number),
        )
        _stages(project, dt.date(2023, 12, 18), done=len(STAGES), last=project.delivered_on)


def _sixth(county: Region, officer: Membership, now: dt.datetime) -> None:
    plan = ConstructionPlan.objects.get(code="sixth-kindergarten")
    project = ConstructionProject.objects.create(
        county=county,
        plan=plan,
        name="新建阿勒泰市第六幼儿园",
        kind=ConstructionProject.Kind.NEW,
        document="阿行办发〔2021〕2号三（二）3",
        seats_planned=360,
        seats_delivered=360,
        delivered_on=dt.date(2020, 12, 31),
    )
    ProjectStage.objects.create(
        project=project, stage=ProjectStage.Stage.DELIVERED, done_on=dt.date(2020, 12, 31)
    )


def _invented(
    rng: random.Random,
    county: Region,
    plan: ConstructionPlan | None,
    seats: Sequence[int],
    officer: Membership,
    today: dt.date,
    now: dt.datetime,
) -> None:
    """Delivered, under way, late, and not begun, in turn."""
    towns = list(Region.objects.filter(county=county, is_active=True).order_by("code"))
    kinds = (ConstructionProject.Kind.NEW, ConstructionProject.Kind.EXTENDED)
    for number, places in enumerate(seats):
        town = towns[number % len(towns)]
        done = (6, 4, 3, 0)[number % 4]
        money = Decimal(places) * rng.randint(52_000, 78_000)
        begins = today - dt.timedelta(days=sum(PACE[:done]) + (150 if done else 20))
        project = ConstructionProject.objects.create(
            county=county,
            town=town,
            plan=plan,
            name=f"示例{town.name}{'新建' if number % 2 == 0 else '改扩建'}幼儿园",
            kind=kinds[number % 2],
            is_example=True,
            classes=places // 30,
            floor_area_m2=Decimal(places * 12),
            seats_planned=places,
            money_planned_yuan=money,
        )
        _stages(project, begins, done=done, last=None)
        if done == len(STAGES):
            project.seats_delivered = places
            project.delivered_on = project.stages.get(stage=STAGES[-1]).done_on
            project.save()
        paid = {6: Decimal("0.95"), 4: Decimal("0.6"), 3: Decimal("0.3"), 0: None}[done]
        if paid is not None:
            ProjectPayment.objects.create(
                project=project,
                paid_on=today - dt.timedelta(days=40),
                yuan=(money * paid).quantize(Decimal(1)),
                document="示例拨款单",
                entered_as=officer,
                entered_at=now,
            )


def _stages(
    project: ConstructionProject, begins: dt.date, *, done: int, last: dt.date | None
) -> None:
    """Each stage with the day it was due; those done were done on that day or soon after."""
    day, rows = begins, []
    for number, stage in enumerate(STAGES):
        finished = last if last and number == len(STAGES) - 1 else day
        rows.append(
            ProjectStage(
                project=project,
                stage=stage,
                due_on=finished,
                done_on=finished if number < done else None,
                document="示例文号" if number < 3 and number < done and project.is_example else "",
            )
        )
        step = PACE[number]
        day += dt.timedelta(days=min(step, 30) if last else step)
    ProjectStage.objects.bulk_create(rows)


# ---- estates --------------------------------------------------------------------------------------

# Handed over in the running year.
NEWLY = 0
# town and kind of what the demo shows; homes, handed over in, run as (None: not decided).
WUQING_ESTATES: list[tuple[str, int, int | None, str | None]] = [
    ("徐官屯街道", 2_100, 2019, "public"),
    ("杨村街道", 3_400, 2018, "inclusive_private"),
    ("高村镇", 1_900, 2021, "public"),
    # Below one half of its children in public kindergartens: the rule stops 普惠民办 here.
    ("曹子里镇", 1_650, NEWLY, None),
    # Above one half, all returns accepted: may be asked for.
    ("城关镇", 1_720, NEWLY, None),
    # Returns are missing: its share cannot be said yet.
    ("王庆坨镇", 2_300, NEWLY, None),
    ("东蒲洼街道", 4_600, None, None),
    ("黄庄街道", 2_050, 2017, "non_inclusive_private"),
]


def _estates(
    rng: random.Random,
    code: str,
    county: Region,
    officer: Membership,
    today: dt.date,
    now: dt.datetime,
) -> int:
    towns = {town.name: town for town in Region.objects.filter(county=county, is_active=True)}
    if code == wuqing.CODE:
        rows = WUQING_ESTATES
    else:
        names = sorted(towns)
        rows = [
            (names[0], 1_800, 2018, "public"),
            (names[1 % len(names)], 2_600, 2020, "inclusive_private"),
            (names[2 % len(names)], 1_250, None, None),
            (names[3 % len(names)], 4_300, None, None),
        ]
    used: set[int] = set()
    for number, (town, homes, year, run_as) in enumerate(rows):
        _estate(rng, county, towns[town], number, homes, year, run_as, used, officer, today, now)
    return len(rows)


def _estate(
    rng: random.Random,
    county: Region,
    town: Region,
    number: int,
    homes: int,
    year: int | None,
    run_as: str | None,
    used: set[int],
    officer: Membership,
    today: dt.date,
    now: dt.datetime,
) -> None:
    word = ESTATE_WORDS[number % len(ESTATE_WORDS)]
    kindergarten = _kindergarten(town, run_as, used) if run_as else None
    handed = dt.date(year, 6, 18) if year else None
    if year == NEWLY and year is not None:
        handed = today - dt.timedelta(days=160)
    classes = 9 if homes < 3000 else 12
    estate = EstateProject.objects.create(
        county=county,
        town=town,
        name=f"示例{town.name}{word}小区",
        address=f"示例路{number + 11}号",
        developer="示例房地产开发有限公司",
        is_example=True,
        homes=homes,
        residents=round(homes * 2.9),
        required=homes >= 1_500,
        kindergarten_name=kindergarten.name
        if kindergarten
        else f"{town.name}{word}幼儿园{'' if run_as else '（暂定）'}",
        kindergarten=kindergarten,
        classes_planned=classes,
        seats_planned=classes * 30,
        floor_area_m2=classes * 350,
        opened_in=year + 1 if year and run_as else None,
        post_quota=rng.randint(12, 24) if run_as == "public" else None,
        established_staff=rng.randint(6, 12) if run_as == "public" else None,
        care_fee_yuan={"public": 600, "inclusive_private": 700, "non_inclusive_private": 1800}.get(
            run_as or ""
        ),
        handover_due_on=handed or today - dt.timedelta(days=30 * (number + 1)),
        agreement_on=handed - dt.timedelta(days=90) if handed else None,
        slip_on=handed,
        handed_over_on=handed,
        handed_to=f"{town.name}{'办事处' if '街道' in town.name else '人民政府'}" if handed else "",
    )
    _steps(estate, handed, today)
    if run_as and handed:
        EstateOperator.objects.create(
            estate=estate,
            run_as=run_as,
            operator="示例举办者" if run_as != "public" else county.name + "教育局",
            valid_from=handed + dt.timedelta(days=60),
            document="示例：移交时的办园协议",
            state=EstateOperator.State.FOUND,
            asked_as=officer,
            asked_at=now,
        )
    if not handed:
        EstateProblem.objects.create(
            estate=estate,
            kind=EstateProblem.Kind.NOT_HANDED_OVER,
            text="小区已交付入住，配套园还没有移交",
            found_on=today - dt.timedelta(days=20),
        )


def _kindergarten(town: Region, run_as: str, used: set[int]) -> Kindergarten | None:
    """One of the town, of the nature it is run as, that no other estate has."""
    found = (
        Kindergarten.objects.filter(
            statuses__valid_to__isnull=True,
            statuses__town=town,
            statuses__operating_state="operating",
            statuses__ownership=run_as,
            is_example=True,
        )
        .exclude(pk__in=used)
        .order_by("code")
        .first()
    )
    if found is not None:
        used.add(found.pk)
    return found


def _steps(estate: EstateProject, handed: dt.date | None, today: dt.date) -> None:
    first = (handed or today) - dt.timedelta(days=1_100)
    rows = []
    for number, step in enumerate(EstateStep.Step.values):
        delivered = handed is not None or number < 3
        rows.append(
            EstateStep(
                estate=estate,
                step=step,
                state=EstateStep.State.YES if delivered else EstateStep.State.NOT_YET,
                on=first + dt.timedelta(days=260 * number) if delivered else None,
            )
        )
    EstateStep.objects.bulk_create(rows)

"""Writing a county's plan: kindergartens with dated status, people, population, groups, fees."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from accounts.access.roles import RoleCode
from accounts.models import Organisation, Region
from config.demo.calendar import PeriodPlan
from config.demo.parts import partition
from config.demo.people import (
    COUNTIES_WITH_OFFICER_LOGIN,
    IN_POST_SINCE,
    add_kindergarten_logins,
    add_silent_posts,
    bureau_of,
)
from config.demo.plan import CountyPlan, KindergartenPlan, Ownership
from config.demo.record import record_fields, status_fields
from fees.catalogue.rules import NON_PROFIT_GUIDED_FROM
from fees.models import FeeCeiling
from kindergartens.models import (
    BirthCount,
    Group,
    GroupMember,
    Kindergarten,
    KindergartenStatus,
    Population,
    ReportingPeriod,
)

POPULATION_SOURCE = "示例人口数"
BIRTHS_SOURCE = "示例出生人数"
FEE_DOCUMENT = "示例文件：幼儿园保教费最高限价"
FEE_CEILINGS = {
    FeeCeiling.Scope.PUBLIC: Decimal(600),
    FeeCeiling.Scope.INCLUSIVE_A: Decimal(900),
    FeeCeiling.Scope.INCLUSIVE_B: Decimal(700),
    FeeCeiling.Scope.NON_PROFIT: Decimal(3300),
}
AGES = (3, 4, 5)
CLOSED = KindergartenStatus.OperatingState.CLOSED


def write_county(
    rng: random.Random, plan: CountyPlan, periods: list[PeriodPlan], *, anchor: dt.date
) -> str:
    """Write everything of a county but its returns; says how many kindergartens.

    `anchor` is the day on which the demo is shown: licences end around it.
    """
    county = Region.objects.of_code(plan.code)
    towns = {
        town.code: town for town in Region.objects.filter(county=county).select_related("county")
    }
    bureau = bureau_of(county)
    if plan.code not in COUNTIES_WITH_OFFICER_LOGIN:
        add_silent_posts([bureau], [f"officer-{plan.code}"], RoleCode.BUREAU_OFFICER, "经办人")
    _write_kindergartens(rng, plan, towns, bureau, periods, anchor)
    _write_population(rng, plan, {**towns, county.code: county}, periods)
    _write_births(plan, {**towns, county.code: county}, periods)
    _write_groups(plan, county, towns)
    FeeCeiling.objects.bulk_create(
        FeeCeiling(
            region=county,
            scope=scope,
            yuan_per_month=yuan,
            document=plan.fee_document or FEE_DOCUMENT,
            valid_from=max(periods[0].month, NON_PROFIT_GUIDED_FROM)
            if scope == FeeCeiling.Scope.NON_PROFIT
            else periods[0].month,
        )
        for scope, yuan in FEE_CEILINGS.items()
    )
    ReportingPeriod.objects.bulk_create(
        ReportingPeriod(
            county=county,
            month=period.month,
            reference_date=period.reference_date,
            opens_at=period.opens_at,
            due_at=period.due_at,
            locks_at=period.locks_at,
        )
        for period in periods
    )
    return f"{len(plan.kindergartens)}所"


def _write_kindergartens(
    rng: random.Random,
    plan: CountyPlan,
    towns: dict[str, Region],
    bureau: Organisation,
    periods: list[PeriodPlan],
    anchor: dt.date,
) -> None:
    organisations = Organisation.objects.bulk_create(
        Organisation(
            name=planned.name,
            kind=Organisation.Kind.KINDERGARTEN,
            region=towns[planned.town],
            parent=bureau,
        )
        for planned in plan.kindergartens
    )
    # Its own, so that what is drawn here moves nothing else.
    chance = random.Random(f"record:{plan.code}")  # noqa: S311 - invented records
    kindergartens = Kindergarten.objects.bulk_create(
        Kindergarten(
            organisation=organisation,
            name=planned.name,
            code=_code(plan.code, serial),
            is_example=planned.is_example,
            opened_on=dt.date(rng.randint(1986, 2014), rng.choice([3, 9]), 1),
            **record_fields(
                chance, planned, town=towns[planned.town], serial=serial, anchor=anchor
            ),
        )
        for serial, (planned, organisation) in enumerate(
            zip(plan.kindergartens, organisations, strict=True), 1
        )
    )
    statuses: list[KindergartenStatus] = []
    for serial, (planned, kindergarten) in enumerate(
        zip(plan.kindergartens, kindergartens, strict=True), 1
    ):
        rows = _statuses(planned, kindergarten, towns[planned.town], periods)
        for row in rows:
            described = status_fields(
                planned,
                Ownership(row.ownership),
                town=row.town,
                serial=serial,
                anchor=anchor,
                opened=kindergarten.opened_on,
            )
            for name, value in described.items():
                setattr(row, name, value)
        statuses += rows
    KindergartenStatus.objects.bulk_create(statuses)
    without_login = [
        (organisation, f"director-{kindergarten.code}")
        for planned, organisation, kindergarten in zip(
            plan.kindergartens, organisations, kindergartens, strict=True
        )
        if not planned.key
    ]
    add_silent_posts(
        [organisation for organisation, _ in without_login],
        [username for _, username in without_login],
        RoleCode.DIRECTOR,
        "园长",
    )
    add_kindergarten_logins(
        {
            planned.key: organisation
            for planned, organisation in zip(plan.kindergartens, organisations, strict=True)
            if planned.key
        }
    )


def _code(county: str, serial: int) -> str:
    """11, the province, then a serial that starts with the county's own two digits."""
    return f"11{county[:2]}{county[4:6]}{serial:04d}"


def _statuses(
    planned: KindergartenPlan,
    kindergarten: Kindergarten,
    town: Region,
    periods: list[PeriodPlan],
) -> list[KindergartenStatus]:
    opened = kindergarten.opened_on
    current = _status(planned, kindergarten, town, planned.ownership, opened)
    if planned.earlier is not None:
        changed_on = periods[planned.changed_at].month
        before = _status(planned, kindergarten, town, planned.earlier, opened)
        before.valid_to = current.valid_from = changed_on
        public = planned.ownership == Ownership.PUBLIC
        current.reason = "示例：转为公办" if public else "示例：认定为普惠性民办园"
        return [before, current]
    if planned.closed_at is not None:
        closed_on = periods[planned.closed_at].month
        after = _status(planned, kindergarten, town, planned.ownership, closed_on)
        after.operating_state = CLOSED
        after.reason = "示例：生源减少，停止办园"
        current.valid_to = closed_on
        return [current, after]
    return [current]


def _status(
    planned: KindergartenPlan,
    kindergarten: Kindergarten,
    town: Region,
    ownership: Ownership,
    valid_from: dt.date,
) -> KindergartenStatus:
    sponsor = planned.sponsor
    if planned.earlier == ownership:
        # Only private kindergartens change in the demo.
        sponsor = KindergartenStatus.SponsorType.PRIVATE
    return KindergartenStatus(
        kindergarten=kindergarten,
        valid_from=valid_from,
        town=town,
        sponsor_type=sponsor,
        ownership=ownership,
        for_profit=ownership == Ownership.NON_INCLUSIVE_PRIVATE,
        counts_public=ownership == Ownership.PUBLIC,
        counts_inclusive=ownership != Ownership.NON_INCLUSIVE_PRIVATE,
    )


def _write_population(
    rng: random.Random,
    plan: CountyPlan,
    regions: dict[str, Region],
    periods: list[PeriodPlan],
) -> None:
    """Two year-ends, both bases; the later one has the plan's residents."""
    last_year = periods[-1].month.year - 1
    rows: list[Population] = []
    for code, residents in plan.population.items():
        for year, scale in ((last_year - 1, 1.012), (last_year, 1.0)):
            for base, share in (
                (Population.Base.RESIDENT, 1.0),
                (Population.Base.REGISTERED, 0.955),
            ):
                children = round(residents * scale * share)
                rows += [
                    Population(
                        region=regions[code],
                        reference_date=dt.date(year, 12, 31),
                        base=base,
                        age=age,
                        children=of_age,
                        source=POPULATION_SOURCE,
                    )
                    for age, of_age in zip(AGES, partition(rng, children, 3, 0.04), strict=True)
                ]
    Population.objects.bulk_create(rows)


def _write_births(plan: CountyPlan, regions: dict[str, Region], periods: list[PeriodPlan]) -> None:
    """Seven years of births, three in a hundred fewer each year; the last year is complete."""
    last_year = periods[-1].month.year - 1
    BirthCount.objects.bulk_create(
        BirthCount(
            region=regions[code],
            year=year,
            base=base,
            children=round(residents / 3 * share * (1 + 0.03 * (last_year - 4 - year))),
            source=BIRTHS_SOURCE,
        )
        for code, residents in plan.population.items()
        for year in range(last_year - 6, last_year + 1)
        for base, share in ((Population.Base.RESIDENT, 1.0), (Population.Base.REGISTERED, 0.955))
    )


def _write_groups(plan: CountyPlan, county: Region, towns: dict[str, Region]) -> None:
    in_register = {
        k.name: k for k in Kindergarten.objects.filter(organisation__region__county=county)
    }
    for name, (lead, members) in plan.groups.items():
        registered = in_register.get(lead)
        group = Group.objects.create(
            county=county,
            kind=Group.Kind.TOWN_CLUSTER,
            name=name,
            lead=registered,
            lead_name="" if registered else lead,
            document=plan.groups_document,
            valid_from=IN_POST_SINCE,
        )
        GroupMember.objects.bulk_create(
            GroupMember(group=group, kind=group.kind, town=towns[code], valid_from=IN_POST_SINCE)
            for code in members
        )
    for name, sponsor in plan.sponsor_groups.items():
        group = Group.objects.create(
            county=county,
            kind=Group.Kind.EDUCATION_GROUP,
            name=name,
            lead_name=name,
            document=plan.groups_document,
            valid_from=IN_POST_SINCE,
        )
        GroupMember.objects.bulk_create(
            GroupMember(
                group=group,
                kind=group.kind,
                kindergarten=in_register[planned.name],
                valid_from=IN_POST_SINCE,
            )
            for planned in plan.kindergartens
            if planned.sponsor == sponsor
        )

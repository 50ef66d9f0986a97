"""Sites, counts and what they are held to, beside a small county."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.models import Membership, Region
from kindergartens.models import (
    ConstructionProject,
    EquipmentCount,
    EquipmentItem,
    EstateOperator,
    EstateProblem,
    EstateProject,
    EstateStep,
    FireAcceptance,
    Kindergarten,
    PremisesCount,
    PremisesFigure,
    PremisesStandard,
    ProjectPayment,
    ProjectStage,
    Site,
)
from tests.small_county import NOW, SINCE

COUNTED_ON = dt.date(2026, 10, 20)


def site_of(
    kindergarten: Kindergarten,
    name: str = "本部",
    *,
    designed_in: int | None = 2010,
    is_main: bool = True,
) -> Site:
    return Site.objects.create(
        kindergarten=kindergarten,
        name=name,
        is_main=is_main,
        designed_in=designed_in,
        address="示例路1号",
        valid_from=SINCE,
    )


def standard_of(
    region: Region | None, measure: str, at_least: str, **more: object
) -> PremisesStandard:
    values: dict[str, object] = {
        "document": "示例标准",
        "clause": "一",
        "share_of_new": Decimal(1),
        "share_of_old": Decimal("0.5"),
        "valid_from": SINCE,
    }
    return PremisesStandard.objects.create(
        region=region, measure=measure, at_least=Decimal(at_least), **values | more
    )


def item_of(region: Region | None, code: str = "desks", **more: object) -> EquipmentItem:
    values: dict[str, object] = {
        "name": "桌椅",
        "unit": "套",
        "document": "示例目录",
        "valid_from": SINCE,
        "unit_cost_yuan": Decimal(400),
        "unit_cost_source": "示例单价",
    }
    return EquipmentItem.objects.create(region=region, code=code, **values | more)


def count_of(
    site: Site,
    by: Membership,
    confirmed_by: Membership | None = None,
    *,
    day: dt.date = COUNTED_ON,
    equipment: dict[EquipmentItem, tuple[object, object]] | None = None,
    **figures: object,
) -> PremisesCount:
    made = PremisesCount.objects.create(
        site=site,
        counted_on=day,
        source="实地测量",
        entered_as=by,
        entered_at=NOW,
        state="confirmed" if confirmed_by else "submitted",
        decided_as=confirmed_by,
        decided_at=NOW if confirmed_by else None,
    )
    for measure, value in figures.items():
        PremisesFigure.objects.create(count=made, measure=measure, value=Decimal(str(value)))
    for item, (present, needed) in (equipment or {}).items():
        EquipmentCount.objects.create(
            count=made,
            item=item,
            present=Decimal(str(present)),
            needed=None if needed is None else Decimal(str(needed)),
        )
    return made


def project_of(county: Region, name: str = "示例项目", **more: object) -> ConstructionProject:
    values: dict[str, object] = {"kind": "new", "seats_planned": 360}
    return ConstructionProject.objects.create(county=county, name=name, **values | more)


def estate_of(town: Region, name: str = "示例小区", **more: object) -> EstateProject:
    return EstateProject.objects.create(county=town.county, town=town, name=name, **more)


class Buildings:
    """One kindergarten with a confirmed and a waiting count, and what its county demands."""

    def __init__(
        self,
        kindergarten: Kindergarten,
        county: Region,
        director: Membership,
        officer: Membership,
        code: str = "desks",
    ) -> None:
        self.site = site_of(kindergarten)
        self.standard = PremisesStandard.objects.filter(region=county).first() or standard_of(
            county, "outdoor_area_m2", "4"
        )
        self.item = item_of(county, code)
        self.confirmed = count_of(
            self.site,
            director,
            officer,
            outdoor_area_m2=200,
            equipment={self.item: (3, 5)},
        )
        self.waiting = count_of(
            self.site,
            director,
            day=dt.date(2026, 11, 1),
            outdoor_area_m2=220,
            equipment={self.item: (4, 5)},
        )
        FireAcceptance.objects.create(
            site=self.site,
            state="passed",
            since=SINCE,
            document="示例意见书",
            entered_as=officer,
            entered_at=NOW,
        )
        self._works(kindergarten, county, officer)

    def _works(self, kindergarten: Kindergarten, county: Region, officer: Membership) -> None:
        """A project and an estate of the kindergarten."""
        town = kindergarten.organisation.region
        self.project = project_of(
            county, f"{kindergarten.code}翻建", town=town, kindergarten=kindergarten
        )
        ProjectStage.objects.create(project=self.project, stage="1-approved", done_on=SINCE)
        ProjectPayment.objects.create(
            project=self.project,
            paid_on=SINCE,
            yuan=Decimal(1_000_000),
            document="拨款单",
            entered_as=officer,
            entered_at=NOW,
        )
        self.estate = estate_of(town, f"{kindergarten.code}小区", kindergarten=kindergarten)
        EstateStep.objects.create(estate=self.estate, step="1-planned", state="yes", on=SINCE)
        self.problem = EstateProblem.objects.create(
            estate=self.estate, kind="not_handed_over", text="没有移交", found_on=SINCE
        )
        self.operator = EstateOperator.objects.create(
            estate=self.estate,
            run_as="public",
            valid_from=COUNTED_ON,
            document="申请",
            state="waiting",
            asked_as=officer,
            asked_at=NOW,
        )

"""Which rows of buildings, projects and estates each role sees: the rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from kindergartens.models import (
    ConstructionPlan,
    ConstructionProject,
    EquipmentCount,
    EquipmentItem,
    EstateOperator,
    EstateProblem,
    EstateProject,
    EstateRule,
    EstateStep,
    FireAcceptance,
    PremisesCount,
    PremisesFigure,
    PremisesStandard,
    ProjectPayment,
    ProjectStage,
    Site,
)
from staffing.models import StaffingStandard
from tests.buildings import Buildings
from tests.conftest import acting
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db

ROWS: dict[str, Callable[[User], Any]] = {
    "kindergarten": lambda u: Site.objects.visible_to(u),
    "site__kindergarten ": lambda u: PremisesCount.objects.visible_to(u),
    "count__site__kindergarten": lambda u: PremisesFigure.objects.visible_to(u),
    "count__site__kindergarten ": lambda u: EquipmentCount.objects.visible_to(u),
    "site__kindergarten": lambda u: FireAcceptance.objects.visible_to(u),
    "kindergarten ": lambda u: ConstructionProject.objects.visible_to(u),
    "project__kindergarten": lambda u: ProjectStage.objects.visible_to(u),
    "project__kindergarten ": lambda u: ProjectPayment.objects.visible_to(u),
    "kindergarten  ": lambda u: EstateProject.objects.visible_to(u),
    "estate__kindergarten": lambda u: EstateStep.objects.visible_to(u),
    "estate__kindergarten ": lambda u: EstateOperator.objects.visible_to(u),
    "estate__kindergarten  ": lambda u: EstateProblem.objects.visible_to(u),
}
LOOKERS = {
    "city_officer": {"一", "二", "乙"},
    "bureau_officer": {"一", "二"},
    "bureau_leader": {"一", "二"},
    "inspector": {"一", "二"},
    "department_officer": {"一", "二"},
    "town_officer": {"一"},
    "director": {"一"},
    "kindergarten_clerk": {"一"},
    "system_administrator": set(),
    "security_administrator": set(),
    "audit_administrator": set(),
    None: set(),
}


@pytest.fixture
def scene(small: SmallCounty) -> SmallCounty:
    small.towns = {
        "一": small.town("一镇"),
        "二": small.town("二镇"),
        "乙": small.town("乙镇", county=small.other_county),
    }
    small.gardens = {}
    for name, town in small.towns.items():
        garden = small.gardens[name] = small.kindergarten(town, name)
        director = small.person("园长", garden.organisation, "director").memberships.get()
        officer = small.officer(town.county).memberships.get()
        Buildings(garden, town.county, director, officer, code=garden.code)
    return small


def looker(scene: SmallCounty, role: str | None) -> User:
    if role is None:
        return acting(User.objects.create(username="nobody", full_name="无岗位"))
    if role in {"director", "kindergarten_clerk"}:
        return acting(scene.person(role, scene.gardens["一"].organisation, role))
    region = {"city_officer": scene.city, "town_officer": scene.towns["一"]}.get(role, scene.county)
    return acting(scene.officer(region, role))


@pytest.mark.parametrize("role", LOOKERS)
def test_each_sees_the_rows_of_the_own_place(scene: SmallCounty, role: str | None) -> None:
    user = looker(scene, role)
    for path, visible in ROWS.items():
        rows = visible(user)
        names = set(rows.values_list(f"{path.strip()}__name", flat=True))
        assert names == LOOKERS[role], rows.model


DEMANDS: dict[Callable[[User], Any], dict[str, Any]] = {
    lambda u: PremisesStandard.objects.visible_to(u): {"measure": "floor_area_m2", "at_least": 9},
    lambda u: EquipmentItem.objects.visible_to(u): {"code": "x", "name": "x", "unit": "x"},
    lambda u: ConstructionPlan.objects.visible_to(u): {"code": "x", "name": "x"},
    lambda u: EstateRule.objects.visible_to(u): {"code": "x"},
    lambda u: StaffingStandard.objects.visible_to(u): {"demand": "staff", "most": 7},
}


@pytest.mark.parametrize("role", LOOKERS)
def test_demands_hold_where_one_works(small: SmallCounty, role: str | None) -> None:
    small.towns = {"一": small.town("一镇")}
    small.gardens = {"一": small.kindergarten(small.towns["一"], "一")}
    user = looker(small, role)
    for visible, values in DEMANDS.items():
        model = visible(user).model
        for name, region in (
            ("nation", None), ("city", small.city), ("own", small.county),
            ("other", small.other_county),
        ):  # fmt: skip
            model.objects.create(region=region, document=name, **values)
        expected = {"nation", "city", "own"} if LOOKERS[role] else set()
        if role == "city_officer":
            expected.add("other")
        assert set(visible(user).values_list("document", flat=True)) == expected, model

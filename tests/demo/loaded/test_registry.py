"""What the demo's registry holds: kindergartens, buildings, projects, estates, groups."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest

from accounts.access.acting import choose_membership
from accounts.models import Region, User
from config.demo import wuqing
from config.demo.load import COUNTIES
from kindergartens.models import (
    ConstructionProject,
    EstateProject,
    Group,
    Kindergarten,
    KindergartenStatus,
)
from kindergartens.premises import selectors as premises
from kindergartens.premises.backlog import backlog
from kindergartens.projects import selectors as works
from reports.estates.selectors import town_public_share
from reports.safety_measures import figures
from reports.safety_measures.selectors import of_area
from tests.demo.loaded.days import TODAY

pytestmark = pytest.mark.django_db


def signed_in(username: str) -> User:
    user = User.objects.get(username=username)
    choose_membership(user, None, today=TODAY)
    return user


def test_only_what_the_sources_name_is_without_the_example_mark() -> None:
    named = set(Kindergarten.objects.filter(is_example=False).values_list("name", flat=True))
    leads = {lead for lead, _ in wuqing.GROUPS.values()}
    assert named == leads | {"包钢十七园", "包钢十八园", "阿勒泰市第六幼儿园"}
    assert len(leads) == 8
    codes = list(Kindergarten.objects.values_list("code", flat=True))
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"11\d{8}", code) for code in codes)


@pytest.mark.parametrize("code", list(COUNTIES))
def test_every_invented_kindergarten_has_what_the_registry_asks_of_a_status(code: str) -> None:
    rows = KindergartenStatus.objects.filter(
        kindergarten__organisation__region__county__code=code, valid_to=None
    ).select_related("town", "kindergarten")
    invented = rows.filter(kindergarten__is_example=True)
    assert not invented.filter(urban_rural="").exists()
    for status in invented:
        street = status.town.code[6:9] < "100"
        assert status.urban_rural in ({"111", "112"} if street else {"121", "122", "210", "220"})
    assert invented.exclude(level="").count() > invented.count() / 2
    recognised = invented.filter(ownership="inclusive_private")
    # One was recognised through the portal, whose document has a number of the portal's.
    own = recognised.filter(recognition_document__startswith="示例：")
    assert own.count() >= recognised.count() - 1
    assert not recognised.filter(recognition_document="").exists()
    assert all(status.recognised_until > TODAY for status in recognised)
    # Of kindergartens that really are there no source says either.
    real = rows.filter(kindergarten__is_example=False)
    assert not real.exclude(level="", urban_rural="", recognition_document="").exists()


def test_kunduluns_groups_are_those_the_citys_list_names() -> None:
    groups = {
        group.name: group.members.count()
        for group in Group.objects.filter(county__code="150203", kind="education_group")
    }
    assert groups == {"包钢幼教处": 14, "昆区教办幼儿园": 12}
    centres = Kindergarten.objects.filter(institution_type="child_centre")
    assert {one.organisation.region.county.code for one in centres} == {"150203"}


def test_kundulun_lacks_what_its_plan_counts_to_the_last_piece() -> None:
    county = Region.objects.of_code("150203")
    found = premises.overview(signed_in("kundulun-officer"), county, TODAY)
    gaps = {item.code: sums.gap for item, sums in found.equipment}
    assert gaps == {
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
    assert {sums.kindergartens for _, sums in found.equipment} == {28}
    assert {sums.unknown for _, sums in found.equipment} == {0}
    prices = {item.code: item.unit_cost_yuan for item, _ in found.equipment}
    assert found.cost == sum(gaps[code] * prices[code] for code in gaps)
    # 三（二）3: 10 of the district's and 11 of the company's fire acceptances are open.
    assert found.fire["rectifying"] == 21
    groups = backlog(signed_in("kundulun-officer"), county, TODAY).groups
    assert [(one.sponsor, one.kindergartens) for one in groups] == [
        ("education", 10), ("state_enterprise", 11),
    ]  # fmt: skip


def test_the_four_hundreds_of_kundulun_lie_below_with_who_is_missing() -> None:
    county = Region.objects.of_code("150203")
    rows = of_area(signed_in("kundulun-officer"), county, TODAY)
    rates = {rate.key: rate for rate in figures.rates(rows)}
    assert [*rates][:5] == ["guards", "alarm", "video", "closed-site", "four"]
    for key, rate in rates.items():
        assert 0 < (rate.share or 0) < 1, key
        if key != figures.ALL_FOUR:
            assert len(figures.missing(rows, measure=key)) == rate.missing


def test_places_of_the_sources_stand_beside_their_plans() -> None:
    def sums(username: str, code: str) -> dict[str, works.PlanSum]:
        user, region = signed_in(username), Region.objects.of_code(code)
        rows = [works.project_row(p, TODAY) for p in works.projects_in(user, region)]
        return {one.plan.name: one for one in works.plan_sums(user, region, rows)}

    kundulun = sums("kundulun-officer", "150203")
    rebuilt = kundulun["原址翻建包钢十七园、包钢十八园"]
    assert (rebuilt.sum.delivered, rebuilt.sum.seats_delivered) == (2, 720)
    baotou = kundulun["“十四五”普惠性学位"].plan
    assert (baotou.kindergartens, baotou.seats, baotou.money_yuan) == (29, 8500, 588_000_000)
    shijingshan = sums("shijingshan-officer", "110107")["“十四五”普惠学位"]
    assert shijingshan.plan.seats == shijingshan.sum.seats_planned == 2520
    altay = sums("altay-officer", "654301")["新建阿勒泰市第六幼儿园"]
    assert altay.sum.seats_delivered == 360
    for project in ConstructionProject.objects.filter(kind="rebuilt"):
        assert (project.classes, project.floor_area_m2, project.seats_delivered) == (12, 5000, 360)


def test_estates_show_each_answer_of_wuqings_rule() -> None:
    estates = EstateProject.objects.filter(
        county__code="120114", handed_over_on__gt=dt.date(2023, 2, 7), kindergarten=None
    ).select_related("town")
    shares = {estate.town.name: town_public_share(estate.town, TODAY) for estate in estates}
    assert shares["城关镇"].value >= Decimal("0.5")
    assert shares["曹子里镇"].value is None or shares["曹子里镇"].value < Decimal("0.5")
    assert len(shares) == 3

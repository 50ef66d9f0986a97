"""How far each kind of office sees: kindergarten, town, county, city, municipality, department."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from accounts.access.roles import RoleCode
from accounts.models import Job, Organisation, Region, User
from accounts.services import PostRefused, appoint
from indicators.models import RegionFacts
from indicators.services.recompute import recompute
from kindergartens.models import Kindergarten, MonthlyFiling, ReportingPeriod
from kindergartens.search.filters import RegistryFilter
from kindergartens.search.selectors import (
    registry,
    registry_counts,
    towns_with_kindergartens,
)
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SINCE, SmallCounty, moment


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


class Places:
    """Kindergartens 一 and 二 in two towns of 甲县, 乙 in 乙县, each with an accepted return."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.towns = {
            "一": small.town("一镇"),
            "二": small.town("二镇"),
            "乙": small.town("乙镇", county=small.other_county),
        }
        self.kindergartens = {n: small.kindergarten(t, f"{n}园") for n, t in self.towns.items()}
        for kindergarten in self.kindergartens.values():
            small.file(kindergarten, 24)
        small.settle()

    def looker(self, role: str) -> User:
        if role == "director":
            organisation = self.kindergartens["一"].organisation
            return acting(self.small.person(role, organisation, role))
        region = {
            "town_officer": self.towns["一"],
            "city_officer": self.small.city,
        }.get(role, self.small.county)
        return acting(self.small.officer(region, role))


@pytest.fixture
def places(small: SmallCounty) -> Places:
    return Places(small)


SEES = {
    "director": {"一园"},
    "town_officer": {"一园"},
    "bureau_officer": {"一园", "二园"},
    "inspector": {"一园", "二园"},
    "city_officer": {"一园", "二园", "乙园"},
    "system_administrator": set(),
    "security_administrator": set(),
    "audit_administrator": set(),
}


@pytest.mark.parametrize("role", SEES)
def test_lists_counts_and_choices_agree(places: Places, role: str) -> None:
    """A selector, its count, the towns to choose from and the returns say the same."""
    user = places.looker(role)
    rows = registry(user, RegistryFilter(), day=NOW.date(), month=OCTOBER)
    assert {row.name for row in rows} == SEES[role]
    assert registry_counts(user, day=NOW.date()).running == len(SEES[role])
    towns = towns_with_kindergartens(user)
    assert {f"{town.name[0]}园" for town in towns} == SEES[role]
    assert sum(town.kindergartens for town in towns) == len(SEES[role])
    filings = MonthlyFiling.objects.visible_to(user)
    assert set(filings.values_list("kindergarten__name", flat=True)) == SEES[role]


@pytest.mark.parametrize("role", ["town_officer", "bureau_officer", "city_officer"])
def test_what_is_exported_is_what_is_listed(places: Places, role: str) -> None:
    user = places.looker(role)
    if role == "bureau_officer":
        user = places.looker("bureau_leader")
    response = client_of(user).get(reverse("kindergarten-export", args=["xlsx"]))
    sheet = openpyxl.load_workbook(io.BytesIO(response.getvalue())).active
    names = {row[1] for row in sheet.iter_rows(min_row=2, values_only=True) if row[1]}
    assert names == SEES[role]


def test_a_department_sees_sums_and_no_kindergarten(places: Places) -> None:
    user = places.looker("department_officer")
    page = client_of(user).get(reverse("dashboard"))
    assert page.status_code == 200
    assert not any(name in page.content.decode() for name in ("一园", "二园", "乙园"))
    assert client_of(user).get(reverse("kindergarten-list")).status_code == 403
    code = places.kindergartens["一"].code
    assert client_of(user).get(reverse("kindergarten-detail", args=[code])).status_code == 403


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        ("director", set()),
        ("town_officer", {"甲县"}),
        ("bureau_officer", {"甲县"}),
        ("department_officer", {"甲县"}),
        ("city_officer", {"甲县", "乙县"}),
        ("security_administrator", set()),
        ("audit_administrator", set()),
        ("system_administrator", {"甲县", "乙县", "他人"}),
    ],
)
def test_jobs_of_the_portal_are_seen_by_those_whose_figures_they_move(
    places: Places, role: str, titles: set[str]
) -> None:
    user = places.looker(role)
    somebody = places.small.officer().memberships.get()
    for title, county, post in (
        ("甲县", places.small.county, None),
        ("乙县", places.small.other_county, None),
        ("他人", None, somebody),
    ):
        Job.objects.create(
            kind="recompute-figures", key=title, title=title, county=county, requested_as=post,
            queued_at=NOW,
        )  # fmt: skip
    assert set(Job.objects.visible_to(user).values_list("title", flat=True)) == titles


# ---- a municipality whose counties have two codes above them ----------------------------------------


class Chongqing:
    """重庆: 万州区 under 500100, 城口县 under 500200, a kindergarten in each."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.whole = Region.objects.create(code="500000", name="重庆市", level=1, is_active=True)
        self.kindergartens: dict[str, Kindergarten] = {}
        for upper, upper_name, code, name in (
            ("500100", "市辖区", "500101", "万州区"),
            ("500200", "县", "500229", "城口县"),
        ):
            half = Region.objects.create(
                code=upper, name=upper_name, level=2, parent=self.whole, province=self.whole,
                is_active=True,
            )  # fmt: skip
            county = Region.objects.create(
                code=code, name=name, level=3, parent=half, province=self.whole, city=half,
                is_active=True,
            )  # fmt: skip
            ReportingPeriod.objects.create(
                county=county, month=OCTOBER, reference_date=dt.date(2026, 10, 31),
                opens_at=moment(2026, 10, 25), due_at=moment(2026, 11, 6),
                locks_at=moment(2026, 11, 20),
            )  # fmt: skip
            town = Region.objects.create(
                code=f"{code}101000", name=f"{name}一镇", level=4, parent=county, county=county,
                city=half, province=self.whole, is_active=True,
            )  # fmt: skip
            small.populate(county, 300)
            self.kindergartens[name] = small.kindergarten(town, f"{name}园")
            small.file(self.kindergartens[name], 24)
        recompute(month=OCTOBER, now=NOW)

    def officer(self, region: Region) -> User:
        bureau = Organisation.objects.create(name="市教委", kind="city_bureau", region=region)
        user = User.objects.create(username=f"u{region.code}", full_name="市教委经办")
        appoint(user=user, organisation=bureau, role=RoleCode.CITY_OFFICER, valid_from=SINCE)
        return acting(user)


def test_a_municipality_s_bureau_sees_all_its_counties(small: SmallCounty) -> None:
    chongqing = Chongqing(small)
    small.file(small.kindergarten(small.town("他省镇"), "他省园"), 24)
    small.settle()
    user = chongqing.officer(chongqing.whole)
    kindergartens = Kindergarten.objects.visible_to(user).values_list("name", flat=True)
    assert set(kindergartens) == {"万州区园", "城口县园"}
    sums = RegionFacts.objects.visible_to(user).filter(region=chongqing.whole).get()
    assert (sums.expected, sums.enrolled_children) == (2, 48)
    client = client_of(user)
    assert client.get(reverse("dashboard")).status_code == 200
    listed = client.get(reverse("kindergarten-list")).content.decode()
    assert "万州区园" in listed
    assert "城口县园" in listed
    assert "他省园" not in listed
    for code in ("500101", "500229"):
        assert client.get(reverse("dashboard-region", args=[code])).status_code == 200
    papers = client.get(reverse("documents")).content.decode()
    assert "500101" in papers
    assert "500229" in papers
    assert "654321" not in papers


def test_one_of_the_two_codes_is_half_the_municipality(small: SmallCounty) -> None:
    chongqing = Chongqing(small)
    user = chongqing.officer(Region.objects.get(code="500100"))
    assert {k.name for k in Kindergarten.objects.visible_to(user)} == {"万州区园"}


def test_a_province_has_no_city_s_bureau(small: SmallCounty) -> None:
    chongqing = Chongqing(small)
    with pytest.raises(PostRefused):
        chongqing.officer(small.city.province)

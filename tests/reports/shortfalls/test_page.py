"""How far to standard: by target and level, by region and kindergarten, in order, on page and file."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal as D
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from indicators.catalogue import INDICATORS
from indicators.models import Policy, RegionFacts, Target
from kindergartens.models import ConstructionProject
from reports.shortfalls.selectors import seats_being_built
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty
from tests.standing import standing

SHARE, GROSS, STAFF = "public_enrolment_share", "gross_enrolment_rate", "children_per_staff"


def county() -> SmallCounty:
    """Two towns and a street. 示例二园 is short of a person, 示例四园 has not reported."""
    small = SmallCounty()
    small.populate(small.county, 300)
    east, west = small.town("甲镇", people=99), small.town("乙镇", people=60)
    street = small.town("河滨街道", people=90, street=True)
    for town, name, ownership, children in (
        (east, "示例一园", "public", 30),
        (east, "示例二园", "non_inclusive_private", 60),
        (west, "示例三园", "public", 40),
        (street, "示例五园", "public", 20),
    ):
        small.file(small.kindergarten(town, name, ownership=ownership), children)
    small.file(small.kindergarten(west, "示例四园"), 21, state="submitted")
    small.settle(OCTOBER)
    ConstructionProject.objects.create(
        county=small.county, town=east, name="示例新园", kind="new", seats_planned=5
    )
    policy = Policy.objects.create(
        slug="own", title="甲县方案", region=small.county, valid_from=dt.date(2026, 1, 1)
    )
    for code, operator, value, levels in (
        (SHARE, ">=", "0.5", ["county", "town"]),
        (GROSS, ">=", "1", ["town"]),
        (STAFF, "<=", "5", ["kindergarten"]),
    ):
        Target.objects.create(
            policy=policy, indicator=code, operator=operator, value=D(value), levels=levels,
            clause="第二条",
        )  # fmt: skip
    small.keeper = small.officer()  # type: ignore[attr-defined]
    small.department = small.person(  # type: ignore[attr-defined]
        "配合单位",
        small.keeper.memberships.get().organisation,
        "department_officer",  # type: ignore[attr-defined]
    )
    return small


@pytest.fixture(scope="module")
def built(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[SmallCounty]:
    with standing(request, django_db_blocker, county) as made:
        yield made


@pytest.fixture
def small(built: SmallCounty, db: None) -> Iterator[SmallCounty]:
    with travel(NOW, tick=False):
        yield built


@pytest.fixture
def officer(small: SmallCounty) -> Client:
    return client_of(small.keeper)  # type: ignore[attr-defined]


def shown(client: Client, **asked: str) -> list[tuple[str, str, str]]:
    page = client.get(reverse("shortfalls"), asked)
    assert page.status_code == 200
    return [(line.name, line.indicator, line.short) for line in page.context["lines"]]


def test_rows_in_order_and_sums_by_level(officer, small) -> None:
    page = officer.get(reverse("shortfalls"))
    # Each has 14 people. 60 children want 12 of them at 1:5; 15 of the 45 children asked for are a
    # third, 9 of the 99 a ninth. The street is judged by nothing.
    assert shown(officer) == [
        ("甲镇", "学前三年毛入园率", "9名幼儿"),
        ("甲镇", "公办园在园幼儿占比", "15名幼儿"),
    ]
    assert [(line.name, line.verdict) for line in page.context["pending"]] == [("乙镇", "pending")]
    sums = {(s.name, s.judged): s for s in page.context["sums"]}
    share = sums["公办园在园幼儿占比", "2个乡镇"]
    assert (share.met, share.unmet, share.short) == (1, 1, "15名幼儿")
    # The county meets the same target: it is only counted.
    assert ("公办园在园幼儿占比", "1个区县") not in sums
    # Seats that are wanted stand beside those that are being built.
    assert "还要9个学位能坐满；在建学位5个，还缺4个" in page.content.decode()
    assert reverse("figure-explain", args=["654321101000", GROSS, OCTOBER]) in page.content.decode()


def test_a_city_is_building_what_its_counties_are(small) -> None:
    city = small.county.city
    row = SimpleNamespace(
        judged=SimpleNamespace(unit=RegionFacts(region=city), indicator=INDICATORS[GROSS])
    )
    handed_over = dt.date(2026, 10, 20)
    ConstructionProject.objects.create(
        county=small.county, name="示例二新园", kind="new", seats_planned=3, seats_delivered=3,
        delivered_on=handed_over,
    )  # fmt: skip
    keeper = acting(small.keeper)
    the_day_before = handed_over - dt.timedelta(days=1)
    assert seats_being_built(keeper, [row], the_day_before) == {city.pk: 8}
    assert seats_being_built(keeper, [row], handed_over) == {city.pk: 5}


def test_choices_narrow_and_bad_ones_are_not_found(officer, small) -> None:
    Target.objects.filter(indicator=STAFF).update(value=D(4))
    assert shown(officer, level="kindergarten") == [("示例二园", "教职工与幼儿比", "1人")]
    assert shown(officer, ownership="public") == []
    assert shown(officer, indicator=SHARE) == [("甲镇", "公办园在园幼儿占比", "15名幼儿")]
    assert [row[0] for row in shown(officer, sort="most")] == ["甲镇", "甲镇", "示例二园"]
    assert shown(officer, policy="999999") == []
    assert officer.get(reverse("shortfalls"), {"policy": "x"}).status_code == 404
    assert officer.get(reverse("shortfalls"), {"ownership": "x"}).status_code == 404


def test_whoever_sees_only_sums_sees_no_single_kindergarten(small) -> None:
    Target.objects.filter(indicator=STAFF).update(value=D(4))
    client = client_of(small.department)
    page = client.get(reverse("shortfalls"))
    assert "示例二园" not in page.content.decode()
    assert {line.name for line in page.context["lines"]} == {"甲镇"}


def test_the_file_holds_all_rows(officer, small) -> None:
    Target.objects.filter(indicator=STAFF).update(value=D(4))
    answer = officer.get(
        reverse("shortfalls-export", args=[small.county.code, "xlsx"]), {"level": "kindergarten"}
    )
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    row = [cell.value for cell in sheet[2]]
    assert row[:2] == ["幼儿园", "示例二园"]
    assert row[13:18] == ["未达标", 1, 15, "人", 6.67]


def test_queries_do_not_grow(officer, small) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert officer.get(reverse("shortfalls")).status_code == 200
        return len(asked)

    Target.objects.filter(indicator=STAFF).update(value=D(4))
    officer.get(reverse("shortfalls"))
    before = queries()
    policy = Policy.objects.get()
    for number in range(6):
        town = small.town(f"示例{number}镇", people=99)
        small.file(small.kindergarten(town, f"示例{number}甲园"), 70)
    for code in ("certified_share", "compliant_class_share", "inclusive_enrolment_share"):
        Target.objects.create(
            policy=policy, indicator=code, operator=">=", value=D("1"),
            levels=["town", "kindergarten"],
        )  # fmt: skip
    small.settle(OCTOBER)
    assert queries() == before

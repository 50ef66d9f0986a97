"""Figures of a group are the sums of its kindergartens' returns, on the day that counts."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from time_machine import travel

from indicators.models import RegionFacts
from indicators.selectors import group_figures
from indicators.sums import SUMS
from kindergartens.models import Group, GroupMember
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    with travel(NOW, tick=False):
        world = SmallCounty()
        world.east, world.west = world.town("东镇"), world.town("西镇", people=600)
        world.one = world.kindergarten(world.east, "东镇一园")
        world.other = world.kindergarten(world.east, "东镇二园", ownership="non_inclusive_private")
        world.two = world.kindergarten(world.west, "西镇一园", ownership="inclusive_private")
        world.late = world.kindergarten(world.west, "西镇二园")
        for kindergarten, children in ((world.one, 90), (world.other, 30), (world.two, 60)):
            world.file(kindergarten, children)
        world.settle()
        yield world


def group_of(world, *members) -> Group:
    group = Group.objects.create(
        county=world.county, kind="town_cluster", name="一园", valid_from=dt.date(2026, 1, 1)
    )
    for member in members:
        field = "town" if hasattr(member, "level") else "kindergarten"
        GroupMember.objects.create(
            group=group, kind=group.kind, valid_from=dt.date(2026, 1, 1), **{field: member}
        )
    return group


def test_a_group_of_all_towns_is_the_county(world):
    found = group_figures(group_of(world, world.east, world.west), OCTOBER)
    county = RegionFacts.objects.get(region=world.county, month=OCTOBER)
    for name in [*SUMS, "expected", "filed", "accepted"]:
        assert getattr(found.facts, name) == getattr(county, name), name
    assert found.facts.resident_population_3_5 == 900
    assert [row.name for row in found.owing] == ["西镇二园"]


def test_rates_are_sum_over_sum(world):
    found = group_figures(group_of(world, world.east), OCTOBER)
    gross, inclusive, public = found.figures
    assert (gross.numerator, gross.denominator) == (120, 300)
    assert inclusive.value == Decimal(90) / 120
    assert public.value == Decimal(90) / 120
    assert gross.verdict == "not_judged"
    assert sum(row.enrolled_children for row in found.counted) == gross.numerator


def test_a_single_kindergarten_brings_no_population(world):
    found = group_figures(group_of(world, world.east, world.two), OCTOBER)
    gross, inclusive, _ = found.figures
    assert gross.value is None
    assert inclusive.numerator == 150
    assert not found.only_towns


def test_who_left_before_the_statistical_date_is_not_counted(world):
    group = group_of(world, world.east, world.two)
    group.members.filter(kindergarten=world.two).update(valid_to=dt.date(2026, 10, 31))
    found = group_figures(group, OCTOBER)
    assert {row.kindergarten.name for row in found.counted} == {"东镇一园", "东镇二园"}
    group.members.filter(kindergarten=world.two).update(valid_to=dt.date(2026, 11, 1))
    assert len(group_figures(group, OCTOBER).counted) == 3


def test_nothing_counted_is_missing_not_zero(world):
    found = group_figures(group_of(world, world.late), OCTOBER)
    assert [figure.value for figure in found.figures] == [None] * 3
    assert (found.facts.expected, found.facts.accepted) == (1, 0)


def test_the_page_shows_the_returns_that_add_up(world):
    group = group_of(world, world.east, world.two)
    page = client_of(world.officer()).get(reverse("group-figures", args=[group.pk]))
    text = page.content.decode()
    assert "100.00" not in text
    assert "83.33" in text  # 150 of 180 in inclusive ones
    assert "没有对应的人口，不算毛入园率" in text
    assert text.count("第1版") == 3


def test_the_export_has_the_pages_rows(world):
    group = group_of(world, world.east, world.two)
    client = client_of(world.officer())
    answer = client.get(reverse("group-figures-export", args=[group.pk, "csv"]))
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 3
    other = client_of(world.officer(world.other_county))
    assert other.get(reverse("group-figures-export", args=[group.pk, "csv"])).status_code == 404

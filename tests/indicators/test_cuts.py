"""The parts of a cut add up to the region, by what was frozen and not by what holds today."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Region
from indicators.catalogue import INDICATORS
from indicators.models import RegionFacts
from indicators.selectors.cuts import CUTS, counted_in, cut_figures
from indicators.services.recompute import recompute
from indicators.sums import SUMS
from kindergartens.models import Group, GroupMember, KindergartenStatus
from tests.indicators.world import MONTHS, NOW, World
from tests.small_county import OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db


def test_parts_add_up_to_the_region() -> None:
    """Every cut of every region and month: a town, counties with and without a period, a province."""
    world = World(3)
    _groups(world)
    for month in MONTHS:
        recompute(month=month, now=NOW)
    compared = 0
    for row in RegionFacts.objects.select_related("region"):
        for cut in CUTS.values():
            parts = cut_figures(row.region, row.month, cut, [])
            for name in (*SUMS, "expected", "filed", "accepted"):
                total = sum(getattr(part.facts, name) for part in parts)
                assert total == getattr(row, name), (row, cut.code, name)
            compared += len(parts) > 1
            keys = [
                key for part in parts for key in counted_in(row.region, row.month, cut, part.code)
            ]
            assert len(keys) == len(set(keys)) == row.kindergartens
    assert compared > 100


def _groups(world: World) -> None:
    """In each dividing kind some towns and kindergartens; one that is in another group than its town."""
    for kind in GroupMember.DIVIDING:
        for number, county in enumerate(world.counties[:3]):
            one, other = (
                Group.objects.create(
                    county=county,
                    kind=kind,
                    name=f"{kind}{number}{n}",
                    valid_from=dt.date(2020, 1, 1),
                )
                for n in range(2)
            )
            town = next(t for t in world.towns if t.county_id == county.pk)
            there = [k for k in world.kindergartens if k.organisation.region_id == town.pk]
            since = {"kind": kind, "valid_from": dt.date(2026, 9, 10)}
            GroupMember.objects.create(group=one, town=town, **since)
            for kindergarten in there[:1]:
                GroupMember.objects.create(group=other, kindergarten=kindergarten, **since)


def test_last_year_stays_where_it_was(small: SmallCounty) -> None:
    """A recognition of today moves nobody in a month that is frozen."""
    town = small.town("甲镇")
    one = small.kindergarten(town, "示例一园")
    KindergartenStatus.objects.filter(kindergarten=one).update(urban_rural="121", level="first")
    small.file(one, 40)
    small.file(small.kindergarten(town, "示例二园", ownership="non_inclusive_private"), 20)
    KindergartenStatus.objects.filter(kindergarten=one).update(urban_rural="220", level="")
    ratio = "children_per_full_time_teacher"
    for code, expected in {
        "urban_rural": [("镇区", 20), ("没有登记城乡分类", 10)],
        "level": [("一级园", 20), ("未评定", 10)],
        "ownership": [("公办园", 20), ("其他民办园", 10)],
        "sponsor_type": [("教育部门", 20), ("民办", 10)],
    }.items():
        parts = cut_figures(small.county, OCTOBER, CUTS[code], [ratio])
        assert [(p.label, p.figures[0].value) for p in parts] == expected, code


def test_a_part_that_owes_everything_is_missing_and_not_zero(small: SmallCounty) -> None:
    town = small.town("甲镇")
    small.kindergarten(town, "示例一园")
    small.file(small.kindergarten(town, "示例二园", ownership="inclusive_private"), 20)
    late, filed = cut_figures(small.county, OCTOBER, CUTS["ownership"], ["compliant_class_share"])
    assert (late.facts.expected, late.facts.accepted, late.figures[0].value) == (1, 0, None)
    assert filed.figures[0].value == Decimal(1)


def test_a_share_of_what_the_cut_tells_apart_is_left_out() -> None:
    suiting = {
        code: {i.code for i in INDICATORS.values() if cut.suits(i)} for code, cut in CUTS.items()
    }
    shares = {"public_enrolment_share", "inclusive_enrolment_share", "inclusive_kindergarten_share"}
    assert not shares & suiting["ownership"]
    # Among those that private people run, the share of the recognised says something.
    assert shares & suiting["sponsor_type"] == {
        "inclusive_enrolment_share", "inclusive_kindergarten_share",
    }  # fmt: skip
    assert shares < suiting["urban_rural"]
    for codes in suiting.values():
        assert "gross_enrolment_rate" not in codes, "no return adds to a population"
        assert {"children_per_staff", "compliant_class_share", "certified_share"} < codes


def test_queries_do_not_grow(small: SmallCounty) -> None:
    def asked(region: Region) -> int:
        with CaptureQueriesContext(connection) as queries:
            cut_figures(region, OCTOBER, CUTS["town_cluster"], list(INDICATORS)[:5])
        return len(queries)

    town = small.town("甲镇")
    small.file(small.kindergarten(town, "示例一园"), 20)
    before = asked(small.county)
    for number in range(5):
        small.file(small.kindergarten(small.town(f"示例{number}镇"), f"示例{number}园"), 20)
    assert asked(small.county) == before

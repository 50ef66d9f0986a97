"""Which standard of staff holds where and when, and how the packaged files are loaded."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from kindergartens.models.demand import ancestors
from staffing.models import StaffingStandard
from staffing.standards.rules import HeadCount, Post, needs
from staffing.standards.selectors import Standards, terms_of
from staffing.standards.terms import Demand
from tests.small_county import SmallCounty

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 31)
NATIONAL = ("national", "national-health", "national-guards", "national-evaluation")


def load(folder: Path) -> None:
    call_command("load_staffing_standards", folder, verbosity=0)


@pytest.fixture
def packaged(tmp_path: Path) -> Path:
    """The nation's files alone: the others name regions that a small county has not."""
    for name in NATIONAL:
        text = Path(f"fixtures/staffing/{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def held(small: SmallCounty, day: dt.date = DAY, *, half_day: bool = False):
    return Standards().of(ancestors(small.county), day, half_day=half_day)


def test_the_packaged_files_load_and_loading_again_changes_nothing(capsys) -> None:
    call_command("load_regions", verbosity=0)
    call_command("load_staffing_standards")
    said = capsys.readouterr().out
    assert "未变0" in said
    assert said.endswith("已接收的月份要运行 recompute 才按新标准判定。\n")
    call_command("load_staffing_standards")
    assert "新增0，更新0，未变16，删除或截止0" in capsys.readouterr().out
    assert all(row.document and row.clause for row in StaffingStandard.objects.all())


def test_the_nation_asks_by_length_of_the_day(small: SmallCounty, packaged: Path) -> None:
    load(packaged)
    full, half = held(small), held(small, half_day=True)
    assert full.keys() == half.keys() == set(Demand)
    assert (full[Demand.STAFF].most, half[Demand.STAFF].most) == (7, 10)
    assert (full[Demand.CARE_TEACHING].most, half[Demand.CARE_TEACHING].most) == (9, 13)
    assert full[Demand.STAFF].basis == (
        "《幼儿园教职工配备标准（暂行）》（教师〔2013〕1号）教职工与幼儿的配备比例"
    )
    counted = HeadCount(105, 4, 15, 1, 8, 4, 1)
    assert {n.post: n.short for n in needs(terms_of(full), counted)}[Post.CARER] == 0
    assert Post.CARER not in {need.post for need in needs(terms_of(half), counted)}


def test_the_nearest_place_and_the_newest_row_hold(small: SmallCounty, packaged: Path) -> None:
    load(packaged)
    values = {"demand": "staff", "day": "full", "clause": "一"}
    StaffingStandard.objects.create(
        region=small.city, most=6, document="市", valid_from=dt.date(2020, 1, 1), **values
    )
    assert held(small)[Demand.STAFF].document == "市"
    StaffingStandard.objects.create(
        region=small.county, most=6, document="旧", valid_from=dt.date(2024, 1, 1), **values
    )
    StaffingStandard.objects.create(
        region=small.county, most=5, document="新", valid_from=dt.date(2026, 10, 31), **values
    )
    assert held(small)[Demand.STAFF].document == "新"
    assert held(small, dt.date(2026, 10, 30))[Demand.STAFF].document == "旧"
    assert held(small, dt.date(2019, 12, 31))[Demand.STAFF].most == 7
    # Another demand is still the nation's, and so is the half day.
    assert held(small)[Demand.CARE_TEACHING].region is None
    assert held(small, half_day=True)[Demand.STAFF].most == 10
    # Another county of the city has the city's.
    other = Standards().of(ancestors(small.other_county), DAY, half_day=False)
    assert other[Demand.STAFF].document == "市"


def test_a_row_that_ended_does_not_hold(small: SmallCounty) -> None:
    StaffingStandard.objects.create(demand="staff", most=7, document="甲", valid_to=DAY)
    assert held(small, DAY - dt.timedelta(days=1)).keys() == {Demand.STAFF}
    assert held(small) == {}


@pytest.mark.parametrize(
    "values",
    [
        {"demand": "staff"},
        {"demand": "staff", "most": 5, "least": 7},
        {"demand": "cook", "most": 45},
        {"demand": "class_posts"},
        {"demand": "class_posts", "teachers": 2, "teachers_alone": 2, "carers": 1},
        {
            "demand": "class_posts", "teachers": 2, "teachers_alone": 3, "carers": 1,
            "single_teachers": 3,
        },
        {"demand": "health", "most": 150},
        {"demand": "staff", "most": 7, "health_rule": "at_most"},
        {"demand": "guard"},
    ],
)  # fmt: skip
def test_the_database_refuses_a_row_that_says_nothing(db, values) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffingStandard.objects.create(document="甲", **values)


@pytest.mark.parametrize("steps", [[[1, 1], [1, 2]], [[1, 2], [6, 1]], [[1]], [["1", 1]], {"1": 1}])
def test_steps_that_do_not_rise_are_refused(db, steps) -> None:
    with pytest.raises(ValidationError, match="由小到大"):
        StaffingStandard(demand="guard", steps=steps, document="甲").full_clean()


def test_a_bad_file_is_refused_whole(db, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(
        'title = "甲"\njurisdiction = "CN"\n[[staffing_standard]]\ndemand = "staff"\nmost = 7',
        encoding="utf-8",
    )
    with pytest.raises(CommandError, match="第1条缺少day"):
        load(tmp_path)
    assert not StaffingStandard.objects.exists()

"""Points by factor with their most, the weighting of a day, how dark a cell is."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Organisation, Region
from kindergartens.models import Kindergarten
from reports.safety_risk import sources
from reports.safety_risk.rules import (
    GROUPS,
    Fact,
    Factor,
    Weighting,
    fields,
    heat,
    scored,
    total,
    weighting_on,
)
from reports.safety_risk.selectors import Place, heat_rows

FACTORS = {
    "major": Factor("major", "重大", "hazards", 30, 90),
    "late": Factor("late", "逾期", "hazards", 1, 3),
}
WEIGHTING = Weighting(dt.date(2026, 1, 1), "示例", FACTORS)


@pytest.mark.parametrize(
    ("facts", "points", "capped"),
    [
        ([], 0, []),
        ([("major", 1)], 30, [False]),
        ([("major", 1), ("late", 2)], 32, [False, False]),
        # Fifty small matters do not hide a major one.
        ([("major", 1), ("late", 50)], 33, [False, True]),
        ([("late", 1)] * 3, 3, [False]),
        # What the weighting does not name counts nothing.
        ([("other", 5)], 0, []),
    ],
)
def test_points(facts, points, capped):
    lines = scored([Fact(code, "fire", "x", "", n) for code, n in facts], WEIGHTING)
    assert (total(lines), [line.is_capped for line in lines]) == (points, capped)


@pytest.mark.parametrize(
    ("number", "most", "dark"), [(0, 9, 0), (1, 9, 1), (5, 9, 3), (9, 9, 4), (1, 1, 3), (0, 0, 0)]
)
def test_heat(number, most, dark):
    assert heat(number, most) == dark


def test_every_factor_has_a_column_and_a_most():
    for factor in weighting_on(dt.date(2030, 1, 1)).factors.values():
        assert factor.group in GROUPS
        assert 0 < factor.points <= factor.most
    assert set(sources.FIELDS.values()) | set(sources.FOUND.values()) <= fields().keys()
    # Days before the first weighting are told by the first.
    assert weighting_on(dt.date(2020, 1, 1)).factors


def test_what_was_often_left_out_is_one_matter_and_incidents_are_as_many_as_told() -> None:
    """Else the daily checks of one lazy kindergarten hide every hazard of the table."""
    town = Region(pk=1, code="150203001000", name="甲镇")
    one = Kindergarten(organisation=Organisation(region=town))
    facts = [
        Fact("selfcheck_overdue", "fire", "消防（每日）", times=20),
        Fact("hazard_major", "fire", "四层活动室"),
        Fact("incident", "other", "3起", times=3),
    ]
    lines = scored(facts, weighting_on(dt.date(2026, 11, 1)))
    [row] = heat_rows([Place(one, lines, total(lines))], by_county=False)
    assert {code: number for code, number, _ in row.cells if number} == {"fire": 2, "other": 3}

"""Boundaries through the rules that decide them, wherever they live."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from fees.free_year.rules import Fee, Month, MonthsRule, Standing, Waiver, waiver_of
from indicators.catalogue import INDICATORS, Kind
from indicators.rules import Counts, Outlook, change, displayed, judge, rate, value_of
from indicators.selectors import figures
from inspections.evaluations.packs import grades_in
from inspections.evaluations.rules import grade_of
from kindergartens.premises.rules import Standing as OfPremises
from kindergartens.premises.rules import per_child, standing
from kindergartens.record.rules import Severity, check_uscc
from kindergartens.rules import age_group, age_in_school_year, class_complies
from kindergartens.unlicensed import selectors as unlicensed
from staffing.roster.identity import number_problem
from staffing.standards.rules import HeadCount, Post, needs
from staffing.standards.terms import Demand, HealthRule, Terms
from tests.kindergartens.unlicensed.scene import Scene
from tests.small_county import NOW, OCTOBER, SmallCounty

CASES = tomllib.loads((Path(__file__).parent / "boundaries.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["judged"], ids=lambda case: case["case"])
def test_verdicts_on_the_line(case):
    indicator = INDICATORS[case["indicator"]]
    counts = Counts(*case["counts"])
    ahead = Outlook(*case.get("not_counted", ()))
    ruling = judge(indicator, counts, indicator.operator, Decimal(case["target"]), ahead)
    units = ruling.surplus if ruling.gap is None else -ruling.gap
    assert (str(ruling.verdict), units) == (case["verdict"], case.get("units"))
    assert ruling.close == case.get("close", False)
    value = value_of(indicator, counts)
    shown = None if value is None else str(displayed(value, indicator.kind))
    assert shown == case.get("shown")


@pytest.mark.parametrize("case", CASES["graded"], ids=lambda case: str(case["items"]))
def test_grades_of_an_evaluation(case):
    passed, basic, failed = case["items"]
    grades = grades_in(settings.BASE_DIR / "fixtures" / "frameworks" / "shenyang.toml")
    reached = grade_of(grades, passed=passed, basic=basic, failed=failed)
    assert (reached.name if reached else "") == case["grade"]


@pytest.mark.parametrize("case", CASES["health"], ids=lambda case: str(case["children"]))
def test_health_staff_by_either_reading(case):
    counted = HeadCount(case["children"], 5, 20, 1, 8, 4, 1)
    for rule in HealthRule:
        standard = {Demand.HEALTH: Terms(most=150, health_rule=rule)}
        (need,) = (one for one in needs(standard, counted) if one.post is Post.HEALTH)
        assert (rule, need.required) == (rule, case[str(rule)])


def test_class_sizes():
    for case in CASES["class_size"]:
        assert class_complies(case["grade"], case["complies"]) is True
        assert class_complies(case["grade"], case["does_not"]) is False
    assert class_complies("nursery", 99) is None


def test_ages_of_a_school_year():
    for case in CASES["age"]:
        found = age_in_school_year(case["birth"], 2026), str(age_group(case["birth"], 2026))
        assert found == (case["age"], case["group"])


@pytest.mark.parametrize("case", CASES["waiver"], ids=lambda case: case["fee"])
def test_the_free_last_year(case):
    month = Month(
        month=dt.date(2026, 10, 1), standing=Standing.APPROVED_PRIVATE, half_day=False,
        large=1, mixed=0, standard=Decimal(500), months_rule=MonthsRule.TEN_MONTHS,
        fees=(Fee("large", "any", "month", Decimal(case["fee"]), Decimal(case["fee"])),),
    )  # fmt: skip
    waiver = waiver_of(month)
    assert isinstance(waiver, Waiver)
    found = waiver.waived, waiver.parents_pay
    assert found == (Decimal(case["waived"]), Decimal(case["parents_pay"]))


def test_v12_a_new_site():
    seats = 12 * 30  # classes of the new site × children in each
    area = per_child(Decimal(5000), seats)
    assert area is not None
    assert displayed(area, Kind.AMOUNT) == Decimal("13.89")
    assert standing(Decimal(5000), seats, Decimal("10.44")) is OfPremises.MET
    assert standing(Decimal("3758.39"), seats, Decimal("10.44")) is OfPremises.UNMET


def test_rounding_is_half_up_and_points_are_of_unrounded_rates():
    for case in CASES["rounding"]:
        shown = displayed(Decimal(case["value"]), Kind.SHARE, case["places"])
        assert str(shown) == case["shown"]
    # 49.97 and 50.02 printed are 0.05 apart; the rates are 0.04 apart.
    points = change(rate(50_015, 100_000), rate(49_974, 100_000))
    assert points is not None
    assert displayed(points, Kind.SHARE) == Decimal("0.04")


def test_codes():
    for code in CASES["codes"]["valid"]:
        assert check_uscc(code) == []
    (finding,) = check_uscc(CASES["codes"]["warned"])
    assert finding.severity is Severity.REASON  # kept with a reason, not refused
    assert number_problem("resident_id", CASES["codes"]["identity"]) == ""
    assert number_problem("resident_id", CASES["codes"]["identity"][:-1] + "1") != ""


@pytest.mark.django_db
def test_v13_an_unlicensed_place_is_in_no_sum_and_shown_apart():
    small = SmallCounty()
    scene = Scene(small)
    small.file(scene.kindergarten, 30)
    scene.found(children=120)
    small.settle()
    (share,) = figures(small.county, OCTOBER, ["public_enrolment_share"])
    assert (share.numerator, share.denominator) == (30, 30)
    apart = unlicensed.standing(scene.officer, small.county, NOW.date())
    assert (apart.places, apart.children) == (1, 120)

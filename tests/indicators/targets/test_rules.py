"""What a target may say, how far along it is, when district and towns together meet one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest

from indicators.catalogue import INDICATORS
from indicators.rules import Verdict
from indicators.targets import rules
from indicators.targets.rules import Demand, Stage, Start
from indicators.targets.words import combined_text

MET, NEAR, PENDING, UNMET, NONE = (
    Verdict.MET, Verdict.NEAR, Verdict.PENDING, Verdict.UNMET, Verdict.UNAVAILABLE,
)  # fmt: skip


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("code", "value", "problem"),
    [
        ("public_enrolment_share", "0.5", ""),
        ("public_enrolment_share", "1", ""),
        ("public_enrolment_share", "85", "85%应写0.85"),
        ("public_enrolment_share", "1.01", "应写0.0101"),
        ("public_enrolment_share", "0", "要大于0"),
        ("public_enrolment_share", "850", "不超过1"),
        # 毛入园率可以超过100%。
        ("gross_enrolment_rate", "1.05", ""),
        ("gross_enrolment_rate", "93", "应写0.93"),
        ("children_per_staff", "7", ""),
        ("children_per_health_staff", "150", ""),
        ("children_per_staff", "0.14", "1:7填7"),
        ("children_per_staff", "700", "单位是名幼儿/人"),
        ("per_child_operating_funding", "500", ""),
        ("per_child_operating_funding", "5000000", "一般在1至100000"),
        ("overcharged_yuan", "0", ""),
        ("overcharged_yuan", "0.5", "整数"),
        ("overcharged_yuan", "-1", "要从0到1000000000"),
    ],
)
def test_plausible_values(code: str, value: str, problem: str) -> None:
    found = rules.value_problem(INDICATORS[code], D(value))
    assert problem in found
    assert bool(found) is bool(problem)


def demand(operator: str, value: str, levels: str, begins: str = "", ends: str = "") -> Demand:
    return Demand(
        operator, D(value), tuple(levels.split()), day(begins) if begins else None,
        day(ends) if ends else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (demand(">=", "0.85", "county"), "有两个目标>=0.85和>=0.9"),
        (demand(">=", "0.85", "county town"), "对县区在同一天里"),
        (demand(">=", "0.85", "town"), ""),
        (demand("<=", "0.80", "county"), "不可能都达到"),
        (demand("<=", "0.95", "county"), ""),
        # One after the other: the first ends on the day the second begins.
        (demand(">=", "0.85", "county", "2025-01-01", "2026-01-01"), ""),
        (demand(">=", "0.85", "county", "2025-01-01", "2026-01-02"), "两个目标"),
        (demand(">=", "0.85", "county", "", "2026-01-01"), ""),
        (demand(">=", "0.85", "county", "2027-01-01"), "两个目标"),
    ],
)
def test_contradictions_within_a_document(other: Demand, problem: str) -> None:
    one = demand(">=", "0.90", "county", "2026-01-01")
    found = rules.contradiction(one, [other])
    assert problem in found
    assert bool(found) is bool(problem)


@pytest.mark.parametrize(
    ("operator", "own", "above", "softer"),
    [
        (">=", "0.85", "0.90", True),
        (">=", "0.90", "0.90", False),
        (">=", "0.95", "0.90", False),
        ("<=", "9", "7", True),
        ("<=", "5", "7", False),
    ],
)
def test_a_place_that_asks_less_than_the_one_above(operator, own, above, softer) -> None:
    assert rules.is_softer(operator, D(own), D(above)) is softer


JANUARY = Start(day("2026-01-31"), D("0.80"))


@pytest.mark.parametrize(
    ("value", "met", "start", "today", "stage", "expected", "per_month"),
    [
        # 0.80 at the end of January, 0.90 by the end of 2026: 0.85 at half the 334 days.
        ("0.85", False, JANUARY, "2026-07-17", Stage.ON_THE_WAY, "0.85", "0.01"),
        ("0.8499", False, JANUARY, "2026-07-17", Stage.BEHIND, "0.85", "0.01002"),
        ("0.90", True, JANUARY, "2026-07-17", Stage.REACHED, "0.85", None),
        # Fallen below where it began.
        ("0.79", False, JANUARY, "2026-07-17", Stage.BEHIND, "0.85", "0.022"),
        # The last day is still in time; the month it lies in is the one that is left.
        ("0.88", False, JANUARY, "2026-12-31", Stage.BEHIND, "0.90", "0.02"),
        ("0.95", True, JANUARY, "2027-01-01", Stage.EXPIRED, None, None),
        ("0.80", False, JANUARY, "2027-01-01", Stage.EXPIRED, None, None),
        # Nothing to start from, or the very first month: no line, but what is needed is known.
        ("0.80", False, None, "2026-10-31", Stage.UNKNOWN, None, "0.05"),
        ("0.80", False, Start(day("2026-01-31"), None), "2026-10-31", Stage.UNKNOWN, None, "0.05"),
        ("0.79", False, JANUARY, "2026-01-31", Stage.UNKNOWN, None, "0.01"),
        (None, False, JANUARY, "2026-07-17", Stage.UNKNOWN, "0.85", None),
    ],
)  # fmt: skip
def test_progress_to_a_by_date(value, met, start, today, stage, expected, per_month) -> None:
    found = rules.progress(
        operator=">=", target=D("0.90"), by_date=day("2026-12-31"),
        value=None if value is None else D(value), met=met, start=start, today=day(today),
    )  # fmt: skip
    assert found.stage is stage
    assert found.days_left == (day("2026-12-31") - day(today)).days
    assert found.expected == (None if expected is None else D(expected))
    assert found.per_month == (None if per_month is None else D(per_month))


def test_progress_of_what_has_to_fall() -> None:
    """Children a person: 9 at the start, 7 asked; 8 is on the line at half the time."""
    half = {"operator": "<=", "target": D(7), "by_date": day("2026-12-31"), "met": False,
            "start": Start(day("2026-01-31"), D(9)), "today": day("2026-07-17")}  # fmt: skip
    assert rules.progress(value=D(8), **half).stage is Stage.ON_THE_WAY
    behind = rules.progress(value=D("8.5"), **half)
    assert (behind.stage, behind.per_month) == (Stage.BEHIND, D("-0.3"))


@pytest.mark.parametrize(
    ("own", "towns", "verdict", "counts"),
    [
        (MET, [MET] * 28, MET, (28, 0, 0, 0)),
        # 武清区: the district meets it, 6 of 28 towns do not: not met.
        (MET, [UNMET] * 6 + [MET] * 22, UNMET, (28, 6, 0, 0)),
        (UNMET, [MET] * 28, UNMET, (28, 0, 0, 0)),
        (MET, [NEAR, MET], NEAR, (2, 0, 0, 0)),
        (MET, [PENDING, MET], PENDING, (2, 0, 1, 0)),
        (MET, [NONE, MET], NONE, (2, 0, 0, 1)),
        (NEAR, [], NEAR, (0, 0, 0, 0)),
    ],
)
def test_district_and_towns_together(own, towns, verdict, counts) -> None:
    found = rules.combined(own, towns)
    assert (found.verdict, found.own) == (verdict, own)
    assert (found.judged, found.unmet, found.pending, found.unavailable) == counts


def test_a_level_below_has_a_clause_of_its_own() -> None:
    counties, towns = rules.combined(MET, [MET] * 13), rules.combined(MET, [UNMET] * 6 + [MET] * 22)
    whole = rules.combined(MET, [MET] * 35 + [UNMET] * 6)
    assert combined_text(whole, {"county": counties, "town": towns}) == (
        "本级达标，13个区县全部达标，28个乡镇中6个未达标"
    )

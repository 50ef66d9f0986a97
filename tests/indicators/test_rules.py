"""Every rule by table: boundaries, published cases, and what must hold for any input."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.formatting import percent
from accounts.statuses import VERDICTS
from indicators.catalogue import INDICATORS, THREE_RATES, Direction, Kind
from indicators.kindergarten_sums import STAFF as POSTS
from indicators.kindergarten_sums import kindergarten_sums
from indicators.models import KindergartenFacts
from indicators.rules import (
    SEVERITY,
    Counts,
    Outlook,
    Verdict,
    change,
    counts_of,
    displayed,
    distance,
    judge,
    meets,
    rate,
    value_of,
    worst,
)
from indicators.selectors.returns import LOOKED_AT_AGAIN, is_of_today
from indicators.services import registers, rulings
from indicators.sums import MEASURES

GROSS = INDICATORS["gross_enrolment_rate"]
PUBLIC = INDICATORS["public_enrolment_share"]
INCLUSIVE = INDICATORS["inclusive_enrolment_share"]
CLASSES = INDICATORS["compliant_class_share"]
CERTIFIED = INDICATORS["certified_share"]
STAFF = INDICATORS["children_per_staff"]
TEACHER = INDICATORS["children_per_full_time_teacher"]
HEALTH = INDICATORS["children_per_health_staff"]


def share(value: Decimal | None) -> str:
    return percent(value)


# indicator, numerator, denominator, target, shown, verdict, gap, surplus, close
BOUNDARIES = [
    pytest.param(GROSS, 84_996, 100_000, "0.85", "85.00", "unmet", 4, None, True, id="V1"),
    pytest.param(PUBLIC, 1_000, 2_000, "0.50", "50.00", "near", None, 0, False, id="V2"),
    pytest.param(PUBLIC, 999, 1_999, "0.50", "49.97", "unmet", 1, None, False, id="V3"),
    pytest.param(STAFF, 105, 15, "7", "7.00", "met", None, 0, False, id="V4 met"),
    pytest.param(STAFF, 106, 15, "7", "7.07", "unmet", 1, None, False, id="V4 short"),
    pytest.param(TEACHER, 300, 20, "15", "15.00", "met", None, 0, False, id="V5 met"),
    pytest.param(TEACHER, 301, 20, "15", "15.05", "unmet", 1, None, False, id="V5 short"),
    pytest.param(HEALTH, 150, 1, "150", "150.00", "met", None, 0, False, id="V6 met"),
    pytest.param(HEALTH, 151, 1, "150", "151.00", "unmet", 1, None, False, id="V6 short"),
    pytest.param(CLASSES, 85, 100, "0.85", "85.00", "near", None, 0, False, id="V8 met"),
    pytest.param(CLASSES, 84, 100, "0.85", "84.00", "unmet", 1, None, False, id="V8 short"),
    pytest.param(PUBLIC, 0, 0, "0.50", "—", "unavailable", None, None, False, id="V9 none"),
    pytest.param(GROSS, 50, None, "0.85", "—", "unavailable", None, None, False, id="R12"),
    pytest.param(GROSS, 1_092, 1_000, "0.85", "109.20", "met", None, 242, False, id="R11"),
    pytest.param(GROSS, 859, 1_000, "0.85", "85.90", "near", None, 9, False, id="under a point"),
    pytest.param(GROSS, 860, 1_000, "0.85", "86.00", "met", None, 10, False, id="one point"),
    pytest.param(CERTIFIED, 20, 20, "1", "100.00", "met", None, 0, False, id="whole is whole"),
    pytest.param(CERTIFIED, 200, 200, "0.995", "100.00", "met", None, 1, False, id="no room"),
    pytest.param(CERTIFIED, 199, 200, "0.99", "99.50", "near", None, 1, False, id="room for one"),
    pytest.param(CERTIFIED, 20, 20, "0.99", "100.00", "met", None, 0, False, id="a whole point"),
    pytest.param(GROSS, 1_000, 1_000, "0.995", "100.00", "near", None, 5, False, id="may pass it"),
    pytest.param(CERTIFIED, 19, 20, "1", "95.00", "unmet", 1, None, False, id="one uncertified"),
    pytest.param(STAFF, 90, 0, "7", "—", "unmet", 13, None, False, id="children without staff"),
    pytest.param(STAFF, 0, 5, "7", "—", "unavailable", None, None, False, id="no children"),
    pytest.param(STAFF, 20, 10, "7", "2.00", "met", None, 7, False, id="more than standard"),
    # Hohhot 2010, statistical yearbook table 19-10: 67 teachers short of 1:15.
    pytest.param(TEACHER, 34_737, 2_249, "15", "15.45", "unmet", 67, None, False, id="Hohhot"),
    # Altay, end of 2020.
    pytest.param(PUBLIC, 27_708, 28_959, "0.50", "95.68", "met", None, 13_228, False, id="Altay"),
    # A ratio that reads 15.00 and is over the limit.
    pytest.param(
        TEACHER, 30_001, 2_000, "15", "15.00", "unmet", 1, None, True, id="close from above"
    ),
]


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator", "target", "shown", "verdict", "gap", "surplus",
     "close"),
    BOUNDARIES,
)  # fmt: skip
def test_boundaries(indicator, numerator, denominator, target, shown, verdict, gap, surplus, close):
    counts = Counts(numerator, denominator)
    value = value_of(indicator, counts)
    ruling = judge(indicator, counts, indicator.operator, Decimal(target))

    assert (f"{displayed(value, indicator.kind)}" if value is not None else "—") == shown
    assert (ruling.verdict, ruling.gap, ruling.surplus, ruling.close) == (
        verdict, gap, surplus, close,
    )  # fmt: skip


def test_published_figures_by_number_and_by_children_differ():
    # Altay again: 314 of 322 kindergartens are public (97.52 %), a different rate.
    assert share(rate(314, 322)) == "97.52"
    assert share(rate(28_959 - 1_251, 28_959)) == "95.68"


def test_inner_mongolia_2019_shares_are_not_added():
    # In units of 100 children (the bulletin prints 万): 60.70 = 29.96 + 30.74; inclusive 13.84.
    public, inclusive_private, enrolled = 2_996, 1_384, 6_070
    assert share(rate(public, enrolled)) == "49.36"
    # R6: published as 72.17 from exact counts; the printed ones give 72.16.
    assert share(rate(public + inclusive_private, enrolled)) == "72.16"


def test_the_sum_of_rounded_shares_is_another_number():
    # R4: 1 of 3 and 1 of 3 together are 66.67 %, not 33.33 + 33.33.
    assert share(rate(2, 3)) == "66.67"
    assert displayed(rate(1, 3), Kind.SHARE) * 2 == Decimal("66.66")


def test_hohhot_ratios_are_sums_over_sums():
    children, staff = (19_583, 11_661, 3_493), (2_186, 1_266, 494)
    assert (sum(children), sum(staff)) == (34_737, 3_946)
    assert displayed(rate(sum(children), sum(staff)), Kind.RATIO) == Decimal("8.80")
    mean = sum(rate(c, s) for c, s in zip(children, staff, strict=True)) / 3
    assert displayed(mean, Kind.RATIO) != Decimal("8.80")  # R8
    assert share(rate(19_583, 34_737)) == "56.38"


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        ("0.00125", 2, "0.13"),  # half up, not half even
        ("0.00135", 2, "0.14"),
        ("0.884995", 2, "88.50"),
        ("0.8849949", 2, "88.50"),
        ("0.8849949", 3, "88.499"),
        ("0.85", 1, "85.0"),
        ("1.092", 1, "109.2"),
    ],
)
def test_display_rounds_half_up_with_chosen_places(value, places, shown):
    assert str(displayed(Decimal(value), Kind.SHARE, places)) == shown


def test_change_in_points_is_of_unrounded_rates():
    now, before = rate(27_394, 29_812), rate(28_096, 29_812)
    assert displayed(change(now, before), Kind.SHARE) == Decimal("-2.35")
    # R5: the rounded rates would give another difference.
    now, before = Decimal("0.850049"), Decimal("0.840051")
    assert displayed(change(now, before), Kind.SHARE) == Decimal("1.00")
    assert change(None, before) is None
    assert change(now, None) is None


PENDING = [
    # A town 25 short: a kindergarten with 40 children not counted yet could fill it.
    pytest.param(GROSS, 787, 873, "0.93", Outlook(40), "pending", 25, id="could fill"),
    pytest.param(GROSS, 787, 873, "0.93", Outlook(24), "unmet", 25, id="could not"),
    pytest.param(GROSS, 787, 873, "0.93", Outlook(0, 0, 1), "pending", 25, id="unknown"),
    # A private kindergarten adds to the denominator only: public share falls.
    pytest.param(PUBLIC, 49, 100, "0.50", Outlook(0, 30), "unmet", 1, id="wrong kind"),
    pytest.param(PUBLIC, 49, 100, "0.50", Outlook(30, 30), "pending", 1, id="right kind"),
    pytest.param(STAFF, 106, 15, "7", Outlook(20, 6), "pending", 1, id="well staffed"),
    pytest.param(STAFF, 106, 15, "7", Outlook(90, 6), "unmet", 1, id="badly staffed"),
    # What is met stays met; the figure is marked provisional instead.
    pytest.param(PUBLIC, 60, 100, "0.50", Outlook(0, 90), "met", None, id="met now"),
    pytest.param(PUBLIC, 0, 0, "0.50", Outlook(30, 30), "unavailable", None, id="nothing yet"),
]


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator", "target", "ahead", "verdict", "gap"), PENDING
)
def test_pending_only_where_last_counts_would_do(
    indicator, numerator, denominator, target, ahead, verdict, gap
):
    counts = Counts(numerator, denominator)
    ruling = judge(indicator, counts, indicator.operator, Decimal(target), ahead)
    assert (ruling.verdict, ruling.gap) == (verdict, gap)


def test_wrong_operator_is_refused():
    with pytest.raises(ValueError, match="children_per_staff"):
        judge(STAFF, Counts(1, 1), ">=", Decimal(7))


def test_the_worst_verdict_leads():
    assert worst([Verdict.MET, Verdict.PENDING, Verdict.NEAR]) is Verdict.PENDING
    assert worst([Verdict.UNAVAILABLE, Verdict.UNMET]) is Verdict.UNMET
    assert worst([]) is None
    assert set(SEVERITY) == set(Verdict)


def test_every_verdict_has_a_word_and_an_icon():
    assert {str(verdict) for verdict in Verdict} <= VERDICTS.keys()


def test_missing_parts_make_the_count_missing():
    sums = {"principals": 3, "full_time_teachers": None, "certified_principals_and_teachers": 2}
    assert counts_of(CERTIFIED, sums) == Counts(2, None)


def test_catalogue_names_every_figure_once():
    assert THREE_RATES == (
        "gross_enrolment_rate", "inclusive_enrolment_share", "public_enrolment_share",
    )  # fmt: skip
    assert all(code == indicator.code for code, indicator in INDICATORS.items())
    assert [i.code for i in INDICATORS.values() if i.by_population] == ["gross_enrolment_rate"]
    # R11: only the gross rate may pass 100 %, and pay that is compared with other people's.
    assert [
        i.code for i in INDICATORS.values() if not i.at_most_whole and i.kind is Kind.SHARE
    ] == ["gross_enrolment_rate", "non_established_pay_ratio"]


def flagged(flags: str, **known: object) -> dict[str, int]:
    """A kindergarten with the flags named; of what is not given nothing was recorded."""
    row: dict[str, object] = dict.fromkeys(
        (*(field.name for field in KindergartenFacts._meta.fields),), None
    )
    row |= dict.fromkeys(("level", *MEASURES), "")
    row |= dict.fromkeys(("full_time_teachers", "classes", "compliant_classes", *POSTS), 0)
    row |= {
        f"counts_{flag}": flag in flags.split()
        for flag in ("enrolment", "public", "inclusive", "staff")
    }
    return kindergarten_sums(row | known)


def test_flags_decide_what_a_kindergarten_adds():
    facts = {
        "enrolled_children": 90, "classes": 3, "compliant_classes": 2, "full_time_teachers": 6,
        "fully_staffed": True, "established_heads": 3, "unfilled_posts": 0, "insured_people": 4,
        "funded_children": 80, "funded_yuan": 40_000, "outdoor_area_dm2": 36_000,
        "outdoor_area_met": True, "new_design": False, "guards": "met", "alarm": "no_record",
        "charges_within_limits": False, "overcharged_yuan": 700, "level": "city_model",
    }  # fmt: skip
    public = flagged("enrolment public inclusive staff", **facts)
    assert (public["public_children"], public["inclusive_children"]) == (90, 90)
    assert (public["public_funded_yuan"], public["inclusive_funded_yuan"]) == (40_000, 0)
    assert (public["outdoor_area_dm2"], public["outdoor_area_children"]) == (36_000, 90)
    assert (public["books"], public["books_children"]) == (0, 0)
    assert (public["outdoor_area_old_met"], public["outdoor_area_new_judged"]) == (1, 0)
    assert [public[f"guards_{part}"] for part in ("owing", "met", "unrecorded")] == [1, 1, 0]
    assert [public[f"alarm_{part}"] for part in ("owing", "met", "unrecorded")] == [1, 0, 1]
    assert [public[f"video_{part}"] for part in ("owing", "met", "unrecorded")] == [0, 0, 0]
    assert (public["charges_judged_kindergartens"], public["charges_within_kindergartens"]) == (
        1,
        0,
    )
    private = flagged("enrolment inclusive", **facts)
    assert (private["public_funded_yuan"], private["inclusive_funded_yuan"]) == (0, 40_000)
    judged = ("staff_judged_kindergartens", "fully_staffed_kindergartens")
    assert [public[name] for name in judged] == [1, 1]
    for verdict, adds in ((False, [1, 0]), (None, [0, 0])):
        counted = flagged("enrolment public inclusive staff", **facts | {"fully_staffed": verdict})
        assert [counted[name] for name in judged] == adds
    apart = flagged("enrolment", **facts)
    assert (apart["enrolled_children"], apart["public_children"]) == (90, 0)
    assert (apart["staffed_children"], apart["full_time_teachers"]) == (0, 0)
    # V13: what is not registered adds nothing anywhere.
    outside = flagged("public inclusive staff", **facts)
    assert set(outside.values()) == {0}


counts = st.integers(min_value=0, max_value=10**7)
shares = st.decimals(min_value=Decimal("0.01"), max_value=1, places=4)
limits = st.integers(min_value=1, max_value=200).map(Decimal)


@given(numerator=counts, denominator=st.integers(1, 10**7), target=shares)
def test_gap_is_the_smallest_number_that_meets(numerator, denominator, target):
    assume(numerator <= denominator)
    units = distance(Counts(numerator, denominator), ">=", target)
    assert meets(Counts(numerator, denominator), ">=", target) == (units >= 0)
    if units < 0:
        assert meets(Counts(numerator - units, denominator), ">=", target)
        assert not meets(Counts(numerator - units - 1, denominator), ">=", target)


@given(children=st.integers(1, 10**6), staff=counts, limit=limits)
def test_people_short_is_the_smallest_number_that_meets(children, staff, limit):
    units = distance(Counts(children, staff), "<=", limit)
    assert meets(Counts(children, staff), "<=", limit) == (units >= 0)
    if units < 0:
        assert meets(Counts(children, staff - units), "<=", limit)
        assert not meets(Counts(children, staff - units - 1), "<=", limit)


ORDER = [Verdict.UNMET, Verdict.NEAR, Verdict.MET]


@given(numerator=counts, denominator=st.integers(1, 10**6), target=shares)
def test_more_children_never_worsen_a_share(numerator, denominator, target):
    now = judge(GROSS, Counts(numerator, denominator), ">=", target).verdict
    then = judge(GROSS, Counts(numerator + 1, denominator), ">=", target).verdict
    assert ORDER.index(now) <= ORDER.index(then)


@given(children=st.integers(1, 10**6), staff=counts, limit=limits)
def test_more_staff_never_worsen_a_ratio(children, staff, limit):
    now = judge(STAFF, Counts(children, staff), "<=", limit).verdict
    then = judge(STAFF, Counts(children, staff + 1), "<=", limit).verdict
    assert ORDER.index(now) <= ORDER.index(then)


@given(numerator=counts, denominator=st.integers(1, 10**7), places=st.integers(0, 4))
def test_display_is_within_half_a_step_and_half_goes_up(numerator, denominator, places):
    value = rate(numerator, denominator)
    step = Decimal(1).scaleb(-places)
    off = displayed(value, Kind.SHARE, places) - value * 100
    assert -step / 2 < off <= step / 2


@given(numerator=counts, denominator=st.integers(1, 10**7), target=shares)
def test_close_is_exactly_where_print_and_verdict_part(numerator, denominator, target):
    ruling = judge(GROSS, Counts(numerator, denominator), ">=", target)
    printed_met = displayed(rate(numerator, denominator), Kind.SHARE) >= displayed(
        target, Kind.SHARE
    )
    assert ruling.close == (printed_met != (ruling.verdict in {"met", "near"}))


# ---- counts, parts of a unit, and rules of their time -----------------------------------------


@pytest.mark.parametrize(
    ("judged", "uncounted", "yuan", "target", "value", "verdict"),
    [
        # Nobody says what it charges: nothing is known, and not nothing charged.
        (0, 0, 0, "0", None, "unavailable"),
        (2, 0, 0, "0", 0, "met"),
        # Somebody charged too much by the day: at least 0, at least 500.
        (2, 1, 0, "0", 0, "unavailable"),
        (2, 1, 500, "600", 500, "unavailable"),
        (2, 1, 500, "400", 500, "unmet"),
    ],
)
def test_what_was_charged_too_much_is_never_less_than_known(
    judged, uncounted, yuan, target, value, verdict
):
    indicator = INDICATORS["overcharged_yuan"]
    sums = {
        "overcharged_yuan": yuan, "charges_judged_kindergartens": judged,
        "overcharge_uncounted_kindergartens": uncounted,
    }  # fmt: skip
    counts = counts_of(indicator, sums)
    assert value_of(indicator, counts) == value
    assert judge(indicator, counts, "<=", Decimal(target)).verdict == verdict


BUILT = replace(
    CLASSES, code="built", kind=Kind.COUNT, numerator=("kindergartens",), denominator=(),
    denominator_text="", unit="所", gap_unit="所",
)  # fmt: skip
UNLICENSED = replace(BUILT, code="unlicensed", direction=Direction.AT_MOST)
AREA = replace(
    CLASSES, code="area", kind=Kind.AMOUNT, numerator=("dm2",), denominator=("children",),
    unit="平方米/生", gap_unit="平方米", parts=100,
)  # fmt: skip


@pytest.mark.parametrize(
    ("indicator", "number", "target", "ahead", "verdict", "gap", "surplus"),
    [
        (BUILT, 29, "29", Outlook(), "met", None, 0),
        (BUILT, 28, "29", Outlook(), "unmet", 1, None),
        (BUILT, 28, "29", Outlook(1), "pending", 1, None),
        (BUILT, 27, "29", Outlook(1), "unmet", 2, None),
        (BUILT, 28, "29", Outlook(unknown_kindergartens=1), "pending", 1, None),
        (BUILT, 28, "28.5", Outlook(), "unmet", 1, None),
        (UNLICENSED, 0, "0", Outlook(), "met", None, 0),
        (UNLICENSED, 1, "0", Outlook(unknown_kindergartens=3), "unmet", 1, None),
        (UNLICENSED, None, "0", Outlook(), "unavailable", None, None),
    ],
)
def test_counts_are_judged_as_whole_numbers(
    indicator, number, target, ahead, verdict, gap, surplus
):
    counts = counts_of(indicator, {"kindergartens": number})
    ruling = judge(indicator, counts, indicator.operator, Decimal(target), ahead)
    assert (ruling.verdict, ruling.gap, ruling.surplus) == (verdict, gap, surplus)
    assert value_of(indicator, counts) == number


def test_parts_of_a_unit_are_exact():
    # 400.00 m² for 100 children are 4 m² each; a square decimetre less is not.
    counts = counts_of(AREA, {"dm2": 40_000, "children": 100})
    assert value_of(AREA, counts) == 4
    assert judge(AREA, counts, ">=", Decimal(4)).verdict == Verdict.MET
    short = judge(AREA, counts_of(AREA, {"dm2": 39_999, "children": 100}), ">=", Decimal(4))
    assert (short.verdict, short.gap, short.close) == (Verdict.UNMET, 1, True)
    assert AREA.in_units(1_050) == Decimal("10.5")
    assert AREA.suffix == "平方米"


def test_a_month_has_the_rule_of_its_time():
    first = replace(CLASSES, version="2026.1")
    second = replace(CLASSES, version="2027.1", since=dt.date(2027, 9, 1), former=first)
    third = replace(CLASSES, version="2028.1", since=dt.date(2028, 9, 1), former=second)
    versions = {
        month: third.on(month).version
        for month in (dt.date(2020, 1, 1), dt.date(2027, 9, 1), dt.date(2030, 1, 1))
    }
    assert list(versions.values()) == ["2026.1", "2027.1", "2028.1"]
    assert third.rules == (third, second, first)


def test_which_columns_of_a_past_moment_are_those_of_today():
    """Whatever a recomputation looks at again; children and classes are as they counted."""
    assert {*registers.COLUMNS, *rulings.TYPES, "fully_staffed"} == LOOKED_AT_AGAIN
    assert is_of_today(INDICATORS["one_key_alarm_share"])
    assert not is_of_today(PUBLIC)

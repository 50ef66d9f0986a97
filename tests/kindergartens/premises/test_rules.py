"""Areas a child, shares of kindergartens, and the three columns of equipment, by table."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.premises import rules
from kindergartens.premises.rules import Cohort, Enough, Lack, Standing, Supply, Verdict
from kindergartens.premises.words import enough_state

D = Decimal


@pytest.mark.parametrize(
    ("value", "children", "least", "expected", "short"),
    [
        (D("360"), 90, D("4"), Standing.MET, D(0)),
        (D("359.99"), 90, D("4"), Standing.UNMET, D("0.01")),
        # 8.17 × 300 = 2451: rounding 8.1699 up to 8.17 must not make it met.
        (D("2450.97"), 300, D("8.17"), Standing.UNMET, D("0.03")),
        (D("2451"), 300, D("8.17"), Standing.MET, D(0)),
        (D("3132"), 300, D("10.44"), Standing.MET, D(0)),
        (D("0"), 300, D("4"), Standing.UNMET, D(1200)),
        (None, 300, D("4"), Standing.UNKNOWN, None),
        (D("360"), None, D("4"), Standing.UNKNOWN, None),
        (D("360"), 0, D("4"), Standing.UNKNOWN, None),
    ],
)
def test_standing_of_one_kindergarten(value, children, least, expected, short):
    assert rules.standing(value, children, least) == expected
    assert rules.shortfall(value, children, least) == short


def test_a_childs_share_is_unrounded_and_never_zero_for_missing():
    assert rules.per_child(D("1000"), 3) == D("1000") / 3
    assert rules.per_child(None, 3) is None
    assert rules.per_child(D("1000"), 0) is None
    assert rules.per_child(D(0), 3) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [([D(1), D("2.5")], D("3.5")), ([D(1), None], None), ([], None), ([D(0)], D(0))],
)
def test_a_site_without_a_figure_leaves_the_sum_unknown(values, expected):
    assert rules.total(values) == expected


@pytest.mark.parametrize(
    ("counted", "demanded", "expected"),
    [
        (Cohort(met=5, unmet=0), D(1), Verdict.MET),
        (Cohort(met=4, unmet=1), D(1), Verdict.UNMET),
        (Cohort(met=4, unknown=1), D(1), Verdict.PENDING),
        (Cohort(met=3, unmet=1, unknown=1), D(1), Verdict.UNMET),
        (Cohort(met=5, unmet=5), D("0.5"), Verdict.MET),
        (Cohort(met=4, unmet=5), D("0.5"), Verdict.UNMET),
        (Cohort(met=4, unmet=4, unknown=1), D("0.5"), Verdict.PENDING),
        (Cohort(met=5, unknown=5), D("0.5"), Verdict.MET),
        (Cohort(), D("0.5"), Verdict.UNAVAILABLE),
        (Cohort(met=1), None, Verdict.NOT_JUDGED),
    ],
)
def test_share_of_kindergartens(counted, demanded, expected):
    assert rules.judge_cohort(counted, demanded) == expected


def test_a_share_is_not_said_while_one_is_unknown():
    assert Cohort(met=1, unmet=2).share == D(1) / 3
    assert Cohort(met=1, unknown=1).share is None
    assert Cohort().share is None


@pytest.mark.parametrize(
    ("year", "expected"), [(2016, False), (2017, True), (2018, True), (None, None)]
)
def test_which_building_standard_holds(year, expected):
    assert rules.is_new_design(year, 2017) is expected


@given(st.lists(st.sampled_from(list(Standing))))
def test_a_cohort_counts_everybody_once(standings):
    counted = rules.cohort(standings)
    assert counted.kindergartens == len(standings)
    verdicts = {rules.judge_cohort(counted, D(share) / 10) for share in range(11)}
    assert verdicts <= set(Verdict)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"floor_area_m2": D(1000), "activity_room_area_m2": D(1001)}, ["activity_room_area_m2"]),
        ({"floor_area_m2": D(1000), "activity_room_area_m2": D(1000)}, []),
        (
            {"land_area_m2": D(900), "outdoor_area_m2": D(600), "green_area_m2": D(301)},
            ["land_area_m2"],
        ),
        ({"land_area_m2": D(900), "outdoor_area_m2": D(600), "green_area_m2": D(300)}, []),
        ({"outdoor_area_m2": D(600)}, []),
    ],
)
def test_what_cannot_be_true_together(values, fields):
    assert [field for field, _ in rules.contradictions(values)] == fields


@pytest.mark.parametrize(
    ("present", "needed", "price", "has", "enough", "gap", "cost"),
    [
        (D(0), D(4), D(10), False, Enough.NONE, D(4), D(40)),
        (D(3), D(4), D(10), True, Enough.SHORT, D(1), D(10)),
        (D(4), D(4), None, True, Enough.ENOUGH, D(0), D(0)),
        (D(9), D(4), D(10), True, Enough.ENOUGH, D(0), D(0)),
        (D(3), D(4), None, True, Enough.SHORT, D(1), None),
        (None, D(4), D(10), None, Enough.UNKNOWN, None, None),
        (D(3), None, D(10), True, Enough.UNKNOWN, None, None),
        (D(0), D(0), D(10), False, Enough.ENOUGH, D(0), D(0)),
    ],
)
def test_three_columns(present, needed, price, has, enough, gap, cost):
    supply = Supply(present=present, needed=needed, unit_cost=price)
    assert (supply.has, supply.enough, supply.gap, supply.cost) == (has, enough, gap, cost)


@pytest.mark.parametrize(
    ("need", "amount", "whole", "expected"),
    [
        ("surveyed", None, True, D(7)),
        ("per_class", D(2), True, D(6)),
        ("per_child", D("0.05"), True, D(5)),  # 4.5 rounded up
        ("per_child", D("0.05"), False, D("4.50")),
        ("per_kindergarten", D(1), True, D(1)),
    ],
)
def test_how_much_there_should_be(need, amount, whole, expected):
    found = rules.needed(need, amount, surveyed=D(7), children=90, classes=3, whole=whole)
    assert found == expected


def test_need_without_its_base_is_unknown():
    for need in ("per_class", "per_child", "surveyed"):
        assert (
            rules.needed(need, D(1), surveyed=None, children=None, classes=None, whole=True) is None
        )


@pytest.mark.parametrize(
    ("need", "amount", "surveyed", "counted", "heads", "lack"),
    [
        ("surveyed", None, D(7), True, None, None),
        ("surveyed", None, None, False, 90, Lack.COUNT),
        ("surveyed", None, None, True, 90, Lack.STANDARD),
        ("per_child", D(1), None, False, None, Lack.HEADS),
        ("per_child", None, None, True, 90, Lack.STANDARD),
        ("per_class", D(1), None, True, 3, None),
        ("per_kindergarten", D(1), None, False, None, None),
    ],
)
def test_why_it_cannot_be_said_how_much_there_should_be(
    need, amount, surveyed, counted, heads, lack
):
    bases = {"surveyed": surveyed, "children": heads, "classes": heads}
    assert rules.why_not_needed(need, amount, counted=counted, **bases) == lack
    assert (rules.needed(need, amount, whole=True, **bases) is None) == (lack is not None)


def test_a_cell_never_says_not_counted_of_what_was_counted():
    known = Supply(D(3), None, None, lack=Lack.STANDARD)
    assert enough_state(known).word == "无法判断"
    assert enough_state(Supply(None, D(3), None)).word == "没有清点"
    assert rules.sum_supplies([known, known, Supply(None, D(3), None)]).lack == Lack.STANDARD
    assert rules.sum_supplies([Supply(D(3), D(3), None)]).lack is None


def test_the_countys_line_sums_what_is_known_and_says_how_many_are_not():
    found = rules.sum_supplies(
        [
            Supply(D(0), D(4), D(10)),
            Supply(D(2), D(3), D(10)),
            Supply(D(9), D(3), D(10)),
            Supply(None, D(3), D(10)),
        ]
    )
    assert (found.kindergartens, found.counted, found.without, found.short) == (4, 3, 1, 2)
    assert (found.present, found.needed, found.gap, found.cost) == (D(11), D(10), D(5), D(50))


def test_a_sum_of_nothing_counted_is_not_zero():
    found = rules.sum_supplies([Supply(None, None, D(10))])
    assert (found.gap, found.cost, found.unknown) == (None, None, 1)


def test_a_missing_price_leaves_the_cost_unknown_not_smaller():
    found = rules.sum_supplies([Supply(D(0), D(4), None), Supply(D(4), D(4), None)])
    assert (found.gap, found.cost) == (D(4), None)
    assert rules.sum_supplies([Supply(D(4), D(4), None)]).cost == 0

"""What screens read: figures with their verdicts, rows below, trend, explanation, progress."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import Region
from indicators.catalogue import INDICATORS, THREE_RATES
from indicators.models import KindergartenFacts, Policy, Target
from indicators.selectors import (
    child_figures,
    explanation,
    figures,
    filing_progress,
    kindergarten_figures,
    months_available,
    trend,
)
from indicators.services.freeze import freeze_facts
from indicators.services.recompute import recompute
from kindergartens.models import Group, GroupMember, Kindergarten
from tests.indicators.test_freeze import next_version
from tests.indicators.world import MONTHS, NOW, World
from tests.registers import approved, employed, insured, paid, trained
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db


def demand(
    indicator: str, value: str, levels: list[str], *, region: Region | None = None,
    since: dt.date | None = None, slug: str = "nation",
) -> Target:  # fmt: skip
    policy, _ = Policy.objects.get_or_create(
        slug=slug, defaults={"title": f"示例{slug}办法", "region": region, "valid_from": since}
    )
    return Target.objects.create(
        policy=policy, indicator=indicator, value=Decimal(value), levels=levels,
        operator=INDICATORS[indicator].operator, clause="第三条",
    )  # fmt: skip


def figure(region: Region, indicator: str, month: dt.date = OCTOBER):
    (found,) = figures(region, month, [indicator])
    return found


@pytest.fixture
def county(small: SmallCounty) -> SmallCounty:
    """Two towns and a street; 20 + 20 public children of 80, one return still owed."""
    the_nation_asks()
    small.populate(small.county, 99)
    post = small.officer().memberships.get()
    town, other, street = small.town("甲镇"), small.town("乙镇"), small.town("丙街道", street=True)
    for place, name, ownership, children in (
        (town, "示例一园", "public", 20),
        (town, "示例二园", "non_inclusive_private", 25),
        (other, "示例三园", "public", 20),
        (street, "示例四园", "inclusive_private", 15),
    ):
        kindergarten = small.kindergarten(place, name, ownership=ownership)
        paid(kindergarten, post, 2025, established=(3, 300_000), other=(2, 120_000))
        approved(kindergarten, post, 3)
        for held in employed(kindergarten, post, 3, on=True):
            insured(held)
            trained(held, "72", dt.date(2025, 5, 1))
        small.file(kindergarten, children, month=SEPTEMBER)
        small.file(kindergarten, children, nursery=4 if name == "示例一园" else 0)
    late = small.kindergarten(other, "示例五园")
    small.file(late, 19, month=SEPTEMBER)
    small.file(late, 21, state="submitted")
    # As if paid 500 yuan a child of last year: no return of that year is here to count them.
    meant = KindergartenFacts.objects.unscoped("the test's own").filter(counts_inclusive=True)
    meant.update(funded_children=F("enrolled_children"), funded_yuan=500 * F("enrolled_children"))
    small.settle(SEPTEMBER, OCTOBER)
    return small


def test_a_figure_carries_all_that_is_printed_beside_it(county: SmallCounty):
    demand("public_enrolment_share", "0.50", ["county"])
    found = figure(county.county, "public_enrolment_share")
    assert (found.numerator, found.denominator) == (40, 80)
    assert found.value == Decimal("0.5")
    assert (found.expected, found.filed, found.accepted) == (5, 5, 4)
    assert found.provisional
    assert found.base == "在园幼儿"
    assert found.reference_date == dt.date(2026, 10, 31)
    assert found.leading.verdict == "near"
    assert (found.leading.title, found.leading.clause) == ("示例nation办法", "第三条")
    # September: 59 of 99.
    assert found.previous_month == SEPTEMBER
    assert found.change == Decimal("0.5") - Decimal(59) / Decimal(99)


def test_the_owed_return_decides_between_pending_and_unmet(county: SmallCounty):
    demand("public_enrolment_share", "0.55", ["county"])
    demand("inclusive_enrolment_share", "0.80", ["county"])
    # 40 of 80; with last month's 19 public children 59 of 99 = 59.6 %.
    pending = figure(county.county, "public_enrolment_share").leading
    assert (pending.verdict, pending.gap) == ("pending", 4)
    # 55 of 80; with them 74 of 99 = 74.7 %.
    unmet = figure(county.county, "inclusive_enrolment_share").leading
    assert (unmet.verdict, unmet.gap) == ("unmet", 9)


def test_all_targets_are_shown_and_the_worst_leads(county: SmallCounty):
    demand("public_enrolment_share", "0.40", ["county"])
    demand("public_enrolment_share", "0.90", ["county"], region=county.county, slug="own")
    demand("public_enrolment_share", "0.99", ["county"], region=county.other_county, slug="other")
    demand("public_enrolment_share", "0.99", ["city"], region=county.city, slug="city")
    found = figure(county.county, "public_enrolment_share")
    # One's own document first, the national floor last.
    assert [j.target.value for j in found.verdicts] == [Decimal("0.90"), Decimal("0.40")]
    assert (found.leading.target.value, found.leading.verdict) == (Decimal("0.90"), "unmet")
    assert [j.target.value for j in figure(county.city, "public_enrolment_share").verdicts] == [
        Decimal("0.99")
    ]


def test_a_document_judges_from_its_first_day_on(county: SmallCounty):
    demand("public_enrolment_share", "0.9", ["county"], since=dt.date(2026, 10, 31), slug="late")
    assert figure(county.county, "public_enrolment_share").leading.verdict == "unmet"
    assert figure(county.county, "public_enrolment_share", SEPTEMBER).verdicts == []


def plan(
    slug: str, years: tuple[int, int], value: str, levels: list[str], region: Region
) -> Target:
    target = demand("public_enrolment_share", value, levels, region=region, slug=slug)
    Policy.objects.filter(pk=target.policy_id).update(
        valid_from=dt.date(years[0], 1, 1), valid_to=dt.date(years[1], 12, 31)
    )
    return target


def test_an_ended_plan_gives_way_to_the_next_of_the_same_place(county: SmallCounty):
    own, share = county.county, "public_enrolment_share"

    def values(region: Region = own) -> list[str]:
        return sorted(f"{j.target.value:.2f}" for j in figure(region, share).verdicts)

    plan("first", (2018, 2022), "0.90", ["county", "town"], own)
    # Nothing newer: what had to be reached must be kept.
    assert values() == ["0.90"]
    plan("elsewhere", (2023, 2026), "0.10", ["county"], county.other_county)
    plan("future", (2027, 2030), "0.20", ["county"], own)
    assert values() == ["0.90"]
    plan("second", (2023, 2024), "0.50", ["county"], own)
    assert values() == ["0.50"]
    # The second names no town level, so there the first goes on.
    assert values(Region.objects.get(name="甲镇")) == ["0.90"]
    # Two documents whose periods run side by side both judge.
    plan("third", (2025, 2026), "0.40", ["county"], own)
    plan("beside", (2026, 2026), "0.30", ["county"], own)
    assert values() == ["0.30", "0.40"]
    assert figure(own, share).leading.target.value == Decimal("0.4")
    assert values(county.city) == []


def test_among_equal_verdicts_the_widest_gap_leads_then_the_smallest_surplus(county: SmallCounty):
    for slug, value in (("a", "0.70"), ("b", "0.90"), ("c", "0.80")):
        demand("public_enrolment_share", value, ["county"], slug=slug)
    found = figure(county.county, "public_enrolment_share")
    assert [j.verdict for j in found.verdicts] == ["unmet"] * 3
    assert (found.leading.gap, found.leading.target.value) == (32, Decimal("0.90"))
    for slug, value in (("a", "0.10"), ("b", "0.30"), ("c", "0.20")):
        demand("inclusive_enrolment_share", value, ["county"], slug=slug)
    found = figure(county.county, "inclusive_enrolment_share")
    assert [j.verdict for j in found.verdicts] == ["met"] * 3
    assert (found.leading.surplus, found.leading.target.value) == (31, Decimal("0.30"))


def test_towns_are_judged_streets_are_not(county: SmallCounty):
    demand("public_enrolment_share", "0.50", ["county", "town"], region=county.county, slug="own")
    rows = child_figures(county.county, OCTOBER)
    by_name = {row.region.name: row for row in rows}
    assert {n: r.figures[2].verdict for n, r in by_name.items()} == {
        "甲镇": "unmet", "乙镇": "met", "丙街道": "not_judged",
    }  # fmt: skip
    assert [f.indicator.code for f in rows[0].figures] == list(THREE_RATES)
    assert sum(r.figures[2].numerator for r in rows) == 40


def test_missing_is_never_zero(small: SmallCounty):
    town = small.town("甲镇", people=None)
    small.file(small.kindergarten(town, "示例一园"), 20, state="submitted")
    empty = small.town("乙镇", people=300)
    small.settle()
    demand("gross_enrolment_rate", "0.85", ["town"])
    nothing_yet = figure(town, "public_enrolment_share")
    assert (nothing_yet.numerator, nothing_yet.value) == (None, None)
    assert nothing_yet.reason == "还没有已接收的月报。"
    # A town without any kindergarten has no rate to be judged by, though it has people.
    nowhere = figure(empty, "gross_enrolment_rate")
    assert (nowhere.value, nowhere.reason) == (None, "没有应报的幼儿园。")
    assert nowhere.leading.verdict == "unavailable"
    assert figure(empty, "public_enrolment_share").reason == "没有应报的幼儿园。"
    nobody = figure(town, "gross_enrolment_rate")
    assert nobody.leading.verdict == "unavailable"
    before = figure(town, "gross_enrolment_rate", dt.date(2026, 1, 1))
    assert (before.value, before.computed_at, before.reason) == (None, None, "这个月没有数据。")


def test_population_not_registered_is_said(small: SmallCounty):
    town = small.town("甲镇", people=None)
    small.file(small.kindergarten(town, "示例一园"), 20)
    small.settle()
    found = figure(town, "gross_enrolment_rate")
    assert (found.numerator, found.denominator, found.value) == (20, None, None)
    assert found.reason == "常住3–5岁人口未登记。"


def test_trend_keeps_gaps(county: SmallCounty):
    points = trend(county.county, "public_enrolment_share", OCTOBER, months=4)
    assert [(p.month.month, p.reported, p.provisional) for p in points] == [
        (7, False, False), (8, False, False), (9, True, False), (10, True, True),
    ]  # fmt: skip
    assert points[0].value is None
    assert points[3].value == Decimal("0.5")
    assert months_available(county.county) == [OCTOBER, SEPTEMBER]


def test_trend_crosses_the_year(county: SmallCounty):
    points = trend(county.county, "public_enrolment_share", dt.date(2027, 2, 1), months=3)
    assert [p.month for p in points] == [
        dt.date(2026, 12, 1), dt.date(2027, 1, 1), dt.date(2027, 2, 1),
    ]  # fmt: skip


def test_groups_stand_beside_their_towns(county: SmallCounty):
    town = Region.objects.get(name="甲镇")
    group = Group.objects.create(
        county=county.county,
        kind="town_cluster",
        name="一园组团",
        valid_from=dt.date(2024, 1, 1),
    )
    GroupMember.objects.create(
        group=group, kind=group.kind, town=town, valid_from=dt.date(2024, 1, 1)
    )
    names = {r.region.name: r.group_name for r in child_figures(county.county, OCTOBER)}
    assert names == {"甲镇": "一园组团", "乙镇": "", "丙街道": ""}


def test_every_explanation_adds_up(county: SmallCounty):
    # As if all had been registered: designed before and after the newer standard.
    frozen = KindergartenFacts.objects.unscoped("the test's own")
    frozen.update(
        outdoor_area_dm2=40_000, activity_room_area_dm2=1, floor_area_dm2=2, books=90,
        outdoor_area_met=True, activity_room_area_met=True, floor_area_met=True, new_design=True,
        guards="met", alarm="met", video="met", closed_site="met", level="city_model",
        charges_within_limits=True, overcharged_yuan=0,
    )  # fmt: skip
    frozen.filter(enrolled_children=25).update(
        new_design=False, charges_within_limits=False, overcharged_yuan=9
    )
    frozen.filter(enrolled_children=20, town__name="乙镇").update(new_design=False)
    county.settle(SEPTEMBER, OCTOBER)
    for code, indicator in INDICATORS.items():
        # The one town has no recognised private kindergarten.
        town = "丙街道" if code == "inclusive_subsidy_per_child" else "甲镇"
        for region in (county.county, county.city, Region.objects.get(name=town)):
            told = explanation(region, code, OCTOBER)
            assert told.sums_match, code
            # What pay is divided of is told of a county alone, and not by kindergarten.
            if indicator.of_returns and not indicator.of_averages:
                assert told.numerator_sum == told.figure.numerator > 0, code
                assert sum(group.numerator for group in told.groups) == told.figure.numerator
            if indicator.denominator_of_returns and not indicator.of_averages:
                assert told.denominator_sum == told.figure.denominator, code
            steps = [r.points for r in told.change_reasons]
            if told.figure.change is not None and indicator.of_returns:
                assert abs(sum(steps, Decimal(0)) - told.figure.change) < Decimal("1e-20")
            assert told.formula
            assert told.scope_note


def test_an_explanation_names_who_is_missing_and_why_it_changed(county: SmallCounty):
    told = explanation(county.county, "gross_enrolment_rate", OCTOBER)
    assert [(m.name, m.state, m.last_children) for m in told.missing] == [
        ("示例五园", "submitted", 19)
    ]
    assert [(r.label, r.units) for r in told.change_reasons] == [("1所尚未计入（上次人数）", -19)]
    assert told.registered_population == 99
    assert told.registered_value == Decimal(80) / Decimal(99)
    assert told.population_date == dt.date(2026, 9, 1)
    assert told.scope_note == (
        "在园幼儿指在册幼儿园和附设幼儿班的全部在园幼儿，不含托班4人，不含无证园。"
    )
    first = next(group for group in told.groups if group.region.name == "甲镇")
    assert [(r.name, r.ownership, r.numerator, r.change, r.version) for r in first.rows] == [
        ("示例一园", "公办", 20, 0, 1), ("示例二园", "非普惠民办", 25, 0, 1),
    ]  # fmt: skip
    assert explanation(county.city, "gross_enrolment_rate", OCTOBER).groups[0].region == (
        county.county
    )


def test_a_sum_that_does_not_match_is_admitted(county: SmallCounty):
    KindergartenFacts.objects.filter(month=OCTOBER, enrolled_children=25).update(
        enrolled_children=26
    )
    told = explanation(county.county, "gross_enrolment_rate", OCTOBER)
    assert (told.figure.numerator, told.numerator_sum, told.sums_match) == (80, 81, False)
    assert not told.recomputing


@pytest.mark.parametrize("children", [20, 26])
def test_between_acceptance_and_recompute_an_explanation_says_so(
    county: SmallCounty, children: int
):
    filing = Kindergarten.objects.get(name="示例一园").filings.get(month=OCTOBER)
    settled = explanation(county.county, "gross_enrolment_rate", OCTOBER)
    assert (settled.sums_match, settled.recomputing) == (True, False)
    later = NOW + dt.timedelta(minutes=1)
    freeze_facts(version_ids=[next_version(filing, children).pk], accepted_at=later)
    told = explanation(county.county, "gross_enrolment_rate", OCTOBER)
    # The same number of children leaves nothing to wait for.
    assert told.sums_match == (children == 20)
    assert told.recomputing == (children != 20)
    county.settle(now=later)
    settled = explanation(county.county, "gross_enrolment_rate", OCTOBER)
    assert (settled.sums_match, settled.recomputing) == (True, False)


def test_before_the_first_recompute_an_explanation_says_so(small: SmallCounty):
    small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 20)
    told = explanation(small.county, "gross_enrolment_rate", OCTOBER)
    assert (told.sums_match, told.recomputing) == (False, True)


def test_random_worlds_explain_every_figure():
    World(30)
    for month in MONTHS:
        recompute(month=month, now=NOW)
    for region in Region.objects.filter(facts__month=MONTHS[2], level__lte=3):
        for code in ("public_enrolment_share", "children_per_staff", "gross_enrolment_rate"):
            told = explanation(region, code, MONTHS[2])
            assert told.sums_match, (region, code)
            if told.figure.change is not None:
                total = sum((r.points for r in told.change_reasons), Decimal(0))
                assert abs(total - told.figure.change) < Decimal("1e-18")


def test_progress_counts_add_up(small: SmallCounty):
    town = small.town("甲镇")
    for state in ("accepted", "submitted", "returned", "draft"):
        small.file(small.kindergarten(town, f"示例{state}"), 20, state=state)
    small.kindergarten(town, "示例未报")
    small.kindergarten(town, "示例停办", state="suspended")
    late = small.file(small.kindergarten(town, "示例迟报"), 20)
    late.first_submitted_at = late.period.due_at + dt.timedelta(minutes=1)
    late.save()
    on_time = small.file(small.kindergarten(town, "示例压线"), 20)
    on_time.first_submitted_at = on_time.period.due_at
    on_time.save()
    freeze_facts(version_ids=[next_version(on_time, 21).pk], accepted_at=NOW)
    small.settle()
    progress = filing_progress(small.county, OCTOBER)
    assert (
        progress.expected, progress.accepted, progress.submitted, progress.returned,
        progress.draft, progress.not_begun, progress.late,
    ) == (7, 3, 1, 1, 1, 1, 1)  # fmt: skip
    assert [row.state for row in progress.rows] == ["not_begun", "draft", "returned", "submitted"]
    found = figure(small.county, "public_enrolment_share")
    assert (found.expected, found.filed, found.accepted) == (7, 5, 3)
    assert progress.filed == found.filed
    assert filing_progress(small.other_county, OCTOBER).expected == 0


def test_progress_and_stored_coverage_agree_in_random_worlds():
    World(31)
    for month in MONTHS:
        recompute(month=month, now=NOW)
        for region in Region.objects.filter(facts__month=month):
            progress, found = filing_progress(region, month), figure(
                region, "public_enrolment_share", month
            )  # fmt: skip
            assert (progress.expected, progress.filed, progress.accepted) == (
                found.expected, found.filed, found.accepted,
            )  # fmt: skip


def test_a_kindergarten_is_judged_by_kindergarten_targets(county: SmallCounty):
    demand("children_per_staff", "1", ["kindergarten"], region=county.county, slug="own")
    demand("children_per_staff", "7", ["county"])
    facts = KindergartenFacts.objects.filter(month=OCTOBER, enrolled_children=25).get()
    (own,) = kindergarten_figures(facts, ["children_per_staff"])
    assert (own.numerator, own.denominator) == (25, 14)
    assert (own.leading.verdict, own.leading.gap) == ("unmet", 11)
    assert len(own.verdicts) == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda region: figures(region, OCTOBER),
        lambda region: child_figures(region, OCTOBER),
        lambda region: trend(region, "public_enrolment_share", OCTOBER),
        lambda region: explanation(region, "public_enrolment_share", OCTOBER),
        lambda region: filing_progress(region, OCTOBER),
    ],
    ids=["figures", "child_figures", "trend", "explanation", "filing_progress"],
)
def test_queries_do_not_grow_with_rows(county: SmallCounty, read):
    with CaptureQueriesContext(
        connection,
    ) as few:
        read(county.county)
    for number in range(6):
        town = county.town(f"新{number}镇")
        for part in range(2):
            kindergarten = county.kindergarten(town, f"示例新{number}{part}")
            county.file(kindergarten, 20 + part, month=SEPTEMBER)
            county.file(kindergarten, 20, state="accepted" if part else "submitted")
        demand("public_enrolment_share", f"0.5{number}", ["county"], slug=f"s{number}")
    county.settle(SEPTEMBER, OCTOBER)
    with CaptureQueriesContext(connection) as many:
        read(county.county)
    assert len(many) == len(few) <= 14

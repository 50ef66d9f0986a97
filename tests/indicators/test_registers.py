"""What the registers knew on the statistical date, frozen with the counts, and looked at again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import Region
from fees.funding.selectors import entries
from fees.models import FundingPayment, FundingStandard
from indicators.models import KindergartenFacts, Policy, Target
from indicators.selectors import CUTS, cut_figures, explanation, figures, trend
from indicators.services.registers import look_again
from kindergartens.models import Kindergarten, ReportingPeriod
from reports.shortfalls.selectors import Asked, shortfalls
from staffing.establishment.rules import Posts
from staffing.models import Appointment, Insurance, Training
from tests.registers import approved, employed, granted, insured, paid, trained
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment
from tests.staffing.establishment.test_rules import POSTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(small: SmallCounty):
    return small.officer().memberships.get()


def frozen(name: str, month: dt.date = OCTOBER) -> KindergartenFacts:
    return KindergartenFacts.objects.current().get(kindergarten__name=name, month=month)


def test_posts_are_frozen_as_the_rules_count_them(small: SmallCounty, post) -> None:
    town = small.town("甲镇")
    for number, (quota, established, substitutes, *_) in enumerate(POSTS):
        garden = small.kindergarten(town, f"示例{number}园")
        if quota is not None:
            approved(garden, post, quota)
        if established is not None:
            employed(garden, post, established, on=True)
            employed(garden, post, substitutes or 0, on=False)
            # Whoever has left, comes later, or does other work holds no post and fills none.
            employed(garden, post, 1, on=False, post="service_staff")
            employed(garden, post, 1, on=True, since=dt.date(2026, 11, 1))
        small.file(garden, 20)
        row = frozen(garden.name)
        expected = Posts(quota, established, substitutes)
        assert (row.vacant_posts, row.unfilled_posts) == (expected.vacant, expected.unfilled)
    small.settle()
    judged = [one for one in POSTS if one[4] is not None]
    for region in (small.county, small.city, town):
        [figure] = figures(region, OCTOBER, ["quota_kept_kindergarten_share"])
        assert (figure.numerator, figure.denominator) == (
            sum(one[4] == 0 for one in judged), len(judged),
        )  # fmt: skip
        told = explanation(region, "quota_kept_kindergarten_share", OCTOBER)
        assert "空编6名，其中3名有编不补" in told.scope_note


def test_pay_is_of_the_newest_recorded_year_and_summed_over_sums(small: SmallCounty, post) -> None:
    town, other = small.town("甲镇"), small.town("乙镇")
    first, second = small.kindergarten(town, "示例一园"), small.kindergarten(other, "示例二园")
    private = small.kindergarten(town, "示例民办园", ownership="inclusive_private")
    silent = small.kindergarten(town, "没登记的园")
    paid(first, post, 2023, established=(9, 90_000), other=(9, 90_000))
    paid(first, post, 2024, established=(3, 360_000), other=(4, 240_000))
    paid(second, post, 2025, established=(3, 120_000), other=(0, 0))
    paid(second, post, 2024, established=(3, 90_000), other=(3, 90_000))
    paid(private, post, 2025, established=(1, 900_000), other=(1, 900_000))
    for garden in (first, second, private, silent):
        for month in (SEPTEMBER, OCTOBER):
            small.file(garden, 20, month=month)
    small.settle(SEPTEMBER, OCTOBER)
    assert frozen("没登记的园").established_heads is None
    assert frozen("示例二园").non_established_heads == 0
    [county] = figures(small.county, OCTOBER, ["non_established_pay_ratio"])
    # 60,000 to 80,000 each, though the one kindergarten with both pays 50 %.
    assert str(county.value) == "0.75"
    assert (county.numerator, county.numerator_heads) == (240_000, 4)
    assert (county.denominator, county.denominator_heads) == (480_000, 6)
    assert county.change == 0
    for name, value in (("甲镇", "0.5"), ("乙镇", "None")):
        region = Region.objects.get(name=name)
        [figure] = figures(region, OCTOBER, ["non_established_pay_ratio"])
        assert str(figure.value) == value
        assert bool(figure.reason) is (figure.value is None)
        # Of one town less, the county's sums would be another's.
        assert (figure.numerator, figure.denominator, figure.numerator_heads) == (None, None, None)
    told = explanation(small.county, "non_established_pay_ratio", OCTOBER)
    assert told.sums_match
    assert "3所公办园里2所登记了年工资" in told.scope_note


def test_pay_that_falls_short_is_counted_and_its_yuan_are_not_told(
    small: SmallCounty, post
) -> None:
    """Nor is it estimated: less the figure, that would be what the missing kindergarten pays."""
    town, code = small.town("甲镇"), "non_established_pay_ratio"
    garden, late = (small.kindergarten(town, name) for name in ("示例一园", "示例晚园"))
    for one in (garden, late):
        paid(one, post, 2025, established=(3, 300_000), other=(3, 180_000))
        small.file(one, 20, month=SEPTEMBER)
    small.file(garden, 20)
    small.settle(SEPTEMBER, OCTOBER)
    policy = Policy.objects.create(slug="national", title="示例", valid_from=dt.date(2020, 1, 1))
    Target.objects.create(
        policy=policy, indicator=code, operator=">=", value="0.75",
        levels=["kindergarten", "town", "county"],
    )  # fmt: skip
    found = shortfalls(small.county, OCTOBER, Asked(), kindergartens=True)
    counted = {one.level: (one.unmet, one.unavailable) for one in found.sums}
    assert counted == {"county": (1, 0), "town": (1, 0), "kindergarten": (1, 0)}
    assert [row.judged.level for row in found.unmet] == ["county"]
    estimates = {
        one: explanation(small.county, one, OCTOBER).estimate
        for one in (code, "public_enrolment_share")
    }
    assert [one is None for one in estimates.values()] == [True, False]


def test_what_was_recorded_later_is_counted_when_looked_at_again(small: SmallCounty, post) -> None:
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    small.file(garden, 20)
    assert frozen("示例一园").vacant_posts is None
    paid(garden, post, 2025, established=(3, 300_000), other=(3, 225_000))
    approved(garden, post, 3)
    employed(garden, post, 2, on=True)
    assert look_again(month=OCTOBER, county=small.other_county) == 0
    assert look_again(month=OCTOBER, county=small.county) == 1
    assert look_again(month=OCTOBER) == 0
    row = frozen("示例一园")
    assert (row.vacant_posts, row.unfilled_posts, row.established_pay_yuan) == (1, 0, 300_000)
    small.settle(now=NOW)
    [figure] = figures(small.county, OCTOBER, ["non_established_pay_ratio"])
    assert str(figure.value) == "0.75"


def test_pay_is_told_of_no_kindergarten_and_of_no_change(small: SmallCounty, post) -> None:
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    paid(garden, post, 2024, established=(3, 300_000), other=(3, 180_000))
    small.file(garden, 20, month=SEPTEMBER)
    paid(garden, post, 2025, established=(3, 300_000), other=(3, 240_000))
    small.file(garden, 20)
    small.settle(SEPTEMBER, OCTOBER)
    told = explanation(small.county, "non_established_pay_ratio", OCTOBER)
    assert (told.sums_match, str(told.figure.change), told.change_reasons) == (True, "0.2", [])
    [group] = told.groups
    assert (group.numerator, group.denominator, group.change) == (None, None, 0)
    of_town = explanation(group.region, "non_established_pay_ratio", OCTOBER)
    assert (of_town.numerator_sum, of_town.sums_match) == (None, True)


def test_pay_of_fewer_than_three_is_told_nowhere(small: SmallCounty, post) -> None:
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    paid(garden, post, 2025, established=(3, 300_000), other=(2, 160_000))
    for month in (SEPTEMBER, OCTOBER):
        small.file(garden, 20, month=month)
    small.settle(SEPTEMBER, OCTOBER)
    code = "non_established_pay_ratio"
    policy = Policy.objects.create(slug="national", title="示例", valid_from=dt.date(2020, 1, 1))
    Target.objects.create(
        policy=policy, indicator=code, operator=">=", value="0.75", levels=["county"]
    )
    [figure] = figures(small.county, OCTOBER, [code])
    assert "不到3人" in figure.reason
    assert (figure.value, figure.numerator, figure.numerator_heads) == (None, None, None)
    assert (figure.previous, figure.verdict) == (None, "unavailable")
    assert {point.value for point in trend(small.county, code, OCTOBER)} == {None}
    [part, *_] = cut_figures(small.county, OCTOBER, CUTS["ownership"], [code])
    assert (part.figures[0].value, part.figures[0].denominator) == (None, None)


def test_who_is_insured_in_all_six_kinds(small: SmallCounty, post) -> None:
    garden, other = (small.kindergarten(small.town(n), n) for n in ("甲镇", "乙镇"))
    whole, part, between, ended = employed(garden, post, 4, on=False)
    insured(whole)
    insured(part, 5)
    insured(ended, until=dt.date(2026, 10, 30))
    # The other kindergarten pays the sixth, of a second post.
    insured(between, 5)
    second = Appointment.objects.create(
        person=between.person, kindergarten=other, post="teaching_assistant", full_time=False,
        started_on=dt.date(2024, 1, 1), establishment="non_established", entered_as=post,
        entered_at=NOW,
    )  # fmt: skip
    Insurance.objects.create(
        appointment=second, kind="housing_fund", valid_from=dt.date(2024, 1, 1), entered_as=post,
        entered_at=NOW,
    )  # fmt: skip
    # Nobody insures whoever is sent by a company.
    employed(garden, post, 1, on=False, post="service_staff")
    Appointment.objects.filter(post="service_staff").update(establishment="purchased")
    for one in (garden, other):
        small.file(one, 20)
    row = frozen("甲镇")
    assert (row.insurable_people, row.insured_people) == (4, 2)
    day = dt.date(2026, 10, 31)
    people = Insurance.objects.unscoped("the test's").people_fully_insured(day)
    assert set(people.values_list("appointment__person", flat=True)) == {
        whole.person_id, between.person_id,
    }  # fmt: skip
    assert (frozen("乙镇").insurable_people, frozen("乙镇").insured_people) == (1, 1)
    silent = small.kindergarten(small.town("丙镇"), "丙镇")
    employed(silent, post, 3, on=True)
    small.file(silent, 20)
    assert frozen("丙镇").insurable_people is None


def test_whose_training_was_enough_in_the_last_full_year(small: SmallCounty, post) -> None:
    garden = small.kindergarten(small.town("甲镇"), "示例一园")
    enough, short, old, _ = employed(garden, post, 4, on=True)
    for hours in ("40", "32"):
        trained(enough, hours, dt.date(2025, 3, int(hours) - 20))
    trained(short, "71.5", dt.date(2025, 12, 31))
    # Of another year; and of one who came too late to have had the whole of this one.
    trained(old, "90", dt.date(2026, 1, 1))
    [late] = employed(garden, post, 1, on=True, since=dt.date(2025, 1, 2))
    trained(late, "90", dt.date(2025, 6, 1))
    employed(garden, post, 1, on=True, post="childcare_worker")
    small.file(garden, 20)
    row = frozen("示例一园")
    assert (row.trainable_people, row.trained_people) == (4, 1)
    Training.objects.filter(person__in=[enough.person, short.person]).update(
        withdrawn_at=NOW, withdrawn_reason="登记错了"
    )
    Training.objects.filter(person=late.person).update(
        ended_on=dt.date(2024, 6, 1), started_on=dt.date(2024, 6, 1)
    )
    look_again(month=OCTOBER)
    assert frozen("示例一园").trainable_people is None


def test_public_money_is_of_the_last_full_year_by_the_children_it_was_paid_by(
    small: SmallCounty, post
) -> None:
    """As the page of a kindergarten says it: the same month, the same standard."""
    town = small.town("甲镇")
    public, other, private, silent = (
        small.kindergarten(town, name, ownership=ownership)
        for name, ownership in (
            ("一园", "public"), ("二园", "public"), ("民办园", "inclusive_private"), ("未登记园", "public"),
        )
    )  # fmt: skip
    for scope, region, yuan, month in (
        # The county's counts by another month, and the higher one holds.
        ("public", small.county, 600, 9), ("public", small.city, 500, 10),
        ("inclusive", small.city, 500, 10),
    ):  # fmt: skip
        FundingStandard.objects.create(
            region=region, scope=scope, yuan_per_year=yuan, counted_month=month,
            counted_year_before=False, document="示例", valid_from=dt.date(2026, 1, 1),
        )  # fmt: skip
    january = dt.date(2027, 1, 1)
    ReportingPeriod.objects.create(
        county=small.county, month=january, reference_date=dt.date(2027, 1, 31),
        opens_at=moment(2027, 1, 25), due_at=moment(2027, 2, 5), locks_at=moment(2027, 2, 20),
    )  # fmt: skip
    for garden, september, october in ((public, 40, 90), (other, 10, 90), (private, 90, 20)):
        small.file(garden, september, month=SEPTEMBER, nursery=9)
        small.file(garden, october)
    granted(public, post, Decimal("20000.75"))
    granted(public, post, Decimal("4000.50"))
    granted(public, post, Decimal(99_000), year=2027)
    granted(other, post, Decimal(1_000))
    granted(private, post, Decimal(10_400))
    # No return of the month, so nothing to divide by.
    granted(silent, post, Decimal(5_000))
    for garden in (public, other, private, silent):
        small.file(garden, 30, month=january)
    small.settle(january)
    for name, found in (
        ("一园", (40, 24_001)), ("二园", (10, 1_000)), ("民办园", (20, 10_400)),
        ("未登记园", (None, None)),
    ):  # fmt: skip
        row = frozen(name, january)
        assert (row.funded_children, row.funded_yuan) == found
    of = Kindergarten.objects.unscoped("the test's own")
    told = {one.name: one.money for one in entries(of, 2026, january)}
    assert told["一园"].due.children == 40
    assert told["民办园"].due.children == 20
    codes = ["per_child_operating_funding", "inclusive_subsidy_per_child"]
    for region in (small.county, small.city, town):
        got = figures(region, january, codes)
        assert [(one.numerator, one.denominator) for one in got] == [(25_001, 50), (10_400, 20)]
    said = explanation(small.county, codes[0], january)
    assert said.sums_match
    assert "2所公办园登记了" in said.scope_note
    withdrawn = FundingPayment.objects.unscoped("the test's own").filter(kindergarten=private)
    withdrawn.update(withdrawn_at=NOW, withdrawn_reason="登记错了")
    assert look_again(month=january) == 1
    assert frozen("民办园", january).funded_yuan is None

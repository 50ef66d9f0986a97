"""The demo's figures are those the sources print."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from django.db.models import Count, Sum

from accounts.models import Region
from config.demo import kundulun, wuqing
from indicators.models import KindergartenFacts, Publication, RegionFacts, Target
from indicators.publications.selectors import broken_publications
from indicators.rules import Verdict
from indicators.selectors.figures import child_figures, figures
from kindergartens.models import Kindergarten, MonthlyFiling
from staffing.models import Secondment
from tests.demo.loaded.days import ALTAY_MONTH, OCTOBER

pytestmark = pytest.mark.django_db


def facts_of(code: str, month: dt.date) -> RegionFacts:
    return RegionFacts.objects.get(region=Region.objects.of_code(code), month=month)


def test_altay_adds_up_to_the_printed_totals() -> None:
    facts = facts_of("654300", ALTAY_MONTH)
    assert (facts.expected, facts.accepted, facts.kindergartens) == (322, 322, 322)
    assert facts.enrolled_children == 28959
    assert facts.kindergartens - facts.public_kindergartens == 8
    assert facts.enrolled_children - facts.public_children == 1251
    accepted = KindergartenFacts.objects.current().filter(month=ALTAY_MONTH, city__code="654300")
    assert accepted.aggregate(total=Sum("enrolled_children"), rows=Count("pk")) == {
        "total": 28959,
        "rows": 322,
    }
    assert accepted.filter(county__code="654301", town__code__lt="654301100000").aggregate(
        total=Sum("enrolled_children"), rows=Count("pk")
    ) == {"total": 2739, "rows": 10}


def test_altay_shows_the_published_share() -> None:
    region = Region.objects.get(code="654300", level=Region.Level.CITY)
    share = next(
        f for f in figures(region, ALTAY_MONTH) if f.indicator.code == "public_enrolment_share"
    )
    assert share.value is not None
    assert share.value == Decimal(27708) / Decimal(28959)
    assert f"{share.value * 100:.2f}" == "95.68"
    assert not share.provisional


def test_wuqing_counts_by_state() -> None:
    facts = facts_of("120114", OCTOBER)
    assert (facts.expected, facts.filed, facts.accepted) == (144, 138, 132)
    assert (facts.enrolled_children, facts.public_children, facts.inclusive_children) == (
        27394, 13485, 24165,
    )  # fmt: skip
    assert facts.resident_population_3_5 == 29812
    assert facts.pending_enrolled_children == 739
    states = Counter(
        MonthlyFiling.objects.filter(
            period__county__code="120114", period__month=OCTOBER
        ).values_list("state", flat=True)
    )
    # Four of the six that did not file have not begun.
    assert states == {"accepted": 132, "submitted": 4, "returned": 2, "draft": 2}


@pytest.mark.parametrize("town", wuqing.TOWNS, ids=lambda town: town.name)
def test_wuqing_towns_stand_as_planned(town: wuqing.Town) -> None:
    region = Region.objects.get(county__code="120114", name=town.name)
    facts = RegionFacts.objects.get(region=region, month=OCTOBER)
    assert (
        facts.accepted,
        facts.enrolled_children,
        facts.public_children,
        facts.inclusive_children,
        facts.resident_population_3_5,
    ) == (town.accepted, town.children, town.public, town.inclusive, town.residents)


def test_wuqing_towns_show_all_five_verdicts_and_streets_are_not_judged() -> None:
    county = Region.objects.of_code("120114")
    rows = {row.region.name: row for row in child_figures(county, OCTOBER)}
    verdicts = {
        name: [figure.leading.verdict if figure.leading else None for figure in row.figures]
        for name, row in rows.items()
    }
    met, near, wait, short, unknown = (
        Verdict.MET, Verdict.NEAR, Verdict.PENDING, Verdict.UNMET, Verdict.UNAVAILABLE,
    )  # fmt: skip
    assert verdicts["王庆坨镇"] == [wait, short, short]
    assert verdicts["梅厂镇"] == [short, met, short]
    assert verdicts["东马圈镇"] == [short, met, met]
    assert verdicts["曹子里镇"] == [wait, met, short]
    assert verdicts["高村镇"] == [wait, short, met]
    assert verdicts["河西务镇"] == [wait, met, met]
    assert verdicts["大黄堡镇"] == [unknown, met, met]
    assert verdicts["大孟庄镇"] == [near, met, met]
    assert verdicts["石各庄镇"] == [met, met, near]
    assert verdicts["杨村街道"] == [None, None, None]
    assert rows["王庆坨镇"].group_name == "一园"
    assert len(rows) == 30


def test_kundulun_is_short_of_the_people_its_plan_counts() -> None:
    accepted = KindergartenFacts.objects.current().filter(
        month=OCTOBER, county__code="150203", counts_public=True
    )
    assert accepted.count() == 28

    def short(rows: list[KindergartenFacts], limit: int, *posts: str) -> int:
        return sum(
            max(0, -(-row.enrolled_children // limit) - sum(getattr(row, post) for post in posts))
            for row in rows
        )

    care = ("full_time_teachers", "childcare_workers")
    everyone = (*care, "principals", "health_staff", "other_staff")
    run_by_bureau = list(accepted.filter(sponsor_type="education"))
    company = list(accepted.filter(sponsor_type="state_enterprise"))
    district = list(accepted.exclude(sponsor_type="state_enterprise"))
    assert len(run_by_bureau) == 12
    assert short(run_by_bureau, 7, *everyone) == 96
    assert short(company, 9, *care) == 19
    assert short(company, 7, *everyone) == 0
    assert short(district, 150, "health_staff") == 23
    assert short(company, 150, "health_staff") == 4
    names = set(Kindergarten.objects.filter(is_example=False).values_list("name", flat=True))
    assert {"包钢十七园", "包钢十八园"} < names


def test_targets_of_the_documents_are_there() -> None:
    assert Target.objects.filter(policy__region__code="120114").exists()
    assert Target.objects.filter(policy__region__isnull=True).exists()


def test_the_registers_of_staff_give_figures_that_may_be_believed() -> None:
    wuqing_region = Region.objects.of_code("120114")
    pay, posts = figures(
        wuqing_region, OCTOBER, ["non_established_pay_ratio", "quota_kept_kindergarten_share"]
    )
    assert pay.value is not None
    assert Decimal("0.65") < pay.value < Decimal("0.95")
    assert posts.value is not None
    assert Decimal("0.5") < posts.value < 1
    for share in figures(wuqing_region, OCTOBER, ["insured_staff_share", "trained_teacher_share"]):
        assert share.value is not None, share.reason
        assert Decimal("0.5") < share.value < 1, share.indicator.code
    facts = facts_of("120114", OCTOBER)
    # Some have not recorded it yet.
    assert 0 < facts.pay_recorded_kindergartens < facts.quota_judged_kindergartens
    sent = Secondment.objects.filter(sender__organisation__region__county=wuqing_region)
    assert sent.filter(ended_on=None).count() > 4


def test_bulletins_were_corrected_after_they_were_published() -> None:
    for code in (wuqing.CODE, kundulun.CODE):
        rows = Publication.objects.filter(region__code=code, kind="monthly").order_by("pk")
        first, second = rows
        assert (second.corrects, second.month) == (first, first.month)
        assert second.body["changes"]
        assert first.body["returns"] != second.body["returns"]
    assert not list(broken_publications())

"""An estate kindergarten from hand-over to a decision, and a count from director to bureau."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindergartens.models import EstateOperator, EstateRule
from tests.buildings import estate_of, item_of, site_of, standard_of
from tests.journey.conftest import PASSWORD
from tests.small_county import SINCE, SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]


def able_to_sign_in(user):
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def story() -> SmallCounty:
    """A town with two of five children in public kindergartens, under a rule that asks for half."""
    small = SmallCounty()
    town = small.town("东镇")
    small.public = small.kindergarten(town, "东镇一园")
    small.file(small.public, 40)
    small.file(small.kindergarten(town, "东镇二园", ownership="inclusive_private"), 60)
    small.settle(now=timezone.now())
    EstateRule.objects.create(
        region=small.county,
        code="operator",
        document="本县方案",
        clause="三",
        town_public_share_min=Decimal("0.5"),
        valid_from=dt.date(2023, 2, 7),
    )
    small.estate = estate_of(
        town, "翠湖小区", handed_over_on=dt.date(2026, 6, 1), handed_to="东镇人民政府"
    )
    small.keeper = able_to_sign_in(small.officer())
    small.leader = able_to_sign_in(small.officer(role="bureau_leader"))
    small.head = able_to_sign_in(small.person("园长", small.public.organisation, "director"))
    return small


def test_the_rule_stops_a_private_operator_and_a_leader_approves_a_public_one(
    visit: Visit, story: SmallCounty
) -> None:
    page = visit(story.keeper, provokes=("422",))
    page.goto("/estates/")
    page.get_by_role("link", name="翠湖小区").click()
    page.get_by_role("link", name="提出办园性质").click()
    page.get_by_label("办成什么性质").select_option("inclusive_private")
    page.get_by_label("起始日期").fill("2026-12-01")
    page.get_by_label("依据").fill("会议纪要1号")
    page.get_by_role("button", name="提出办园性质").click()
    expect(page.get_by_role("alert")).to_contain_text("40.00%（40÷100），不足50%")
    expect(page.get_by_label("依据")).to_have_value("会议纪要1号")
    assert not EstateOperator.objects.exists()
    page.get_by_label("办成什么性质").select_option("public")
    page.get_by_role("button", name="提出办园性质").click()
    expect(page.get_by_text("申请已提出")).to_be_visible()
    expect(page.get_by_role("button", name="批准", exact=True)).to_have_count(0)

    decides = visit(story.leader)
    decides.goto(f"/estates/{story.estate.pk}/")
    decides.get_by_role("button", name="批准", exact=True).click()
    expect(decides.get_by_text("已批准").first).to_be_visible()
    assert EstateOperator.objects.get().state == "approved"


def test_a_director_counts_and_the_bureau_confirms(visit: Visit, story: SmallCounty) -> None:
    site = site_of(story.public)
    standard_of(story.county, "outdoor_area_m2", "4")
    item_of(story.county, valid_from=SINCE)
    page = visit(story.head, width=390, height=844, provokes=("422",))
    page.goto("/premises/")
    page.get_by_role("link", name="填报清点").click()
    page.get_by_label("数据来源").fill("实地测量")
    page.get_by_label("室外游戏场地").fill("１５９")
    page.get_by_label("桌椅现有").fill("30")
    page.get_by_role("button", name="提交清点").click()
    expect(page.get_by_role("alert")).to_contain_text("现有和应有要同时填")
    expect(page.get_by_label("室外游戏场地")).to_have_value("１５９")
    page.get_by_label("桌椅应有").fill("40")
    page.get_by_role("button", name="提交清点").click()
    expect(page.get_by_text("等教育局核对后计入")).to_be_visible()
    assert site.counts.get().figures.get().value == 159

    keeps = visit(story.keeper)
    keeps.goto("/premises/?view=waiting")
    keeps.get_by_role("link", name="东镇一园").click()
    keeps.get_by_role("button", name="核对无误，计入").click()
    areas = keeps.get_by_role("table", name="对照标准")
    expect(areas.get_by_role("row").filter(has_text="室外游戏场地")).to_contain_text("3.98")
    expect(areas.get_by_role("row").filter(has_text="室外游戏场地")).to_contain_text("未达标")
    keeps.goto("/premises/?view=equipment")
    expect(keeps.get_by_role("row").filter(has_text="桌椅")).to_contain_text("10 套")

"""The figures page in a real browser: it renews itself and opens figures without leaving."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from indicators.services.recompute import recompute
from reports.dashboards import views
from tests.journey.conftest import PASSWORD
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]


@pytest.fixture
def story() -> SmallCounty:
    """Twelve towns, so that the table scrolls; the first has two kindergartens."""
    small = SmallCounty()
    towns = [small.town(f"第{number}镇", people=90) for number in range(1, 13)]
    small.populate(small.county, 1080)
    for town in towns:
        small.file(small.kindergarten(town, f"{town.name}园"), 60, month=SEPTEMBER)
        small.file(town.organisations.get(kind="kindergarten").kindergarten, 61)
    small.first = towns[0]
    small.settle(SEPTEMBER, OCTOBER, now=timezone.now())
    small.user = small.officer()
    small.user.set_password(PASSWORD)
    small.user.save()
    return small


def test_newer_figures_arrive_without_reload_and_leave_scroll_order_and_drawer(
    visit: Visit, story: SmallCounty
) -> None:
    page = visit(story.user)
    page.goto("/figures/")
    page.get_by_role("link", name="在园幼儿", exact=True).click()
    expect(page).to_have_url(re.compile("sort=children"))
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="第1镇", exact=True))
    row.get_by_role("link", name="公办占比").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("公办园在园幼儿占比是怎么算的")
    expect(drawer).to_contain_text("与分子一致")
    page.evaluate("window.sameDocument = true; window.scrollTo(0, 500)")
    before = page.evaluate("scrollY")
    assert before > 0

    added = story.kindergarten(story.first, "第1镇二园", ownership="inclusive_private")
    story.file(added, 39)
    recompute(month=OCTOBER, now=timezone.now(), county=story.county)

    expect(row).to_contain_text("61.00")
    expect(page.locator("#figures-said")).to_contain_text("三率已更新")
    assert page.evaluate("window.sameDocument") is True
    assert page.evaluate("scrollY") == before
    expect(drawer).to_be_visible()
    names = page.locator("#regions tr.line th").all_inner_texts()
    assert names[-1].startswith("第1镇"), "the largest stays last in the order asked for"
    drawer.get_by_role("button", name="关闭").click()
    expect(drawer).to_be_hidden()


def test_a_long_explanation_fetches_a_group_when_it_is_opened(
    visit: Visit, story: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ROWS_SHOWN_AT_ONCE", 3)
    page = visit(story.user)
    page.goto(f"/figures/{story.county.code}/public_enrolment_share/2026-10/")
    assert page.get_by_text("第3镇园").count() == 0
    page.locator("summary").filter(has_text="第3镇").click()
    expect(page.get_by_text("第3镇园")).to_be_visible()
    page.get_by_role("link", name="第1版").click()
    expect(page).to_have_url(re.compile(r"/returns/\d+/versions/1/"))


def test_no_page_scrolls_sideways_on_a_phone(visit: Visit, story: SmallCounty) -> None:
    page = visit(story.user, width=390, height=844)
    for path in (
        "/figures/",
        f"/figures/{story.first.code}/",
        f"/figures/{story.county.code}/gross_enrolment_rate/2026-10/",
        "/kindergartens/",
        f"/kindergartens/{story.first.organisations.get(kind='kindergarten').kindergarten.code}/",
    ):
        page.goto(path)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path

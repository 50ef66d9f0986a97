"""Slips of the finger on the review page: none decides over a return."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from kindergartens.models import MonthlyFiling, ReportingPeriod
from reports.filings import services
from tests.conftest import acting
from tests.journey.test_return_to_report import Story
from tests.small_county import OCTOBER, type_what_begins_empty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]
CALM_MS = 800


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def filing(story: Story) -> MonthlyFiling:
    """October's return of 示例一园, submitted as carried over."""
    now = timezone.now()
    director = acting(story.director)
    period = ReportingPeriod.objects.get(county=story.small.county, month=OCTOBER)
    filing = type_what_begins_empty(
        services.open_filing(kindergarten=story.kindergarten, period=period, by=director, now=now)
    )
    services.submit(filing_id=filing.pk, revision=filing.revision, by=director, now=now)
    return filing


@pytest.fixture
def officer(visit: Visit, story: Story, filing: MonthlyFiling) -> Page:
    return visit(story.officer)


def review(page: Page) -> list[str]:
    """Open the review; the list fills with what is posted from now on."""
    posted: list[str] = []
    page.on(
        "request",
        lambda request: posted.append(request.url) if request.method == "POST" else None,
    )
    page.goto("/reviews/")
    page.get_by_role("link", name="示例一园").click()
    expect(page.locator("form[data-review]")).to_be_visible()
    return posted


def test_enter_in_a_reason_sends_nothing(officer: Page) -> None:
    posted = review(officer)
    officer.wait_for_timeout(CALM_MS)
    # The markup has a guard of its own for browsers without script.
    officer.evaluate("document.querySelector('[data-review] button[disabled]')?.remove()")
    reason = officer.get_by_label("总的退回原因")
    reason.fill("请核对")
    reason.press("Enter")
    officer.wait_for_timeout(300)
    assert posted == []
    expect(reason).to_have_value("请核对")


def test_second_click_of_a_double_click_is_ignored(officer: Page) -> None:
    posted = review(officer)
    held: list[Route] = []
    officer.route("**/accept/", lambda route: held.append(route))
    officer.wait_for_timeout(CALM_MS)
    officer.locator("button[data-decides]").evaluate(
        "button => { for (const wait of [0, 150]) setTimeout(() => button.click(), wait); }"
    )
    officer.wait_for_timeout(500)
    assert len(posted) == len(held) == 1
    held[0].continue_()
    expect(officer.locator("main")).to_contain_text("三率正在重算")


def test_click_while_the_page_opens_does_not_accept(officer: Page, filing: MonthlyFiling) -> None:
    officer.add_init_script(
        "addEventListener('load', () => document.querySelector('button[data-decides]')?.click())"
    )
    posted = review(officer)
    officer.wait_for_timeout(CALM_MS)
    assert posted == []
    filing.refresh_from_db()
    assert filing.state == "submitted"
    officer.get_by_role("button", name="接收这份月报").click()
    expect(officer.locator("main")).to_contain_text("三率正在重算")

"""From a private kindergarten's request to its recognition as inclusive, in three real browsers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindergartens.models import Procedure
from kindergartens.procedures.kinds import all_kinds
from reports.planning.forms import first_of_next_month
from tests.accounts.files import honest
from tests.journey.conftest import PASSWORD
from tests.journey.test_return_to_report import Story
from tests.small_county import OCTOBER

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]


def test_from_the_request_to_the_timeline(visit: Visit, tmp_path: Path) -> None:
    story = Story()
    private = story.small.kindergarten(story.town, "示例三园", ownership="non_inclusive_private")
    private.statuses.update(for_profit=False)
    story.small.file(private, 30)
    story.small.settle(OCTOBER, now=timezone.now())
    director = story.small.person("园长", private.organisation, "director")
    leader = story.small.officer(story.small.county, "bureau_leader")
    for user in (director, leader):
        user.set_password(PASSWORD)
        user.save()
    today = timezone.localdate()
    begins = max(first_of_next_month(today), OCTOBER.replace(month=11))

    # 1. The director asks, with every paper; one that is left out is said at its field.
    page = visit(director, provokes=("422",))
    page.locator("summary", has_text="更多").click()
    page.get_by_role("link", name="备案审批").first.click()
    page.get_by_role("link", name="提出事项").click()
    page.get_by_role("link", name="普惠性民办幼儿园认定").click()
    page.get_by_label("认定期限到").fill(begins.replace(year=begins.year + 3).isoformat())
    page.get_by_label("从哪一天起生效").fill(begins.isoformat())
    page.get_by_label("事由").fill("申请认定")
    titles = all_kinds()["recognition"].documents
    for number, title in enumerate(titles):
        paper = tmp_path / f"{number}.pdf"
        paper.write_bytes(honest.pdf(pages=number + 1))
        page.get_by_label(title).set_input_files(paper)
    page.get_by_role("button", name="提出", exact=True).click()
    expect(page.locator("main")).to_contain_text("待核对")
    procedure = Procedure.objects.get()
    assert procedure.documents.count() == len(titles)

    # 2. The officer sends it back, the director completes it, the officer passes it on.
    officer = visit(story.officer)
    officer.get_by_role("link", name="备案审批").first.click()
    officer.get_by_role("link", name=procedure.number).click()
    officer.get_by_label("意见").fill("事由写具体些")
    officer.get_by_role("button", name="退回补正").click()
    expect(officer.locator("main")).to_contain_text("待补正")
    page.reload()
    expect(page.locator("main")).to_contain_text("事由写具体些")
    page.get_by_role("link", name="补正再报").click()
    page.get_by_label("事由").fill("非营利性，按普惠标准收费，申请认定")
    page.get_by_role("button", name="补正再报").click()
    expect(page.locator("main")).to_contain_text("待核对")
    officer.reload()
    officer.get_by_role("button", name="核对通过，报决定").click()
    expect(officer.locator("main")).to_contain_text("待决定")

    # 3. The leader sees what it does to the rates before deciding, on a phone.
    decides = visit(leader, width=390, height=844)
    decides.goto("/procedures/")
    decides.get_by_role("link", name=procedure.number).click()
    decides.get_by_role("link", name="测算影响并决定").click()
    decides.get_by_label("决定文号").fill("示例教普〔2026〕1号")
    decides.get_by_role("button", name="测算影响").click()
    main = decides.locator("main")
    expect(main).to_contain_text("按2026年10月的数据测算，本园计30名幼儿")
    expect(main).to_contain_text("55.56%")
    decides.get_by_role("button", name="同意").click()
    expect(main).to_contain_text("已办结")

    # 4. The kindergarten's page says what it will be from that day on.
    page.goto(f"/kindergartens/{private.code}/")
    timeline = page.locator(".timeline").first
    expect(timeline).to_contain_text("普惠性民办，在办")
    expect(timeline).to_contain_text("示例教普〔2026〕1号")
    assert private.statuses.on(begins).get().counts_inclusive

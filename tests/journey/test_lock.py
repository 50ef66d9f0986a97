"""The lock strikes while a director types: nothing is lost, the officer extends, it is finished."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindergartens.models import FilingExtension, MonthlyFiling, ReportingPeriod
from tests.journey.conftest import PASSWORD, confirm
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty

Visit = Callable[..., Page]


class Story:
    """A kindergarten owes October, which is past its due date and locks in a while."""

    def __init__(self, *, classes: int = 1) -> None:
        small = self.small = SmallCounty()
        now = timezone.now()
        self.october = ReportingPeriod.objects.filter(month=OCTOBER)
        self.october.update(
            opens_at=now - dt.timedelta(days=20),
            due_at=now - dt.timedelta(days=3),
            locks_at=now + dt.timedelta(days=1),
        )
        self.kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
        small.file(self.kindergarten, 24, month=SEPTEMBER, classes=classes)
        small.settle(SEPTEMBER, OCTOBER, now=now)
        self.director = small.person("园长", self.kindergarten.organisation, "director")
        self.officer = small.officer()
        for user in (self.director, self.officer):
            user.set_password(PASSWORD)
            user.save()

    def lock(self) -> None:
        self.october.update(locks_at=timezone.now() - dt.timedelta(seconds=1))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_lock_strikes_while_a_director_types(visit: Visit) -> None:
    story = Story()
    director = visit(story.director)
    director.get_by_role("button", name="开始填10月月报").click()
    director.get_by_label("小一班实到人次", exact=True).fill("400")
    confirm(director)
    director.locator("#remarks").fill("本月没有变化")
    saved = director.locator("[data-save=saved]")
    expect(saved).to_contain_text("已保存")

    # The lock strikes; the next words are kept all the same, and the page says what to do.
    story.lock()
    director.locator("#remarks").fill("本月没有变化，已核对花名册")
    expect(director.locator(".savebar [data-locked]")).to_contain_text("已经锁定，草稿已保存")
    expect(director.locator("#locked")).to_contain_text("请联系甲县教育局月报经办人办理延期")
    director.get_by_role("button", name="提交", exact=True).click()
    expect(director.locator("main")).to_contain_text("这份月报现在不能提交")
    expect(director.locator("#remarks")).to_have_value("本月没有变化，已核对花名册")
    filing = MonthlyFiling.objects.get(month=OCTOBER)
    assert (filing.version, filing.draft["remarks"]) == (0, "本月没有变化，已核对花名册")

    # The officer sees who is missing, and gives this one kindergarten longer.
    officer = visit(story.officer)
    officer.get_by_role("link", name="报送期").first.click()
    officer.get_by_role("link", name="2026年10月").click()
    row = officer.get_by_role("row").filter(has_text="示例一园")
    expect(row).to_contain_text("缺报")
    row.get_by_role("link", name=re.compile("^延期")).click()
    officer.get_by_label("延期原因").fill("园长住院，没有人填报")
    officer.get_by_role("button", name="批准延期").click()
    expect(officer.locator("main")).to_contain_text("示例一园2026年10月月报已延期到")
    assert FilingExtension.objects.get().reason == "园长住院，没有人填报"

    # The director goes on where the lock stood, and finishes.
    director.goto("/returns/")
    director.get_by_role("button", name="继续填10月月报").click()
    expect(director.locator("main")).to_contain_text("理由：园长住院，没有人填报")
    expect(director.locator("#remarks")).to_have_value("本月没有变化，已核对花名册")
    director.get_by_role("button", name="提交", exact=True).click()
    expect(director.locator("main")).to_contain_text("10月月报已提交（迟报）")

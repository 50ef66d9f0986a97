"""From a director's monthly return to a printed report: the whole way, on real parts.

A browser, the web server, PostgreSQL, Valkey and a Celery worker; nothing is stood in for.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from indicators.models import Policy, RegionFacts, Target
from kindergartens.models import ReportingPeriod
from tests.conftest import wait_for_jobs
from tests.journey.conftest import PASSWORD, confirm
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty

Visit = Callable[..., Page]


class Story:
    """Two towns; in 甲镇 a public kindergarten still owes October, a private one is counted."""

    def __init__(self) -> None:
        small = self.small = SmallCounty()
        now = timezone.now()
        ReportingPeriod.objects.filter(month=OCTOBER).update(
            opens_at=now - dt.timedelta(days=20),
            due_at=now + dt.timedelta(days=3),
            locks_at=now + dt.timedelta(days=9),
        )
        self.town = small.town("甲镇", people=60)
        small.populate(small.county, 60)
        self.kindergarten = small.kindergarten(self.town, "示例一园")
        private = small.kindergarten(self.town, "示例二园", ownership="non_inclusive_private")
        small.file(self.kindergarten, 24, month=SEPTEMBER)
        small.file(private, 24, month=SEPTEMBER)
        small.file(private, 24)
        policy = Policy.objects.create(
            slug="national", title="示例评估办法", document_number="示〔2020〕1号"
        )
        for indicator, value in (
            ("gross_enrolment_rate", "0.85"),
            ("inclusive_enrolment_share", "0.80"),
            ("public_enrolment_share", "0.50"),
        ):
            Target.objects.create(
                policy=policy,
                indicator=indicator,
                operator=">=",
                value=value,
                levels=["county"],
                clause="第六条",
            )
        small.settle(SEPTEMBER, OCTOBER, now=now)
        self.director = small.person("园长", self.kindergarten.organisation, "director")
        self.officer = small.officer()
        for user in (self.director, self.officer):
            user.set_password(PASSWORD)
            user.save()


def fill(page: Page, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).fill(value)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_return_to_report(
    visit: Visit, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    story = Story()

    # 1. The director opens the month, changes a class, sees totals and checks while typing.
    director = visit(story.director)
    director.get_by_role("button", name="开始填10月月报").click()
    grand = director.locator("tfoot [data-grand-total]")
    expect(grand).to_have_text("24")
    fill(director, "小一班男", "13")
    expect(grand).to_have_text("25")
    expect(director.locator("#class-0-error")).to_contain_text(
        "小一班男女合计25人，各年龄合计24人，相差1人"
    )
    fill(director, "小一班3岁", "25")
    fill(director, "小一班入园", "1")
    fill(director, "小一班实到人次", "400")
    expect(director.locator("#class-0-error")).to_be_hidden()
    confirm(director)
    expect(director.locator("[data-save=saved]")).to_contain_text("已保存")
    director.get_by_role("button", name="提交", exact=True).click()
    expect(director.locator("main")).to_contain_text("10月月报已提交")

    # 2. The officer sees what changed and sends it back with a reason at the field.
    officer = visit(story.officer)
    officer.get_by_role("link", name="月报审核").first.click()
    officer.get_by_role("link", name="示例一园").click()
    row = officer.get_by_role("row").filter(has_text="小一班 男").first
    expect(row).to_contain_text("12")
    expect(row).to_contain_text("13")
    row.get_by_role("textbox").fill("花名册只有12名男孩，请核对")
    officer.get_by_role("button", name="退回并说明").click()
    expect(officer.locator("main")).to_contain_text("已退回示例一园的月报")

    director.goto("/returns/")
    director.get_by_role("button", name="修改10月月报").click()
    expect(director.locator("main")).to_contain_text("花名册只有12名男孩，请核对")
    director.get_by_role("button", name="提交", exact=True).click()
    expect(director.locator("main")).to_contain_text("10月月报已提交")

    # 3. A dashboard that stays open shows the new figures by itself once it is accepted.
    wait_for_jobs()
    dashboard = visit(story.officer)
    dashboard.goto("/figures/")
    public = dashboard.get_by_role("article", name=re.compile("公办园在园幼儿占比"))
    expect(public).to_contain_text("0.00")
    officer.goto("/reviews/")
    officer.get_by_role("link", name="示例一园").click()
    officer.wait_for_timeout(900)  # a click sooner counts as the end of a double click
    officer.get_by_role("button", name="接收这份月报").click()
    expect(officer.locator("main")).to_contain_text("三率正在重算")
    expect(public).to_contain_text("51.02", timeout=20_000)  # 25 / 49, without a reload
    for region in (story.town, story.small.county, story.small.city, story.small.city.province):
        facts = RegionFacts.objects.get(region=region, month=OCTOBER)
        assert (facts.public_children, facts.enrolled_children) == (25, 49)

    # 4. The figure opens: numerator, denominator, base, coverage, returns, target and clause.
    public.get_by_role("link", name=re.compile("的算法$")).click()
    drawer = dashboard.locator("dialog#explain")
    for text in ("25", "49", "2所", "示例评估办法", "第六条", "示例一园", "与分子一致"):
        expect(drawer).to_contain_text(text)

    # 5. Both documents are made by the worker, with progress, and downloaded.
    for kind, expected in (
        ("学前教育普及普惠基本情况一览表", ["一览表", "甲县", "49"]),
        ("三率月报", ["甲县", "51.02", "示例评估办法"]),
    ):
        officer.goto("/documents/")
        officer.get_by_label("文种").select_option(label=kind)
        officer.get_by_role("button", name="生成PDF").click()
        link = officer.locator(".jobs .job").get_by_role("link", name=re.compile("下载")).first
        expect(link).to_be_visible(timeout=60_000)
        with officer.expect_download() as download:
            link.click()
        path = tmp_path / f"{kind}.pdf"
        download.value.save_as(path)
        with pdfplumber.open(io.BytesIO(path.read_bytes())) as pdf:
            text = re.sub(r"\s", "", "".join(page.extract_text() for page in pdf.pages))
            fonts = {char["fontname"] for page in pdf.pages for char in page.chars}
        for words in expected:
            assert words in text
        assert "\ufffd" not in text
        assert all("+" in font for font in fonts), f"not embedded as a subset: {fonts}"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_director_files_on_a_phone(visit: Visit) -> None:
    story = Story()
    phone = visit(story.director, width=390, height=844)
    phone.get_by_role("button", name="开始填10月月报").click()
    expect(phone.locator("[data-grand-total]").first).to_have_text("24")
    overflow = phone.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not overflow
    phone.get_by_label("小一班实到人次", exact=True).fill("400")
    confirm(phone)
    phone.get_by_role("button", name="提交", exact=True).click()
    expect(phone.locator("main")).to_contain_text("10月月报已提交")

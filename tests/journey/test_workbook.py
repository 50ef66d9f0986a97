"""A return taken out as a workbook, changed in two cells by another program, and brought back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from kindergartens.models import MonthlyFiling
from tests.journey.test_return_to_report import Story
from tests.reports.filings.workbook.book import put
from tests.small_county import OCTOBER

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_two_cells_filled_in_elsewhere_come_back_with_the_checks(
    visit: Callable[..., Page],
) -> None:
    page = visit(Story().director)
    page.get_by_role("button", name="开始填10月月报").click()
    form = page.url
    page.locator(".workbook summary").click()
    with page.expect_download() as given:
        page.get_by_role("link", name="下载填报表").click()
    content = put(given.value.path().read_bytes(), ("男", 0, 13), ("入园", 0, "１"))
    # Typed after the download, and not lost by uploading.
    page.locator("#remarks").fill("停课一天")
    sent: FilePayload = {
        "name": given.value.suggested_filename,
        "mimeType": "application/octet-stream",
        "buffer": content,
    }
    page.locator("#workbook").set_input_files(files=[sent])
    page.get_by_role("button", name="上传填报表").click()
    expect(page.locator("#taken-in")).to_contain_text("草稿改了2处：小一班 男、小一班 入园")
    expect(page.locator("#class-0-boys")).to_have_value("13")
    expect(page.locator("#class-0-error")).to_contain_text("逻辑校验")
    expect(page.locator("#class-0-error")).to_be_visible()
    assert page.url == form
    filing = MonthlyFiling.objects.get(month=OCTOBER, kindergarten__name="示例一园")
    row = filing.draft["classes"][0]
    assert (row["boys"], row["entered"], filing.draft["remarks"]) == ("13", "1", "停课一天")
    assert (filing.state, filing.version) == ("draft", 0)

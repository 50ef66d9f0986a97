"""An officer registers a kindergarten, fills in its record and finds it again in a saved view."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journey.test_return_to_report import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1440, 390])
def test_register_edit_find_and_save_a_view(visit: Callable[..., Page], width: int) -> None:
    story = Story()
    page = visit(story.officer, width=width, height=844, provokes=("409", "422"))
    page.goto("/kindergartens/")
    page.get_by_role("link", name="登记幼儿园").click()
    page.get_by_label("园名", exact=True).fill("国际春芽幼儿园")
    page.get_by_label("学校标识码", exact=True).fill("１１６５ 909001")
    page.get_by_label("建园日期").fill("2026-09-01")
    page.get_by_label("乡镇街道").select_option(index=1)
    page.get_by_label("办别", exact=True).select_option("private")
    page.get_by_label("办园性质").select_option("non_inclusive_private")
    page.get_by_label("批准文号或许可证号").fill("示例审〔2026〕9号")
    page.get_by_label("登记原因").fill("新设")
    page.get_by_role("button", name="登记这所幼儿园").click()
    # The rules of 2022; what was typed is still there.
    expect(page.get_by_role("alert")).to_contain_text("不能冠以“国际”")
    expect(page.get_by_label("登记原因")).to_have_value("新设")
    page.get_by_label("园名", exact=True).fill("春芽幼儿园")
    page.get_by_role("button", name="登记这所幼儿园").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("春芽幼儿园")

    page.locator("#daily .panel-head a").click()
    page.get_by_label("座机").fill("13800001234")
    page.get_by_label("延时服务").select_option(label="提供")
    page.get_by_role("button", name="保存作息与服务").click()
    expect(page.get_by_role("alert")).to_contain_text("个人手机号")
    page.get_by_label("座机").fill("（0906）2345678")
    page.get_by_role("button", name="保存作息与服务").click()
    daily = page.locator("#daily")
    expect(daily).to_contain_text("0906-2345678")
    expect(daily).to_contain_text("提供")

    page.goto("/kindergartens/")
    page.get_by_role("searchbox").fill("cyyey")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("tbody a.row-link")).to_have_text(["春芽幼儿园"])
    page.get_by_text("常用筛选").click()
    page.get_by_label("把现在的条件保存为").fill("新登记的")
    page.get_by_role("button", name="保存", exact=True).click()
    page.goto("/kindergartens/")
    assert page.locator("tbody a.row-link").count() > 1
    page.get_by_text("常用筛选").click()
    page.get_by_role("link", name="新登记的").click()
    expect(page.locator("tbody a.row-link")).to_have_text(["春芽幼儿园"])
    assert page.evaluate("document.documentElement.scrollWidth") <= width

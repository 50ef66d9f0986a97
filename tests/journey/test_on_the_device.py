"""Without a network, with the browser closed, after a week: what was typed comes in, or is compared."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from kindergartens.models import MonthlyFiling
from tests.journey.conftest import confirm
from tests.journey.test_lock import Story
from tests.small_county import OCTOBER

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('return/'))"
NO_NETWORK = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "409")


def open_form(visit: Visit, story: Story) -> Page:
    page = visit(story.director, provokes=NO_NETWORK)
    page.get_by_role("button", name=re.compile("填10月月报")).click()
    expect(page.locator("#remarks")).to_be_visible()
    page.wait_for_load_state("load")
    return page


def again(context: BrowserContext, address: str) -> Page:
    """The browser is started again: what it has stored is there, the page is not."""
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("load")
    return page


def draft() -> dict[str, object]:
    return dict(MonthlyFiling.objects.get(month=OCTOBER).draft)


def until_saved(page: Page, revision: int) -> None:
    """The page says 已保存 from the start; the number in it grows with each save."""
    expect(page.locator("[name=revision]")).to_have_value(str(revision))


def type_without_network(page: Page, text: str) -> None:
    page.context.set_offline(True)
    page.locator("#remarks").fill(text)
    trouble = page.locator("[data-save=trouble]:visible")
    expect(trouble).to_contain_text("没有网络")
    expect(trouble).to_contain_text("填的已存在这台设备上")


class Counted:
    """A page whose every press, typing and choice is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def click(self, name: str) -> None:
        self.count += 1
        self.page.get_by_role("button", name=name, exact=True).click()

    def type(self, selector: str, text: str) -> None:
        # One to get there, and one for each key.
        self.count += 1 + len(text)
        field = self.page.locator(selector)
        field.click()
        self.page.keyboard.type(text)

    def tick(self, label: str) -> None:
        self.count += 1
        self.page.get_by_label(label, exact=True).check()

    def paste(self, selector: str, text: str) -> None:
        self.count += 2
        self.page.evaluate(PASTE, [selector, text])


PASTE = """([selector, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.querySelector(selector).dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_twelve_classes_with_two_changes_partly_without_network(visit: Visit) -> None:
    story = Story(classes=12)
    page = visit(story.director, provokes=NO_NETWORK)
    director = Counted(page)
    director.click("开始填10月月报")
    page.wait_for_load_state("load")
    director.type("#class-0-girls", "13")
    director.type("#class-0-age3", "25")
    director.type("#class-0-entered", "1")
    # The month's attendance comes out of the attendance book, a spreadsheet, in one go.
    director.paste("#class-0-attended", "\n".join(["400"] * 12))
    # What was mistyped there comes back from last month with the tick.
    director.type("#staff-principal", "9")
    director.tick("与上月相同")
    expect(page.locator("#staff-principal")).to_have_value("2")
    director.tick("残疾、留守、随迁、资助都与上月相同")
    director.tick("安全自查都与上月相同")
    director.tick("本月无事故和突发事件")
    expect(page.get_by_label("各班人数都与上月相同")).not_to_be_checked()
    until_saved(page, 2)
    page.context.set_offline(True)
    director.type("#class-11-boys", "11")
    director.type("#class-11-age3", "23")
    director.type("#class-11-departed", "1")
    expect(page.locator("[data-save=trouble]:visible")).to_contain_text("没有网络")
    page.context.set_offline(False)
    expect(page.locator("[data-save=saved]")).to_contain_text("已保存", timeout=10_000)
    director.click("提交")
    expect(page.locator("main")).to_contain_text("月报已提交")
    assert director.count < 40
    filing = MonthlyFiling.objects.get(month=OCTOBER)
    classes = list(filing.versions.get().classes.values_list("boys", "girls", "age3"))
    assert classes == [(12, 13, 25), *[(12, 12, 24)] * 10, (11, 12, 23)]
    assert set(filing.versions.get().unchanged) == {"parts", "staff", "safety"}
    assert page.evaluate(KEPT) == []


def test_a_browser_closed_without_network_loses_nothing(visit: Visit) -> None:
    page = open_form(visit, Story())
    context, address = page.context, page.url
    type_without_network(page, "停电两天，幼儿在家")
    page.close()
    context.set_offline(False)
    page = again(context, address)
    expect(page.locator("main")).to_contain_text("已把这台设备上填的传上来")
    expect(page.locator("#remarks")).to_have_value("停电两天，幼儿在家")
    assert draft()["remarks"] == "停电两天，幼儿在家"
    # Once only.
    page.reload()
    expect(page.locator("#remarks")).to_be_editable()
    expect(page.get_by_text("已把这台设备上填的传上来")).to_be_hidden()


def test_a_class_withdrawn_without_network_stays_withdrawn(visit: Visit) -> None:
    page = open_form(visit, Story(classes=2))
    context, address = page.context, page.url
    context.set_offline(True)
    page.get_by_role("button", name="撤销小二班").click()
    expect(page.locator("[data-save=trouble]:visible")).to_contain_text("填的已存在这台设备上")
    page.close()
    context.set_offline(False)
    page = again(context, address)
    expect(page.locator("main")).to_contain_text("已把这台设备上填的传上来")
    assert [row["name"] for row in draft()["classes"]] == ["小一班"]  # type: ignore[index,attr-defined]


def test_two_windows_on_one_device_keep_a_copy_each(visit: Visit) -> None:
    page = open_form(visit, Story())
    context, address = page.context, page.url
    second = again(context, address)
    context.set_offline(True)
    page.locator("#remarks").fill("停电两天")
    expect(page.locator("[data-save=trouble]:visible")).to_contain_text("没有网络")
    second.locator("#class-0-disabled").fill("1")
    expect(second.locator("[data-save=trouble]:visible")).to_contain_text("没有网络")
    page.close()
    second.close()
    context.set_offline(False)
    page = again(context, address)
    expect(page.locator("#remarks")).to_have_value("停电两天")
    expect(page.locator("#class-0-disabled")).to_have_value("1")
    expect(page.locator("main")).to_contain_text("已把这台设备上填的传上来")
    expect(page.locator("#remarks")).to_be_editable()
    found = draft()
    assert (found["remarks"], found["classes"][0]["disabled"]) == ("停电两天", "1")  # type: ignore[index]
    assert page.evaluate(KEPT) == []


def test_a_window_that_saves_leaves_the_copy_of_another(visit: Visit) -> None:
    page = open_form(visit, Story())
    context, address = page.context, page.url
    second = again(context, address)
    page.route("**/edit/", lambda route: route.abort())
    page.locator("#remarks").fill("停电两天")
    expect(page.locator("[data-save=trouble]:visible")).to_contain_text("填的已存在这台设备上")
    second.locator("#class-0-disabled").fill("1")
    until_saved(second, 2)
    page.close()
    second.reload()
    expect(second.locator("#remarks")).to_have_value("停电两天")
    expect(second.locator("#class-0-disabled")).to_have_value("1")


def test_two_copies_that_must_be_compared_are_compared_one_after_the_other(visit: Visit) -> None:
    story = Story()
    page = open_form(visit, story)
    context, address = page.context, page.url
    second = again(context, address)
    context.set_offline(True)
    for window, text in ((page, "第一个窗口"), (second, "第二个窗口")):
        window.locator("#remarks").fill(text)
        expect(window.locator("[data-save=trouble]:visible")).to_contain_text("没有网络")
        window.close()
    elsewhere = open_form(visit, story)
    elsewhere.locator("#remarks").fill("另一台设备")
    until_saved(elsewhere, 2)
    elsewhere.context.close()
    context.set_offline(False)
    page = again(context, address)
    page.get_by_role("button", name="比对两边的内容").click()
    panel = page.locator("#choices")
    expect(panel).to_contain_text("第一个窗口")
    panel.get_by_text("用这里填的").click()
    page.locator(".savebar").get_by_role("button", name="存草稿").click()
    # The first is settled, the second is asked about next, and can be left.
    expect(panel).to_have_count(0)
    place = page.locator("[data-device-part=choose]:visible")
    expect(place).to_contain_text("后来别处又改过")
    assert draft()["remarks"] == "第一个窗口"
    place.get_by_role("button", name="不要这台设备上的").click()
    expect(page.locator("#remarks")).to_be_editable()
    expect(page.locator("#remarks")).to_have_value("第一个窗口")
    assert page.evaluate(KEPT) == []


def test_a_newer_draft_is_not_overwritten_by_what_the_device_keeps(visit: Visit) -> None:
    story = Story()
    page = open_form(visit, story)
    context, address = page.context, page.url
    type_without_network(page, "这台设备上写的")
    page.close()
    elsewhere = open_form(visit, story)
    elsewhere.locator("#remarks").fill("另一台设备上写的")
    until_saved(elsewhere, 2)
    elsewhere.context.close()
    context.set_offline(False)

    page = again(context, address)
    place = page.locator("[data-device-part=choose]")
    expect(place).to_contain_text("后来别处又改过")
    # Nothing is typed over, and no empty form is sent, before that is settled.
    expect(page.locator("#remarks")).to_be_disabled()
    page.locator(".savebar").get_by_role("button", name="存草稿").click()
    assert draft()["remarks"] == "另一台设备上写的"
    place.get_by_role("button", name="比对两边的内容").click()
    expect(page.locator("main")).to_contain_text("这台设备上写的")
    expect(page.locator("main")).to_contain_text("另一台设备上写的")
    assert draft()["remarks"] == "另一台设备上写的"


def test_what_the_device_keeps_can_be_left(visit: Visit) -> None:
    story = Story()
    page = open_form(visit, story)
    context, address = page.context, page.url
    type_without_network(page, "这台设备上写的")
    page.close()
    MonthlyFiling.objects.filter(month=OCTOBER).update(revision=7)
    context.set_offline(False)
    page = again(context, address)
    page.get_by_role("button", name="不要这台设备上的").click()
    expect(page.locator("#remarks")).to_be_editable()
    expect(page.locator("#remarks")).to_have_value("")
    page.reload()
    expect(page.locator("#remarks")).to_be_editable()
    expect(page.locator("[data-device-part=choose]")).to_be_hidden()


def test_a_return_submitted_elsewhere_shows_what_the_device_still_keeps(visit: Visit) -> None:
    story = Story()
    page = open_form(visit, story)
    context, address = page.context, page.url
    second = again(context, address)
    type_without_network(page, "这台设备上写的")
    second.locator("#class-0-disabled").fill("1")
    expect(second.locator("[data-save=trouble]:visible")).to_contain_text("没有网络")
    page.close()
    second.close()
    elsewhere = open_form(visit, story)
    elsewhere.locator("#class-0-attended").fill("400")
    confirm(elsewhere)
    elsewhere.get_by_role("button", name="提交", exact=True).click()
    expect(elsewhere.locator("main")).to_contain_text("月报已提交")
    context.set_offline(False)
    page = again(context, address)
    left = page.locator("[data-left-over]")
    expect(left).to_contain_text("这台设备上还有没传上去的内容")
    left.get_by_text("看这台设备上填的").click()
    expect(left).to_contain_text("小一班：男12，女12，3岁24")
    expect(left).to_contain_text("教职工：园长2，园长持证1")
    expect(left).to_contain_text("其他情况：这台设备上写的")
    # What the other window kept too.
    expect(left).to_contain_text("残疾1")
    left.get_by_role("button", name="看过了，不用留").click()
    page.reload()
    expect(left).to_be_hidden()


def test_a_block_from_a_spreadsheet_goes_into_the_cells_and_comes_out_again(visit: Visit) -> None:
    story = Story(classes=3)
    page = open_form(visit, story)
    block = "班级\t女\t男\t3岁\n\n小三班\t11\t１２\t23\n小一班\t10\t13\t23\n大九班\t9\t9\t18\n合计\t30\t34\t64"
    page.evaluate(PASTE, ["#class-0-boys", block])
    expect(page.locator("#class-0-boys")).to_have_value("13")
    expect(page.locator("#class-0-girls")).to_have_value("10")
    expect(page.locator("#class-1-boys")).to_have_value("12")
    expect(page.locator("#class-2-boys")).to_have_value("12")
    expect(page.locator("#class-2-girls")).to_have_value("11")
    note = page.locator("[data-paste-note]")
    expect(note).to_contain_text("已粘贴6格。没有粘贴：")
    expect(note).to_contain_text("“大九班”，页面上没有这个班")
    expect(note).to_contain_text("合计行，由系统算")
    until_saved(page, 2)
    assert [row["girls"] for row in draft()["classes"]] == ["10", "12", "11"]  # type: ignore[index,attr-defined]
    note.get_by_role("button", name="撤销粘贴").click()
    expect(page.locator("#class-0-girls")).to_have_value("12")
    expect(note).to_be_hidden()

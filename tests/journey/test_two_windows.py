"""Two people on one return, each in a browser of their own, and one person in two tabs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from kindergartens.models import Kindergarten, MonthlyFiling
from tests.journey.test_return_to_report import Story
from tests.small_county import OCTOBER

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Page]


def two_people(visit: Visit) -> tuple[Page, Page]:
    """The director and a clerk, both with the form open as it was begun."""
    story = Story()
    home = Kindergarten.objects.get(name="示例一园").organisation
    clerk: User = story.small.person("资料员甲", home, "kindergarten_clerk")
    clerk.password = story.director.password
    clerk.save()
    first = visit(story.director)
    first.get_by_role("button", name="开始填10月月报").click()
    second = visit(clerk)
    second.goto(first.url)
    return first, second


def typed(page: Page, field: str, value: str) -> None:
    """Type, and wait until the server has answered."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator(f"[id={field}]").fill(value)


def saved() -> dict[str, str]:
    draft = MonthlyFiling.objects.get(month=OCTOBER, kindergarten__name="示例一园").draft
    return draft["classes"][0] | {"remarks": draft["remarks"]}


def test_cells_of_two_people_come_together_while_both_type(visit: Visit) -> None:
    first, second = two_people(visit)
    typed(first, "class-0-boys", "13")
    typed(second, "remarks", "停课一天")
    expect(second.locator("[data-merged]")).to_contain_text("同时改了小一班 男")
    expect(second.locator("[id=class-0-boys]")).to_have_value("13")
    expect(second.locator("[data-save=saved]")).to_contain_text("已保存")
    expect(second.locator("[data-grand-total]").first).to_have_text("25")
    # What is typed next is saved on top of both, without another question.
    typed(second, "class-0-age3", "25")
    expect(second.locator("[data-save=saved]")).to_contain_text("已保存")
    found = saved()
    assert (found["boys"], found["age3"], found["remarks"]) == ("13", "25", "停课一天")


def test_a_cell_both_changed_is_picked_and_the_rest_is_kept(visit: Visit) -> None:
    first, second = two_people(visit)
    typed(first, "class-0-boys", "13")
    typed(second, "class-0-boys", "14")
    expect(second.locator("[data-save=trouble]")).to_contain_text("也改了这里改的1处")
    second.locator("[id=remarks]").fill("停课一天")
    second.get_by_role("button", name="存草稿").last.click()
    panel = second.locator("#choices")
    expect(panel).to_contain_text("1处两边都改了")
    expect(second.locator("[id=class-0-boys]")).to_have_value("14")
    expect(second.locator("[id=remarks]")).to_have_value("停课一天")
    panel.get_by_text("用另一边的").click()
    second.get_by_role("button", name="存草稿").last.click()
    expect(panel).to_have_count(0)
    expect(second.locator("[id=class-0-boys]")).to_have_value("13")
    expect(second.locator("[data-save=saved]")).to_contain_text("已保存")
    found = saved()
    assert (found["boys"], found["remarks"]) == ("13", "停课一天")


# Types into a cell once the server has answered a save, before the page has taken the answer in.
TYPE_IN_FLIGHT = """([id, text]) => {
  const { fetch } = window;
  window.fetch = async (address, more) => {
    const answer = await fetch(address, more);
    if (more?.method === "POST") {
      window.fetch = fetch;
      const field = document.getElementById(id);
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return answer;
  };
}"""


def test_a_cell_typed_while_anothers_value_arrives_is_asked_about(visit: Visit) -> None:
    first, second = two_people(visit)
    typed(first, "class-0-boys", "13")
    second.evaluate(TYPE_IN_FLIGHT, ["class-0-boys", "14"])
    second.locator("[id=remarks]").fill("停课一天")
    expect(second.locator("[data-save=trouble]")).to_contain_text("也改了这里改的1处")
    found = saved()
    assert (found["boys"], found["remarks"]) == ("13", "停课一天")
    second.get_by_role("button", name="存草稿").last.click()
    panel = second.locator("#choices")
    expect(panel).to_contain_text("1处两边都改了")
    panel.get_by_text("用这里填的").click()
    # Saved while typing goes on: what was picked is settled, and is not asked about any more.
    second.locator("[id=class-0-disabled]").fill("2")
    expect(panel).to_have_count(0)
    expect(second.locator("[data-save=saved]")).to_contain_text("已保存")
    found = saved()
    assert (found["boys"], found["disabled"], found["remarks"]) == ("14", "2", "停课一天")


def test_a_class_added_elsewhere_appears_and_nothing_typed_is_lost(visit: Visit) -> None:
    first, second = two_people(visit)
    first.get_by_role("button", name="增加一个中班").click()
    typed(first, "class-1-name", "中一班")
    expect(first.locator("[data-save=saved]")).to_contain_text("已保存")
    second.locator("[id=remarks]").fill("停课一天")
    expect(second.locator("[id=class-1-name]")).to_have_value("中一班", timeout=20_000)
    expect(second.locator("[id=remarks]")).to_have_value("停课一天")
    expect(second.locator("[data-merged]")).to_contain_text("中一班")
    assert saved()["remarks"] == "停课一天"

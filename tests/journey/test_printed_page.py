"""Printing a page: charts are drawn whole and large enough to be read, and the buttons print."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.journey.conftest import PASSWORD
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# An A4 page between its margins, in CSS pixels.
PAPER_WIDTH = 703

# Each chart on paper: its height, how much of it the drawing fills, the numbers at the axis, and how
# far its last word ends beyond its box. The page is measured in the width of the sheet while the
# window keeps its own, as when a browser prints: no resizing tells the charts.
CHARTS = """(sheet) => {
 document.querySelector('.frame').style.width = `${sheet}px`;
 return [...document.querySelectorAll('#figures [data-chart]')].map((area) => {
  const drawing = area.querySelector('svg').getBoundingClientRect();
  const box = area.getBoundingClientRect();
  const left = box.left + 45;
  const numbers = [...area.querySelectorAll('svg text')]
    .filter((text) => text.getBoundingClientRect().right < left && /^[0-9.]+$/.test(text.textContent));
  const sizes = numbers.map((text) => text.getBoundingClientRect().height);
  const ends = [...area.querySelectorAll('svg text, svg path')]
    .map((part) => part.getBoundingClientRect().right);
  return {height: box.height, width: box.width, drawn: drawing.height, drawnWidth: drawing.width,
          numbers: numbers.length, letters: Math.min(...sizes), beyond: Math.max(...ends) - box.right};
 });
}"""


@pytest.fixture
def officer() -> User:
    small = SmallCounty()
    town = small.town("甲镇", people=90)
    small.populate(small.county, 90)
    kindergarten = small.kindergarten(town, "示例一园")
    small.file(kindergarten, 50, month=SEPTEMBER)
    small.file(kindergarten, 61)
    small.settle(SEPTEMBER, OCTOBER, now=timezone.now())
    officer = small.officer()
    officer.set_password(PASSWORD)
    officer.save()
    return officer


def test_charts_on_paper_are_whole_and_legible(visit: Callable[..., Page], officer: User) -> None:
    page = visit(officer)
    page.goto("/figures/")
    expect(page.locator("#figures [data-chart] svg")).to_have_count(3)
    page.emulate_media(media="print")
    page.wait_for_timeout(300)
    charts = page.evaluate(CHARTS, PAPER_WIDTH)
    assert len(charts) == 3
    for chart in charts:
        assert chart["height"] >= 90
        assert abs(chart["drawn"] - chart["height"]) <= 1
        assert abs(chart["drawnWidth"] - chart["width"]) <= 1
        assert 2 <= chart["numbers"] <= 5
        assert chart["beyond"] <= 0
        assert chart["letters"] >= 12  # the height of a line of text, about 9 points


def test_the_print_buttons_print(visit: Callable[..., Page], officer: User) -> None:
    page = visit(officer)
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page.goto("/kindergartens/")
    page.get_by_role("link", name="示例一园").click()
    page.get_by_role("link", name="第1版").first.click()
    expect(page.get_by_role("heading", name="填报内容")).to_be_visible()
    version = page.url
    for address in ("/figures/", version):
        page.goto(address)
        page.locator("[data-print]").click()
        assert page.evaluate("window.printed") == 1, address

"""“打印本页” of the figures page: its charts are drawn for paper, large enough to be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journey.conftest import PASSWORD
from tests.small_county import OCTOBER, SEPTEMBER, SmallCounty

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# An A4 page between its margins, in CSS pixels.
PAPER_WIDTH, PAPER_HEIGHT = 703, 1050

# Each chart on paper: its height, how much of it the drawing fills, the numbers at the axis.
CHARTS = """() => [...document.querySelectorAll('#figures [data-chart]')].map((area) => {
  const drawing = area.querySelector('svg').getBoundingClientRect();
  const box = area.getBoundingClientRect();
  const left = box.left + 45;
  const numbers = [...area.querySelectorAll('svg text')]
    .filter((text) => text.getBoundingClientRect().right < left && /^[0-9.]+$/.test(text.textContent));
  return {height: box.height, width: box.width, drawn: drawing.height, drawnWidth: drawing.width,
          numbers: numbers.length};
})"""


def test_charts_on_paper_are_drawn_at_the_size_they_have_there(visit: Callable[..., Page]) -> None:
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

    page = visit(officer)
    page.goto("/figures/")
    expect(page.locator("#figures [data-chart] svg")).to_have_count(3)
    page.set_viewport_size({"width": PAPER_WIDTH, "height": PAPER_HEIGHT})
    page.emulate_media(media="print")
    page.wait_for_timeout(300)
    charts = page.evaluate(CHARTS)
    assert len(charts) == 3
    for chart in charts:
        assert chart["height"] >= 90
        assert abs(chart["drawn"] - chart["height"]) <= 1
        assert abs(chart["drawnWidth"] - chart["width"]) <= 1
        assert 2 <= chart["numbers"] <= 3

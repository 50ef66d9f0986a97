"""How far fees are published, and their averages: each kindergarten once, nothing is not zero."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from fees.models import ScheduledFee
from kindergartens.models import Kindergarten
from reports.fee_figures.selectors import overview
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE, SmallCounty

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = NOW.date()
PRIVATE = "inclusive_private"


@pytest.fixture
def by(small: SmallCounty) -> Any:
    return acting(small.officer())


def fee(by: Any, kindergarten: Kindergarten, amount: int, **more: Any) -> None:
    facts: dict[str, Any] = {
        "item": "care_education_fee", "scope": "all", "unit": "month", "valid_from": SINCE,
        "published_on": SINCE,
    }  # fmt: skip
    ScheduledFee.objects.create(
        kindergarten=kindergarten, amount=amount, entered_as=by.acting, entered_at=NOW,
        **facts | more,
    )  # fmt: skip


def test_each_kindergarten_counts_once_and_only_what_is_in_force(
    small: SmallCounty, by: Any
) -> None:
    town, other = small.town("甲镇"), small.town("乙镇")
    first, second, third = (small.kindergarten(town, f"示例{n}园") for n in "一二三")
    private = small.kindergarten(other, "示例民办", ownership=PRIVATE)
    small.kindergarten(other, "示例没有标准", ownership=PRIVATE)
    closed = small.kindergarten(town, "示例停办")
    closed.statuses.update(operating_state="closed")
    fee(by, closed, 9000)
    fee(by, first, 500)
    # 新生新办法: what a few pay beside everybody's is no average of all.
    fee(by, first, 5000, entrants="new", valid_from=TODAY)
    fee(by, first, 0, scope="large")  # the free year is no lower price of all
    fee(by, second, 601)
    fee(by, second, 15, item="collected_on_behalf_fee", name="伙食费", unit="day",
        valid_from=dt.date(2025, 9, 1), published_on=None, document="示例文件")  # fmt: skip
    fee(by, third, 2000, unit="term")
    fee(by, private, 800, valid_to=TODAY)
    fee(by, private, 900, valid_from=TODAY, published_on=TODAY)
    strange = small.kindergarten(small.town("邻镇", county=small.other_county), "邻县园")
    fee(by, strange, 7000)

    found = overview(by, small.county, TODAY)
    whole = found.whole
    assert (whole.kindergartens, whole.with_schedule, whole.published) == (5, 4, 3)
    assert whole.published_share == D(3) / 5
    assert whole.prices["public"].average == D("550.5")
    assert whole.prices["non_inclusive_private"].average is None
    places = {region.name: figures for region, figures in found.places}
    assert places["甲镇"].prices["public"].kindergartens == 2
    assert places["乙镇"].prices[PRIVATE].average == 900
    assert places["乙镇"].published_share == D(1) / 2
    # The day before, the private one charged less, and had published that too.
    earlier = overview(by, small.county, TODAY - dt.timedelta(days=1))
    assert earlier.whole.prices[PRIVATE].average == 800


def test_the_page_and_file_say_the_same_with_as_many_questions(small: SmallCounty, by: Any) -> None:
    town = small.town("甲镇")
    fee(by, small.kindergarten(town, "示例一园"), 500)
    client = client_of(by)
    address = reverse("fee-figures")
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        page = client.get(address).content.decode()
    assert "1所登记了收费标准，其中1所每一项都已公示" in page
    assert "100.0" in page
    for number in range(3):
        fee(by, small.kindergarten(small.town(f"乙{number}镇"), f"示例新{number}园"), 600)
    with CaptureQueriesContext(connection) as after:
        client.get(address)
    assert len(after) == len(before)
    answer = client.get(reverse("fee-figures-export", args=[small.county.code, "xlsx"]))
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    at = next(number for number, row in enumerate(rows) if row[0] == "地区")
    total = rows[at + 1]
    assert total[1:7] == (4, 4, 4, 100, 4, 575)
    assert total[8] is None

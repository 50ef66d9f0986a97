"""The pages beside the three rates: what each says, that its file says the same, and its queries."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.aggregates.services import Entry, enter_aggregates
from indicators.catalogue import INDICATORS
from indicators.models import Policy, Target
from indicators.selectors import says_of_one
from reports.dashboards.heat import HeatCell, HeatRow, compared
from tests.reports.dashboards.conftest import page_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db
PAGES = ("all", "documents", "ranking", "trend", "heat", "cuts")


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def rows_of(page: str, table: str) -> list[str]:
    """Visible texts of the rows of a table, named by a class of its card."""
    card = re.search(rf'<div class="card table-card[^"]*{table}.*?</table>', page, re.DOTALL)[0]
    return [text_of(row).strip() for row in re.findall(r"<tr.*?</tr>", card, re.DOTALL)[1:]]


def chart_of(page: str) -> dict:
    return json.loads(html.unescape(re.search(r'data-chart="([^"]*)"', page)[1]))


@pytest.fixture
def officer(county: SmallCounty, sign_in) -> Client:
    return sign_in(county.officer())


def address(county: SmallCounty, page: str, **asked: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"/figures/{county.county.code}/{page}/?{query}"


def file_of(client: Client, county: SmallCounty, page: str, ending: str, **asked: str) -> str:
    path, _, query = address(county, page, **asked).partition("?")
    answer = client.get(f"{path}export.{ending}?{query}")
    assert answer.status_code == 200, (page, ending)
    return (answer.getvalue() if answer.streaming else answer.content).decode("utf-8-sig")


def test_all_indicators_stand_under_their_heads(county, officer):
    page = page_of(officer.get(address(county, "all")))
    text = text_of(page)
    for indicator in INDICATORS.values():
        assert indicator.name in text
    gross = next(row for row in rows_of(page, "all-figures") if row.startswith("学前三年毛入园率"))
    for said in (
        "64.29%",
        "未达标",
        "差87人",
        "≥85%",
        "不可比",
        "在园幼儿270 ÷ 常住3–5岁人口420",
    ):
        assert said in gross, said
    lines = list(csv.reader(io.StringIO(file_of(officer, county, "all", "csv"))))
    assert len(lines) == 1 + len(INDICATORS)


def test_documents_count_their_verdicts_and_say_until_when(county, officer):
    national = Policy.objects.create(slug="national", title="示例国家办法")
    Target.objects.create(
        policy=national, indicator="public_enrolment_share", operator=">=", value=Decimal("0.4"),
        levels=["county"], by_date=dt.date(2026, 1, 1),
    )  # fmt: skip
    page = page_of(officer.get(address(county, "documents")))
    titles = [
        text_of(title).strip() for title in re.findall(r'<h2 id="title-\d+">(.*?)</h2>', page)
    ]
    assert titles == ["示例国家办法", "甲县学前教育攻坚方案"], "from above to below"
    own = re.findall(r'<ul class="lamps">.*?</ul>', page, re.DOTALL)[1]
    assert text_of(own).split() == ["未达标", "2", "达标", "1"]
    assert "时限2026年1月1日已过" in text_of(page)
    # The same stands on the first page, beside the three rates.
    assert own in page_of(officer.get("/figures/"))


def test_ranking_shares_places_and_leaves_streets_and_blanks_apart(county, officer):
    twin = county.town("北镇", people=90)
    county.file(county.kindergarten(twin, "北镇园"), 88)
    county.settle()
    page = page_of(officer.get(address(county, "ranking")))
    rows = rows_of(page, "rank-table")
    assert [row.split()[0:2] for row in rows[1:3]] == [["1", "南镇"], ["1", "北镇"]]
    assert rows[3].startswith("有园未报齐"), "what misses a return has no place"
    assert rows[4].split()[:4] == ["—", "东镇", "暂计", "3所已接收2所"]
    assert rows[5].startswith("街道和功能区")
    assert rows[6].split()[:2] == ["—", "河滨街道"]
    assert rows[-1].split()[:2] == ["—", "西镇"]
    chart = chart_of(page)
    assert [bar["label"] for bar in chart["bars"]] == ["1 南镇", "1 北镇", "东镇", "河滨街道"]
    assert chart["target"] == "85"
    Target.objects.update(levels=["county"])
    page = page_of(officer.get(address(county, "ranking")))
    assert chart_of(page)["target"] is None, "the county's target is none of its towns'"
    # Children a person: the fewest lead.
    page = page_of(officer.get(address(county, "ranking", indicator="children_per_staff")))
    bars = chart_of(page)["bars"]
    values = [Decimal(bar["value"]) for bar in bars if not bar["provisional"]]
    assert len(values) > 2
    assert values == sorted(values)


def test_trend_draws_targets_from_the_month_of_their_document(county, officer):
    Policy.objects.update(valid_from=dt.date(2026, 9, 1))
    page = page_of(officer.get(address(county, "trend", months="24")))
    chart = chart_of(page)
    assert len(chart["points"]) == 24
    assert chart["targets"] == [{"value": "85", "from": 22, "to": 23}]
    # Another value from October on: a row of its own, and September keeps the line of its time.
    target = Target.objects.get(indicator="gross_enrolment_rate")
    Target.objects.filter(pk=target.pk).update(ended_on=dt.date(2026, 10, 1), ended_reason="示例")
    target.pk, target.value, target.valid_from = None, Decimal("0.9"), dt.date(2026, 10, 1)
    target.save()
    chart = chart_of(page_of(officer.get(address(county, "trend", months="24"))))
    assert chart["targets"] == [
        {"value": "85", "from": 22, "to": 22}, {"value": "90", "from": 23, "to": 23},
    ]  # fmt: skip
    assert officer.get(address(county, "trend", months="7")).status_code == 404


def test_years_before_the_portal_and_places_above_stand_beside(county, officer):
    """Published years are the region's own points; what a place above published is another line."""
    enter_aggregates(
        entries=[
            Entry(
                region=region, reference_date=dt.date(year, 9, 1), source=f"示例年鉴{year}", sponsor="",
                kind="yearbook", place="", scope="", explanation="", counts={}, printed={},
                published={"gross_enrolment_rate": rate},
            )
            for region, year, rate in (
                (county.county, 2024, "80.00"), (county.city, 2024, "82.00"), (county.city, 2023, "81.00"),
            )
        ],
        reason="示例", by=None, now=NOW,
    )  # fmt: skip
    page = page_of(officer.get(address(county, "trend", months="years")))
    chart = chart_of(page)
    assert [point["value"] for point in chart["points"][:2]] == [None, "80.00"]
    assert chart["points"][1]["source"] == "示例年鉴2024"
    assert [point["label"] for point in chart["points"][: chart["years"]]] == ["2023年", "2024年"]
    assert [(one["name"], one["values"][:3]) for one in chart["beside"]] == [
        ("示例市", ["81.00", "82.00", None])
    ]
    lines = list(csv.reader(io.StringIO(file_of(officer, county, "trend", "csv", months="years"))))
    assert lines[1] == ["2023年9月", "", "81.00", "没有数据"]
    assert lines[2] == ["2024年9月", "80.00", "82.00", "示例年鉴2024"]
    assert "示例市" in file_of(officer, county, "trend", "svg", months="years")
    # A month of which only a table was published has its page all the same.
    assert "示例年鉴2024" in page_of(officer.get(address(county, "all", month="2024-09")))
    told = reverse(
        "figure-explain", args=[county.county.code, "gross_enrolment_rate", dt.date(2024, 9, 1)]
    )
    assert told in page
    page = page_of(officer.get(told))
    assert "80.00%" in page
    assert "公布值：80.00。来源没有分子、分母" in page
    assert "没有数据" not in page


def test_heat_shows_each_kindergarten_to_those_who_read_returns(county, officer, sign_in):
    Target.objects.create(
        policy=Policy.objects.get(), indicator="children_per_full_time_teacher", operator="<=",
        value=Decimal(15), levels=["kindergarten"],
    )  # fmt: skip
    page = page_of(officer.get(address(county, "heat")))
    rows = rows_of(page, "heat-figures")
    # 88, 60, 50, 40 and 32 children with two teachers each: nobody meets 15.
    assert len(rows) == 5
    assert page.count('<td class="num heat-fail"') == 5
    assert "44.00" in next(row for row in rows if row.startswith("南镇园"))
    heads = re.findall(r'<abbr title="([^，]*)', page)
    # What is judged comes first, then the staff; what nobody recorded gets no column, and what a
    # kindergarten is as a whole none either.
    assert heads[0] == "专任教师与幼儿比"
    assert heads.index("教职工与幼儿比") < heads.index("班额达标率")
    assert set(heads) <= {i.name for i in INDICATORS.values() if says_of_one(i)}
    chosen = "certified_share&indicator=compliant_class_share"
    few = page_of(officer.get(address(county, "heat", indicator=chosen)))
    assert re.findall(r'<abbr title="([^，]*)', few) == ["园长和专任教师持证率", "班额达标率"]
    assert chosen in re.search(r'href="([^"]*)" data-copies', html.unescape(few))[1]
    assert not {
        "教职工五险一金参保率",
        "公办园在园幼儿占比",
        "公办园非在编与在编教职工人均工资之比",
    } & {*heads}
    assert re.search(r'heat-fail"[^>]*>.*?<a href="/returns/', page, re.DOTALL)
    one_part = page_of(
        officer.get(address(county, "heat", cut="ownership", part="inclusive_private"))
    )
    assert [row.split()[0] for row in rows_of(one_part, "heat-figures")] == ["街道园"]
    for nonsense in (
        {"cut": "x"},
        {"cut": "ownership", "part": "%00"},
        {"cut": "area", "part": "x"},
        {"indicator": "x"},
    ):
        assert officer.get(address(county, "heat", **nonsense)).status_code == 404, nonsense
    department = sign_in(county.officer(role="department_officer"))
    sums = page_of(department.get(address(county, "heat")))
    assert "南镇园" not in sums
    assert rows_of(sums, "heat-figures")[0].startswith("东镇")
    assert department.get(address(county, "heat", by="kindergartens")).status_code == 403


def test_a_fifth_of_a_table_lags_in_what_nothing_judges():
    columns = [INDICATORS["certified_share"], INDICATORS["children_per_staff"]]
    rows = [
        HeatRow(f"{n}", "", "", [HeatCell("", "not_judged", "", Decimal(n)) for _ in columns])
        for n in range(10)
    ]
    judged = HeatRow(
        "x", "", "", [HeatCell("", "unmet", "", Decimal(-5)), HeatCell("", "not_judged", "")]
    )
    found = compared([*rows, judged], columns)
    assert found[0].name == "x", "what is not met comes before what lags"
    assert {row.name for row in found if row.cells[0].lags} == {"0", "1"}
    assert {row.name for row in found if row.cells[1].lags} == {"8", "9"}, "fewest children lead"
    alike = [replace(row, cells=[replace(c, value=Decimal(1)) for c in row.cells]) for row in rows]
    assert not any(cell.lags for row in compared(alike, columns) for cell in row.cells)
    assert not any(cell.lags for row in compared(rows[:9], columns) for cell in row.cells)


def test_cut_adds_up_and_leads_to_its_kindergartens(county, officer):
    page = page_of(officer.get(address(county, "cuts", cut="ownership")))
    total, *parts = rows_of(page, "cut-table")
    assert total.split()[:4] == ["合计", "6", "5", "270"]
    assert [row.split()[:4] for row in parts] == [
        ["公办园", "4", "3", "160"], ["普惠性民办园", "1", "1", "50"], ["其他民办园", "1", "1", "60"],
    ]  # fmt: skip
    assert "part=non_inclusive_private" in page
    assert "公办占比" in re.search(r"这样分没有意义的不列：[^<]*", page)[0]


def test_school_year_and_term_stand_for_a_month(county, officer):
    """A school year is its 1 September: without a month of that day, the first counted after it. The
    page says which day that is, and 期末 of no term that still runs.
    """
    first = page_of(officer.get(address(county, "trend", month="2026-2027")))
    assert "2026—2027学年，按9月30日的数（2026年9月月报）" in text_of(first)
    term = page_of(officer.get("/figures/?month=2026-2027-1"))
    assert "2026—2027学年秋季学期，按学期最近一个月的数（2026年10月月报）" in text_of(term)
    for nonsense in ("2020-2021", "2031-01", "2026-2028", "x", "1-2"):
        assert officer.get(address(county, "all", month=nonsense)).status_code == 404


def test_files_hold_what_the_page_was_asked_for(county, officer):
    for page in ("ranking", "trend", "heat", "cuts"):
        picture = file_of(officer, county, page, "svg")
        assert picture.startswith("<svg xmlns=")
        assert "Noto Sans CJK SC" in picture
        assert "已接收5所" in picture
        assert len(file_of(officer, county, page, "csv").splitlines()) > 2
    ranked = file_of(officer, county, "ranking", "csv", indicator="children_per_staff")
    assert "教职工比" in ranked
    path = address(county, "all").removesuffix("?")
    assert officer.get(f"{path}export.svg").status_code == 404
    assert officer.get(f"{path}export.pdf").status_code == 404


def test_queries_do_not_grow_with_rows_or_indicators(county, officer):
    def asked(page: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(officer.get(address(county, page)))
        return len(queries)

    before = {page: asked(page) for page in PAGES}
    before = {page: asked(page) for page in PAGES}
    for number in range(6):
        town = county.town(f"示例{number}镇", people=90)
        for n in range(2):
            county.file(county.kindergarten(town, f"示例{number}{n}园"), 40)
    county.settle()
    assert {page: asked(page) for page in PAGES} == before
    assert max(before.values()) <= 40, before


def test_a_town_and_a_city_have_what_they_can_have(county, officer, sign_in):
    town = f"/figures/{county.east.code}"
    assert "排名</a>" not in page_of(officer.get(f"{town}/all/"))
    assert officer.get(f"{town}/ranking/").status_code == 404
    assert len(rows_of(page_of(officer.get(f"{town}/heat/")), "heat-figures")) == 2
    city = sign_in(county.officer(county.city, "city_officer"))
    page = page_of(city.get(f"/figures/{county.city.code}/heat/"))
    assert [row.split()[0] for row in rows_of(page, "heat-figures")] == ["甲县", "乙县"]
    assert city.get(f"/figures/{county.city.code}/heat/?by=kindergartens").status_code == 404


def test_without_any_figure_every_page_says_so(small, sign_in):
    client = sign_in(small.officer())
    for page in PAGES:
        assert "还没有数据" in page_of(client.get(address(small, page))), page

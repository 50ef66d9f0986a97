"""The official list of estate kindergartens: what it counts, how it lies on the sheet."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from time_machine import travel

from kindergartens.models import EstateOperator, EstateProject, Kindergarten
from reports.documents import estate_table
from reports.documents.models import PrintedDocument
from tests.buildings import estate_of
from tests.reports.documents.reading import MM, body_text, html_texts, pages, squeeze, whole_text
from tests.signing_in import client_of
from tests.small_county import NOW, SINCE, SmallCounty

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]
Print = Callable[..., PrintedDocument]


def run_as(estate: EstateProject, nature: str, officer: object) -> None:
    EstateOperator.objects.create(
        estate=estate, run_as=nature, valid_from=SINCE, document="协议", state="found",
        asked_as=officer, asked_at="2026-01-01T00:00:00+08:00",
    )  # fmt: skip


@pytest.fixture
def estates(county: SmallCounty) -> SmallCounty:
    officer = county.officer().memberships.get()
    for number, (name, nature) in enumerate(
        (
            ("甲镇示例一园", "public"),
            ("甲镇示例二园", "inclusive_private"),
            ("乙镇示例二园", "public"),
        )
    ):
        kindergarten = Kindergarten.objects.get(name=name)
        county.person(f"示例园长{number}", kindergarten.organisation, "director")
        estate = estate_of(
            kindergarten.organisation.region, f"翠湖{number}期", kindergarten=kindergarten,
            address="示例路1号", opened_in=2019, post_quota=18, established_staff=12,
            floor_area_m2=3150, care_fee_yuan=600,
        )  # fmt: skip
        run_as(estate, nature, officer)
    estate_of(Kindergarten.objects.get(name="甲镇示例一园").organisation.region, "没有园的小区")
    return county


def test_rows_and_foot_are_those_of_the_register(estates: SmallCounty, printed: Print) -> None:
    document = printed("estate_table")
    rows = document.figures["rows"]
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    by_name = {row["estate"]: row for row in rows}
    first, second, third = (by_name[f"翠湖{number}期"] for number in range(3))
    assert first["numbers"] == {
        "post_quota": 18, "established_staff": 12, "floor_area_m2": 3150, "classes": 1,
        "children": 200, "fee": 600,
    }  # fmt: skip
    assert (first["nature"], second["nature"], first["director"]) == ("1", "2", "示例园长0")
    assert second["numbers"]["children"] == 40  # the nursery class is not in it
    # Its return of the month is not accepted: no children is not zero children.
    assert third["numbers"]["children"] is None
    assert by_name["没有园的小区"]["nature"] == "—"
    text = squeeze("".join(whole_text(page) for page in pages(document)))
    assert squeeze("应配建幼儿园的小区4个，已有配套幼儿园3所，其中公办2所、普惠性民办1所。") in text
    assert squeeze("1所的月报尚未接收") in text


def test_paper_says_what_the_html_says(estates: SmallCounty, printed: Print) -> None:
    document = printed("estate_table")
    text = "".join(body_text(page, foot_mm=26) for page in pages(document))
    expected = html_texts(estate_table.html(document.figures))
    assert Counter(text) == Counter("".join(expected))


def test_many_rows_stay_on_turned_sheets_within_their_columns(
    estates: SmallCounty, printed: Print
) -> None:
    town = Kindergarten.objects.get(name="甲镇示例一园").organisation.region
    for number in range(60):
        estate_of(town, f"很长名字的示例小区第{number}期东区", floor_area_m2=12_345)
    found = list(pages(printed("estate_table")))
    assert len(found) >= 3
    for page in found:
        assert (round(page.width * MM), round(page.height * MM)) == (297, 210)
        assert min(c["x0"] for c in page.chars) * MM >= 27.9
        assert max(c["x1"] for c in page.chars) * MM <= 269.2
        assert "小区名称" in whole_text(page) or "填报单位" in whole_text(page)
        rules = sorted({round(e["x0"], 1) for e in page.edges if e["orientation"] == "v"})
        crossed = [
            word["text"]
            for word in page.extract_words(x_tolerance=1)
            if re.fullmatch(r"[\d,]+", word["text"]) and float(word["bottom"]) * MM < 180
            for x in rules
            if word["x0"] + 0.5 < x < word["x1"] - 0.5
        ]
        assert crossed == []


def test_a_reprint_does_not_follow_the_register(estates: SmallCounty, printed: Print) -> None:
    document = printed("estate_table")
    before = estate_table.html(document.figures)
    EstateProject.objects.update(floor_area_m2=1)
    document.refresh_from_db()
    assert estate_table.html(document.figures) == before


def test_no_estates_is_said(county: SmallCounty, printed: Print) -> None:
    text = squeeze("".join(whole_text(page) for page in pages(printed("estate_table"))))
    assert squeeze("没有登记小区配套幼儿园") in text


def test_the_workbook_has_the_columns_and_rows_of_the_paper(
    estates: SmallCounty, printed: Print
) -> None:
    with travel(NOW, tick=False):
        response = client_of(estates.officer()).get(reverse("estate-table-export", args=["xlsx"]))
    sheet = load_workbook(io.BytesIO(response.getvalue())).active
    heads, *rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=5)]
    assert heads[:5] == ["序号", "小区名称", "小区地址", "配套园名称", "办园性质"]
    assert len(heads) == 14
    paper = printed("estate_table").figures["rows"]
    assert [row[1] for row in rows] == [row["estate"] for row in paper]
    assert [row[10] for row in rows] == [row["numbers"]["children"] for row in paper]

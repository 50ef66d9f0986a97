"""What stands on paper: the counts of real rows, all of them, in the planned typefaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from accounts.models import Region
from accounts.statuses import STATES
from indicators.models import RegionFacts
from indicators.selectors import figures
from reports.documents import monthly_rates, overview_table
from reports.documents.models import PrintedDocument
from reports.documents.monthly_rates import PAPER_STATES
from reports.documents.pdf import ALLOWED_FONTS
from tests.conftest import acting
from tests.reports.documents.conftest import ORIGIN
from tests.reports.documents.reading import (
    MM,
    body_text,
    dictionaries,
    html_texts,
    pages,
    quick_texts,
    squeeze,
    whole_text,
)
from tests.small_county import OCTOBER, SmallCounty

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]
Print = Callable[..., PrintedDocument]
KINDS = ("overview_table", "monthly_rates")
MODULES = {"overview_table": overview_table, "monthly_rates": monthly_rates}


def test_overview_counts_are_those_of_the_returns(printed: Print) -> None:
    snapshot = printed("overview_table").figures
    whole, street, first, second = snapshot["rows"]
    assert [row["name"] for row in snapshot["rows"]] == ["合计", "丙街道", "甲镇", "乙镇"]
    counts = whole["counts"]
    assert (counts["streets"], counts["townships"]) == (1, 2)
    assert counts["resident_population_3_5"] == 900
    assert counts["kindergartens"] == 4
    assert counts["education_kindergartens"] == 2
    assert counts["other_public_kindergartens"] == 0
    assert counts["inclusive_private_kindergartens"] == 1
    assert counts["non_inclusive_private_kindergartens"] == 1
    assert counts["enrolled"] == 400  # the nursery class of nine is not in it
    assert counts["public_children"] == 260
    assert counts["inclusive_private_children"] == 40
    assert counts["non_inclusive_private_children"] == 100
    # Two people in each of seven posts, in four kindergartens.
    assert counts["staff"] == 56
    assert counts["principals"] == counts["full_time_teachers"] == counts["childcare_workers"] == 8
    assert counts["other_staff"] == 32
    assert whole["ceilings"] == {"public": "380.00", "inclusive_a": "620.50", "inclusive_b": ""}
    assert second["provisional"] is True
    assert street["provisional"] is False
    assert first["counts"]["public_children"] == 200


def test_nothing_counted_is_a_dash_not_zero(printed: Print, county: SmallCounty) -> None:
    town = county.town("丁镇", people=None)
    county.kindergarten(town, "丁镇示例园")
    county.settle()
    row = printed("overview_table").figures["rows"][-1]
    assert row["name"] == "丁镇"
    assert row["counts"]["enrolled"] is None
    assert row["counts"]["resident_population_3_5"] is None
    assert row["counts"]["townships"] == 1
    cells = overview_table._presented(row, "")["cells"]
    assert [cell["text"] for cell in cells[:5]] == ["—", "0", "1", "—", "—"]


def test_city_table_has_its_counties_and_their_total(printed: Print, county: SmallCounty) -> None:
    town = county.town("戊镇", county=county.other_county)
    county.populate(county.other_county, 300)
    county.file(county.kindergarten(town, "戊镇示例园"), 150)
    county.settle()
    snapshot = printed("overview_table", county.city).figures
    assert [row["name"] for row in snapshot["rows"]] == ["合计", "甲县", "乙县"]
    total, *counties = [row["counts"] for row in snapshot["rows"]]
    for column in overview_table.COLUMNS:
        assert total[column] == sum(counts[column] for counts in counties), column


def test_report_figures_verdicts_and_sources(printed: Print) -> None:
    snapshot = printed("monthly_rates").figures
    gross, inclusive, public = snapshot["figures"]
    assert (gross["numerator"], gross["denominator"]) == (400, 900)
    assert gross["value"].startswith("0.44444444444444")
    assert gross["judgements"][0]["verdict"] == "unmet"
    assert gross["judgements"][0]["gap"] == 437  # ceil(0.93 × 900) − 400
    assert (inclusive["numerator"], public["numerator"]) == (300, 260)
    assert public["judgements"][0] == {
        "target": "0.500000", "operator": ">=", "policy": "甲县三年行动方案",
        "document_number": "甲政〔2024〕1号", "clause": "二（一）", "verdict": "met",
        "gap": None, "surplus": 60,
    }  # fmt: skip
    assert [row["figures"][2]["verdict"] for row in snapshot["rows"]] == [
        "met", "not_judged", "met", "unmet",
    ]  # fmt: skip
    assert snapshot["missing"] == [
        {"town": "乙镇", "name": "乙镇示例二园（示例）", "state": "未报", "children": 30}
    ]
    assert len(gross["trend"]) == 12
    assert gross["trend"][-1]["provisional"] is True
    assert gross["trend"][0]["value"] is None


def test_each_missing_return_is_called_as_the_pages_call_it(county: SmallCounty) -> None:
    town = county.county.children.get(name="乙镇")
    for state in ("draft", "submitted", "returned"):
        county.file(county.kindergarten(town, state), 20, state=state)
    county.settle()
    words = {
        row["name"].removesuffix("（示例）"): row["state"]
        for row in monthly_rates.collect(county.county, OCTOBER, figures(county.county, OCTOBER))[
            "missing"
        ]
    }
    for state in ("draft", "submitted", "returned"):
        assert words.pop(state) == STATES[state].word
    assert set(words.values()) == {STATES["unfiled"].word}
    # Between acceptance and counting a return is missing too.
    assert set(PAPER_STATES) == {"not_begun", "accepted"}
    assert set(PAPER_STATES.values()) <= set(STATES)


def test_report_says_coverage_change_and_where_to_look(printed: Print) -> None:
    document = printed("monthly_rates")
    text = "".join(whole_text(page) for page in pages(document))
    for words in (
        "应报月报的幼儿园5所，已报4所，已接收并计入4所",
        "2026年10月（暂计）",
        "学前三年毛入园率44.44%，未达标（目标≥93%），比上月提高41.11个百分点",
        "乙镇示例二园",
        "甲政〔2024〕1号",
        f"{ORIGIN}/figures/区划代码/gross_enrolment_rate/2026-10/",
        "654321101000",
        document.figures["heading"]["number"],
        "编制单位（盖章）",
        "打印于2026年11月5日16:40",
    ):
        assert words in text, words


@pytest.mark.parametrize("kind", KINDS)
def test_every_trace_code_opens_its_explanation(kind: str, printed: Print) -> None:
    document = printed(kind)
    text = "".join(whole_text(page) for page in pages(document))
    with dictionaries(document) as found:
        links = {str(d["/A"]["/URI"]) for d in found if d.get("/Subtype") == "/Link"}
    month = f"{OCTOBER:%Y-%m}"
    assert f"{ORIGIN}/figures/654321/gross_enrolment_rate/{month}/" in links
    assert all(re.fullmatch(rf"{ORIGIN}/figures/\d+/\w+/{month}/", link) for link in links)
    codes = set(re.findall(r"(?<=\d)0[0-3][ABC]", text))
    columns = "A" if kind == "overview_table" else "ABC"
    assert codes == {f"0{row}{column}" for row in range(4) for column in columns}


@pytest.mark.parametrize("kind", KINDS)
def test_paper_says_what_the_html_says(kind: str, printed: Print) -> None:
    document = printed(kind)
    html = MODULES[kind].html(document.figures)
    foot = 26 if kind == "overview_table" else 32
    text = "".join(body_text(page, foot_mm=foot) for page in pages(document))
    expected = html_texts(html)
    assert len(expected) > 60
    assert Counter(text) == Counter("".join(expected))
    assert [node for node in expected if node not in text] == []
    assert not set(text) & {"\ufffd", "\u200b", "\u2060"}


@pytest.mark.parametrize("kind", KINDS)
def test_typefaces_are_embedded_and_planned(kind: str, printed: Print) -> None:
    with dictionaries(printed(kind)) as found:
        fonts = [d for d in found if d.get("/Type") == "/FontDescriptor"]
        assert len(fonts) >= 3
        for font in fonts:
            assert str(font["/FontName"]).rpartition("+")[2] in ALLOWED_FONTS
            assert "/FontFile2" in font or "/FontFile3" in font
        assert not [d for d in found if d.get("/Subtype") == "/Type3"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_active_and_nothing_attached(kind: str, printed: Print) -> None:
    forbidden = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AA", "/OpenAction", "/RichMedia"}
    with dictionaries(printed(kind)) as found:
        for one in found:
            assert not forbidden & set(one.keys())
            assert str(one.get("/S", "")) not in {"/JavaScript", "/Launch", "/SubmitForm"}
            assert str(one.get("/Type", "")) not in {"/EmbeddedFile", "/Filespec"}
        (root,) = [d for d in found if d.get("/Type") == "/Catalog"]
        assert str(root["/Lang"]) == "zh-CN"
        assert bool(root["/MarkInfo"]["/Marked"])


def test_charts_are_told_to_those_who_cannot_see_them(printed: Print) -> None:
    with dictionaries(printed("monthly_rates")) as found:
        told = [str(d["/Alt"]) for d in found if d.get("/S") == "/Figure"]
    assert len(told) == 3
    assert told[2] == "公办园在园幼儿占比近12个月：2026年9月100.00%，2026年10月65.00%"


def test_a_municipality_goes_by_its_own_name(printed: Print, county: SmallCounty) -> None:
    Region.objects.filter(pk=county.city.pk).update(name="市辖区")
    county.city.refresh_from_db()
    heading = printed("overview_table", county.city).figures["heading"]
    assert heading["title"] == "示例省2026年10月学前教育普及普惠基本情况一览表"
    assert heading["region_name"] == "示例省"


def many_towns(county: SmallCounty, number: int) -> None:
    """Towns with sums of their own, without the returns behind them."""
    pattern = RegionFacts.objects.get(region__name="甲镇", month=OCTOBER)
    towns = Region.objects.bulk_create(
        Region(
            code=f"654321{200 + n // 1000}{n % 1000:03d}",
            name=f"示例{n:03d}乡",
            level=4,
            parent=county.county,
            county=county.county,
            city=county.city,
            province=county.city.province,
            is_active=True,
        )
        for n in range(number)
    )
    facts = []
    for town in towns:
        values = {f.attname: getattr(pattern, f.attname) for f in pattern._meta.concrete_fields}
        facts.append(RegionFacts(**values | {"id": None, "region_id": town.pk}))
    RegionFacts.objects.bulk_create(facts)


@pytest.mark.parametrize("kind", KINDS)
def test_four_hundred_towns_all_stand_there(kind: str, printed: Print, county: SmallCounty) -> None:
    many_towns(county, 400)
    document = printed(kind)
    texts = quick_texts(document)
    text = "".join(texts)
    found = re.findall(r"示例\d{3}乡", text)
    assert set(found) == {f"示例{n:03d}乡" for n in range(400)}
    # In the report each name stands once in the table and once beside its code.
    assert len(found) == (400 if kind == "overview_table" else 800)
    with_rows = [t for t in texts if re.search(r"示例\d{3}乡240|示例\d{3}乡300", t)]
    assert len(with_rows) > 8
    head = "保教费上限" if kind == "overview_table" else "计入/应报"
    assert [t.count(head) for t in with_rows] == [1] * len(with_rows)
    for number, one in enumerate(texts, start=1):
        assert f"第{number}页共{len(texts)}页" in one
        assert squeeze(document.figures["heading"]["number"]) in one


def test_overview_lies_on_a_turned_sheet_within_its_margins(
    printed: Print, county: SmallCounty
) -> None:
    many_towns(county, 30)
    for page in pages(printed("overview_table")):
        assert (round(page.width * MM), round(page.height * MM)) == (297, 210)
        assert min(c["x0"] for c in page.chars) * MM >= 27.9
        assert max(c["x1"] for c in page.chars) * MM <= 269.2
        rules = [edge for edge in page.edges if edge["orientation"] == "v"]
        assert min(r["x0"] for r in rules) * MM == pytest.approx(28, abs=0.5)
        assert max(r["x1"] for r in rules) * MM == pytest.approx(269, abs=0.5)


def test_numbers_stay_inside_their_columns(printed: Print, county: SmallCounty) -> None:
    """Six-digit sums of a city and a ceiling with fen, between the rules of the table."""
    RegionFacts.objects.filter(region=county.county).update(
        enrolled_children=128_959, public_children=88_888, inclusive_children=99_999,
        resident_population_3_5=200_000, full_time_teachers=18_888, other_staff=9_999,
    )  # fmt: skip
    (page,) = pages(printed("overview_table"))
    rules = sorted({round(e["x0"], 1) for e in page.edges if e["orientation"] == "v"})
    figures = page.filter(lambda o: o["object_type"] != "char" or o["size"] > 7)
    words = figures.extract_words(x_tolerance=1)
    crossed = [
        w["text"]
        for w in words
        if re.fullmatch(r"[\d,.—]+", w["text"])
        for x in rules
        if w["x0"] + 0.5 < x < w["x1"] - 0.5
    ]
    assert {"128,959", "18,888", "620.50"} <= {w["text"] for w in words}
    assert crossed == []


def test_report_stands_upright_within_its_margins(printed: Print) -> None:
    for page in pages(printed("monthly_rates")):
        assert (round(page.width * MM), round(page.height * MM)) == (210, 297)
        assert min(c["x0"] for c in page.chars) * MM >= 27.9
        assert max(c["x1"] for c in page.chars) * MM <= 184.3


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_words_never_markup(kind: str, printed: Print, county: SmallCounty) -> None:
    hostile = '<img src="file:///etc/hostname">{{x}}'
    Region.objects.filter(name="甲镇").update(name=hostile)
    text = "".join(whole_text(page) for page in pages(printed(kind)))
    assert squeeze(hostile) in text


def test_demo_figures_are_marked(printed: Print, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    for page in pages(printed("overview_table")):
        assert "演示数据" in whole_text(page)


def test_a_reprint_does_not_follow_later_figures(printed: Print, county: SmallCounty) -> None:
    document = printed("overview_table")
    before = overview_table.html(document.figures)
    RegionFacts.objects.filter(region=county.county).update(enrolled_children=300_000)
    document.refresh_from_db()
    assert overview_table.html(document.figures) == before


def test_the_person_who_printed_stands_in_the_head(printed: Print, county: SmallCounty) -> None:
    document = printed(
        "monthly_rates", county.city, acting(county.officer(county.city, "city_officer"))
    )
    assert document.figures["heading"]["organisation"] == "示例市教育局"
    assert document.figures["heading"]["region_name"] == "示例省示例市"

"""Published tables through the portal's own import, and explain's answer for each."""

from __future__ import annotations

import csv
import datetime as dt
import json
import tomllib
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Region
from indicators.catalogue import Kind
from indicators.models import AggregateReturn, Policy
from indicators.rules import displayed
from indicators.selectors import reference_series
from indicators.services.policies import load_policies

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "published.toml").read_text(encoding="utf-8"))
POLICY = (
    'title = "示例评估办法"\njurisdiction = "CN"\n'
    '[[target]]\nindicator = "children_per_full_time_teacher"\nop = "<="\nvalue = "15"\n'
    'level = "county"\n'
    '[[target]]\nindicator = "gross_enrolment_rate"\nop = ">="\nvalue = "0.85"\nlevel = "county"\n'
    '[[target]]\nindicator = "public_enrolment_share"\nop = ">="\nvalue = "0.50"\n'
    'level = "county"\n'
)


@pytest.fixture
def places(tmp_path):
    """The places the tables speak of, and the standard for counties."""
    found: dict[str, Region] = {}
    for code in ("650000", "654300", "150000", "150100", "150200", "150204"):
        level = 1 if code.endswith("0000") else 2 if code.endswith("00") else 3
        province = found.get(f"{code[:2]}0000")
        city = found.get(f"{code[:4]}00") if level == 3 else None
        found[code] = Region.objects.create(
            code=code, name=f"示例{code}", level=level, parent=city or province,
            province=province, city=city,
        )  # fmt: skip
    (tmp_path / "own.toml").write_text(POLICY, encoding="utf-8")
    load_policies(directory=tmp_path, today=dt.date(2026, 11, 5))
    return found


def load(path: Path) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_aggregates", str(path), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def explained(*question: str) -> dict:
    out = StringIO()
    call_command("explain", *question, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("table", CASES["table"], ids=lambda table: table["name"])
def test_a_published_table_answers(table, places, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(table["csv"].strip() + "\n\n", encoding="utf-8")
    rows = len(table["csv"].strip().splitlines()) - 1
    assert load(path)[0] == f"新增{rows}条，更新0条，未变0条，拒绝0条。\n"
    before = list(AggregateReturn.objects.order_by("pk").values())
    assert load(path)[0] == f"新增0条，更新0条，未变{rows}条，拒绝0条。\n"
    assert list(AggregateReturn.objects.order_by("pk").values()) == before
    for ask in table["ask"]:
        answer = explained(ask["region"], ask["indicator"], ask["period"])
        aggregate = answer["aggregate"]
        assert aggregate["data_source"] == answer["data_source"] != ""
        for key in ("numerator", "denominator", "displayed", "verdict", "reason", "reference_date"):
            if key in ask:
                assert (key, answer[key]) == (key, ask[key])
        for key in ("published", "agreement", "published_only", "numerator_tolerance",
                    "denominator_tolerance"):  # fmt: skip
            if key in ask:
                assert (key, aggregate[key]) == (key, ask[key])
        if ask.get("published_only"):
            assert answer["numerator"] is answer["denominator"] is None
        if "note" in ask:
            assert ask["note"] in aggregate["notes"]
        if "reference_gap" in ask:
            assert [one["gap"] for one in answer["reference_targets"]] == [ask["reference_gap"]]
        for key in ("gap", "close"):
            if key in ask:
                assert [one[key] for one in answer["targets"]] == [ask[key]]


def test_a_year_is_judged_by_no_document_of_later(places, tmp_path):
    Policy.objects.filter(slug="own").update(issued_on=dt.date(2020, 2, 18))
    load(write(tmp_path / "table.csv", [
        row_of(统计时点=year, 在园幼儿="100", 公办园在园幼儿="40") for year in ("2019", "2020")
    ]))  # fmt: skip
    before, after = (
        explained("150204", "public_enrolment_share", year) for year in ("2019", "2020")
    )
    assert (before["verdict"], before["targets"]) == ("not_judged", [])
    assert [one["gap"] for one in before["reference_targets"]] == [10]
    assert (after["verdict"], after["reference_targets"]) == ("unmet", [])


def row_of(**cells: str) -> dict[str, str]:
    return {"地区代码": "150204", "统计时点": "2020-12-31", "来源": "示例统计年鉴", **cells}


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    heads = list(dict.fromkeys(head for row in rows for head in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, heads)
        sheet.writeheader()
        sheet.writerows(rows)
    return path


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_what_cannot_be_is_refused_with_its_cell(case, places, tmp_path):
    good = row_of(统计时点="2019", 在园幼儿="10")
    path = write(tmp_path / "table.csv", [good, row_of(**case["row"])])
    with pytest.raises(CommandError) as refusal:
        load(path)
    for text in case["says"]:
        assert text in str(refusal.value)
    assert "3" in str(refusal.value).partition("（")[0]  # the row it stands in
    assert "没有写入任何数据" in str(refusal.value)
    assert not AggregateReturn.objects.exists()


def test_a_table_that_breaks_is_kept_with_an_explanation_and_marked(places, tmp_path):
    broken = row_of(在园幼儿="100", 公办园在园幼儿="60", 民办园在园幼儿="39", 说明="原表如此")
    sponsors = [
        row_of(统计时点="2018", 在园幼儿="50"),
        row_of(统计时点="2018", 在园幼儿="30", 办别="民办"),
        row_of(统计时点="2018", 在园幼儿="21", 办别="教育部门"),
    ]
    path = write(tmp_path / "table.csv", [broken, *sponsors])
    with pytest.raises(CommandError, match="各办别的在园幼儿加起来是51人，合计行是50人，差1人"):
        load(path)
    sponsors[0]["说明"] = "示例年鉴印的就是50"
    load(write(path, [broken, *sponsors]))
    answer = explained("150204", "public_enrolment_share", "2020")["aggregate"]
    assert answer["explanation"] == "原表如此"
    assert "差1人" in answer["breaks"][0]
    # Sponsors that do not add up tell nothing of the public part.
    assert explained("150204", "public_enrolment_share", "2018")["value"] is None


def test_a_second_table_updates_what_it_fills_in_and_keeps_the_rest(places, tmp_path):
    path = tmp_path / "table.csv"
    load(write(path, [row_of(在园幼儿="28,959", 专任教师="10", 公布的普惠率="90.5")]))
    again = row_of(在园幼儿="2.90", 人数单位="万人")
    assert load(write(path, [again]))[0] == "新增0条，更新1条，未变0条，拒绝0条。\n"
    row = AggregateReturn.objects.get()
    assert (row.enrolled_children, row.printed) == (29_000, {"enrolled_children": "2.90万"})
    assert (row.full_time_teachers, row.published) == (10, {"inclusive_enrolment_share": "90.5"})
    with pytest.raises(CommandError, match="和第2行重复"):
        load(write(path, [again, again]))


def test_a_rate_above_100_is_kept_and_asked_about(places, tmp_path):
    path = write(tmp_path / "table.csv", [row_of(公布的毛入园率="109.2")])
    assert "毛入园率超过100%" in load(path)[1]
    assert explained("150204", "gross_enrolment_rate", "2020")["displayed"] == "109.20%"


def test_what_differs_from_its_counts_is_said(places, tmp_path):
    path = tmp_path / "table.csv"
    load(write(path, [row_of(在园幼儿="1000", 公办园在园幼儿="500", 公布的公办占比="50.1")]))
    out = StringIO()
    call_command("explain", "150204", "public_enrolment_share", "2020-12", stdout=out)
    assert "公布值：50.1，重算与公布值不一致，请核对来源" in out.getvalue()
    assert "来源：示例统计年鉴（年鉴），不是本系统的月报" in out.getvalue()
    with pytest.raises(CommandError, match="有历史数据的统计时点：2020-12-31"):
        call_command("explain", "150204", "public_enrolment_share", "2019")


def test_the_packaged_series_load_twice_and_draw_lines_to_compare_with(places, tmp_path):
    out = StringIO()
    call_command("load_series", stdout=out)
    call_command("load_series", stdout=out)
    first, second = out.getvalue().splitlines()
    assert first == "历年数2份：新增21条，更新0条，未变0条。"
    assert second == "历年数2份：新增0条，更新0条，未变21条。"
    county = places["150204"]
    lines = reference_series("inclusive_enrolment_share", county, range(2019, 2026))
    assert [(line.name, [point.month.year for point in line.points]) for line in lines] == [
        ("全国", [2023, 2025]),
        ("示例150000", [2019]),
    ]
    assert displayed(lines[0].points[1].value, Kind.SHARE) == Decimal("91.49")
    assert reference_series("inclusive_enrolment_share", county, []) == []
    staff = explained("CN", "children_per_staff", "2022-2023")
    # Children of one source and staff of another are never put together.
    assert staff["value"] is None
    assert "教育部幼儿园教职工数表载明了教职工" in staff["reason"]
    assert [one["data_source"] for one in staff["other_sources"]] == ["教育部幼儿园教职工数表"]
    with pytest.raises(CommandError, match=r"own\.toml里没有数"):
        call_command("load_series", tmp_path)

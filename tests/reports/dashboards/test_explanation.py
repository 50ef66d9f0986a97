"""Every figure on the page opens to its fraction, its targets and the returns that add up to it."""

import csv
import datetime as dt
import html
import io
import re
from decimal import Decimal

import pytest

from accounts.statuses import STATES
from indicators.catalogue import INDICATORS
from indicators.models import Policy, Target
from indicators.selectors import figures
from indicators.services.freeze import freeze_facts
from kindergartens.models import ClassCount
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.dashboards import explaining, missing, presenters, views
from reports.staffing import ratios
from tests.reports.dashboards.conftest import page_of
from tests.small_county import NOW, OCTOBER
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def explain_links(page: str) -> set[str]:
    return set(re.findall(r'href="(/figures/[^"/]+/[a-z0-9_]+/\d{4}-\d\d/)"', page))


def leaves(page: str) -> list[list[str]]:
    """Texts of the returns and of those not counted, in the order of the page."""
    found = re.findall(r'<div class="sum-leaf[^"]*">(.*?)</div>', page, re.DOTALL)
    cells = [re.findall(r"<span[^>]*>((?:(?!<span|</span>).)*)", leaf) for leaf in found]
    return [[html.unescape(re.sub(r"<[^>]+>", "", c)).strip() for c in row] for row in cells]


def counted(page: str) -> int:
    """Sum of the numerators of all returns shown, read off the page."""
    numbers = re.findall(
        r'<div class="sum-leaf">.*?</span><span class="num">([\d,]+)</span><span class="num">', page
    )
    return sum(int(number.replace(",", "")) for number in numbers)


def test_every_figure_on_the_page_opens_to_rows_that_sum_to_its_numerator(county, sign_in):
    client = sign_in(county.officer())
    links = explain_links(page_of(client.get("/figures/")))
    assert len(links) == 3 * 5, "three rates of the county and its four towns"
    every = explain_links(page_of(client.get(f"/figures/{county.county.code}/all/")))
    assert len(every) == len(INDICATORS)
    # Those of the place itself are of no return.
    links |= {link for link in every if INDICATORS[link.split("/")[3]].of_returns}
    for link in links:
        _, _, code, indicator, _, _ = link.split("/")
        region = (
            county.county if code == county.county.code else county.county.children.get(code=code)
        )
        (figure,) = figures(region, OCTOBER, [indicator])
        page = page_of(client.get(link, headers=HTMX))
        assert counted(page) == (figure.numerator or 0), link
        assert "与分子一致" in page, link
        assert "<html" not in page


def test_explanation_says_fraction_unrounded_value_target_document_and_clause(county, sign_in):
    client = sign_in(county.officer())
    page = page_of(client.get(f"/figures/{county.county.code}/gross_enrolment_rate/2026-10/"))
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for expected in (
        "270", "420", "64.29", "0.6428571…", "≥85%", "甲县学前教育攻坚方案（甲教〔2026〕1号）",
        "第二条", "差87名幼儿", "2026年9月1日的数", "按户籍420人算为64.29%", "2026年10月31日",
        "6所应报，6所已报，5所已接收并计入，1所未计入（上次共20人）", "口径版本",
        "比2026年9月上升52.38个百分点，为什么", "数据截至2026年11月5日16:40",
    ):  # fmt: skip
        assert expected in re.sub(r"\s+", " ", text) or expected in text, expected


def test_the_steps_of_a_change_lead_from_last_months_value_to_this_months(county, sign_in):
    from indicators.selectors import explanation

    explained = explanation(county.county, "gross_enrolment_rate", OCTOBER)
    points = sum((reason.points for reason in explained.change_reasons), Decimal(0))
    assert abs(points - explained.figure.change) < Decimal("1e-20")
    page = page_of(
        sign_in(county.officer()).get(
            f"/figures/{county.county.code}/gross_enrolment_rate/2026-10/"
        )
    )
    for reason in explained.change_reasons:
        assert reason.label in page
    # Both counts lead from last month's to this month's as well, and both ends are shown.
    figure, before = explained.figure, explained.before
    assert before.numerator + sum(r.units for r in explained.change_reasons) == figure.numerator
    assert before.denominator + sum(r.below for r in explained.change_reasons) == figure.denominator
    rows = re.search(r'<table class="table reasons">.*?</table>', page, re.DOTALL).group()
    for number in (before.numerator, before.denominator, figure.numerator, figure.denominator):
        assert f'<td class="num">{number:,}</td>' in rows


def test_returns_are_listed_with_their_version_and_the_missing_with_their_state(county, sign_in):
    client = sign_in(county.officer())
    page = page_of(client.get(f"/figures/{county.east.code}/public_enrolment_share/2026-10/"))
    filing = county.east.organisations.get(name="东镇一园").kindergarten.filings.get(
        period__month=OCTOBER
    )
    assert f'href="/returns/{filing.pk}/versions/1/"' in page
    assert re.search(r"东镇三园.*?未计入.*?上次20.*?待审核", page, re.DOTALL)


def test_between_acceptance_and_recompute_the_sums_say_so(county, sign_in):
    client = sign_in(county.officer())
    url = f"/figures/{county.east.code}/public_enrolment_share/2026-10/"
    version = county.open.filings.get(month=OCTOBER).versions.get()
    freeze_facts(version_ids=[version.pk], accepted_at=NOW + dt.timedelta(seconds=1))
    page = page_of(client.get(url))
    assert "有新接收的月报，正在重算" in page
    assert "与分子不一致" not in page
    county.settle(now=NOW + dt.timedelta(seconds=2))
    page = page_of(client.get(url))
    assert "与分子一致" in page
    assert "正在重算" not in page


def test_blank_figure_gives_its_reason_and_still_lists_the_returns(county, sign_in):
    client = sign_in(county.officer())
    page = page_of(client.get(f"/figures/{county.west.code}/gross_enrolment_rate/2026-10/"))
    assert "常住3–5岁人口未登记。" in page
    assert "0.00" not in page
    assert counted(page) == 40


def test_street_is_not_judged(county, sign_in):
    page = page_of(
        sign_in(county.officer()).get(
            f"/figures/{county.street.code}/public_enrolment_share/2026-10/"
        )
    )
    assert "没有适用于河滨街道的目标，不考核。" in page


def test_unknown_indicator_or_month_is_not_found(county, sign_in):
    client = sign_in(county.officer())
    for path in ("nonsense/2026-10/", "public_enrolment_share/2026-13/"):
        assert client.get(f"/figures/{county.county.code}/{path}").status_code == 404, path
    blank = page_of(client.get(f"/figures/{county.county.code}/public_enrolment_share/2026-01/"))
    assert "这个月没有数据。" in blank


def test_many_returns_are_fetched_group_by_group(county, sign_in, monkeypatch):
    client = sign_in(county.officer())
    url = f"/figures/{county.county.code}/public_enrolment_share/2026-10/"
    whole = page_of(client.get(url))
    monkeypatch.setattr(views, "ROWS_SHOWN_AT_ONCE", 3)
    page = page_of(client.get(url))
    assert "东镇一园" not in page
    assert "与分子一致" in page
    groups = re.findall(r'<details hx-get="([^"]*)" hx-trigger="toggle once"', page)
    assert len(groups) == 4
    fetched = "".join(page_of(client.get(group, headers=HTMX)) for group in groups)
    assert leaves(fetched) == leaves(whole)
    assert client.get(f"{url}{county.other_county.code}/").status_code == 404


def test_exported_returns_add_up_and_name_the_missing(county, sign_in):
    client = sign_in(county.officer())
    url = f"/figures/{county.county.code}/public_enrolment_share/2026-10/"
    shown = leaves(page_of(client.get(url)))
    content = client.get(f"{url}export.csv").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert len(rows) == len(shown) == 6
    assert [row["幼儿园"] for row in rows] == [leaf[0] for leaf in shown]
    assert sum(int(row["公办园在园幼儿"] or 0) for row in rows) == 160
    assert sum(int(row["分母：在园幼儿"] or 0) for row in rows) == 270
    assert [row["幼儿园"] for row in rows if row["状态"] == "未计入，待审核"] == ["东镇三园"]


def test_ratios_of_a_kindergarten_stand_against_the_standards(county, sign_in):
    kindergarten = county.east.organisations.get(name="东镇一园").kindergarten
    client = sign_in(county.officer())
    address = f"/kindergartens/{kindergarten.code}/ratios/"
    assert "没有适用的标准" in page_of(client.get(address, headers=HTMX))
    the_nation_asks()
    page = page_of(client.get(address, headers=HTMX))
    # 32 children, two people in each of seven posts: more than 1:5 asks for; one of two certified.
    assert re.search(r"教职工与幼儿比.*?1:2\.29.*?达标.*?高于标准.*?1:5至1:7", page, re.DOTALL)
    assert re.search(r"保教人员与幼儿比.*?1:8\.00.*?达标.*?1:7至1:9", page, re.DOTALL)
    assert re.search(r"卫生保健人员.*?2人.*?达标.*?应有1人", page, re.DOTALL)
    assert re.search(r"班额达标率.*?0\.00%.*?未达标.*?差1个班", page, re.DOTALL)
    assert re.search(r"持证率.*?50\.00%.*?未达标.*?差2人", page, re.DOTALL)
    assert "2026年10月" in page
    empty = county.kindergarten(county.east, "新园")
    page = page_of(client.get(f"/kindergartens/{empty.code}/ratios/", headers=HTMX))
    assert "还没有接收过月报" in page
    director = county.person("园长", kindergarten.organisation, "director")
    client.force_login(director)
    assert client.get(f"/kindergartens/{kindergarten.code}/ratios/").status_code == 200
    assert client.get(f"/kindergartens/{empty.code}/ratios/").status_code == 404


def test_a_kindergarten_is_judged_by_what_documents_demand_of_each(county, sign_in):
    """32 children, fourteen people: 1:2.29 keeps 1:7; ten children a teacher are demanded here."""
    for code, value in (("children_per_staff", 7), ("children_per_full_time_teacher", 10)):
        Target.objects.create(
            policy=Policy.objects.get(), indicator=code, operator="<=", value=Decimal(value),
            levels=["kindergarten"], clause="第五条",
        )  # fmt: skip
    kindergarten = county.east.organisations.get(name="东镇一园").kindergarten
    client = sign_in(county.officer())
    page = page_of(client.get(f"/kindergartens/{kindergarten.code}/ratios/", headers=HTMX))
    own = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("文件对每所园的要求")[-1]))
    source = "甲县学前教育攻坚方案（甲教〔2026〕1号），第五条"
    assert re.search(rf"教职工与幼儿比 1:2\.29 达标 1:7以内 {source} 在园幼儿32，教职工14", own)
    assert re.search(rf"专任教师与幼儿比 1:16\.00 未达标 差2人 1:10以内 {source}", own)


def test_half_day_is_what_it_was_when_the_return_was_counted(county, sign_in):
    """A status corrected afterwards moves no ratio, as it moves no rate."""
    the_nation_asks()
    kindergarten = county.kindergarten(county.south, "半日园")
    kindergarten.statuses.update(half_day=True)
    county.file(kindergarten, 88)
    kindergarten.statuses.update(half_day=False)
    client = sign_in(county.officer())
    page = page_of(client.get(f"/kindergartens/{kindergarten.code}/ratios/", headers=HTMX))
    assert "1:8至1:10" in page
    assert "1:5至1:7" not in page


def test_class_size_limits_are_those_of_the_rules(county):
    for grade, most in CLASS_SIZE_LIMITS.items():
        assert f"{ClassCount.Grade(grade).label}{most}人" in ratios.CLASS_SIZES


@pytest.mark.parametrize("state", ["not_begun", "draft", "returned", "submitted", "accepted"])
def test_words_for_a_return_are_those_of_the_state_tags(state):
    tag = STATES["unopened" if state == "not_begun" else state]
    assert missing.state_word(state, waits_for_town=False).startswith(tag.word)
    assert missing.state_word(state, waits_for_town=True) == STATES["pre_review"].word


# ---- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.9188917214", "0.9188917…"),
        ("0.5", "0.5"),
        ("1", "1"),
        ("0.99999999", "0.9999999…"),
        ("1E-7", "0.0000001"),
    ],
)
def test_unrounded_is_cut_never_rounded(value, text):
    assert explaining.unrounded(Decimal(value)) == text


@pytest.mark.parametrize(
    ("code", "operator", "value", "text"),
    [
        ("gross_enrolment_rate", ">=", "0.930000", "≥93%"),
        ("public_enrolment_share", ">=", "0.505000", "≥50.5%"),
        ("public_enrolment_share", ">=", "1.000000", "≥100%"),
        ("children_per_staff", "<=", "7.000000", "≤7"),
        ("children_per_health_staff", "<=", "150.000000", "≤150"),
    ],
)
def test_targets_are_written_without_needless_zeros(code, operator, value, text):
    assert presenters.target_text(INDICATORS[code], operator, Decimal(value)) == text


def test_what_else_is_judged_stands_in_the_strip_with_what_is_missing(county, sign_in):
    Target.objects.create(
        policy=Policy.objects.get(), indicator="children_per_full_time_teacher", operator="<=",
        value=Decimal(15), levels=["county"], clause="第三条",
    )  # fmt: skip
    page = page_of(sign_in(county.officer()).get("/figures/"))
    strip = re.search(r'<dl class="card stats others">.*?</dl>', page, re.DOTALL)[0]
    texts = [re.sub(r"<[^>]+>", " ", item) for item in re.findall(r"<div>.*?</div>", strip, re.S)]
    # 270 children, five kindergartens with two teachers each: 18 are needed for 1:15.
    ratio = next(text for text in texts if "专任教师与幼儿比" in text)
    assert re.search(r"1:27\.00.*未达标.*差8人.*1:15以内", ratio, re.DOTALL)
    assert len(texts) == 1, "what no document judges is on the page of all figures"


@pytest.mark.parametrize(
    ("difference", "text"),
    [("0.05", "+0.05"), ("-0.05", "−0.05"), ("-0.001", "0.00"), ("0", "0.00")],
)
def test_a_change_of_a_ratio_that_rounds_to_nothing_has_no_sign(difference, text):
    ratio = INDICATORS["children_per_staff"]
    assert explaining.moved_text(ratio, Decimal(difference)) == text

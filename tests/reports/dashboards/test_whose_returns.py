"""Single kindergartens show to those who may read their returns, with links that open."""

import csv
import datetime as dt
import html
import io
import re

import pytest

from indicators.models import KindergartenFacts
from kindergartens.models import KindergartenStatus
from reports.dashboards import views
from tests.reports.dashboards.conftest import page_of
from tests.small_county import OCTOBER

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
SHARE = "public_enrolment_share/2026-10/"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def links(page: str) -> set[str]:
    return {
        link.split("?")[0]
        for link in re.findall(r'href="(/(?:kindergartens|returns)/[^"]+)"', page)
    }


# ---- sums only ---------------------------------------------------------------------------------


def test_department_sees_sums_and_no_single_kindergarten(county, sign_in):
    client = sign_in(county.officer(role="department_officer"))
    for path in ("", f"{county.east.code}/", f"{county.county.code}/"):
        page = page_of(client.get(f"/figures/{path}"))
        assert not re.search(r"东镇[一二三]园|南镇园", page), path
        assert links(page) == set()
    town = text_of(page_of(client.get(f"/figures/{county.east.code}/")))
    assert re.search(r"已计入的2所合计 .*在园幼儿 92 人", town)
    assert "待审核1所，最近一次共报20人在园" in town


def test_departments_explanation_adds_up_by_region_without_kindergartens(county, sign_in):
    client = sign_in(county.officer(role="department_officer"))
    url = f"/figures/{county.county.code}/{SHARE}"
    page = page_of(client.get(url))
    assert "<details" not in re.search(r'class="sum-list">.*', page, re.DOTALL)[0]
    assert not re.search(r"东镇[一二三]园", page)
    assert re.search(r"东镇 92 32 .*2所，1所未计入", text_of(page))
    assert "与分子一致" in page
    assert links(page) == set()
    assert client.get(f"{url}{county.east.code}/").status_code == 403


def test_officer_sees_the_kindergartens_the_department_does_not(county, sign_in):
    client = sign_in(county.officer())
    page = page_of(client.get(f"/figures/{county.east.code}/"))
    assert "东镇一园" in page
    assert "东镇三园" in page


# ---- links that open ---------------------------------------------------------------------------


def move_away(county, name: str) -> KindergartenStatus:
    """The kindergarten belongs to the other county since 1 November."""
    far = county.town(f"{name}的远镇", county=county.other_county)
    kindergarten = county.east.organisations.get(name=name).kindergarten
    status = kindergarten.statuses.get()
    day = dt.date(2026, 11, 1)
    KindergartenStatus.objects.filter(pk=status.pk).update(valid_to=day)
    status.pk, status.valid_from, status.town = None, day, far
    status.save(force_insert=True)
    kindergarten.organisation.region = far
    kindergarten.organisation.save()
    return status


def test_every_link_to_a_kindergarten_or_return_opens(county, sign_in):
    move_away(county, "东镇一园")
    move_away(county, "东镇三园")
    client = sign_in(county.officer())
    for path in (f"{county.east.code}/", "", f"{county.east.code}/{SHARE}"):
        page = page_of(client.get(f"/figures/{path}"))
        assert "东镇三园" in page
        for link in links(page):
            assert client.get(link).status_code == 200, (path, link)
    town = page_of(client.get(f"/figures/{county.east.code}/"))
    assert "东镇一园" in town, "it still counts where it was on the statistical date"
    filing = KindergartenFacts.objects.get(
        kindergarten__name="东镇一园", month=OCTOBER
    ).filing_version.filing
    assert f'href="/returns/{filing.pk}/versions/1/"' in town


def test_a_group_of_a_city_is_fetched_from_its_county_alone(county, sign_in, monkeypatch):
    monkeypatch.setattr(views, "ROWS_SHOWN_AT_ONCE", 3)
    client = sign_in(county.officer(county.city, "city_officer"))
    url = f"/figures/{county.city.code}/{SHARE}"
    asked = []
    real = views.explanation
    monkeypatch.setattr(
        views,
        "explanation",
        lambda region, *rest, **how: asked.append(region) or real(region, *rest, **how),
    )
    page = page_of(client.get(f"{url}{county.county.code}/", headers=HTMX))
    assert asked == [county.county]
    counted = re.findall(r'class="sum-leaf"><span>([^<]*)<', page)
    assert len(counted) == 5
    assert "东镇三园" in page
    assert client.get(f"{url}{county.east.code}/").status_code == 404, "not right below the city"


# ---- who is not counted, page by page ----------------------------------------------------------


def test_those_not_counted_come_in_pages(county, sign_in, monkeypatch):
    monkeypatch.setattr(views, "MISSING_PER_PAGE", 2)
    for number in range(4):
        county.kindergarten(county.south, f"待报{number}园")
    client = sign_in(county.officer())
    seen = []
    for number in (1, 2):
        page = page_of(client.get(f"/figures/?tab=unfiled&page={number}"))
        section = re.search(r'id="missing".*?</section>', page, re.DOTALL)[0]
        seen += re.findall(r'row-link"[^>]*>(待报\d园)<', section)
        assert "未计入的5所" in section
        assert "共4所，这里是第" in text_of(section)
        assert f"page={number}" in re.search(r'data-live hx-get="([^"]*)"', page)[1]
    assert sorted(seen) == [f"待报{number}园" for number in range(4)]


# ---- page and file -----------------------------------------------------------------------------


def test_page_and_file_call_a_kindergarten_the_same(county, sign_in):
    """公办 by registration, yet not counted as public."""
    facts = KindergartenFacts.objects.filter(kindergarten__name="东镇一园", month=OCTOBER)
    facts.update(counts_public=False)
    client = sign_in(county.officer())
    page = page_of(client.get(f"/figures/{county.east.code}/"))
    on_page = re.findall(r'data-label="办园性质">([^<]*)<', page)
    content = client.get(f"/figures/{county.east.code}/export.csv").getvalue().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert on_page == [row["办园性质"] for row in rows] == ["非普惠民办", "公办（不计入公办）"]


def test_file_gives_the_local_day_of_acceptance(county, sign_in):
    early = dt.datetime(2026, 11, 4, 16, 30, tzinfo=dt.UTC)  # half past midnight on the 5th here
    KindergartenFacts.objects.filter(kindergarten__name="东镇一园").update(accepted_at=early)
    client = sign_in(county.officer())
    content = client.get(f"/figures/{county.east.code}/{SHARE}export.csv").getvalue()
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert {row["幼儿园"]: row["接收日期"] for row in rows}["东镇一园"] == "2026-11-05"

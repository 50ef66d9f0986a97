"""The registry's pages: who sees which kindergartens, what a row says, and the export."""

import csv
import datetime as dt
import io
import re

import pytest
from openpyxl import load_workbook
from time_machine import travel

from kindergartens.models import (
    ClassCount,
    FilingVersion,
    KindergartenStatus,
    MonthlyFiling,
    ReportingPeriod,
)
from kindergartens.record.catalogue import FIELDS
from kindergartens.resources import ALWAYS, fields_of
from kindergartens.search.columns import COLUMNS, Look
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    with travel(NOW, tick=False):
        yield SmallCounty()


@pytest.fixture
def filled(world):
    """Two towns of one county, one of the other; six kindergartens."""
    world.east = world.town("东镇")
    world.west = world.town("西镇")
    world.far = world.town("远镇", county=world.other_county)
    world.kindergartens = [
        world.kindergarten(world.east, "东镇一园"),
        world.kindergarten(world.east, "东镇二园", ownership="inclusive_private"),
        world.kindergarten(world.west, "西镇园", ownership="non_inclusive_private"),
        world.kindergarten(world.west, "西镇停办园", state="suspended"),
        world.kindergarten(world.far, "远镇园"),
    ]
    first, second, *_ = world.kindergartens
    world.file(first, 90, month=SEPTEMBER)
    world.file(first, 95, nursery=7)
    world.file(second, 40, month=SEPTEMBER)
    world.file(second, 44, state="submitted")
    return world


def names(response) -> list[str]:
    return re.findall(r'class="row-link" href="[^"]*">([^<]*)</a>', response.content.decode())


def signed_in(client, user):
    client.force_login(user)
    return client


def test_officer_sees_own_county_only(client, filled):
    response = signed_in(client, filled.officer()).get("/kindergartens/")
    assert set(names(response)) == {"东镇一园", "东镇二园", "西镇园", "西镇停办园"}


def test_town_officer_sees_own_town_and_city_officer_both_counties(client, filled):
    town = filled.officer(filled.east, "town_officer")
    assert set(names(signed_in(client, town).get("/kindergartens/"))) == {"东镇一园", "东镇二园"}
    city = filled.officer(filled.city, "city_officer")
    assert len(names(signed_in(client, city).get("/kindergartens/"))) == 5


def test_other_countys_kindergarten_is_not_found(client, filled):
    far = filled.kindergartens[4]
    assert signed_in(client, filled.officer()).get(f"/kindergartens/{far.code}/").status_code == 404


def test_director_is_taken_to_the_own_kindergarten_and_sees_no_other(client, filled):
    first, second, *_ = filled.kindergartens
    director = filled.person("园长", first.organisation, "director")
    signed_in(client, director)
    assert client.get("/kindergartens/").headers["Location"] == f"/kindergartens/{first.code}/"
    assert client.get(f"/kindergartens/{first.code}/").status_code == 200
    assert client.get(f"/kindergartens/{second.code}/").status_code == 404
    assert client.get("/kindergartens/export.csv").status_code == 403


def test_reader_without_the_right_to_export_neither_sees_nor_gets_the_file(client, filled):
    signed_in(client, filled.officer(role="inspector"))
    assert "export.xlsx" not in client.get("/kindergartens/").content.decode()
    assert client.get("/kindergartens/export.xlsx").status_code == 403
    signed_in(client, filled.officer(role="bureau_leader"))
    assert "export.xlsx" in client.get("/kindergartens/").content.decode()


def test_administrator_and_department_have_no_registry(client, filled):
    for role in ("system_administrator", "department_officer"):
        user = filled.officer(role=role)
        assert signed_in(client, user).get("/kindergartens/").status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=二园", ["东镇二园"]),
        ("q=１１６５", ["东镇一园", "东镇二园", "西镇园", "西镇停办园"]),
        ("ownership=non_inclusive_private", ["西镇园"]),
        ("state=suspended", ["西镇停办园"]),
        ("ownership=nonsense&page=999", ["东镇一园", "东镇二园", "西镇园", "西镇停办园"]),
        ("sort=-children", ["东镇一园", "东镇二园", "西镇园", "西镇停办园"]),
        ("sort=children", ["东镇二园", "东镇一园", "西镇园", "西镇停办园"]),
        ("sort=ownership", ["东镇二园", "西镇园", "东镇一园", "西镇停办园"]),
        ("sort=rm", ["东镇一园", "东镇二园", "西镇园", "西镇停办园"]),
        ("q=没有这所园", []),
        ("q=%00二园%1b", ["东镇二园"]),
    ],
)
def test_filters_and_sorts(client, filled, query, expected):
    response = signed_in(client, filled.officer()).get(f"/kindergartens/?{query}")
    assert names(response) == expected


def test_town_filter(client, filled):
    response = signed_in(client, filled.officer()).get(f"/kindergartens/?region={filled.west.code}")
    assert names(response) == ["西镇园", "西镇停办园"]


def test_row_counts_children_of_the_last_accepted_return_without_nursery(client, filled):
    page = signed_in(client, filled.officer()).get("/kindergartens/?q=东镇").content.decode()
    first, second = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", page, re.DOTALL)
    assert ">95<" in first
    assert "2026年10月" in first
    assert "已接收" in first
    assert ">40<" in second, "a submitted return does not count before it is accepted"
    assert "2026年9月" in second
    assert "待审核" in second


def test_kindergarten_without_return_shows_a_dash_not_zero(client, filled):
    page = signed_in(client, filled.officer()).get("/kindergartens/?q=西镇园").content.decode()
    (row,) = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", page, re.DOTALL)
    assert '<td class="num" data-label="在园幼儿">—</td>' in row
    assert "未报" in row


def test_export_has_the_rows_of_the_page_in_their_order(client, filled):
    signed_in(client, filled.officer())
    on_page = names(client.get("/kindergartens/?sort=-children&ownership=public"))
    for ending in ("csv", "xlsx"):
        response = client.get(f"/kindergartens/export.{ending}?sort=-children&ownership=public")
        assert response.status_code == 200
        if ending == "csv":
            rows = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))[1:]
        else:
            sheet = load_workbook(io.BytesIO(response.getvalue())).active
            rows = [
                list(row)
                for row in sheet.iter_rows(min_row=2, max_row=1 + len(on_page), values_only=True)
            ]
            heads = [cell.value for cell in sheet[1]]
            assert rows[0][heads.index("在园幼儿（最近接收的月报）")] == 95
            assert (sheet.title, sheet.freeze_panes) == ("甲县幼儿园名册", "B2")
            assert (sheet["A2"].data_type, sheet["A2"].number_format) == ("s", "@")
            assert sheet.cell(row=len(on_page) + 3, column=1).value.startswith(
                f"共{len(on_page)}所"
            )
        assert [row[1] for row in rows] == on_page
        assert "2%E8%A1%8C" in response["Content-Disposition"], "the file's name says 2 rows"
    assert client.get("/kindergartens/export.exe").status_code == 404


def exported(client, query: str) -> list[dict[str, str]]:
    answer = client.get(f"/kindergartens/export.csv?{query}")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_the_file_has_the_columns_of_the_screen(client, filled):
    second = filled.kindergartens[1]
    second.statuses.update(
        level="first", urban_rural="121", recognition_document="示例教〔2026〕1号",
        recognised_until=dt.date(2029, 8, 31),
    )  # fmt: skip
    second.inspector = filled.person("督学员", second.organisation, "responsible_inspector")
    second.landline, second.licence_until = "022-29990000", dt.date(2026, 1, 31)
    second.save()
    filled.person("园长乙", second.organisation, "director")
    signed_in(client, filled.officer())
    asked = "columns=level,urban_rural,recognition_document,recognised_until,director,inspector"
    asked += ",licence_until,landline"
    page = client.get(f"/kindergartens/?q=东镇二园&{asked}").content.decode()
    assert "示例教〔2026〕1号" in page
    [row] = exported(client, f"q=东镇二园&{asked}")
    assert row == {
        "学校标识码": second.code,
        "园名": "东镇二园",
        "示例": "是",
        "普惠认定文件": "示例教〔2026〕1号",
        "普惠认定到期日": "2029-08-31",
        "等级": "一级园",
        "城乡分类": "121镇中心区",
        "园长": "园长乙",
        "责任督学": "督学员",
        "许可证有效期止": "2026-01-31",
        "许可证状态": "已过期",
        "联系电话（座机）": "022-29990000",
    }
    # What a person keeps as own columns is what the file has; a county officer needs no county.
    client.post(
        "/kindergartens/columns/", {"column": ["town", "children", "children_month", "filing"]}
    )
    [row] = exported(client, "q=东镇二园")
    assert list(row)[3:] == ["乡镇街道", "在园幼儿（最近接收的月报）", "数据月份", "2026年10月月报"]
    assert (row["在园幼儿（最近接收的月报）"], row["数据月份"]) == ("40", "2026年9月")
    assert row["2026年10月月报"] == "待审核"


def test_the_file_of_everything_lacks_no_field(client, filled):
    signed_in(client, filled.officer())
    rows = exported(client, "all=1&columns=town")
    heads = set(rows[0])
    renamed = {"座机": "联系电话（座机）", "校车": "校车（辆）"}
    assert {renamed.get(field.label, field.label) for field in FIELDS.values()} <= heads
    status = {"办园性质", "等级", "城乡分类", "普惠认定文件", "普惠认定到期日", "计入教职工"}
    assert {"区县", "园长", "在园幼儿（最近接收的月报）", *status} <= heads
    look = Look(NOW.date(), OCTOBER, shows_county=True)
    every = fields_of(None, look)
    for column in COLUMNS:
        assert set(fields_of([column.key], look)) <= set(every), column.key
        assert len(fields_of([column.key], look)) > len(ALWAYS) or column.key == "code"
    assert len(rows) == len(names(client.get("/kindergartens/")))


def test_export_holds_no_formula(client, filled):
    kindergarten = filled.kindergartens[0]
    kindergarten.name = '=HYPERLINK("http://example.org")'
    kindergarten.save()
    signed_in(client, filled.officer())
    book = load_workbook(io.BytesIO(client.get("/kindergartens/export.xlsx?q=HYPER").getvalue()))
    cell = book.active["B2"]
    assert (cell.data_type, cell.value) == ("s", kindergarten.name)
    text = client.get("/kindergartens/export.csv?q=HYPER").getvalue().decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(text.splitlines()[1])))[1] == "'" + kindergarten.name


def test_detail_tells_status_history_and_the_state_of_each_month(client, filled):
    second = filled.kindergartens[1]
    status = second.statuses.get()
    KindergartenStatus.objects.filter(pk=status.pk).update(valid_to=dt.date(2026, 10, 15))
    status.pk, status.valid_from, status.valid_to = None, dt.date(2026, 10, 15), None
    status.ownership, status.counts_public, status.reason = "public", True, "转为公办"
    status.save(force_insert=True)
    page = (
        signed_in(client, filled.officer()).get(f"/kindergartens/{second.code}/").content.decode()
    )
    assert "转为公办" in page
    assert "2026年10月15日起" in page
    assert "到2026年10月15日前" in page
    assert re.search(r"2026年10月</th>.*?待审核.*?>44<", page, re.DOTALL)
    assert re.search(r"2026年9月</th>.*?已接收.*?>40<", page, re.DOTALL)


@pytest.mark.parametrize(
    ("at", "word"), [(NOW, "未报"), (moment(2026, 11, 25), "缺报")], ids=["open", "locked"]
)
def test_month_without_return_is_unfiled_and_missing_after_the_lock(client, filled, at, word):
    third = filled.kindergartens[2]
    with travel(at, tick=False):
        client.force_login(filled.officer())
        page = client.get(f"/kindergartens/{third.code}/").content.decode()
        stopped = filled.kindergartens[3]
        of_stopped = client.get(f"/kindergartens/{stopped.code}/").content.decode()
    assert re.search(rf"2026年10月</th>.*?{word}", page, re.DOTALL)
    assert re.search(r"2026年10月</th>.*?不用报", of_stopped, re.DOTALL)


def row_of_month(page: str, month: str) -> str:
    """The visible text of a month's row."""
    (row,) = re.findall(rf"<tr>\s*<th scope=\"row\">{month}</th>.*?</tr>", page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()


def move(kindergarten, town, day: dt.date) -> None:
    """Registered in another town from a day on."""
    status = kindergarten.statuses.get()
    KindergartenStatus.objects.filter(pk=status.pk).update(valid_to=day)
    status.pk, status.valid_from, status.valid_to, status.town = None, day, None, town
    status.save(force_insert=True)
    kindergarten.organisation.region = town
    kindergarten.organisation.save()


def test_moved_kindergarten_shows_each_month_where_it_was(client, filled):
    moved = filled.kindergarten(filled.far, "迁入园")
    filled.file(moved, 61, month=SEPTEMBER)
    move(moved, filled.east, dt.date(2026, 10, 15))
    filled.file(moved, 63, state="submitted")
    director = filled.person("园长", moved.organisation, "director")

    page = signed_in(client, filled.officer()).get(f"/kindergartens/{moved.code}/").content.decode()
    assert "当时在乙县" in row_of_month(page, "2026年9月")
    assert "待审核 63" in row_of_month(page, "2026年10月")
    assert "61" not in row_of_month(page, "2026年9月"), "the other county's return is its own"
    assert "还没有接收过月报" in page
    row = client.get("/kindergartens/?q=迁入园").content.decode()
    assert '<td class="num" data-label="在园幼儿">—</td>' in row

    page = signed_in(client, director).get(f"/kindergartens/{moved.code}/").content.decode()
    assert "已接收 61" in row_of_month(page, "2026年9月")
    assert "当时在" not in page


def test_move_within_the_county_names_the_town_to_the_new_towns_officer(client, filled):
    moved = filled.kindergarten(filled.west, "搬迁园")
    filled.file(moved, 61, month=SEPTEMBER)
    move(moved, filled.east, dt.date(2026, 10, 15))
    signed_in(client, filled.officer(filled.east, "town_officer"))
    page = client.get(f"/kindergartens/{moved.code}/").content.decode()
    assert "当时在西镇" in row_of_month(page, "2026年9月")
    signed_in(client, filled.officer())
    page = client.get(f"/kindergartens/{moved.code}/").content.decode()
    assert "已接收 61" in row_of_month(page, "2026年9月")


@pytest.mark.parametrize("state", ["returned", "draft"])
def test_reopened_return_goes_on_showing_what_counts(client, filled, state):
    """Sent back for a correction, or withdrawn again: version 1 counts, also after the lock."""
    first = filled.kindergartens[0]
    filing = MonthlyFiling.objects.get(kindergarten=first, month=OCTOBER)
    version = filing.versions.get()
    later = FilingVersion.objects.create(
        filing=filing, version=2, submitted_at=NOW, submitted_as=version.submitted_as
    )
    ClassCount.objects.create(
        filing_version=later, position=1, name="小二班", grade="small", boys=80, girls=8, age3=88
    )
    filing.version, filing.state = 2, state
    filing.save()
    with travel(moment(2026, 11, 25), tick=False):
        signed_in(client, filled.officer())
        listed = client.get("/kindergartens/?q=东镇一园").content.decode()
        page = client.get(f"/kindergartens/{first.code}/").content.decode()
    (row,) = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", listed, re.DOTALL)
    assert ">95<" in row
    assert "2026年10月" in row
    assert "接收后有更正" in row
    month = row_of_month(page, "2026年10月")
    assert "接收后有更正 95 7" in month
    assert "第2版 计入的是 第1版" in month
    assert "小一班" in page
    assert "小二班" not in page


def test_queries_do_not_grow_with_the_months(client, filled, django_assert_max_num_queries):
    first = filled.kindergartens[0]
    signed_in(client, filled.officer())
    counts = []
    for number in range(1, 8):
        day = dt.date(2026, number, 28)
        period = ReportingPeriod.objects.create(
            county=filled.county, month=day.replace(day=1), reference_date=day,
            opens_at=moment(2026, number, 25), due_at=moment(2026, number, 26),
            locks_at=moment(2026, number, 27),
        )  # fmt: skip
        filled.file(first, 70 + number, month=period.month)
        if number in (1, 7):
            with django_assert_max_num_queries(40) as queries:
                client.get(f"/kindergartens/{first.code}/")
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_queries_do_not_grow_with_the_rows(client, world, django_assert_max_num_queries):
    town = world.town("大镇")
    signed_in(client, world.officer())
    counts = []
    for wanted in (3, 30):
        while town.organisations.filter(kind="kindergarten").count() < wanted:
            kindergarten = world.kindergarten(town, f"第{next(world.serial)}园")
            world.file(kindergarten, 50, month=SEPTEMBER)
            world.file(kindergarten, 51, month=OCTOBER)
        with django_assert_max_num_queries(100) as queries:
            assert len(names(client.get("/kindergartens/"))) == wanted
            client.get(f"/kindergartens/{kindergarten.code}/")
            client.get("/kindergartens/export.csv")
        counts.append(len(queries))
    assert counts[0] == counts[1]

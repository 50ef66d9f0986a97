"""Every list as a file: as many rows as the screen counts and as the record of the export says."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
import time_machine
from django.http import FileResponse
from django.test import Client
from django.urls import reverse

from accounts import exports
from accounts.downloads import send_file
from accounts.exports import Table, write
from accounts.models import AccessRecord
from tests.access.routes import CASES, Case, World
from tests.access.test_routes import routes
from tests.buildings import estate_of, project_of, site_of
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db
ENDINGS = ("csv", "xlsx")
EXPORTS = [case for case in CASES if case.route.endswith("-export") and case.method == "get"]


@pytest.fixture
def world(small: SmallCounty) -> Iterator[World]:
    """One a test: somebody who goes away in the middle of a file takes the connection along."""
    with time_machine.travel(NOW, tick=True):
        yield World(small)


def client_for(world: World, case: Case) -> Client:
    """Of somebody whom the route lets in."""
    role = min(role for role in case.allowed if role not in case.except_for)
    client = client_of(world.people[role])
    return shown_who_they_are(client) if case.fresh else client


def file_rows(content: bytes, ending: str) -> list[list[str]]:
    """Rows below the heads, without what stands below them. The sheet says what it is of."""
    if ending == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]
    [sheet] = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    assert re.search(r"[\u4e00-\u9fff]{2}", sheet.title), sheet.title
    assert sheet.freeze_panes == "B2"
    assert all(width.width > 5 for width in sheet.column_dimensions.values())
    rows = []
    for row in sheet.iter_rows(min_row=2, values_only=True):
        if not any(cell is not None for cell in row):
            break
        rows.append(["" if cell is None else str(cell) for cell in row])
    return rows


def exported(client: Client, url: str, ending: str) -> list[list[str]]:
    """The rows of a file; the file's name and the record of it say as many."""
    before = AccessRecord.objects.filter(action="export").count()
    answer = client.get(url)
    assert answer.status_code == 200
    assert isinstance(answer, FileResponse)
    rows = file_rows(answer.getvalue(), ending)
    if ending == "csv" and rows and "编号" in rows[-1][0]:
        rows.pop()  # the watermark
    record = AccessRecord.objects.filter(action="export").latest("pk")
    assert AccessRecord.objects.filter(action="export").count() == before + 1
    [named] = re.findall(r"_(\d+)行\.", unquote(answer["Content-Disposition"]))
    assert len(rows) == int(named) == record.rows, url
    return rows


def test_no_export_is_left_out() -> None:
    assert {case.route for case in EXPORTS} == {
        name for name in routes() if name.endswith("-export")
    }


@pytest.mark.parametrize("case", EXPORTS, ids=str)
def test_file_name_and_record_say_as_many_rows(world: World, case: Case) -> None:
    client = client_for(world, case)
    found = []
    for ending in ENDINGS:
        args = [ending if arg in ENDINGS else arg for arg in case.args(world)]
        found.append(len(exported(client, reverse(case.route, args=args), ending)))
    # Of acts there is one more: the export before.
    assert found[1] == found[0] + (case.route == "audit-export")


@pytest.fixture
def several(world: World) -> World:
    """More of each kind, of which a filter leaves some."""
    small = world.small
    for number in range(3):
        one = small.kindergarten(world.town, f"示例又{number}园", state="suspended")
        site_of(one)
        estate_of(world.town, name=f"又{number}小区", required=number > 0)
        project_of(small.county, name=f"又{number}项目")
    return world


# The file, its arguments, the page, and what the page is asked for.
LISTS = [
    (
        "kindergarten-export",
        [],
        "kindergarten-list",
        ["", "state=suspended", "q=又1", "q=jiazhen", "q=没有"],
    ),
    ("projects-export", [], "projects", ["", "show=late"]),
    ("estates-export", [], "estates", ["", "show=problems"]),
    ("premises-export", ["areas"], "premises", ["", "show=short"]),
    ("unlicensed-export", [], "unlicensed-list", ["", "state=all", "state=closed"]),
    ("staff-export", [], "staff", ["", "post=principal", "q=没有这个人"]),
    ("people-export", [], "people", ["", "role=director", "q=没有这个人"]),
    ("audit-export", [], "audit", ["action=print", "action=sign_in"]),
    ("audit-changes-export", [], "audit-changes", ["kind=kindergartens.kindergarten"]),
]
BY_NAME = {case.route: case for case in EXPORTS}


def shown_count(client: Client, route: str, query: str) -> int:
    page = client.get(f"{reverse(route)}?{query}").content.decode()
    [number] = re.findall(r'class="table-foot">\s*<span>共([\d,]+)', page)
    return int(number.replace(",", ""))


@pytest.mark.parametrize(("route", "args", "page", "queries"), LISTS, ids=[one[0] for one in LISTS])
def test_the_file_has_as_many_rows_as_the_screen_counts(
    several: World, route: str, args: list[str], page: str, queries: list[str]
) -> None:
    client = client_for(several, BY_NAME[route])
    counts = []
    for query in queries:
        counts.append(shown_count(client, page, query))
        for ending in ENDINGS:
            rows = exported(client, f"{reverse(route, args=[*args, ending])}?{query}", ending)
            assert len(rows) == counts[-1], query
    print(f"{route}: {dict(zip(queries, counts, strict=True))}")


def test_the_links_of_narrowed_lists_ask_for_the_same_rows(several: World) -> None:
    client = client_of(several.people["bureau_officer"])
    for page, show in (("projects", "late"), ("estates", "problems")):
        text = client.get(reverse(page), {"show": show}).content.decode()
        assert f"{reverse(f'{page}-export', args=['xlsx'])}?show={show}" in text
    text = client.get(reverse("premises"), {"show": "short"}).content.decode()
    assert f"{reverse('premises-export', args=['areas', 'xlsx'])}?show=short" in text


def test_an_export_that_fails_is_a_page_without_file_and_without_record(
    several: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    client = client_of(several.people["bureau_officer"])
    answer = client.get(reverse("kindergarten-export", args=["xlsx"]))
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/html")
    assert "Content-Disposition" not in answer
    text = answer.content.decode()
    assert "没有导出" in text
    assert "超过2行，一个xlsx文件放不下" in text
    assert "请先用筛选缩小范围，或者改为导出csv文件" in text
    assert not AccessRecord.objects.filter(action="export").exists()
    assert list(tmp_path.iterdir()) == []
    assert exported(client, reverse("kindergarten-export", args=["csv"]), "csv")


def test_a_client_that_goes_away_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    rows = ([f"示例第{n}幼儿园" * 5] for n in range(40_000))
    written = write(Table("长表", ["园名"], rows), "csv", lambda rows: "")
    response = send_file(written)
    assert int(response["Content-Length"]) > exports.IN_MEMORY
    assert next(iter(response.streaming_content))
    assert list(tmp_path.iterdir()) == []  # never has a name
    response.close()
    assert written.file.closed

"""报送进度: everybody who owes is listed once, the counters add up, and the file is the page."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from time_machine import travel

from kindergartens.calendar.published import working_calendar
from kindergartens.models import KindergartenStatus, MonthlyFiling, ReportingPeriod
from reports.filings.board import selectors
from reports.filings.board.rules import Kind, Standing, Times, standing
from tests.acting_role import as_owner
from tests.conftest import acting
from tests.reports.filings.board.conftest import LOCKED, OVERDUE, Scene
from tests.signing_in import client_of
from tests.small_county import CHINA, NOW, OCTOBER, SmallCounty, moment


def page(scene: Scene, query: str = "", user: Any = None) -> str:
    answer = client_of(user or scene.officer).get(f"{reverse('filing-board')}?{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def names(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a class="row-link" href="[^"]*">([^<]+)</a>', text)


def row_of(text: str, name: str) -> str:
    rows = [row for row in re.findall(r"<tr>.*?</tr>", text) if f">{name}</a>" in row]
    assert len(rows) == 1
    return rows[0]


def counted(text: str) -> dict[str, int]:
    states = re.findall(r'counter-word">([^<]+)</span><b>(\d+)</b>', text)
    apart = re.findall(r">([^<>]+)<b>(\d+)</b></a>", text)
    return {word: int(number) for word, number in [*states, *apart]}


def test_every_kindergarten_that_owes_is_listed_once(scene: Scene) -> None:
    text = page(scene)
    assert sorted(names(text)) == sorted(scene.named)
    assert counted(text) == {
        "应报": 7, "未报": 1, "填报中": 2, "已退回": 2, "待审核": 1, "已接收": 1,
        "没报合计": 3, "迟报": 1, "延期中": 0, "要跟进": 0,
    }  # fmt: skip
    # Who has begun nothing comes first.
    assert names(text)[0] == "未报园"


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("unfiled", {"未报园"}),
        ("draft", {"填报园", "撤回园"}),
        ("returned", {"退回园", "更正园"}),
        ("submitted", {"迟报园"}),
        ("accepted", {"接收园"}),
        ("open", {"未报园", "填报园", "撤回园"}),
        ("late", {"迟报园"}),
        ("nonsense", {"接收园", "迟报园", "退回园", "填报园", "更正园", "撤回园", "未报园"}),
    ],
)
def test_a_counter_is_a_filter_with_an_address(scene: Scene, state: str, who: set[str]) -> None:
    assert set(names(page(scene, f"state={state}"))) == who


def test_what_a_line_says(scene: Scene) -> None:
    scene.extend("未报园", moment(2026, 11, 25, 18))
    text = page(scene)
    assert "按时" in row_of(text, "接收园")
    assert "30" in row_of(text, "接收园")
    assert "+2" in row_of(text, "接收园")
    # Due on Friday the 6th: Monday and Tuesday have passed.
    assert "迟报2个工作日" in row_of(text, "迟报园")
    assert "逾期3个工作日" in row_of(text, "填报园")
    assert "11月5日16:40" in row_of(text, "填报园")
    # It has counted since it was accepted, so it is filed, and not overdue.
    assert "接收后有更正" in row_of(text, "更正园")
    assert "按时" in row_of(text, "更正园")
    assert "逾期3个工作日" in row_of(text, "撤回园")
    assert "延期到11月25日18:00" in row_of(text, "未报园")


def test_after_the_lock_the_missing_are_missing(scene: Scene) -> None:
    scene.extend("填报园", moment(2026, 11, 25, 18))
    with travel(LOCKED, tick=False):
        text = page(scene)
        assert counted(text)["缺报合计"] == 3
        assert counted(text)["延期中"] == 1
        assert "缺报" in row_of(text, "未报园")
        assert "延期内，剩2个工作日" in row_of(text, "填报园")
        assert "缺报" not in row_of(text, "填报园")


def test_a_return_taken_back_after_the_deadline_is_on_time_by_its_first_submission(
    scene: Scene,
) -> None:
    assert "逾期" in row_of(page(scene), "撤回园")
    MonthlyFiling.objects.filter(pk=scene.filing("撤回园").pk).update(state="submitted")
    assert "按时" in row_of(page(scene), "撤回园")


def test_who_owes_is_said_by_the_status_on_the_statistical_date(scene: Scene) -> None:
    """Closed since, it still owes the month; opened since, it does not."""
    closed = scene.named["未报园"]
    KindergartenStatus.objects.filter(kindergarten=closed).update(valid_to=dt.date(2026, 11, 1))
    scene.small.kindergarten(scene.town, "新园", valid_from=dt.date(2026, 11, 1))
    assert "未报园" in names(page(scene))
    assert "新园" not in names(page(scene))


def test_a_town_office_sees_its_town(scene: Scene) -> None:
    town_officer = scene.small.officer(scene.second, "town_officer")
    text = page(scene, user=town_officer)
    assert names(text) == ["未报园"]
    assert counted(text)["应报"] == 1
    # A region outside one's own is ignored.
    assert names(page(scene, f"region={scene.town.code}", user=town_officer)) == ["未报园"]


def test_towns_side_by_side_add_up(scene: Scene) -> None:
    text = page(scene, "view=areas")
    assert names(text) == ["甲镇", "乙镇"]
    found = {
        name: [int(n) for n in re.findall(r'data-label="[^"]+">(?:<[^>]+>)?(\d+)', row)]
        for row in re.findall(r"<tr[^>]*>.*?</tr>", text)
        for name in re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)', row)
    }
    assert found["合计"] == [a + b for a, b in zip(found["甲镇"], found["乙镇"], strict=True)]
    assert found["合计"][0] == sum(found["合计"][1:6]) == 7


def test_a_city_sees_its_counties_with_the_dates_of_each(scene: Scene) -> None:
    ReportingPeriod.objects.filter(county=scene.small.other_county, month=OCTOBER).update(
        due_at=moment(2026, 11, 12, 18)
    )
    city = scene.small.officer(scene.small.city, "city_officer")
    text = page(scene, user=city)
    assert "剩1个工作日" in row_of(text, "邻县园")
    assert "逾期3个工作日" in row_of(text, "未报园")
    assert names(page(scene, "view=areas", user=city)) == ["甲县", "乙县"]
    county = scene.small.county.code
    assert names(page(scene, f"view=areas&region={county}", user=city)) == ["甲镇", "乙镇"]


def test_whether_the_month_is_locked_is_asked_of_the_region_looked_at(scene: Scene) -> None:
    """Not of the whole city: in a county that is locked nobody can file any more."""
    later = ReportingPeriod.objects.filter(county=scene.small.other_county, month=OCTOBER)
    later.update(locks_at=moment(2026, 11, 30))
    city = scene.small.officer(scene.small.city, "city_officer")
    with travel(LOCKED, tick=False):
        for region, word in (
            (scene.small.city, "没报合计"),
            (scene.small.other_county, "没报合计"),
            (scene.small.county, "缺报合计"),
            (scene.second, "缺报合计"),
        ):
            assert word in counted(page(scene, f"region={region.code}", user=city)), region


@pytest.mark.parametrize("typed", ["未报", "weibao", "wby"])
def test_names_are_searched(scene: Scene, typed: str) -> None:
    text = page(scene, f"q={typed}")
    assert names(text) == ["未报园"]
    assert counted(text)["应报"] == 1


def test_the_file_is_the_page(scene: Scene) -> None:
    for query in ("", "state=open", "sort=-name", "q=迟报", f"region={scene.second.code}"):
        answer = client_of(scene.officer).get(
            f"{reverse('filing-board-export', args=['xlsx'])}?{query}"
        )
        sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
        rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[1]]
        text = page(scene, query)
        assert [row[1] for row in rows] == names(text)
        for row in rows:
            assert row[5] in row_of(text, row[1])


def test_each_page_has_others(scene: Scene) -> None:
    for number in range(60):
        scene.small.kindergarten(scene.second, f"第{number:02d}园")
    for sort in selectors.SORTS:
        first, second = page(scene, f"sort={sort}"), page(scene, f"sort={sort}&page=2")
        assert len(names(first)) == 50
        assert len({*names(first), *names(second)}) == 67


# Those that wait for review first, so that a page with many has some to read through as well.
@pytest.mark.parametrize("view", ["sort=-progress", "view=areas"])
def test_the_queries_do_not_grow_with_the_county(scene: Scene, view: str) -> None:
    client = client_of(scene.officer)
    url = f"{reverse('filing-board')}?{view}"
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(url)
    for number in range(300):
        kindergarten = scene.small.kindergarten(scene.town, f"园{number}")
        MonthlyFiling.objects.create(
            kindergarten=kindergarten, period=scene.period, month=OCTOBER, town=scene.town,
            updated_at=NOW,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
    assert len(few) < 40


def test_without_periods_the_page_says_so(small: SmallCounty) -> None:
    officer = small.officer()
    with as_owner():
        ReportingPeriod.objects.all().delete()
    answer = client_of(officer).get(reverse("filing-board"))
    assert "还没有报送期" in answer.content.decode()


def test_the_numbers_are_those_of_the_reporting_periods(scene: Scene) -> None:
    """Two places count the same month: they may not differ."""
    from kindergartens.calendar.selectors import month_counts

    officer = acting(scene.officer)
    number = selectors.numbers(selectors.owed_in_area(officer, OCTOBER, now=OVERDUE))
    counts = month_counts(officer, OCTOBER, now=OVERDUE)
    assert (number[""], number["open"], number["late"]) == (
        counts.expected, counts.missing, counts.late,
    )  # fmt: skip
    assert number[""] == sum(number[state] for state in selectors.STATES)


WORKING = working_calendar()
DAYS = st.integers(-30, 30)


@given(filed=st.none() | DAYS, now=DAYS, extended=st.none() | st.integers(15, 40))
def test_late_and_overdue_never_meet(filed: int | None, now: int, extended: int | None) -> None:
    due = moment(2026, 11, 6, 18)
    day = dt.timedelta(days=1)
    found = standing(
        Times(due - 14 * day, due, due + 14 * day, extended and due + extended * day),
        filed_at=None if filed is None else due + filed * day,
        now=due + now * day, zone=CHINA, working=WORKING,
    )  # fmt: skip
    assert found.days >= 0
    if filed is not None:
        assert found.kind is (Kind.LATE if filed > 0 else Kind.ON_TIME)
    else:
        assert found.kind not in {Kind.LATE, Kind.ON_TIME}
        assert (found.kind in {Kind.OVERDUE, Kind.EXTENDED}) == (now > 0)


def test_a_weekend_is_no_working_day() -> None:
    due = moment(2026, 11, 6, 18)
    times = Times(moment(2026, 10, 25), due, moment(2026, 11, 20), None)

    def at(now: dt.datetime) -> Standing:
        return standing(times, filed_at=None, now=now, zone=CHINA, working=WORKING)

    assert at(moment(2026, 11, 6, 9)) == Standing(Kind.LEFT, 0)
    assert at(moment(2026, 11, 8)) == Standing(Kind.OVERDUE, 0)
    assert at(moment(2026, 11, 9)) == Standing(Kind.OVERDUE, 1)

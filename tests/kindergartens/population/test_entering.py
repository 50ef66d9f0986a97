"""Population entered by page and table: what is written, which figures follow, what stays."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.history.tracking import TRACKED
from accounts.models import Job, Region, User
from indicators.models import RegionFacts
from kindergartens.models import BirthCount, Population
from kindergartens.population import selectors, services
from kindergartens.population.services import Entry
from tests.accounts.exchange.conftest import checked, files_root, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

pytestmark = pytest.mark.django_db
__all__ = ["files_root"]
DAY = dt.date(2026, 9, 1)
HEADS = ["地区", "统计时点", "口径", "3岁", "4岁", "5岁", "来源"]


@pytest.fixture
def town(small: SmallCounty) -> Region:
    small.populate(small.county, 300)
    town = small.town("甲镇")
    small.file(small.kindergarten(town, "示例一园"), 24)
    small.settle(SEPTEMBER, OCTOBER)
    return town


@pytest.fixture
def officer(small: SmallCounty, town: Region) -> User:
    return acting(small.officer())


def enter(
    officer: User, town: Region, children: dict[int, int | None], **changes
) -> services.Entered:
    entry = Entry(town, changes.pop("day", DAY), "resident", children, "示例统计局")
    return services.enter_population(
        entries=[entry], reason=changes.pop("reason", "年报更正"), by=officer, now=NOW
    )


def test_open_months_are_computed_again_and_locked_ones_stay(officer: User, town: Region):
    entered = enter(officer, town, {3: 50, 4: 60, 5: 70})
    assert entered.changed == 3
    # September was locked on 20 October.
    assert [(one.month, one.locked, one.regions) for one in entered.affected] == [
        (SEPTEMBER, True, [town]), (OCTOBER, False, [town]),
    ]  # fmt: skip
    job = Job.objects.get()
    assert (job.kind, job.arguments["month"]) == ("recompute-figures", "2026-10-01")
    from accounts.jobs.runner import run_job

    run_job(job.pk, clock=lambda: NOW)
    people = dict(
        RegionFacts.objects.filter(region=town).values_list("month", "resident_population_3_5")
    )
    assert people == {OCTOBER: 180, SEPTEMBER: 300}
    change = TRACKED[Population].event._default_manager.filter(pgh_label="update").first()
    assert change.pgh_context["reason"] == "年报更正"


def test_the_same_again_changes_nothing(officer: User, town: Region):
    enter(officer, town, {3: 50, 4: 60, 5: 70})
    jobs = set(Job.objects.values_list("pk", flat=True))
    again = enter(officer, town, {3: 50, 4: 60, 5: 70})
    assert (again.changed, again.affected) == (0, [])
    assert set(Job.objects.values_list("pk", flat=True)) == jobs


def test_a_date_that_no_rate_uses_moves_none(officer: User, town: Region):
    older = enter(officer, town, {3: 1, 4: 1, 5: 1}, day=dt.date(2025, 12, 31))
    assert (older.changed, older.affected) == (3, [])
    outside = enter(officer, town, {2: 9, 6: 9})
    assert (outside.changed, outside.affected) == (2, [])
    assert enter(officer, town, {2: None, 6: None}).changed == 2


@pytest.mark.parametrize("role", ["town_officer", "inspector", "city_officer", "bureau_leader"])
def test_only_the_countys_officer_enters(small: SmallCounty, town: Region, role: str):
    place = {"town_officer": town, "city_officer": small.city}.get(role, small.county)
    with pytest.raises(PermissionDenied):
        enter(acting(small.officer(place, role)), town, {3: 1, 4: 1, 5: 1})
    stranger = acting(small.officer(small.other_county))
    with pytest.raises(PermissionDenied):
        enter(stranger, town, {3: 1, 4: 1, 5: 1})


def test_reason_and_source_are_asked_for(officer: User, town: Region):
    with pytest.raises(services.Refused, match="写明原因"):
        enter(officer, town, {3: 1}, reason=" ")
    with pytest.raises(services.Refused, match="写明来源"):
        services.enter_population(
            entries=[Entry(town, DAY, "resident", {3: 1}, " ")], reason="更正", by=officer, now=NOW
        )


def seen_on(client, address: str) -> str:
    """The stamp that the form carries when it is opened."""
    return client.get(address).context["form"]["seen"].value()


@time_machine.travel(NOW, tick=False)
def test_two_windows_do_not_overwrite_each_other(officer: User, town: Region, small, sign_in):
    enter(officer, town, {3: 50, 4: 60, 5: 70})
    address = reverse("population-edit", args=[town.code]) + "?day=2026-09-01&base=resident"
    first, second = sign_in(acting(small.officer())), sign_in(officer)
    seen = {"first": seen_on(first, address), "second": seen_on(second, address)}
    typed = {"age3": 51, "age4": 60, "age5": 70, "source": "示例统计局", "reason": "核对年报"}
    assert first.post(address, typed | {"seen": seen["first"]}).status_code == 302
    later = typed | {"age3": 50, "age5": 75, "reason": "核对户籍"}
    answer = second.post(address, later | {"seen": seen["second"]})
    page = answer.content.decode()
    assert answer.status_code == 409
    who = str(selectors.last_change(town, day=DAY, base="resident").who)
    assert who
    assert who in page
    assert "3岁现在登记的是“51”，您填的是“50”；5岁现在登记的是“70”，您填的是“75”" in page
    assert "4岁现在登记" not in page
    for text in ('value="75"', 'value="核对户籍"'):
        assert text in page, "what was typed stays"
    there = Population.objects.filter(region=town, base="resident", reference_date=DAY)
    assert list(there.order_by("age").values_list("children", flat=True)) == [51, 60, 70]
    # Having seen it, the second saves what they typed.
    again = answer.context["form"]["seen"].value()
    assert second.post(address, later | {"seen": again}).status_code == 302
    assert list(there.order_by("age").values_list("children", flat=True)) == [50, 60, 75]


@time_machine.travel(NOW, tick=False)
def test_two_windows_on_an_empty_date_do_not_overwrite_either(officer: User, small, sign_in):
    gap = small.town("缺镇", people=None)
    address = reverse("population-edit", args=[gap.code]) + "?day=2026-09-01&base=resident"
    client = sign_in(officer)
    typed = {"age3": 10, "age4": 10, "age5": 10, "source": "示例统计局", "reason": "补录"}
    typed["seen"] = seen_on(client, address)
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed | {"age3": 99}).status_code == 409
    assert client.post(address, {k: v for k, v in typed.items() if k != "seen"}).status_code == 422


@time_machine.travel(NOW, tick=False)
def test_the_page_shows_gaps_sums_and_what_follows(officer: User, town: Region, small, sign_in):
    gap = small.town("缺镇", people=None)
    client = sign_in(officer)
    page = client.get(reverse("population")).content.decode()
    assert "2个乡镇街道中缺1个：缺镇" in page
    assert "待补齐" in page
    address = reverse("population-edit", args=[gap.code]) + "?day=2026-09-01&base=resident"
    typed = {"age3": 10, "age4": 10, "age5": 10, "source": "示例统计局", "reason": "补录"}
    answer = client.post(address, typed | {"seen": seen_on(client, address)}, follow=True)
    page = answer.content.decode()
    assert "缺镇2026年10月起的毛入园率正在重算。已锁定的1个月不变。" in page
    # Towns 300 + 30, county 300: more than half a percent apart.
    assert "乡镇街道合计330人，区县值300人，差+30人" in page
    wrong = client.post(
        reverse("population-edit", args=[gap.code]) + "?day=2026-09-01",
        {"age3": -1, "age4": "", "age5": "x", "source": "", "reason": ""},
    )
    assert wrong.status_code == 422
    for text in ("人数不能是负数", "没有就填0", "要填整数", "请写明来源", "请写明原因"):
        assert text in wrong.content.decode()


def test_the_page_asks_a_constant_number_of_queries(officer: User, small: SmallCounty):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            dates = selectors.dates_of(small.county)
            selectors.table(small.county, day=dates[0], base="resident", dates=dates)
            selectors.forecasts(small.county, base="resident", years=[2027, 2028])
        return len(asked)

    few = queries()
    for number in range(8):
        small.town(f"新{number}镇")
    assert queries() == few


def test_a_table_of_population_is_written_once(officer: User, town: Region, small: SmallCounty):
    rows = [
        HEADS,
        ["甲镇", dt.date(2026, 9, 1), "常住", 50, 60, "７０", "区统计局"],
        ["甲县", "2026.9.1", "户籍人口", 100, 100, 100, "示例统计局"],
        ["甲镇", dt.date(2026, 10, 1), "户籍", 41, 42, 43, "区统计局"],
    ]
    batch = checked(officer, excel(rows, sheet="学前人口"), kind="population")
    assert (batch.new_count, batch.changed_count, batch.same_count) == (1, 1, 1), batch.refusal
    written(officer, batch)
    found = Population.objects.filter(region=town, reference_date=DAY, base="resident")
    assert dict(found.values_list("age", "children")) == {3: 50, 4: 60, 5: 70}
    assert Job.objects.filter(kind="recompute-figures").exists()
    again = checked(officer, excel(rows, sheet="学前人口"), kind="population")
    assert (again.state, again.same_count) == ("unchanged", 3)
    later = checked(
        officer,
        excel([HEADS, ["乙镇", dt.date(2027, 9, 1), "常住", 1, 1, 1, "x"]]),
        kind="population",
    )
    assert later.fault_count == 1


def test_births_come_forward_and_move_no_figure(officer: User, town: Region, sign_in):
    heads = ["地区", "出生年份", "口径", "出生人数", "来源"]
    rows = [heads, *(["甲镇", year, "户籍", 120, "区卫健委"] for year in range(2020, 2027))]
    batch = checked(officer, excel(rows), kind="births")
    assert batch.new_count == 7, batch.refusal
    written(officer, batch)
    assert BirthCount.objects.count() == 7
    assert not Job.objects.filter(kind="recompute-figures").exists()
    page = sign_in(officer).get(reverse("population-forecast")).content.decode()
    assert "推算" in page
    assert "360" in page
    assert checked(officer, excel(rows), kind="births").state == "unchanged"

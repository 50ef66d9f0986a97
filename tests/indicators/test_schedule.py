"""What causes no event reaches the figures all the same: by command, and every night."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Job, Region
from indicators.models import RegionFacts
from indicators.services.schedule import ask_for_open_months
from indicators.tasks import recompute_open_months
from kindergartens.models import Population, ReportingPeriod
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

pytestmark = pytest.mark.django_db


def recompute(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("recompute", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def settled(small: SmallCounty) -> SmallCounty:
    small.populate(small.county, 99)
    kindergarten = small.kindergarten(small.town("甲镇"), "示例一园")
    small.file(kindergarten, 20, month=SEPTEMBER)
    small.file(kindergarten, 20)
    small.file(small.kindergarten(small.town("乙镇", county=small.other_county), "示例二园"), 20)
    small.settle(SEPTEMBER, OCTOBER)
    return small


def people(region: Region, month: dt.date) -> int | None:
    return RegionFacts.objects.get(region=region, month=month).resident_population_3_5


def test_the_command_brings_a_corrected_population_to_the_figures(settled: SmallCounty):
    Population.objects.filter(region=settled.county).update(children=50)
    assert recompute("--county", "654321", "--month", "2026-10") == ["2026-10：1个地区有变化。"]
    assert (people(settled.county, OCTOBER), people(settled.county, SEPTEMBER)) == (150, 99)
    # The county of the other town has no population, so neither has the city.
    assert people(settled.city, OCTOBER) is None
    settled.populate(settled.other_county, 60)
    assert recompute() == ["2026-09：4个地区有变化。", "2026-10：3个地区有变化。"]
    assert (people(settled.city, OCTOBER), people(settled.county, SEPTEMBER)) == (210, 150)
    assert recompute("--month", "2026-10") == ["2026-10：0个地区有变化。"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--county", "999999"], "没有代码为999999的行政区划"),
        (["--county", "654300"], "示例市不是区县"),
        (["--month", "2026-13"], "2026-13"),
        (["--month", "2025-01"], "没有这样的报送期"),
    ],
)
def test_the_command_says_what_it_cannot_do(settled: SmallCounty, arguments, message):
    with pytest.raises(CommandError, match=message):
        recompute(*arguments)


def test_each_active_county_is_asked_for_its_earliest_open_month(settled: SmallCounty):
    # On 5 November September is locked (20 October) and October is open.
    assert ask_for_open_months(now=NOW) == 2
    jobs = Job.objects.order_by("title")
    assert [(job.kind, job.title, job.arguments["month"], job.requested_as) for job in jobs] == [
        ("recompute-figures", "重算乙县2026年10月三率", "2026-10-01", None),
        ("recompute-figures", "重算甲县2026年10月三率", "2026-10-01", None),
    ]
    assert {job.county_id for job in jobs} == {settled.county.pk, settled.other_county.pk}
    # Asked twice, done once; and not at all without an open month or as an inactive county.
    ReportingPeriod.objects.filter(county=settled.county, month=SEPTEMBER).update(
        locks_at=NOW + dt.timedelta(seconds=1)
    )
    Region.objects.filter(pk=settled.other_county.pk).update(is_active=False)
    assert ask_for_open_months(now=NOW) == 1
    assert ask_for_open_months(now=NOW) == 1
    assert sorted(Job.objects.values_list("title", flat=True))[-1:] == ["重算甲县2026年9月三率"]
    assert Job.objects.count() == 3
    assert ask_for_open_months(now=NOW - dt.timedelta(days=90)) == 0


def test_the_night_asks(settled: SmallCounty):
    now = timezone.now()
    ReportingPeriod.objects.filter(county=settled.county, month=OCTOBER).update(
        opens_at=now - dt.timedelta(days=2), due_at=now, locks_at=now + dt.timedelta(days=1)
    )
    ReportingPeriod.objects.exclude(county=settled.county, month=OCTOBER).update(
        opens_at=now + dt.timedelta(days=1),
        due_at=now + dt.timedelta(days=2),
        locks_at=now + dt.timedelta(days=3),
    )
    recompute_open_months()
    assert Job.objects.get().title == "重算甲县2026年10月三率"


def test_the_timetable_names_the_task_once_a_night():
    entry = current_app.conf.beat_schedule["recompute-open-months"]
    current_app.loader.import_default_modules()
    task = current_app.tasks[entry["task"]]
    assert task.name == recompute_open_months.name
    assert task.acks_late is False
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({2}, {30})
